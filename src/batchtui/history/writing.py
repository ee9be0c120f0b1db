"""Brings records into the tables, inside a transaction that the caller holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Batch, Record, Sighting
from batchtui.history.merging import goes_back, is_another, is_late, merge
from batchtui.history.rows import (
    SELECT,
    Row,
    annotated_as,
    from_micros,
    storable,
    to_micros,
    to_record,
    to_rows,
)

Difference = tuple[Record | None, Record]

_AT_ONCE = 500
"""Ids in one query; some builds of SQLite take no more than 999 parameters."""

_LARGEST = 2**63 - 1
"""What SQLite can hold; a server may claim more."""

# Replacing also removes an unreadable row that claims the same id.
_PUT_BATCH = """
    INSERT OR REPLACE INTO batch (
        key, account, id, created_at, running, first_seen_at, deleted_at, gone_at,
        label, note, pinned, request_file, failed, body
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# Batches may have been forgotten: a key that a part was compared with is never given again.
_LAST_KEY = """
    SELECT max(
        coalesce((SELECT max(key) FROM batch), 0),
        coalesce((SELECT max(known_before) FROM part), 0)
    )
"""
_PUT_SEEN = "INSERT OR REPLACE INTO seen (batch, at) VALUES (?, ?)"
_PUT_OBSERVATION = "INSERT OR REPLACE INTO observation VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class Writer:
    """Gathers rows by table and writes each table's with one statement.

    Until the transaction ends no other connection writes, so that keys can be given here.
    """

    def __init__(self, connection: sqlite3.Connection, account: int) -> None:
        self._connection = connection
        self._account = account
        (last,) = connection.execute(_LAST_KEY).fetchone()
        self._last_key = int(last)
        self._batches: list[tuple[object, ...]] = []
        self._seen: list[tuple[int, int]] = []
        self._observations: list[tuple[object, ...]] = []

    def stored(self, ids: Sequence[str]) -> dict[str, Row]:
        """The rows of these batches, as far as there are any, by id."""
        found = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            sql = f"{SELECT} WHERE account = ? AND id IN ({','.join('?' * len(some))})"
            raw = self._connection.execute(sql, (self._account, *some)).fetchall()
            found.update({row.id: row for row in to_rows(raw)})
        return found

    def new_key(self) -> int:
        """A key that no batch has."""
        self._last_key += 1
        return self._last_key

    def put(self, key: int, record: Record, body: bytes) -> None:
        """Store all of a record but when it was last seen."""
        self._batches.append(
            (
                key,
                self._account,
                record.id,
                to_micros(record.batch.created_at),
                record.batch.running,
                to_micros(record.first_seen_at),
                record.deleted_at and to_micros(record.deleted_at),
                record.gone_at and to_micros(record.gone_at),
                record.label or None,
                record.note or None,
                record.pinned,
                record.request_file or None,
                record.batch.tells_what_failed,
                body,
            )
        )

    def saw(self, key: int, at: int) -> None:
        """Store when a batch was last seen, in microseconds."""
        self._seen.append((key, at))

    def noted(self, key: int, at: int, batch: Batch) -> None:
        """Store how a batch stood, at a time in microseconds."""
        counts = msgspec.structs.astuple(batch.request_counts)
        sizes = (min(each, _LARGEST) for each in counts)
        self._observations.append((key, at, batch.processing_status, *sizes))

    def forget_observations(self, key: int) -> None:
        """Drop what was observed under this key so far."""
        self._connection.execute("DELETE FROM observation WHERE batch = ?", (key,))

    def flush(self) -> None:
        """Write what was gathered."""
        if self._batches:
            sql = "UPDATE account SET revision = revision + 1 WHERE key = ?"
            self._connection.execute(sql, (self._account,))
        self._connection.executemany(_PUT_BATCH, self._batches)
        self._connection.executemany(_PUT_SEEN, self._seen)
        self._connection.executemany(_PUT_OBSERVATION, self._observations)


def use_account(
    connection: sqlite3.Connection, key: int | None, account: AccountKey, at: datetime
) -> int:
    """Store that the account was used at `at`; returns its key, a new one if it had none."""
    where = (account.endpoint, account.workspace)
    if key is not None:
        sql = "UPDATE account SET last_used_at = ? WHERE key = ?"
        connection.execute(sql, (to_micros(at), key))
    else:
        sql = (
            "INSERT INTO account (endpoint, workspace, fingerprint, last_used_at)"
            " VALUES (?, ?, ?, ?)"
        )
        values = (*where, account.fingerprint, to_micros(at))
        key = connection.execute(sql, values).lastrowid or 0
    if account.name:
        sql = "INSERT OR REPLACE INTO name VALUES (?, ?, ?, ?)"
        connection.execute(sql, (storable(account.name), *where, key))
    return key


def edit(writer: Writer, ids: Sequence[str], change: Callable[[Record], Record]) -> list[Record]:
    """Change the records of these batches, as far as they are known; returns the new ones."""
    edited = []
    for row in writer.stored(ids).values():
        old = to_record(row)
        if old is not None:
            new = change(old)
            writer.put(row.key, new, row.body)
            edited.append(new)
    writer.flush()
    return edited


def observe(writer: Writer, sightings: Iterable[Sighting], at: datetime) -> list[Difference]:
    """Store sightings that were all received at `at`; returns (old, new) where those differ."""
    latest: dict[str, Sighting] = {}
    for sighting in sightings:
        twin = latest.get(sighting.batch.id)
        if twin is None or not goes_back(twin.batch, sighting.batch):
            latest[sighting.batch.id] = sighting
    stored = writer.stored(list(latest))
    found = (_observe(writer, stored.get(each), latest[each], at) for each in latest)
    differences = [each for each in found if each]
    writer.flush()
    return differences


def _observe(writer: Writer, row: Row | None, seen: Sighting, at: datetime) -> Difference | None:
    if row is None:
        return _insert(writer, writer.new_key(), Record(seen.batch, at, at), seen.body)
    if row.body == seen.body and row.gone_at is None:
        if not is_late(at, from_micros(row.last_seen_at)):
            writer.saw(row.key, to_micros(at))
        return None
    old = to_record(row)
    if old is None:
        # A sound body takes the place of an unreadable one; what the person added stays.
        return _insert(writer, row.key, annotated_as(row, Record(seen.batch, at, at)), seen.body)
    new = merge(old, seen.batch, at)
    return None if new is old else _update(writer, row, seen, old, new)


def _insert(writer: Writer, key: int, record: Record, body: bytes) -> Difference:
    at = to_micros(record.last_seen_at)
    writer.put(key, record, body)
    writer.saw(key, at)
    writer.noted(key, at, record.batch)
    return None, record


def _update(
    writer: Writer, row: Row, seen: Sighting, old: Record, new: Record
) -> Difference | None:
    at = to_micros(new.last_seen_at)
    counted = new.batch is seen.batch
    writer.saw(row.key, at)
    if is_another(old.batch, new.batch):
        writer.forget_observations(row.key)
    if _standing(old.batch) != _standing(new.batch):
        writer.noted(row.key, at, new.batch)
    if counted or old.gone_at != new.gone_at:
        writer.put(row.key, new, seen.body if counted else row.body)
    same = msgspec.structs.replace(old, last_seen_at=new.last_seen_at) == new
    return None if same else (old, new)


def _standing(batch: Batch) -> tuple[object, ...]:
    return batch.processing_status, batch.request_counts
