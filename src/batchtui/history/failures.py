"""What went wrong with the file, as one sentence for a person."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from batchtui.domain.errors import StorageError
from batchtui.domain.text import safe_line

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CLOSED_TO_US = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}


def _code(error: sqlite3.Error) -> int:
    """The primary result code; 0 if the error is not SQLite's own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is not, or no longer, a sound database."""
    return _code(error) in _DAMAGED


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection only has to finish first."""
    return _code(error) in _BUSY


def explain(error: sqlite3.Error | OSError, path: Path | None) -> StorageError:
    """The error as a person should read it. `path` is None for a history in memory."""
    where = f"the history {safe_line(str(path))}" if path else "the history in memory"
    if isinstance(error, OSError):
        reason = safe_line(error.strerror or type(error).__name__)
        return StorageError(
            f"Cannot write {where}: {reason}",
            todo="Give the directory back its permissions or space, or name another with"
            " --config-dir",
        )
    if is_damage(error):
        return StorageError(
            f"Damage was found in {where}",
            kept="Nothing in it was overwritten",
            todo="Start again: the file is then checked, and set aside if it is beyond reading",
        )
    if is_busy(error):
        return StorageError(
            f"Another program keeps {where} locked",
            kept="Nothing in it changed",
            todo="Try again once that program is done",
        )
    if _code(error) == sqlite3.SQLITE_FULL:
        return StorageError(
            f"The disk is full, so {where} was not changed",
            kept="What it held before is still there",
            todo="Make room on the disk",
        )
    if _code(error) in _CLOSED_TO_US:
        return StorageError(
            f"Cannot write {where}: {safe_line(str(error))}",
            todo="Check the permissions of the directory, or name another with --config-dir",
        )
    if _code(error) == sqlite3.SQLITE_IOERR:
        return StorageError(
            f"Reading or writing {where} failed: {safe_line(str(error))}",
            kept="What it held before is still there",
            todo="Check the disk and how much room is on it",
        )
    return StorageError(f"Cannot use {where}: {safe_line(str(error))}")
