"""What is kept of results on this disk: how big, fetched when, last opened when."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from batchtui.domain.errors import StorageError
from batchtui.domain.text import safe_line
from batchtui.results import files, index_file
from batchtui.results.opening import index_path
from batchtui.results.store import SUFFIX, batch_id_of


class KeptFile(msgspec.Struct, frozen=True):
    """A result file on this disk.

    Attributes:
        batch_id: whose results; the name of the file where that does not tell. Foreign text.
        bytes: its size, that of its index included.
        lines: how many lines it has; None if there is no index to tell.
        fetched_at: when it was fetched.
        used_at: when it was last opened, or fetched if it never was.
    """

    batch_id: str
    path: Path
    bytes: int
    lines: int | None
    fetched_at: datetime
    used_at: datetime


def kept_files(directory: Path) -> list[KeptFile]:
    """The result files in a directory; used last, first."""
    found = []
    for path in _paths(directory, SUFFIX):
        with contextlib.suppress(OSError):  # removed a moment ago
            found.append(_kept(path))
    return sorted(found, key=lambda each: each.used_at, reverse=True)


def volume(directory: Path) -> int:
    """The bytes of all result files in a directory and of their indexes; reads none of them."""
    total = 0
    for suffix in (SUFFIX, index_file.SUFFIX):
        for path in _paths(directory, suffix):
            with contextlib.suppress(OSError):
                total += path.stat().st_size
    return total


def _kept(path: Path) -> KeptFile:
    status = path.stat()
    fetched = used = status.st_mtime
    size = status.st_size
    with contextlib.suppress(OSError):
        beside = index_path(path).stat()
        used, size = max(used, beside.st_mtime), size + beside.st_size
    return KeptFile(
        batch_id=batch_id_of(path.stem) or path.stem,
        path=path,
        bytes=size,
        lines=index_file.read_lines(path),
        fetched_at=datetime.fromtimestamp(fetched, UTC),
        used_at=datetime.fromtimestamp(used, UTC),
    )


def tidy(directory: Path) -> int:
    """Remove what belongs to no result file: lone indexes, and what died while it was written.

    Returns:
        How many files were removed.
    """
    removed = files.sweep(directory)
    for path in _paths(directory, index_file.SUFFIX):
        # A result file gets its name before its index does, so none is on its way.
        if not path.with_suffix(SUFFIX).exists():
            with contextlib.suppress(OSError):
                path.unlink()
                removed += 1
    return removed


def remove(kept: KeptFile) -> None:
    """Remove a result file and its index.

    Raises:
        StorageError: if it cannot be removed.
    """
    try:
        kept.path.unlink(missing_ok=True)
        index_path(kept.path).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"The results of {safe_line(kept.batch_id, 64)} cannot be removed: {error.strerror}"
        ) from error


def of_other_servers(directory: Path) -> tuple[int, int]:
    """How many result files lie in the directories beside this one, and their bytes."""
    try:
        others = [each for each in directory.parent.iterdir() if each != directory]
    except OSError:
        return 0, 0
    found = [kept for each in others if each.is_dir() for kept in kept_files(each)]
    return len(found), sum(kept.bytes for kept in found)


def _paths(directory: Path, suffix: str) -> Iterator[Path]:
    try:
        with os.scandir(directory) as entries:
            names = [each.name for each in entries if each.name.endswith(suffix)]
    except OSError:
        return
    for name in names:
        if not name.startswith("."):
            yield directory / name
