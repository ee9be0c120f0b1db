"""Private files that appear by rename, whole, or not at all.

A temporary file is locked by the process that writes it, so that those of dead processes can be
told from those of living ones and swept away.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import Self

from batchtui.domain import text
from batchtui.domain.errors import BatchtuiError, ResultsError, StorageError
from batchtui.system import CLOEXEC, NOFOLLOW, lock

TEMPORARY = ".part"
"""How the names of temporary files end."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Scratch:
    """A new, locked file beside its target; gone at the end of `with` unless published.

    Args:
        target: the file to be.
        mode: its permissions, from which the umask takes away.

    Raises:
        ResultsError: from any method, if the disk is full.
        StorageError: from any method, if the directory cannot be written for another reason.
    """

    def __init__(self, target: Path, *, mode: int = 0o600) -> None:
        self._target = target
        self._path: Path | None = None
        try:
            self.fd, self._path = _create_locked(target, mode)
        except OSError as error:
            raise cannot_write(error, target.parent) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
        os.close(self.fd)

    def write(self, data: bytes | memoryview) -> None:
        """Append all of `data`."""
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self.fd, left) :]
        except OSError as error:
            raise cannot_write(error, self._target.parent) from error

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        try:
            os.fsync(self.fd)
        except OSError as error:
            raise cannot_write(error, self._target.parent) from error

    def publish(self, *, replace: bool = True) -> None:
        """Give the file its name, in place of whatever had it.

        Args:
            replace: whether it may take the name from another file.

        Raises:
            FileExistsError: if it may not, and there is one.
        """
        if self._path is None:
            return
        try:
            if replace:
                self._path.replace(self._target)
            else:
                _rename_to_new(self._path, self._target)
        except FileExistsError:
            raise
        except OSError as error:
            raise cannot_write(error, self._target.parent) from error
        self._path = None


def _rename_to_new(path: Path, target: Path) -> None:
    """Rename to a name that nothing has, even if it gets taken at this moment."""
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError:
        # No hard links on this file system.
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        path.replace(target)
    else:
        path.unlink()


def _create_locked(target: Path, mode: int) -> tuple[int, Path]:
    while True:
        path = target.with_name(f".{secrets.token_hex(8)}{TEMPORARY}")
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | CLOEXEC, mode)
        try:
            lock(fd, wait=False)
        except BlockingIOError:
            pass  # A sweep found the file before it was locked, and is about to remove it.
        except OSError:
            return fd, path  # No locks on this file system: no sweep can get one either.
        else:
            if os.fstat(fd).st_nlink:
                return fd, path
        os.close(fd)


def sweep(directory: Path) -> int:
    """Remove the temporary files whose writers are dead; return how many there were."""
    try:
        leftovers = [path for path in directory.iterdir() if path.name.endswith(TEMPORARY)]
    except OSError:
        return 0
    return sum(map(_remove_if_dead, leftovers))


def _remove_if_dead(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDWR | NOFOLLOW | CLOEXEC)
    except OSError:
        return False
    try:
        lock(fd, wait=False)
        path.unlink()
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def write_whole(target: Path, *parts: bytes | memoryview) -> None:
    """Write a file that appears with all of `parts` or not at all.

    Raises:
        BatchtuiError: if it could not be written.
    """
    with Scratch(target) as scratch:
        for part in parts:
            scratch.write(part)
        scratch.sync()
        scratch.publish()
    sync_directory(target.parent)


def sync_directory(directory: Path) -> None:
    """Make renames last; where a directory cannot be synced the system has its own way."""
    with contextlib.suppress(OSError):
        fd = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def make_private(directory: Path) -> None:
    """Make the directory, or close it to everyone else (0700).

    Raises:
        StorageError: if that is not possible.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if directory.stat().st_mode & 0o077:
            directory.chmod(0o700)
    except OSError as error:
        raise cannot_write(error, directory) from error


def check_room(directory: Path, needed: int) -> None:
    """Say so before starting if `needed` bytes do not fit.

    Raises:
        ResultsError: if they do not.
    """
    try:
        free = shutil.disk_usage(directory).free
    except OSError:
        return
    if free < needed:
        raise ResultsError(
            f"The results take at least {text.size(needed)}, "
            f"but the disk has only {text.size(free)} left",
            todo="Make room and fetch again",
        )


def cannot_write(error: OSError, directory: Path) -> BatchtuiError:
    """The sentence for a failure to write in the directory."""
    if error.errno in _NO_ROOM:
        return ResultsError(
            "The disk is full, or the user's share of it", todo="Make room and try again"
        )
    reason = os.strerror(error.errno) if error.errno else "unknown reason"
    where = text.safe_line(str(directory))
    return StorageError(f"Files cannot be written to {where}: {reason}")
