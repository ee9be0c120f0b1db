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
from batchtui.history.reading import Reading
from batchtui.history.rows import storable
from batchtui.history.store import Store
from batchtui.history.taking_in import Arrival, Taken, take_in
from batchtui.history.told import Told
from batchtui.history.upkeep import Upkeep
from batchtui.history.writing import Difference, Writer


class History(Reading):
    """The batches of one account on this disk. For one thread at a time.

    Every method raises `StorageError` if the file cannot be read or written; what it held before
    is then still there.

    Attributes:
        notice: what happened to an earlier file, in one sentence; None if nothing did.
        jobs: which request files were sent, and what they became.
        told: what a person was told of.
        upkeep: how big the file is, and taking out what is no longer needed.
    """

    def __init__(self, store: Store, account: AccountKey, *, now: datetime) -> None:
        super().__init__(store, account)
        self.notice = store.notice
        self.jobs = Jobs(store, account, self._key, self._writing_jobs)
        self.told = Told(store, self._key, self._writing_own)
        self.upkeep = Upkeep(store, self._key, self._writing_jobs)
        self._opened_at = now
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

    def changed_elsewhere(self) -> bool:
        """Whether another connection changed batches since this was last asked (or since opening).

        That it saw them once more is no change.
        """
        self._compare_revisions()
        found, self._changed_elsewhere = self._changed_elsewhere, False
        return found

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


def _deleted(old: Record, at: datetime) -> Record:
    return msgspec.structs.replace(old, deleted_at=old.deleted_at or at)


def _gone(old: Record, at: datetime) -> Record:
    return msgspec.structs.replace(old, gone_at=old.gone_at or at)
