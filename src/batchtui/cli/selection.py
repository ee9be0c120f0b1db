"""Which batches `list` is about, and how they are read from what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from batchtui.account.opening import Kept
from batchtui.domain.batch import CANCELING, IN_PROGRESS, PROCESSING_WINDOW, Batch, Outcome, Record
from batchtui.results.store import Here

_PAGE = 1000
_RUNNING = frozenset({IN_PROGRESS, CANCELING, Outcome.RUNNING.value, Outcome.CANCELING.value})
_OLDEST_RUNNING = PROCESSING_WINDOW + timedelta(hours=24)
"""No batch runs longer than a day; another is left for servers and clocks that differ."""


class Selection(msgspec.Struct, frozen=True):
    """The newest batches that fit.

    Attributes:
        limit: how many at most; None for all.
        statuses: processing statuses to choose from; empty for any.
        outcomes: outcomes to choose from; empty for any.
    """

    limit: int | None
    statuses: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()

    @property
    def is_narrowed(self) -> bool:
        """Whether some batches do not fit."""
        return bool(self.statuses or self.outcomes)

    def fits(self, batch: Batch) -> bool:
        """Whether a batch that is on the server belongs to it."""
        return (not self.statuses or batch.processing_status in self.statuses) and (
            not self.outcomes or batch.outcome in self.outcomes
        )

    def has(self, record: Record) -> bool:
        """Whether a known batch belongs to it; one that left the server fits nothing narrow."""
        return not self.is_narrowed or (record.on_server and self.fits(record.batch))

    def ends_before(self, created_at: datetime, now: datetime) -> bool:
        """Whether no batch as old as this can fit: one that old no longer runs."""
        only_running = bool(self.statuses) and self.statuses <= _RUNNING
        only_running |= bool(self.outcomes) and self.outcomes <= _RUNNING
        return only_running and now - created_at > _OLDEST_RUNNING


def select(kept: Kept, wanted: Selection) -> Iterator[list[tuple[Record, bytes]]]:
    """The batches that fit, newest first, each with the JSON object last received.

    Yields:
        Some of them at a time, so that not all are in memory at once. After each,
        `kept.history.unreadable` tells how many were left out because they make no sense.
    """
    here = kept.results.here()
    size = _PAGE if wanted.is_narrowed else min(wanted.limit or _PAGE, _PAGE)
    left = wanted.limit
    read = 0
    # What another process adds in the meantime moves the others down, into the next page.
    seen: set[str] = set()
    while left is None or left > 0:
        rows = kept.history.records_with_bodies(limit=size, offset=read)
        found = [
            (_marked(record, here), body)
            for record, body in rows
            if record.id not in seen and wanted.has(record)
        ][:left]
        yield found
        if len(rows) + kept.history.unreadable < size:
            return
        read += size
        seen.update(record.id for record, _ in rows)
        left = None if left is None else left - len(found)


def _marked(record: Record, here: Here) -> Record:
    return msgspec.structs.replace(record, results_here=True) if record.id in here else record
