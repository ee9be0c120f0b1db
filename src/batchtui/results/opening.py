"""Opens result files, and makes their index again if it is missing, stale or damaged."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Generator
from pathlib import Path

from batchtui.domain.errors import BatchtuiError, ResultsError
from batchtui.results import files, index_file
from batchtui.results.builder import IndexBuilder, Progress, SlicedFeed
from batchtui.results.index import Index
from batchtui.results.reader import Descriptor, ResultFile

_BLOCK = 1024 * 1024


def index_path(path: Path) -> Path:
    """Where the index of a result file is."""
    return path.with_suffix(index_file.SUFFIX)


async def open_results(
    path: Path, *, on_progress: Callable[[Progress], None] | None = None
) -> ResultFile:
    """Open a result file without holding up the event loop for more than a few milliseconds.

    Args:
        path: the result file.
        on_progress: called now and then while the index has to be made again.

    Raises:
        ResultsError: if there is no such file, or it cannot be read.
    """
    steps = _opening(path)
    with contextlib.closing(steps):
        while True:
            try:
                progress = next(steps)
            except StopIteration as end:
                file: ResultFile = end.value
                return file
            if on_progress:
                on_progress(progress)
            await asyncio.sleep(0)


def open_results_now(path: Path) -> ResultFile:
    """Open a result file, however long it takes to make its index again.

    Raises:
        ResultsError: if there is no such file, or it cannot be read.
    """
    steps = _opening(path)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            file: ResultFile = end.value
            return file


def _opening(path: Path) -> Generator[Progress, None, ResultFile]:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise ResultsError("These results are not here", todo="Fetch them first") from error
    except OSError as error:
        raise ResultsError(f"The result file cannot be opened: {error.strerror}") from error
    file = Descriptor(fd)
    try:
        identity = index_file.identify(fd)
        found = index_file.load(index_path(path), identity)
        if found is None:
            found = yield from _rebuild(path, fd, identity)
    except OSError as error:
        raise ResultsError(f"The result file cannot be read: {error.strerror}") from error
    return ResultFile(path, file, found)


def _rebuild(
    path: Path, fd: int, identity: index_file.Identity
) -> Generator[Progress, None, Index]:
    builder = yield from _build(fd, identity)
    # A file that cannot be written beside the results costs the next opening its time, no more.
    with contextlib.suppress(BatchtuiError):
        files.write_whole(index_path(path), *builder.encode(identity))
        return index_file.load(index_path(path), identity) or builder.snapshot()
    return builder.snapshot()


def _build(fd: int, identity: index_file.Identity) -> Generator[Progress, None, IndexBuilder]:
    builder = IndexBuilder()
    slices = SlicedFeed(builder)
    while block := os.pread(fd, _BLOCK, builder.bytes):
        for _ in slices.feed(block):
            yield Progress(builder.bytes, len(builder), total_bytes=identity.size)
    builder.finish()
    return builder
