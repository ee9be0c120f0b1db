"""A look at what is stored of one account that makes, migrates and locks nothing.

Reads a history of any version, also while others write to it, and in a few milliseconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import PROCESSING_WINDOW, RESULTS_WINDOW, Record
from batchtui.history.failures import explain
from batchtui.history.files import NAME
from batchtui.history.rows import (
    TELLS_WHAT_FAILED,
    account_queries,
    from_micros,
    readable,
    tells_what_failed,
    to_micros,
)

if TYPE_CHECKING:
    from batchtui.domain.job import Job

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
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
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
        try:
            path.stat()
            connection = _connect(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, sqlite3.Error) as error:
            raise explain(error, path) from error
        try:
            tables = {name for (name,) in connection.execute(_TABLES)}
            if "account" not in tables:
                connection.close()
                return None  # somebody is about to make it
            queries = account_queries(account, "key, last_used_at", has_names="name" in tables)
            for query in queries:
                for key, used in connection.execute(*query):
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
        ((number,),) = self._rows("SELECT count(*) FROM batch WHERE account = ?", (self._account,))
        return int(number)

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
        rows = self._rows(sql, (self._account, *span))
        return [id_ for id_, body in rows if _has_results(body)]

    def failed(self, now: datetime) -> dict[str, bool]:
        """The batches whose results tell what failed, and may still be had at `now`.

        Returns:
            By their ids whether the API still has them, as far as known.
        """
        there = "SELECT 1 FROM pragma_table_info('batch') WHERE name = 'failed'"
        failed = "failed"
        if not self._rows(there, ()):  # of an older version
            failed = f"{TELLS_WHAT_FAILED}(body)"
            self._connection.create_function(TELLS_WHAT_FAILED, 1, tells_what_failed)
        sql = f"""
            SELECT id, {_THERE} FROM batch
            WHERE account = ? AND running = 0 AND {failed} = 1 AND created_at > ?
        """
        since = to_micros(now - RESULTS_WINDOW)
        return {id_: bool(there) for id_, there in self._rows(sql, (self._account, since))}

    def jobs(self, batch_ids: Container[str]) -> list[Job]:
        """The jobs of several parts that have one of these batches, or parts that are not sent."""
        from batchtui.domain.job import PartState
        from batchtui.history.job_rows import read_jobs

        if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'part'", ()):
            return []  # of an older version
        sql = """
            SELECT part.job, part.batch_id, part.state FROM part JOIN job ON job.key = part.job
            WHERE job.account = ?
        """
        parts: dict[int, int] = {}
        wanted: set[int] = set()
        for job, batch_id, state in self._rows(sql, (self._account,)):
            parts[job] = parts.get(job, 0) + 1
            if state != PartState.CREATED:
                wanted.add(job)
                parts[job] += 1
            elif batch_id in batch_ids:
                wanted.add(job)
        several = (key for key in wanted if parts[key] > 1)
        return [job for key in several for job in read_jobs(self._rows, "job.key = ?", (key,))]

    def records(self, batch_ids: Iterable[str]) -> list[Record]:
        """These batches, as far as they are known; a few at most."""
        return [found for each in batch_ids for found in self._records("batch.id = ?", each)]

    def durations(self) -> list[tuple[int, float]]:
        """Requests and seconds of the newest batches that ran to their own end."""
        found = self._records("running = 0", limit=PAST)
        return [
            (each.batch.request_counts.total, seconds)
            for each in found
            if (seconds := each.batch.own_seconds) is not None
        ]

    def _records(self, condition: str, *values: object, limit: int = -1) -> list[Record]:
        sql = f"{_SELECT} WHERE account = ? AND {condition} {_NEWEST_FIRST} LIMIT ?"
        return [record for _, record in readable(self._rows(sql, (self._account, *values, limit)))]

    def _rows(self, sql: str, values: Sequence[object]) -> list[Any]:
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
