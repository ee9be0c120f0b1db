"""`config.toml` on the disk: read whole, written whole or not at all, by one at a time."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from batchtui.domain.errors import StorageError
from batchtui.domain.text import safe_line, size
from batchtui.settings.faults import FILE_NAME, Fault, FaultError
from batchtui.system import CLOEXEC, NONBLOCK, lock

LARGEST = 1_000_000
"""Bytes; what is larger was written by nobody, and would take long to understand."""

Stamp: TypeAlias = tuple[int, int, int]
"""Different if the file was written since; not to be looked into."""


def stamp(directory: Path) -> Stamp | None:
    """What tells one state of the file from the next, for the price of one system call.

    Returns:
        None if there is no file.
    """
    try:
        status = os.stat(directory / FILE_NAME)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def read(directory: Path) -> str:
    """The text of the file; "" if there is none. See `read_text`."""
    return read_text(directory / FILE_NAME)


def read_text(path: Path) -> str:
    """The text of the file, or of a copy of it; "" if there is none.

    Raises:
        FaultError: if it cannot be read, or is no text.
    """
    where = f"It is {safe_line(str(path))}"
    try:
        return _bytes(path, where).decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):  # the latter is told of where it is written
        return ""
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise FaultError(Fault((), "not UTF-8 text", where, line)) from None
    except OSError as error:
        raise FaultError(Fault((), f"cannot be read: {error.strerror}", where)) from None


def _bytes(path: Path, where: str) -> bytes:
    """What a file holds.

    Raises:
        FaultError: if it is not a file that can be read to an end, and soon.
        OSError: if it cannot be read.
    """
    # To open a pipe is otherwise to wait until somebody writes to it.
    descriptor = os.open(path, os.O_RDONLY | CLOEXEC | NONBLOCK)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FaultError(Fault((), "is not a regular file", where))
        found = file.read(LARGEST + 1)
    if len(found) > LARGEST:
        raise FaultError(Fault((), f"is larger than {size(LARGEST)}", where))
    return found


def write(directory: Path, text: str) -> None:
    """Put the whole text in place, or nothing. Of a link, what it leads to is changed.

    Raises:
        StorageError: if it cannot be written, or its owner has taken that right away.
    """
    import tempfile

    path = _target(directory)
    try:
        _look_whether_protected(path)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise StorageError(
            f"{FILE_NAME} cannot be written: {error.strerror}",
            todo=f"It is {safe_line(str(path))}",
        ) from None


def _look_whether_protected(path: Path) -> None:
    """To put another file in its place takes no right to write it, but would not be wanted.

    Raises:
        PermissionError: if nobody may write it.
    """
    with suppress(FileNotFoundError):
        if not path.stat().st_mode & 0o222:
            raise PermissionError(errno.EACCES, "The file is read-only")


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Let nobody else change the file, from reading it to writing it.

    The directory itself is what is locked, so that no file is left behind. Where that cannot be
    done, whoever writes last wins, but with a whole file.
    """
    with ExitStack() as stack:
        with suppress(OSError):  # some file systems have no locks, and Windows none of directories
            descriptor = os.open(_target(directory).parent, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            lock(descriptor)
        yield


def _target(directory: Path) -> Path:
    """The file itself: one kept elsewhere and linked to from here is changed where it is kept."""
    return Path(os.path.realpath(directory / FILE_NAME))
