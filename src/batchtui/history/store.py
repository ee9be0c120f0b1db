"""One SQLite file, opened so that any number of processes may read and write it at once.

Whatever goes wrong with it leaves here as a `StorageError`.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from batchtui.domain.errors import StorageError
from batchtui.domain.text import safe_line
from batchtui.history import files
from batchtui.history.failures import explain, is_busy, is_damage
from batchtui.history.schema import ForeignSchemaError, NewerSchemaError, migrate

PATIENCE = 5.0
"""Seconds to wait for another process before giving up."""

_PAUSE = 0.02
_KEPT_LOG = 4_000_000
"""Bytes the log is cut back to after it grew."""

_STORIES = {
    "damaged": "The history was damaged; it was set aside as {}, and a new one was begun.",
    "newer": "The history was written by a newer batchtui; it was set aside as {},"
    " and a new one was begun.",
}


class _UnusableError(Exception):
    """The file cannot be worked with; its argument is a key of `_STORIES`."""


class Store:
    """A connection to the history, for one thread at a time.

    Attributes:
        notice: what happened to an earlier file, in one sentence; None if nothing did.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        path: Path | None = None,
        lock: files.Lock | None = None,
        notice: str | None = None,
    ) -> None:
        self.notice = notice
        self._connection = connection
        self._path = path
        self._lock = lock

    @classmethod
    def open(cls, directory: Path, *, now: datetime) -> Self:
        """Open `directory/history.db`, making both if need be.

        A file that is damaged or of a newer version is renamed, never changed. `now` dates that.

        Raises:
            StorageError: if the directory cannot be written, the disk is full, or another
                process keeps the file locked or is still using a file that has to be set aside.
        """
        path = directory / files.NAME
        lock = None
        try:
            lock = files.Lock(directory / "history.lock")
            connection, notice = _open_or_replace(path, lock, now)
        except BaseException as error:
            if lock:
                lock.close()
            if isinstance(error, sqlite3.Error | OSError):
                raise explain(error, path) from error
            raise
        return cls(connection, path=path, lock=lock, notice=notice)

    @classmethod
    def in_memory(cls, *, now: datetime, copied_from: Path | None = None) -> Self:
        """A store that is forgotten on close, for when no file can be written.

        It begins with what the file in the directory `copied_from` holds, if that can be read.
        """
        connection = _connect(":memory:")
        try:
            if copied_from is not None:
                _copy(copied_from / files.NAME, connection)
            migrate(connection, now)
        except (sqlite3.Error, NewerSchemaError, ForeignSchemaError):
            connection.close()
            return cls.in_memory(now=now)
        return cls(connection)

    @property
    def lasts(self) -> bool:
        """Whether what is written outlasts this process."""
        return self._path is not None

    @property
    def path(self) -> Path | None:
        """Where it is; None if it is in memory."""
        return self._path

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """All rows of a query. Fetched whole: an open cursor would hold up other processes."""
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    @contextmanager
    def transaction(self, *, lasting: bool = False) -> Iterator[sqlite3.Connection]:
        """Everything in the block is written, or nothing. Other writers wait.

        Args:
            lasting: wait until it is on the disk, so that not even a power failure undoes it.
        """
        connection = self._connection
        try:
            if lasting:
                connection.execute("PRAGMA synchronous=FULL")
            # Immediate, because a transaction that begins by reading may find at its first write
            # that another process was quicker, and no waiting helps then.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                if lasting:
                    connection.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def close(self) -> None:
        """Close the file. Harmless if it is closed."""
        self._connection.close()
        if self._lock:
            self._lock.close()
            self._lock = None

    def _explained(self, error: sqlite3.Error) -> StorageError:
        if self._path and is_damage(error):
            try:
                files.doubt(self._path)
            except OSError as second:
                error.add_note(f"and it could not be marked: {second}")
        return explain(error, self._path)


def _open_or_replace(
    path: Path, lock: files.Lock, now: datetime
) -> tuple[sqlite3.Connection, str | None]:
    """A sound connection and a notice; `lock` is held shared afterwards."""
    deadline = time.monotonic() + PATIENCE
    while True:
        lock.share()
        try:
            return _open(path, now), None
        except _UnusableError:
            lock.release()
        # Others may have found the same. Whoever gets the file alone looks again, since it may
        # have been replaced in the meantime.
        if lock.try_alone():
            try:
                return _open(path, now), None
            except _UnusableError as error:
                why = str(error)
                aside = files.set_aside(path, why, now)
                files.settle(path)
                return _open(path, now), _STORIES[why].format(safe_line(str(aside)))
            finally:
                lock.share()
        if time.monotonic() > deadline:
            raise StorageError(
                f"The history {safe_line(str(path))} has to be set aside,"
                " but another batchtui is using it",
                kept="Nothing in it was changed",
                todo="Close the other one and start again",
            )
        time.sleep(_PAUSE)


def _open(path: Path, now: datetime) -> sqlite3.Connection:
    files.prepare(path)
    connection = _connect(str(path))
    try:
        _use_write_ahead_log(connection)
        migrate(connection, now)
        if files.doubted(path):
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise _UnusableError("damaged")
            files.settle(path)
    except BaseException as error:
        connection.close()
        if isinstance(error, NewerSchemaError):
            raise _UnusableError("newer") from error
        if isinstance(error, ForeignSchemaError) or (
            isinstance(error, sqlite3.Error) and is_damage(error)
        ):
            raise _UnusableError("damaged") from error
        raise
    return connection


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    # Text that is not UTF-8 would make a whole query fail.
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    return connection


def _copy(path: Path, target: sqlite3.Connection) -> None:
    """Copy a file that may lie where nothing can be written; without one nothing is copied."""
    if not os.path.exists(path):
        return
    for how in ("mode=ro", "immutable=1"):  # the second does without the log beside the file
        source = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)
        try:
            source.backup(target)
        except sqlite3.OperationalError:
            continue
        finally:
            source.close()
        return


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Readers and a writer side by side, and a commit without waiting for the disk."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
            break
        except sqlite3.OperationalError as error:
            # SQLite does not wait by itself when two processes make this switch at once.
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(f"PRAGMA journal_size_limit={_KEPT_LOG}")
