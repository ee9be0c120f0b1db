"""Which batches `list` is about, and how they are read from what is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from batchtui.account.opening import Kept
from batchtui.domain.batch import CANCELING, IN_PROGRESS, PROCESSING_WINDOW, Batch, Outcome, Record

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

    def ends_before(self, created_at: datetime, now: datetime) -> bool:
        """Whether no batch as old as this can fit: one that old no longer runs."""
        only_running = bool(self.statuses) and self.statuses <= _RUNNING
        only_running |= bool(self.outcomes) and self.outcomes <= _RUNNING
        return only_running and now - created_at > _OLDEST_RUNNING


def select(kept: Kept, wanted: Selection) -> list[tuple[Record, bytes]]:
    """The batches that fit, newest first, each with the JSON object last received.

    Afterwards `kept.history.unreadable` tells how many were left out because they make no sense.
    """
    here = kept.results.here()
    size = _PAGE if wanted.is_narrowed and wanted.limit else wanted.limit
    found: list[tuple[Record, bytes]] = []
    offset = 0
    while True:
        rows = kept.history.records_with_bodies(limit=size, offset=offset)
        found.extend(
            (_marked(record, here), body)
            for record, body in rows
            if not wanted.is_narrowed or (record.on_server and wanted.fits(record.batch))
        )
        read = len(rows) + kept.history.unreadable
        offset += read
        if size is None or read < size or len(found) >= (wanted.limit or 0):
            return found[: wanted.limit]


def _marked(record: Record, here: frozenset[str]) -> Record:
    return msgspec.structs.replace(record, results_here=True) if record.id in here else record
