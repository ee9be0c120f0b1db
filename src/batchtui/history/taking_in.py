"""Brings what another history or list knows of batches together with what is known here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from batchtui.domain.batch import ENDED, Batch, Record, Sighting
from batchtui.history.merging import goes_back, is_another
from batchtui.history.rows import Row, annotated_as, storable, to_micros, to_record
from batchtui.history.writing import Writer

_TEXTS = ("label", "note", "request_file")


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody else knows of a batch.

    Attributes:
        batch_id: which.
        sighting: how it was last received; None if only its id is known.
        first_seen_at, last_seen_at, deleted_at, gone_at: as of `Record`.
        label, note, request_file: likewise; "" if there is none.
        pinned: likewise.
    """

    batch_id: str
    sighting: Sighting | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    deleted_at: datetime | None = None
    gone_at: datetime | None = None
    label: str = ""
    note: str = ""
    request_file: str = ""
    pinned: bool = False


class Taken(msgspec.Struct, frozen=True):
    """What an arrival made of a record.

    Attributes:
        before: None if the batch was not known.
        kept: what stays as it was, though the arrival says something else: label, note or
            request_file.
    """

    before: Record | None
    after: Record
    kept: tuple[str, ...] = ()


def take_in(
    writer: Writer, arrivals: Sequence[Arrival], *, at: datetime, overwrite: bool
) -> list[Taken]:
    """Bring arrivals in; one that is not known and was never received is left out.

    Args:
        writer: where to; the transaction is the caller's.
        arrivals: each batch at most once.
        at: when an arrival was received that does not say it.
        overwrite: whether its label, note and request file win over those that are here.
    """
    stored = writer.stored([storable(each.batch_id) for each in arrivals])
    found = []
    for arrival in arrivals:
        row = stored.get(storable(arrival.batch_id))
        taken = _merged(writer, row, arrival, at, overwrite)
        if taken is not None:
            found.append(taken)
    writer.flush()
    return found


def _merged(
    writer: Writer, row: Row | None, arrival: Arrival, at: datetime, overwrite: bool
) -> Taken | None:
    old = to_record(row) if row else None
    if row is None or old is None:
        return _added(writer, row, arrival, at, overwrite)
    new, kept = _annotated(_newer(old, arrival), arrival, overwrite)
    if new != old:
        replaced = arrival.sighting is not None and new.batch is arrival.sighting.batch
        writer.put(
            row.key, new, arrival.sighting.body if replaced and arrival.sighting else row.body
        )
        writer.saw(row.key, to_micros(new.last_seen_at))
        if replaced:
            writer.noted(row.key, to_micros(new.last_seen_at), new.batch)
    return Taken(old, new, kept)


def _added(
    writer: Writer, row: Row | None, arrival: Arrival, at: datetime, overwrite: bool
) -> Taken | None:
    """A batch that is not known, or whose row cannot be read: what the person added to it stays."""
    if arrival.sighting is None:
        return None
    last = arrival.last_seen_at or at
    seen = Record(
        arrival.sighting.batch,
        min(arrival.first_seen_at or last, last),
        last,
        arrival.deleted_at,
        arrival.gone_at,
    )
    if row is not None:
        seen = annotated_as(row, seen)
    record, kept = _annotated(seen, arrival, overwrite)
    key = row.key if row else writer.new_key()
    writer.put(key, record, arrival.sighting.body)
    writer.saw(key, to_micros(last))
    writer.noted(key, to_micros(last), record.batch)
    return Taken(None, record, kept)


def _newer(old: Record, arrival: Arrival) -> Record:
    """The record with what of the API's words is newer in the arrival."""
    first, last = arrival.first_seen_at, arrival.last_seen_at
    batch = arrival.sighting.batch if arrival.sighting else old.batch
    counts = _counts(old.batch, batch, later=last is not None and last > old.last_seen_at)
    gone = arrival.gone_at if arrival.gone_at and arrival.gone_at > old.last_seen_at else None
    return msgspec.structs.replace(
        old,
        batch=batch if counts else old.batch,
        first_seen_at=min(first or old.first_seen_at, old.first_seen_at),
        last_seen_at=max(last or old.last_seen_at, old.last_seen_at),
        deleted_at=old.deleted_at or arrival.deleted_at,
        gone_at=old.gone_at or gone,
    )


def _counts(old: Batch, new: Batch, *, later: bool) -> bool:
    if new == old or is_another(old, new) or goes_back(old, new):
        return False
    return later or (new.processing_status == ENDED and old.processing_status != ENDED)


def _annotated(record: Record, arrival: Arrival, overwrite: bool) -> tuple[Record, tuple[str, ...]]:
    """The record with what a person added, and the names of what stays all the same."""
    changes: dict[str, str] = {}
    kept = []
    for name in _TEXTS:
        mine, theirs = getattr(record, name), storable(getattr(arrival, name))
        if theirs and theirs != mine:
            if mine and not overwrite:
                kept.append(name)
            else:
                changes[name] = theirs
    pinned = record.pinned or arrival.pinned
    return msgspec.structs.replace(record, pinned=pinned, **changes), tuple(kept)
