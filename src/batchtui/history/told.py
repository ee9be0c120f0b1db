"""What a person was told of, so that of several instances just one tells, and one surely does.

Whoever wants to tell takes the event on first (`claim`), and says when it is told (`settle`). If it
dies in between, the event is free again after `LEASE`: rather twice, in that case, than never.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TypeAlias

from batchtui.history.rows import storable, to_micros
from batchtui.history.store import Store

LEASE = timedelta(hours=1)
"""For so long an event is left to the instance that has taken it on; longer than any is queued."""

KEPT = timedelta(days=60)
"""For so long it is remembered: what was told longer ago cannot happen again, as a batch and its
results last for 29 days."""

Event: TypeAlias = tuple[str, str]
"""The id of a batch or a job, and what happened to it, as a short text."""


class Told:
    """The events of an account in its history; every method raises `StorageError`.

    Args:
        store: the file.
        account_key: gives the key of the account; None as long as nothing was stored for it.
        writing: a transaction in which the account is there; gives the connection and its key.
    """

    def __init__(
        self,
        store: Store,
        account_key: Callable[[], int | None],
        writing: Callable[[], AbstractContextManager[tuple[sqlite3.Connection, int]]],
    ) -> None:
        self._store = store
        self._account_key = account_key
        self._writing = writing

    def claim(self, events: Iterable[Event], *, at: datetime) -> set[Event]:
        """Take events on; returns those that nobody else has told or is about to tell.

        What was told longer than `KEPT` ago is forgotten.

        Args:
            events: what happened.
            at: the present.
        """
        sql = """
            INSERT INTO told (account, subject, event, at) VALUES (?, ?, ?, ?)
            ON CONFLICT (account, subject, event) DO UPDATE SET at = excluded.at
            WHERE settled = 0 AND told.at < ?
        """
        now, expired, old = (to_micros(each) for each in (at, at - LEASE, at - KEPT))
        with self._writing() as (connection, account):
            connection.execute("DELETE FROM told WHERE account = ? AND at < ?", (account, old))
            return {
                event
                for event in events
                if connection.execute(sql, (account, *map(storable, event), now, expired)).rowcount
                == 1
            }

    def settle(self, events: Iterable[Event]) -> None:
        """Note that events were told."""
        sql = "UPDATE told SET settled = 1 WHERE account = ? AND subject = ? AND event = ?"
        with self._writing() as (connection, account):
            connection.executemany(sql, [(account, *map(storable, each)) for each in events])

    def release(self, events: Iterable[Event]) -> None:
        """Leave events that were taken on, and not told, to whoever comes next."""
        sql = "DELETE FROM told WHERE account = ? AND subject = ? AND event = ? AND settled = 0"
        with self._writing() as (connection, account):
            connection.executemany(sql, [(account, *map(storable, each)) for each in events])

    def abandoned(self, *, at: datetime) -> set[Event]:
        """The events that somebody took on long before `at`, and nobody told."""
        sql = "SELECT subject, event FROM told WHERE account = ? AND settled = 0 AND at < ?"
        rows = self._store.rows(sql, (self._account_key(), to_micros(at - LEASE)))
        return {(subject, event) for subject, event in rows}
