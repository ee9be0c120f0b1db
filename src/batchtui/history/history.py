"""Every batch ever seen of one account: what the API last said, and what the person added."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import msgspec

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Record, Sighting
from batchtui.domain.errors import UsageError
from batchtui.domain.text import safe_line
from batchtui.history import writing
from batchtui.history.jobs import Jobs
from batchtui.history.rows import (
    SELECT,
    Observation,
    account_query,
    from_micros,
    readable,
    storable,
    to_micros,
    to_observations,
)
from batchtui.history.store import Store
from batchtui.history.taking_in import Arrival, Taken, take_in
from batchtui.history.told import Told
from batchtui.history.upkeep import Upkeep
from batchtui.history.writing import Difference, Writer

_NEWEST_FIRST = "ORDER BY created_at DESC, id DESC"
_RUNNING = "running = 1 AND deleted_at IS NULL AND gone_at IS NULL"
_SUGGESTIONS = 10
_PAST_BATCHES = 1000
_COMMON_START = "msgbatch_"
_PAGE = 500


class KnownAccount(msgspec.Struct, frozen=True):
    """An account of which batches were seen, and when it was last written to."""

    account: AccountKey
    batches: int
    last_used_at: datetime


class History:
    """The batches of one account on this disk. For one thread at a time.

    Every method raises `StorageError` if the file cannot be read or written; what it held before
    is then still there.

    Attributes:
        notice: what happened to an earlier file, in one sentence; None if nothing did.
        unreadable: how many rows the last list left out because they make no sense.
        jobs: which request files were sent, and what they became.
        told: what a person was told of.
        upkeep: how big the file is, and taking out what is no longer needed.
    """

    def __init__(self, store: Store, account: AccountKey, *, now: datetime) -> None:
        self.notice = store.notice
        self.unreadable = 0
        self.jobs = Jobs(store, account, self._key, self._writing_jobs)
        self.told = Told(store, self._key, self._writing_own)
        self.upkeep = Upkeep(store, self._key, self._writing_jobs)
        self._opened_at = now
        self._store = store
        self._account = account
        self._account_key: int | None = None
        self._revision = self._stored_revision()
        self._changed_elsewhere = False

    @classmethod
    def open(cls, directory: Path, account: AccountKey, *, now: datetime) -> Self:
        """Open `directory/history.db`, making both if need be.

        A damaged file, or one of a newer version, is renamed and a fresh one begun; `notice` says
        so. `now` dates that. An account without a fingerprint stands for whoever used its
        endpoint (and its workspace, if named) last.

        Raises:
            StorageError: if it cannot be opened for reading and writing.
        """
        return cls(Store.open(directory, now=now), account, now=now)

    @classmethod
    def in_memory(
        cls, account: AccountKey, *, now: datetime, copied_from: Path | None = None
    ) -> Self:
        """A history that is forgotten on close, for when no file can be written.

        It begins with what the one in the directory `copied_from` holds, if that can be read.
        """
        return cls(Store.in_memory(now=now, copied_from=copied_from), account, now=now)

    @property
    def lasts(self) -> bool:
        """Whether what is written outlasts this process."""
        return self._store.lasts

    @property
    def path(self) -> Path | None:
        """Where the file is; None if it is in memory."""
        return self._store.path

    def close(self) -> None:
        """Close the file. Harmless if it is closed."""
        self._store.close()

    # Read

    def records(self, *, limit: int | None = None, offset: int = 0) -> list[Record]:
        """The batches, newest first."""
        return [record for record, _ in self.records_with_bodies(limit=limit, offset=offset)]

    def records_with_bodies(
        self, *, limit: int | None = None, offset: int = 0
    ) -> list[tuple[Record, bytes]]:
        """The batches, newest first, each with the JSON object last received."""
        raw = self._rows("", limit=limit, offset=offset)
        found = [(record, row.body) for row, record in readable(raw)]
        self.unreadable = len(raw) - len(found)
        return found

    def running(self) -> list[Record]:
        """The batches that are being processed as far as known, newest first."""
        return [record for _, record in readable(self._rows(f"AND {_RUNNING}"))]

    def running_since(self) -> dict[str, datetime]:
        """When each of these was created, by id; cheaper, as none of them is read."""
        sql = f"SELECT id, created_at FROM batch WHERE account = ? AND {_RUNNING}"
        return {id_: from_micros(at) for id_, at in self._store.rows(sql, (self._key(),))}

    def record(self, batch_id: str) -> Record | None:
        """One batch."""
        found = self._one(batch_id)
        return found and found[0]

    def body(self, batch_id: str) -> bytes | None:
        """The JSON object last received of one batch."""
        found = self._one(batch_id)
        return found and found[1]

    def count(self) -> int:
        """How many batches there are, unreadable ones too."""
        sql = "SELECT count(*) FROM batch WHERE account = ?"
        return int(self._store.rows(sql, (self._key(),))[0][0])

    def known(self, batch_ids: Sequence[str]) -> frozenset[str]:
        """Which of these ids the history has, be they a few or many."""
        found: set[str] = set()
        for start in range(0, len(batch_ids), _PAGE):
            some = [storable(each) for each in batch_ids[start : start + _PAGE]]
            marks = ",".join("?" * len(some))
            sql = f"SELECT id FROM batch WHERE account = ? AND id IN ({marks})"
            found.update(each for (each,) in self._store.rows(sql, (self._key(), *some)))
        return frozenset(found)

    def find(self, text: str) -> list[str]:
        """At most ten ids that `text` may mean, newest first.

        An id it equals is the only one. Else those with it as their label, and those that begin
        with it, with or without "msgbatch_".
        """
        text = storable(text)
        if not text:
            return []
        if self.record(text):
            return [text]
        starts = (text, _COMMON_START + text)
        condition = "(label = ? OR substr(id, 1, ?) = ? OR substr(id, 1, ?) = ?)"
        sql = f"SELECT id FROM batch WHERE account = ? AND {condition} {_NEWEST_FIRST} LIMIT ?"
        lengths = [each for start in starts for each in (len(start), start)]
        rows = self._store.rows(sql, (self._key(), text, *lengths, _SUGGESTIONS))
        return [batch_id for (batch_id,) in rows]

    def ids_since(self, moment: datetime | None) -> list[str]:
        """Ids the API should still know of batches created at `moment` or later, newest first.

        None stands for the beginning of time.
        """
        sql = (
            "SELECT id FROM batch WHERE account = ? AND created_at >= ?"
            f" AND deleted_at IS NULL AND gone_at IS NULL {_NEWEST_FIRST}"
        )
        since = -(2**63) if moment is None else to_micros(moment)
        return [batch_id for (batch_id,) in self._store.rows(sql, (self._key(), since))]

    def observations(self, batch_id: str) -> list[Observation]:
        """How a batch stood over time, oldest first; only where it differs from before."""
        sql = """
            SELECT at, processing_status, processing, succeeded, errored, canceled, expired
            FROM observation
            WHERE batch = (SELECT key FROM batch WHERE account = ? AND id = ?) ORDER BY at
        """
        return to_observations(self._store.rows(sql, (self._key(), storable(batch_id))))

    def durations(self) -> list[tuple[int, float]]:
        """Requests and seconds of the newest 1000 batches that ran to their own end."""
        found: list[tuple[int, float]] = []
        offset = 0
        while len(found) < _PAST_BATCHES:
            raw = self._rows("AND running = 0", limit=_PAGE, offset=offset)
            if not raw:
                break
            offset += len(raw)
            found.extend(each for _, record in readable(raw) if (each := _duration(record)))
        return found[:_PAST_BATCHES]

    def changed_elsewhere(self) -> bool:
        """Whether another connection changed batches since this was last asked (or since opening).

        That it saw them once more is no change.
        """
        self._compare_revisions()
        found, self._changed_elsewhere = self._changed_elsewhere, False
        return found

    def accounts(self) -> list[KnownAccount]:
        """All accounts in the file, the one last used first."""
        sql = """
            SELECT endpoint, workspace, fingerprint, last_used_at,
                   (SELECT count(*) FROM batch WHERE batch.account = account.key)
            FROM account ORDER BY last_used_at DESC
        """
        return [
            KnownAccount(AccountKey(endpoint, workspace, fingerprint), batches, from_micros(used))
            for endpoint, workspace, fingerprint, used, batches in self._store.rows(sql)
        ]

    # Write

    def observe(self, sightings: Sequence[Sighting], *, at: datetime) -> list[Difference]:
        """Store what was received at `at`; returns (old, new) where a record became different.

        Being seen once more is no difference. A reply that is older than what is known, or shows
        an earlier stage, changes nothing.
        """
        with self._writing() as connection:
            key = writing.use_account(connection, self._key(), self._account, at)
            return writing.observe(Writer(connection, key), sightings, at)

    def take_in(
        self, arrivals: Sequence[Arrival], *, at: datetime, overwrite: bool = False
    ) -> list[Taken]:
        """Bring in what somebody else knows of batches; see `taking_in.take_in`."""
        with self._writing() as connection:
            key = writing.use_account(connection, self._key(), self._account, at)
            return take_in(Writer(connection, key), arrivals, at=at, overwrite=overwrite)

    def set_deleted(self, batch_id: str, *, at: datetime) -> Record:
        """Mark a batch as deleted from here; the first time counts.

        Raises:
            UsageError: if it is not known.
        """
        return self._edit_one(batch_id, lambda old: _deleted(old, at))

    def set_gone(self, batch_ids: Iterable[str], *, at: datetime) -> list[Record]:
        """Mark batches as no longer known to the API; returns those that are known here."""
        return self._edit(batch_ids, lambda old: _gone(old, at))

    def annotate(
        self,
        batch_id: str,
        *,
        label: str | None = None,
        note: str | None = None,
        pinned: bool | None = None,
        request_file: str | None = None,
    ) -> Record:
        """Set what is given; "" takes a label, a note or the link of a request file away.

        Raises:
            UsageError: if the batch is not known.
        """
        given = {"label": label, "note": note, "pinned": pinned, "request_file": request_file}
        changes: dict[str, Any] = {
            name: storable(value) if isinstance(value, str) else value
            for name, value in given.items()
            if value is not None
        }
        return self._edit_one(batch_id, lambda old: msgspec.structs.replace(old, **changes))

    def _edit_one(self, batch_id: str, change: Callable[[Record], Record]) -> Record:
        for record in self._edit([batch_id], change):
            return record
        raise UsageError(f"The batch {safe_line(batch_id)} is not in the history")

    def _edit(self, batch_ids: Iterable[str], change: Callable[[Record], Record]) -> list[Record]:
        ids = [storable(each) for each in batch_ids]
        with self._writing() as connection:
            key = self._key()
            return [] if key is None else writing.edit(Writer(connection, key), ids, change)

    # What is our own doing

    @contextmanager
    def _writing(self, *, lasting: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction; what it does to the revision was not done elsewhere."""
        with self._store.transaction(lasting=lasting) as connection:
            self._compare_revisions()
            yield connection
            after = self._stored_revision()
        self._revision = after

    @contextmanager
    def _writing_jobs(self, lasting: bool) -> Iterator[tuple[sqlite3.Connection, int]]:
        """A transaction that other instances take notice of, and the account's key in it."""
        with self._writing_own(lasting=lasting) as (connection, key):
            connection.execute("UPDATE account SET revision = revision + 1 WHERE key = ?", (key,))
            yield connection, key

    @contextmanager
    def _writing_own(self, *, lasting: bool = False) -> Iterator[tuple[sqlite3.Connection, int]]:
        """A transaction that no other instance need notice, and the account's key in it."""
        with self._writing(lasting=lasting) as connection:
            key = self._key()
            if key is None:
                key = writing.use_account(connection, None, self._account, self._opened_at)
            yield connection, key

    def _compare_revisions(self) -> None:
        before, self._revision = self._revision, self._stored_revision()
        self._changed_elsewhere |= before != self._revision

    def _stored_revision(self) -> int:
        rows = self._store.rows("SELECT revision FROM account WHERE key = ?", (self._key(),))
        return int(rows[0][0]) if rows else 0

    # How rows are chosen

    def _key(self) -> int | None:
        """The key of the account; None as long as nothing was stored for it."""
        if self._account_key is None:
            for (key,) in self._store.rows(*account_query(self._account, "key")):
                self._account_key = key
        return self._account_key

    def _rows(self, condition: str, *, limit: int | None = None, offset: int = 0) -> list[Any]:
        sql = f"{SELECT} WHERE account = ? {condition} {_NEWEST_FIRST} LIMIT ? OFFSET ?"
        return self._store.rows(sql, (self._key(), -1 if limit is None else limit, offset))

    def _one(self, batch_id: str) -> tuple[Record, bytes] | None:
        sql = f"{SELECT} WHERE account = ? AND id = ?"
        raw = self._store.rows(sql, (self._key(), storable(batch_id)))
        return next(((record, row.body) for row, record in readable(raw)), None)


def _deleted(old: Record, at: datetime) -> Record:
    return msgspec.structs.replace(old, deleted_at=old.deleted_at or at)


def _gone(old: Record, at: datetime) -> Record:
    return msgspec.structs.replace(old, gone_at=old.gone_at or at)


def _duration(record: Record) -> tuple[int, float] | None:
    """Requests and seconds, if the batch was neither canceled nor expired, nor empty."""
    seconds = record.batch.own_seconds
    return None if seconds is None else (record.batch.request_counts.total, seconds)
