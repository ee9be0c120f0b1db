"""What the batches cost whose results are here, read from the indexes beside the result files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from batchtui.domain.pricing import Cost, PriceTable
from batchtui.results.index import read_billing
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
        self._read: dict[str, tuple[int, Cost]] = {}

    def of(self, batch_ids: Iterable[str]) -> Mapping[str, Cost]:
        """What these batches cost, as far as it can be told; reads a few hundred bytes for each.

        A batch whose results are not here, or were never indexed by this version, is left out.
        """
        found = {}
        for batch_id in batch_ids:
            cost = self._cost(batch_id)
            if cost is not None:
                found[batch_id] = cost
        return found

    def _cost(self, batch_id: str) -> Cost | None:
        path = self._results.path(batch_id)
        stamp = _stamp(index_path(path))
        known = self._read.get(batch_id)
        if known and known[0] == stamp:
            return known[1]
        billing = read_billing(path) if stamp else None
        if billing is None:
            return None
        cost = billing.cost(self._prices)
        self._read[batch_id] = (stamp, cost)
        return cost


def _stamp(path: Path) -> int:
    """When a file was written, in ns; 0 if there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
