"""Rows of a result file while it arrives."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from batchtui.domain.batch import RequestCounts
from batchtui.domain.errors import ResultsError
from batchtui.results.builder import IndexBuilder
from batchtui.results.download import CutShortError, download
from batchtui.results.growing import Growing
from batchtui.results.reader import ResultFile


def descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


async def stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


class Seen(list[ResultFile]):
    """Takes rows, however soon one after the other."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.builder = IndexBuilder()
        self.now = 0.0
        path.touch()
        self.fd = os.open(path, os.O_RDWR | os.O_APPEND)
        self.growing = Growing(path, self.fd, self.builder, self.append, lambda: self.now)

    def feed(self, data: bytes) -> None:
        os.write(self.fd, data)
        self.builder.feed(data)
        self.growing.maybe()


def test_the_first_line_is_shown_at_once_and_the_others_at_growing_intervals(
    tmp_path: Path, lines: list[bytes]
) -> None:
    seen = Seen(tmp_path / "x")
    seen.feed(lines[0])
    assert not seen
    seen.feed(b"\n" + lines[1])
    assert [file.row(0).custom_id for file in seen] == ["a"]
    times = []
    for _ in range(1000):
        seen.now += 0.01
        before = len(seen)
        seen.feed(lines[1] + b"\n")
        if len(seen) > before:
            times.append(seen.now)
    pauses = [after - before for before, after in pairwise(times)]
    assert times[0] == pytest.approx(0.1, abs=0.02)
    assert pauses == pytest.approx([0.2, 0.4, 0.8] + [1.0] * (len(pauses) - 3), abs=0.02)
    os.close(seen.fd)


def test_nothing_is_said_of_what_is_no_news(tmp_path: Path, lines: list[bytes]) -> None:
    seen = Seen(tmp_path / "x")
    seen.feed(lines[0] + b"\n")
    seen.now = 100.0
    seen.feed(lines[1][:10])
    assert len(seen) == 1
    os.close(seen.fd)


async def test_rows_stay_as_they_were_and_readable(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    seen: list[ResultFile] = []
    await download(
        stream(line + b"\n" for line in lines),
        target,
        expected=counts,
        total_bytes=None,
        on_progress=lambda _: None,
        on_rows=seen.append,
    )
    first = seen[0]
    assert len(first) == 1
    assert first.line(0) == lines[0]
    assert first.tally() == {"succeeded": 1}
    os.unlink(target)
    assert first.result(0).custom_id == "a"


@pytest.mark.parametrize("cut", [1, 3])
async def test_rows_of_what_was_cut_can_be_read_on_until_they_are_let_go(
    target: Path, lines: list[bytes], counts: RequestCounts, cut: int
) -> None:
    before = descriptors()
    seen: list[ResultFile] = []
    with pytest.raises(CutShortError):
        await download(
            stream(line + b"\n" for line in lines[:cut]),
            target,
            expected=counts,
            total_bytes=None,
            on_progress=lambda _: None,
            on_rows=seen.append,
        )
    assert os.listdir(target.parent) == []
    assert seen[0].line(0) == lines[0]
    seen.clear()
    assert descriptors() == before


async def test_a_file_closes_with_the_last_who_reads_it(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    before = descriptors()
    seen: list[ResultFile] = []
    await download(
        stream([b"\n".join(lines)]),
        target,
        expected=counts,
        total_bytes=None,
        on_progress=lambda _: None,
        on_rows=seen.append,
    )
    (file,) = seen
    assert descriptors() == before + 1
    file.close()
    assert descriptors() == before
    with pytest.raises(ResultsError, match="was closed"):
        file.line(0)
