"""What operating systems have in different ways: locks of files, flags, reading at an offset.

Windows has no `fcntl`, no `os.pread`, no user ids and fewer signals and flags. Nothing here fails
to import for that.
"""

from __future__ import annotations

import os
import signal
from importlib import import_module
from typing import Any, Final


def _module(name: str) -> Any:
    """A module of the standard library that not every system has; None where it is missing."""
    try:
        return import_module(name)
    except ImportError:
        return None


_fcntl: Final = _module("fcntl")
_msvcrt: Final = _module("msvcrt")
_FAR: Final = 1 << 40
"""The byte that is locked on Windows, where nobody may read or write what is."""

CLOEXEC: Final[int] = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Flags every file is opened with: not for child processes, and with its bytes as they are."""

NONBLOCK: Final[int] = getattr(os, "O_NONBLOCK", 0)
NOFOLLOW: Final[int] = getattr(os, "O_NOFOLLOW", 0)
DIRECTORY: Final[int] = getattr(os, "O_DIRECTORY", 0)

HAS_TERMINALS: Final = _module("termios") is not None
"""Whether terminals are devices, which may be gone."""

ENDING: Final[tuple[signal.Signals, ...]] = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)
)
"""The signals that ask a program to end."""


def lock(fd: int, *, shared: bool = False, wait: bool = True) -> None:
    """Lock a file until it is closed or its process dies; where there are no locks, do nothing.

    On Windows a shared lock holds nobody off: there nobody can move a file that is open, either.

    Raises:
        BlockingIOError: if somebody else has it locked and it is not waited for.
        OSError: if the file system has no locks.
    """
    if _fcntl:
        kind = _fcntl.LOCK_SH if shared else _fcntl.LOCK_EX
        _fcntl.flock(fd, kind if wait else kind | _fcntl.LOCK_NB)
    elif _msvcrt and not shared:
        try:
            _at_far_byte(fd, _msvcrt.LK_LOCK if wait else _msvcrt.LK_NBLCK)
        except OSError as error:
            raise BlockingIOError(error.errno, error.strerror) from None


def unlock(fd: int) -> None:
    """Let go of a lock."""
    if _fcntl:
        _fcntl.flock(fd, _fcntl.LOCK_UN)
    elif _msvcrt:
        _at_far_byte(fd, _msvcrt.LK_UNLCK)


def _at_far_byte(fd: int, kind: int) -> None:
    here = os.lseek(fd, 0, os.SEEK_CUR)
    try:
        os.lseek(fd, _FAR, os.SEEK_SET)
        _msvcrt.locking(fd, kind, 1)
    finally:
        os.lseek(fd, here, os.SEEK_SET)


def is_ours(status: os.stat_result) -> bool:
    """Whether a file belongs to who runs this, where files belong to anyone."""
    return not hasattr(os, "getuid") or status.st_uid == os.getuid()


if hasattr(os, "pread"):
    pread = os.pread
else:
    from threading import Lock

    _position = Lock()

    def pread(fd: int, length: int, offset: int, /) -> bytes:
        """Bytes of a file from an offset on, whatever others read of it meanwhile."""
        with _position:
            os.lseek(fd, offset, os.SEEK_SET)
            return os.read(fd, length)


def read_into(fd: int, buffer: memoryview, offset: int) -> int:
    """Fill a buffer with what stands in a file from an offset on; returns how many bytes came."""
    if hasattr(os, "preadv"):
        return os.preadv(fd, [buffer], offset)
    data = pread(fd, len(buffer), offset)
    buffer[: len(data)] = data
    return len(data)
