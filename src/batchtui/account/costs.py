"""What the batches cost whose results are here, read from the indexes beside the result files."""

from __future__ import annotations

from pathlib import Path

from batchtui.domain.pricing import Cost, PriceTable
from batchtui.results.index_file import read_billing
from batchtui.results.opening import index_path
from batchtui.results.store import ResultStore


class Costs:
    """Costs by batch id, each read once for every version of its index.

    Args:
        results: the result files.
        prices: what answers cost.
    """

    def __init__(self, results: ResultStore, prices: PriceTable) -> None:
        self._results = results
        self._prices = prices
        self._read: dict[str, tuple[int, Cost | None]] = {}

    def of(self, batch_id: str) -> Cost | None:
        """What a batch cost, from a few hundred bytes, or from memory if they are the same still.

        None if its results are not here, or were never indexed by this version.
        """
        path = self._results.path(batch_id)
        written = stamp(index_path(path))
        known, cost = self._read.get(batch_id, (0, None))
        if known != written:
            billing = read_billing(path) if written else None
            cost = billing.cost(self._prices) if billing else None
            self._read[batch_id] = written, cost
        return cost


def stamp(path: Path) -> int:
    """When a file was written, in ns since 1970; 0 if there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
