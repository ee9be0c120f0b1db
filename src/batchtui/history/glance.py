"""A look at what is stored of one account that makes, migrates and locks nothing.

Reads a history of any version, also while others write to it, and in a few milliseconds.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self

import msgspec

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import PROCESSING_WINDOW, RESULTS_WINDOW, Record
from batchtui.history.failures import explain
from batchtui.history.files import NAME
from batchtui.history.rows import account_query, from_micros, readable, to_micros

PATIENCE = 0.05
"""Seconds to wait for a writer; with its log beside the file there is hardly ever one to wait for.
"""

PAST = 200
"""So many of the newest ended batches are looked at for how long they took."""

_LATE = timedelta(hours=1)
"""A batch may end so long after its time was over."""

# The columns of a `Row` that there always were: what was added later is left empty.
_SELECT = """
    SELECT batch.key, batch.id, batch.body, batch.first_seen_at,
           coalesce(seen.at, batch.first_seen_at), batch.deleted_at, batch.gone_at,
           batch.label, NULL, batch.pinned, NULL
    FROM batch LEFT JOIN seen ON seen.batch = batch.key
"""
_THERE = "deleted_at IS NULL AND gone_at IS NULL"
_NEWEST_FIRST = "ORDER BY created_at DESC, id DESC"


class Glance:
    """What is stored of one account. For one thread at a time; a context manager.

    Every method raises `StorageError` if the file cannot be read.

    Attributes:
        updated_at: when the API was last heard of.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, account: int, used: int) -> None:
        self.updated_at = from_micros(used)
        self._connection = connection
        self._path = path
        self._account = account

    @classmethod
    def open(cls, directory: Path, account: AccountKey) -> Self | None:
        """Open `directory/history.db` for reading; None if nothing is stored of this account.

        An account without a fingerprint stands for whoever used its endpoint last.

        Raises:
            StorageError: if there is a file, but it cannot be read.
        """
        path = directory / NAME
        if not path.exists():
            return None
        try:
            connection = _connect(path)
        except sqlite3.Error as error:
            raise explain(error, path) from error
        try:
            for key, used in connection.execute(*account_query(account, "key, last_used_at")):
                return cls(connection, path, key, used)
        except sqlite3.Error as error:
            connection.close()
            raise explain(error, path) from error
        connection.close()
        return None

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def count(self) -> int:
        """How many batches there are."""
        sql = "SELECT count(*) FROM batch WHERE account = ?"
        try:
            return int(self._connection.execute(sql, (self._account,)).fetchone()[0])
        except sqlite3.Error as error:
            raise explain(error, self._path) from error

    def newest(self, limit: int) -> list[Record]:
        """So many of the newest batches, the newest first."""
        return self._records("1", limit=limit)

    def running(self) -> list[Record]:
        """The batches that are being processed as far as known, newest first."""
        return self._records(f"running = 1 AND {_THERE}")

    def ended_since(self, moment: datetime) -> list[Record]:
        """The batches that have ended at `moment` or later, newest first.

        One that was created longer before than processing may last has ended before.
        """
        begun = to_micros(moment - PROCESSING_WINDOW - _LATE)
        found = self._records("running = 0 AND created_at >= ?", begun)
        return [each for each in found if each.batch.ended_at and each.batch.ended_at >= moment]

    def losing_results(self, now: datetime, moment: datetime) -> list[str]:
        """The ids of the batches of which the API drops the results between `now` and `moment`.

        There may be hundreds, and nothing else of them is wanted, so the rest is not read.
        """
        span = [to_micros(each - RESULTS_WINDOW) for each in (now, moment)]
        sql = f"""
            SELECT id, body FROM batch
            WHERE account = ? AND running = 0 AND {_THERE} AND created_at BETWEEN ? AND ?
        """
        return [id_ for id_, body in self._rows(sql, self._account, *span) if _has_results(body)]

    def durations(self) -> list[tuple[int, float]]:
        """Requests and seconds of the newest batches that ran to their own end."""
        found = self._records("running = 0", limit=PAST)
        return [
            (each.batch.request_counts.total, seconds)
            for each in found
            if (seconds := each.batch.own_seconds) is not None
        ]

    def _records(self, condition: str, *values: int, limit: int = -1) -> list[Record]:
        sql = f"{_SELECT} WHERE account = ? AND {condition} {_NEWEST_FIRST} LIMIT ?"
        return [record for _, record in readable(self._rows(sql, self._account, *values, limit))]

    def _rows(self, sql: str, *values: int) -> list[Any]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self._path) from error


class _Offer(msgspec.Struct):
    results_url: str | None = None
    archived_at: str | None = None


_offers = msgspec.json.Decoder(_Offer)


def _has_results(body: bytes) -> bool:
    try:
        offer = _offers.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return offer.results_url is not None and offer.archived_at is None


def _connect(path: Path) -> sqlite3.Connection:
    """Open for reading, also where nothing can be written beside the file.

    Raises:
        sqlite3.Error: if it cannot be read either way.
    """
    try:
        return _readable(path, "mode=ro")
    except sqlite3.OperationalError:
        return _readable(path, "immutable=1")  # does without the log beside the file


def _readable(path: Path, how: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{how}"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    try:
        with closing(connection.execute("SELECT 1 FROM sqlite_master")) as cursor:
            cursor.fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
