"""Which kept results to remove: by age, use, size or outcome, but none that cannot be had again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from batchtui.domain.batch import Outcome, Record, ResultsState
from batchtui.results.cache import KeptFile


class Cached(msgspec.Struct, frozen=True):
    """Results that are kept, and what is known of their batch.

    Attributes:
        record: None if this account knows nothing of the batch.
    """

    kept: KeptFile
    record: Record | None

    def again(self, now: datetime) -> bool:
        """Whether the API still has them, as far as known."""
        record = self.record
        return record is not None and record.results_on_server(now) is ResultsState.AVAILABLE


class Pruning(msgspec.Struct, frozen=True):
    """What to remove: what fits all that is given.

    Attributes:
        older_than: fetched longer ago than this.
        unused_for: not opened for so long.
        outcomes: of batches that ended so; empty for any.
        batch_ids: of these; also what the API no longer has. Empty for any it still has.
        max_size: no more, longest unused first, than it takes to bring all that is kept down to so
            many bytes.
    """

    older_than: timedelta | None = None
    unused_for: timedelta | None = None
    outcomes: frozenset[Outcome] = frozenset()
    batch_ids: frozenset[str] = frozenset()
    max_size: int | None = None

    @property
    def says_what(self) -> bool:
        """Whether anything is asked for at all."""
        return self != Pruning()

    def fits(self, cached: Cached, now: datetime) -> bool:
        """Whether these are meant, leaving aside whether they can be had again."""
        kept, record = cached.kept, cached.record
        if self.batch_ids and kept.batch_id not in self.batch_ids:
            return False
        if self.outcomes and (record is None or record.batch.outcome not in self.outcomes):
            return False
        if self.older_than is not None and now - kept.fetched_at < self.older_than:
            return False
        return self.unused_for is None or now - kept.used_at >= self.unused_for


class PrunePlan(msgspec.Struct, frozen=True):
    """What would be removed, and what fits but stays because the API no longer has it."""

    remove: tuple[Cached, ...]
    spared: tuple[Cached, ...]

    @property
    def bytes(self) -> int:
        """How much room that makes."""
        return sum(each.kept.bytes for each in self.remove)


def plan_pruning(cached: Sequence[Cached], wanted: Pruning, now: datetime) -> PrunePlan:
    """Work out what to remove of all that is kept."""
    if not wanted.says_what:
        return PrunePlan((), ())
    fitting = sorted(
        (each for each in cached if wanted.fits(each, now)), key=lambda each: each.kept.used_at
    )
    remove, spared = [], []
    left = sum(each.kept.bytes for each in cached)
    for each in fitting:
        if wanted.max_size is not None and left <= wanted.max_size:
            break
        if wanted.batch_ids or each.again(now):
            remove.append(each)
            left -= each.kept.bytes
        else:
            spared.append(each)
    return PrunePlan(tuple(remove), tuple(spared))
