"""Request files that can be read but once, such as a pipe: kept as a private file first."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from batchtui.domain.errors import RequestFileError, StorageError

_BLOCK = 1024 * 1024


def _ignore(_: int) -> None:
    return


def spool(
    stream: BinaryIO, directory: Path, *, on_progress: Callable[[int], object] = _ignore
) -> Path:
    """Copy all there is to read into a new file that only its owner can read.

    Args:
        stream: where it comes from.
        directory: where the file is to be; must exist.
        on_progress: called now and then with the bytes copied; what it raises goes through, and
            nothing is left behind.

    Raises:
        RequestFileError: if the stream cannot be read.
        StorageError: if the file cannot be written.
    """
    try:
        fd, name = mkstemp(".jsonl", "requests-", directory)
    except OSError as error:
        raise _unwritable(error) from error
    try:
        with open(fd, "wb") as target:
            done = 0
            while block := _read(stream):
                target.write(block)
                done += len(block)
                on_progress(done)
            # What is written down of it must not outlast it.
            target.flush()
            os.fsync(fd)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise _unwritable(error) from error
        raise
    return Path(name)


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.read(_BLOCK)
    except OSError as error:
        raise RequestFileError(
            f"The requests cannot be read: {error.strerror or type(error).__name__}"
        ) from error


def _unwritable(error: OSError) -> StorageError:
    return StorageError(
        f"The requests that came cannot be kept: {error.strerror or type(error).__name__}"
    )
