"""The files of the history: their modes, the lock beside them, and setting a bad one aside."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from batchtui.system import CLOEXEC, lock, unlock

NAME = "history.db"
_COMPANIONS = ("-wal", "-shm")


def prepare(path: Path) -> None:
    """Make the file (0600) before SQLite would, with a laxer mode.

    SQLite gives `-wal` and `-shm` the mode of the file. Call it only with the `Lock` held: without
    it another process may move the file away between two steps.

    Raises:
        OSError: if it cannot be made, or neither it nor its directory can be written.
    """
    # Only a file that is not there yet may be opened here: closing one drops every lock that
    # this process holds on it, those of SQLite included.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | CLOEXEC, 0o600))
    for each in (path.parent, path):
        # SQLite would open what is write-protected, and fail at the first write.
        if not os.access(each, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if path.stat().st_mode & 0o077:
        for each in (path, *beside(path)):
            with suppress(FileNotFoundError):
                each.chmod(0o600)


class Lock:
    """Held shared by everyone who has the history open, alone by who moves it out of the way.

    The kernel lets go of it when the process dies. Its directory is made (0700) if there is none;
    one that exists is left as it is.

    Raises:
        OSError: if the directory or the lock's file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | CLOEXEC, 0o600)

    def share(self) -> None:
        """Wait until nobody is moving the file, and keep others from it."""
        lock(self._descriptor, shared=True)

    def try_alone(self) -> bool:
        """Try to be the only one; if that fails, nothing is held."""
        try:
            lock(self._descriptor, wait=False)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go, to try again."""
        unlock(self._descriptor)

    def close(self) -> None:
        """Let go for good."""
        os.close(self._descriptor)


def set_aside(path: Path, why: str, now: datetime) -> Path:
    """Rename the file and what belongs to it to `history.db.<why>-<UTC stamp>`; returns that path.

    Call it only while alone (see `Lock`). The log goes first: a fresh database would delete a log
    it found beside it.
    """
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    aside = path.with_name(f"{path.name}.{why}-{stamp}")
    attempt = 1
    while any(each.exists() for each in (aside, *beside(aside))):
        attempt += 1
        aside = path.with_name(f"{path.name}.{why}-{stamp}-{attempt}")
    for old, new in zip(beside(path), beside(aside), strict=True):
        if old.exists():
            old.rename(new)
    path.rename(aside)
    return aside


def doubt(path: Path) -> None:
    """Leave a mark that damage was met, so that the next to open it looks closely."""
    _mark(path).touch(mode=0o600)


def doubted(path: Path) -> bool:
    """Whether somebody met damage in it."""
    return _mark(path).exists()


def settle(path: Path) -> None:
    """Take the mark away: it was looked at."""
    _mark(path).unlink(missing_ok=True)


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.doubted")


def beside(path: Path) -> list[Path]:
    """The files that SQLite keeps beside it while it is open."""
    return [path.with_name(path.name + ending) for ending in _COMPANIONS]
