"""Opens result files, and makes their index again if it is missing, stale or damaged."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from batchtui.domain.errors import BatchtuiError, ResultsError
from batchtui.results import files, index_file
from batchtui.results.builder import IndexBuilder, Progress, SlicedFeed
from batchtui.results.index import Index
from batchtui.results.index_file import Identity
from batchtui.results.reader import Descriptor, ResultFile
from batchtui.system import CLOEXEC, NONBLOCK, pread

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
    opened = _open(path)
    if opened.index is None:
        steps = _build(opened)
        with contextlib.closing(steps):
            while (progress := next(steps, None)) is not None:
                if on_progress:
                    on_progress(progress)
                await asyncio.sleep(0)
        await asyncio.to_thread(_keep, opened)
    return opened.results()


def open_results_now(path: Path) -> ResultFile:
    """Open a result file, however long it takes to make its index again.

    Raises:
        ResultsError: if there is no such file, or it cannot be read.
    """
    opened = _open(path)
    if opened.index is None:
        for _ in _build(opened):
            pass
        _keep(opened)
    return opened.results()


@dataclass
class _Opened:
    """A result file on its way to being open.

    Attributes:
        index: its index, as soon as there is one.
        builder: what makes it anew.
    """

    path: Path
    file: Descriptor
    identity: Identity
    index: Index | None
    builder: IndexBuilder

    def results(self) -> ResultFile:
        return ResultFile(self.path, self.file, self.index or self.builder.snapshot())


def _open(path: Path) -> _Opened:
    try:
        # Something else than a file might never be opened, or never end.
        file = Descriptor(os.open(path, os.O_RDONLY | CLOEXEC | NONBLOCK))
        if not stat.S_ISREG(os.fstat(file.fd).st_mode):
            raise ResultsError("What has the name of these results is no file")
        identity = index_file.identify(file.fd)
    except FileNotFoundError as error:
        raise ResultsError("These results are not here", todo="Fetch them first") from error
    except OSError as error:
        raise _unreadable(error) from error
    found = index_file.load(index_path(path), identity)
    if found is not None:
        # When the index was last written stands for when the results were last opened.
        with contextlib.suppress(OSError):
            os.utime(index_path(path))
    return _Opened(path, file, identity, found, IndexBuilder())


def _build(opened: _Opened) -> Generator[Progress, None, None]:
    builder, size = opened.builder, opened.identity.size
    slices = SlicedFeed(builder)
    try:
        while block := pread(opened.file.fd, _BLOCK, builder.bytes):
            for _ in slices.feed(block):
                yield Progress(builder.bytes, len(builder), total_bytes=size)
    except OSError as error:
        raise _unreadable(error) from error
    builder.finish()


def _keep(opened: _Opened) -> None:
    """Put the new index beside the results; it takes long enough to need a thread of its own.

    If it cannot be written, that costs the next opening its time, no more.
    """
    path = index_path(opened.path)
    with contextlib.suppress(BatchtuiError):
        files.write_whole(path, *opened.builder.encode(opened.identity))
        opened.index = index_file.load(path, opened.identity)


def _unreadable(error: OSError) -> ResultsError:
    return ResultsError(f"The result file cannot be read: {error.strerror}")
