"""Fetches a result file: from a stream of bytes to a whole, indexed file, or to nothing at all."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from batchtui.domain import text
from batchtui.domain.batch import RequestCounts
from batchtui.domain.errors import BatchtuiError, ResultsError
from batchtui.results import files, index_file
from batchtui.results.builder import IndexBuilder, Progress, SlicedFeed
from batchtui.results.checks import Fetched, compare
from batchtui.results.growing import Growing, OnRows
from batchtui.results.opening import index_path

_PROGRESS_EVERY = 0.05
"""Seconds between two calls of `on_progress`."""

_PIECE = 128 * 1024
"""Bytes written in one go: little enough not to hold up the event loop."""


_ASIDE = 0.0004
"""Seconds; enough to wake up in."""

_SHORTEST_LINE = len('{"custom_id":"0","result":{"type":"expired"}}')
"""Bytes; where nobody says how many will come, there will be at least so many for each request."""


class CutShortError(ResultsError):
    """The results ended too early; nothing says that they will the next time."""

    transient = True


async def download(
    chunks: AsyncIterator[bytes],
    target: Path,
    *,
    expected: RequestCounts,
    total_bytes: int | None,
    on_progress: Callable[[Progress], None],
    on_rows: OnRows | None = None,
) -> Fetched:
    """Write the stream to `target` and its index beside it.

    Until everything has arrived and was checked there is only a temporary file; if anything goes
    wrong, or the task is cancelled, it is removed, and a file fetched earlier stays.

    Args:
        chunks: the bytes of the results, uncompressed, in pieces of any size. What it raises goes
            through; a `BatchtuiError` is told what was kept.
        target: the result file to be.
        expected: the batch's counts; the results must have a line for each request.
        total_bytes: how many bytes will come, if known.
        on_progress: called at most twenty times a second, and at the end.
        on_rows: called soon after the first line, then at growing intervals, with the lines that
            are here by then. They stay readable as long as they are held, whatever becomes of
            the fetch.

    Raises:
        CutShortError: if the stream ends before the results do.
        ResultsError: if the disk has no room.
        StorageError: if the directory cannot be written.
    """
    try:
        files.make_private(target.parent)
        files.sweep(target.parent)
        files.check_room(target.parent, total_bytes or expected.total * _SHORTEST_LINE)
        builder = IndexBuilder()
        with files.Scratch(target) as scratch:
            report = _Reporter(builder, expected.total, total_bytes, on_progress)
            if on_rows:
                report.rows = Growing(target, scratch.fd, builder, on_rows, report.clock)
            await _receive(chunks, scratch, builder, report)
            _check_whole(builder, cut=builder.finish(), report=report)
            report.now()
            return await asyncio.to_thread(_settle, scratch, target, builder, expected)
    except BatchtuiError as error:
        error.kept = error.kept or _kept(target)
        raise


class _Reporter:
    """Tells of progress, but not too often."""

    def __init__(
        self,
        builder: IndexBuilder,
        lines: int,
        total_bytes: int | None,
        tell: Callable[[Progress], None],
    ) -> None:
        self.lines, self.total_bytes = lines, total_bytes
        self.clock = asyncio.get_running_loop().time
        self.rows: Growing | None = None
        self._builder, self._tell = builder, tell
        self._due = 0.0

    def maybe(self) -> None:
        if self.clock() >= self._due:
            self.now()
        if self.rows:
            self.rows.maybe()

    def now(self) -> None:
        self._due = self.clock() + _PROGRESS_EVERY
        self._tell(Progress(self._builder.bytes, len(self._builder), self.lines, self.total_bytes))


async def _receive(
    chunks: AsyncIterator[bytes], scratch: files.Scratch, builder: IndexBuilder, report: _Reporter
) -> None:
    slices = SlicedFeed(builder, clock=report.clock)
    async for chunk in chunks:
        for at in range(0, len(chunk), _PIECE):
            piece = chunk[at : at + _PIECE]
            scratch.write(piece)
            for _ in slices.feed(piece):
                report.maybe()
                if report.rows:
                    _step_aside()
                await asyncio.sleep(0)
        report.maybe()


def _step_aside() -> None:
    """Let the thread that shows the rows have the interpreter.

    A turn of the event loop lets go of the interpreter lock, too, but has it back before another
    thread is awake.
    """
    time.sleep(_ASIDE)


def _check_whole(builder: IndexBuilder, *, cut: bool, report: _Reporter) -> None:
    lines = len(builder) - cut
    if cut or lines < report.lines:
        what = f"The results stopped after {lines:,} of {report.lines:,} lines"
    elif report.total_bytes is not None and builder.bytes < report.total_bytes:
        sizes = f"{text.size(builder.bytes)} of {text.size(report.total_bytes)}"
        what = f"The results stopped after {sizes}"
    else:
        return
    raise CutShortError(what, todo="Fetch them again")


def _settle(
    scratch: files.Scratch, target: Path, builder: IndexBuilder, expected: RequestCounts
) -> Fetched:
    """Bring the file to the disk for good and give it its name, then its index.

    It takes long enough to need a thread of its own. If the task is cancelled meanwhile, the
    temporary file may be gone: then nothing gets the name, and nobody hears of the error.
    """
    scratch.sync()
    try:
        parts = builder.encode(index_file.identify(scratch.fd))
    except OSError as error:
        raise ResultsError(f"The results cannot be read back: {error.strerror}") from error
    # The file first: one without its index is complete, an index without its file is nothing.
    scratch.publish()
    with contextlib.suppress(BatchtuiError):
        files.write_whole(index_path(target), *parts)
    files.sync_directory(target.parent)
    return compare(target, builder.snapshot(), builder.bytes, expected)


def _kept(target: Path) -> str:
    return "The copy fetched earlier was kept" if target.exists() else "Nothing was kept"
