"""What a verb would do to each of several batches, before it does anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from batchtui.domain.batch import CANCELING, Record, ResultsState


class Verb(StrEnum):
    """The verbs that change something on the server."""

    CANCEL = "cancel"
    DELETE = "delete"


class Item(msgspec.Struct, frozen=True):
    """What would happen to one batch.

    Attributes:
        possible: whether the verb can be carried out on it now.
        say: what stands in its way, or what becomes of it.
        loses: how many answers would be lost for good.
    """

    record: Record
    possible: bool
    say: str
    loses: int = 0


class Plan(msgspec.Struct, frozen=True):
    """What a verb would do, batch by batch."""

    verb: Verb
    items: tuple[Item, ...]

    @property
    def possible(self) -> tuple[Record, ...]:
        """Those it can be done to now."""
        return tuple(item.record for item in self.items if item.possible)

    @property
    def to_download(self) -> tuple[Record, ...]:
        """Those whose results would be lost and can still be fetched."""
        return tuple(item.record for item in self.items if item.loses)

    @property
    def to_cancel(self) -> tuple[Record, ...]:
        """Those that would have to be canceled before they can be deleted."""
        return tuple(
            item.record
            for item in self.items
            if self.verb is Verb.DELETE
            and item.record.running
            and item.record.batch.processing_status != CANCELING
        )


def plan(verb: Verb, records: Iterable[Record], now: datetime) -> Plan:
    """Work out what the verb would do to each record at `now`."""
    item = _cancel_item if verb is Verb.CANCEL else _delete_item
    return Plan(verb, tuple(item(record, now) for record in records))


def expiring(
    records: Iterable[Record], now: datetime, within: timedelta, *, again: bool = False
) -> list[Record]:
    """Those whose results are not here and that the API drops within that time; soonest first.

    It keeps them for 29 days, so that a longer time means all. With `again`, those whose results
    are here count too.
    """
    found = [
        record
        for record in records
        if (record.results_on_server(now) if again else record.results(now))
        is ResultsState.AVAILABLE
        and record.results_expire_at - now <= within
    ]
    return sorted(found, key=lambda record: record.results_expire_at)


def _cancel_item(record: Record, now: datetime) -> Item:
    if not record.on_server:
        return Item(record, False, "no longer on the server")
    if not record.batch.running:
        return Item(record, False, f"has ended already ({record.batch.outcome})")
    if record.batch.processing_status == CANCELING:
        return Item(record, False, "is being canceled already")
    left = record.batch.request_counts.processing
    return Item(record, True, f"{left:,} request{'' if left == 1 else 's'} not finished")


def _delete_item(record: Record, now: datetime) -> Item:
    if record.deleted_at:
        return Item(record, False, "has been deleted already")
    if record.gone_at:
        return Item(record, False, "no longer on the server")
    if record.batch.processing_status == CANCELING:
        return Item(record, False, "being canceled: can be deleted when it has ended")
    if record.batch.running:
        return Item(record, False, "running: cancel it first")
    answers = record.batch.request_counts.succeeded
    match record.results(now):
        case ResultsState.HERE:
            return Item(record, True, "results here, kept")
        case ResultsState.AVAILABLE if answers:
            return Item(record, True, "results NOT downloaded", loses=answers)
        case ResultsState.AVAILABLE:
            return Item(record, True, "results not downloaded, no answer among them")
        case ResultsState.GONE:
            return Item(record, True, "results gone already")
        case _:
            return Item(record, True, "no results")
