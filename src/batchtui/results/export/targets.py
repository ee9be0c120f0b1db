"""Where exports go on a disk: files and directories that appear whole, under names that were free.

What a person asks for has the permissions that the umask leaves, not those of private files.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import Self

from batchtui.domain.errors import StorageError, UsageError
from batchtui.domain.text import safe_line
from batchtui.results import files
from batchtui.results.export.pieces import Piece
from batchtui.system import CLOEXEC, DIRECTORY, NOFOLLOW


class TakenError(UsageError):
    """A file has the name already; it is replaced only if a person says so."""


class NewFile:
    """A file to be; there is only a temporary one beside it until it is published.

    Args:
        path: its name. Where that is a symbolic link, what it leads to.
        replace: whether it may take the name from another file.

    Raises:
        TakenError: if the name is taken and `replace` is false, here or from `publish`.
        UsageError: if what has the name is no file.
        BatchtuiError: from any method, if the disk is full or cannot be written.
    """

    def __init__(self, path: Path, *, replace: bool = False) -> None:
        self.path = path
        self._replace = replace
        target = Path(os.path.realpath(path))
        if os.path.isdir(target):
            raise UsageError(f"{_shown(path)} is a directory", todo="Name a file in it")
        taken = os.path.exists(target)
        if taken and not os.path.isfile(target):
            raise UsageError(f"{_shown(path)} is no file that could be replaced")
        if taken and not replace:
            raise _taken(path)
        _require_directory(target)
        self._scratch = files.Scratch(target, mode=0o666)
        if os.path.exists(target) and hasattr(
            os, "fchmod"
        ):  # what was closed to others stays closed
            os.fchmod(self._scratch.fd, stat.S_IMODE(target.stat().st_mode) & 0o777)

    def __enter__(self) -> Self:
        self._scratch.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.__exit__()

    def write(self, piece: Piece) -> None:
        """Append the data of a piece."""
        self._scratch.write(piece.data)

    def publish(self) -> None:
        """Bring the file to the disk and give it its name; it may take seconds."""
        self._scratch.sync()
        try:
            self._scratch.publish(replace=self._replace)
        except FileExistsError:
            raise _taken(self.path) from None


class NewDirectory:
    """A directory of files to be; until it is published it has another name.

    To leave `with` before that removes it, which for many files takes seconds.

    Args:
        path: its name; nothing may have it but an empty directory.

    Raises:
        UsageError: if the name is taken, here or from `publish`.
        BatchtuiError: from any method, if the disk is full or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._target = Path(os.path.realpath(path))
        if os.path.exists(self._target) and not _is_empty_directory(self._target):
            raise _taken_directory(path)
        _require_directory(self._target)
        name = f".{secrets.token_hex(8)}{files.TEMPORARY}"
        self._temporary: Path | None = self._target.with_name(name)
        try:
            self._temporary.mkdir()
            self._fd = _open_directory(self._temporary)
        except OSError as error:
            raise files.cannot_write(error, self._target.parent) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._fd is not None:
            os.close(self._fd)
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def write(self, piece: Piece) -> None:
        """Write the file that a piece is."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW | CLOEXEC
        try:
            if self._fd is None:
                assert self._temporary is not None
                fd = os.open(self._temporary / piece.name, flags, 0o666)
            else:
                fd = os.open(piece.name, flags, 0o666, dir_fd=self._fd)
            with os.fdopen(fd, "wb", buffering=0) as file:
                left = memoryview(piece.data)
                while left:
                    left = left[file.write(left) :]
        except OSError as error:
            raise files.cannot_write(error, self._target.parent) from error

    def publish(self) -> None:
        """Give the directory its name."""
        assert self._temporary is not None
        try:
            self._temporary.rename(self._target)
        except OSError as error:
            if os.path.exists(self._target):
                raise _taken_directory(self.path) from None
            raise files.cannot_write(error, self._target.parent) from error
        self._temporary = None
        files.sync_directory(self._target.parent)


def _open_directory(path: Path) -> int | None:
    """A descriptor to make files in, whatever becomes of the path; None where there is no such."""
    if os.open not in os.supports_dir_fd:
        return None
    return os.open(path, os.O_RDONLY | DIRECTORY | CLOEXEC)


def _is_empty_directory(path: Path) -> bool:
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        return next(entries, None) is None
    return False


def _require_directory(target: Path) -> None:
    try:
        there = stat.S_ISDIR(target.parent.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        there = False
    except OSError as error:
        raise files.cannot_write(error, target.parent) from error
    if not there:
        raise StorageError(f"There is no directory {_shown(target.parent)}")


def _taken(path: Path) -> TakenError:
    return TakenError(f"{_shown(path)} is there already")


def _taken_directory(path: Path) -> UsageError:
    return UsageError(
        f"{_shown(path)} is there already",
        todo="Text files need a directory that is new, or empty",
    )


def _shown(path: Path) -> str:
    return safe_line(str(path), 500)
