"""What is known of the batches whose results are here, read from the indexes beside these."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from batchtui.domain.pricing import Cost, PriceTable
from batchtui.results.billing import Billing
from batchtui.results.index_file import read_billing
from batchtui.results.opening import index_path
from batchtui.results.store import ResultStore

T = TypeVar("T")


class Billed(Generic[T]):
    """Something of each batch, read once for every version of its index.

    Args:
        results: the result files.
        made_of: makes it of what the answers used.
    """

    def __init__(self, results: ResultStore, made_of: Callable[[Billing], T]) -> None:
        self._results = results
        self._made_of = made_of
        self._read: dict[str, tuple[int, T | None]] = {}

    def of(self, batch_id: str) -> T | None:
        """That of a batch, from a few hundred bytes, or from memory if they are the same still.

        None if its results are not here, or were never indexed by this version.
        """
        path = self._results.path(batch_id)
        written = _stamp(index_path(path))
        known, found = self._read.get(batch_id, (0, None))
        if known != written:
            billing = read_billing(path) if written else None
            found = None if billing is None else self._made_of(billing)
            self._read[batch_id] = written, found
        return found


class Costs(Billed[Cost]):
    """What batches cost.

    Args:
        results: the result files.
        prices: what answers cost.
    """

    def __init__(self, results: ResultStore, prices: PriceTable) -> None:
        super().__init__(results, lambda billing: billing.cost(prices))


def _stamp(path: Path) -> int:
    """When a file was written, in ns since 1970; 0 if there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
