from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from batchtui.domain.batch import RequestCounts
from batchtui.domain.errors import BatchtuiError, ResultsError, StorageError, UnreachableError
from batchtui.results import files
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched
from batchtui.results.download import CutShortError, download
from batchtui.results.opening import open_results_now


async def stream(chunks: Iterable[bytes], error: Exception | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk
    if error:
        raise error


async def fetch(
    target: Path,
    data: bytes,
    counts: RequestCounts,
    *,
    total_bytes: int | None = None,
    error: Exception | None = None,
    progress: list[Progress] | None = None,
) -> Fetched:
    chunks = (data[at : at + 100] for at in range(0, len(data), 100))
    seen = [] if progress is None else progress
    return await download(
        stream(chunks, error),
        target,
        expected=counts,
        total_bytes=total_bytes,
        on_progress=seen.append,
    )


def names(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def content(path: Path) -> bytes:
    return path.read_bytes()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def raises(
    kind: type[BatchtuiError], *, saying: str
) -> AbstractContextManager[pytest.ExceptionInfo[BatchtuiError]]:
    return pytest.raises(kind, match=saying)


@pytest.mark.parametrize("last", [b"", b"\n", b"\n\n"])
async def test_whole_results_appear_with_their_index(
    target: Path, lines: list[bytes], counts: RequestCounts, last: bytes
) -> None:
    data = b"\n".join(lines) + last
    progress: list[Progress] = []
    fetched = await fetch(target, data, counts, total_bytes=len(data), progress=progress)
    assert fetched == Fetched(
        path=target,
        bytes=len(data),
        lines=5,
        tally={"succeeded": 2, "errored": 1, "canceled": 1, "expired": 1},
        unreadable=(),
        duplicates=(),
        differences=(),
    )
    assert content(target) == data
    assert names(target) == ["msgbatch_1.index", "msgbatch_1.jsonl"]
    assert [mode(path) for path in (target.parent, *target.parent.iterdir())] == [
        0o700,
        0o600,
        0o600,
    ]
    assert progress[-1] == Progress(len(data), 5, 5, len(data))
    assert [step.bytes for step in progress] == sorted(step.bytes for step in progress)
    before = target.with_suffix(".index").stat().st_ino
    with open_results_now(target) as file:
        assert [file.line(number) for number in range(5)] == lines
    assert target.with_suffix(".index").stat().st_ino == before


async def test_results_cut_at_any_byte_never_count_as_whole(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    data = b"\n".join(lines)
    for cut in range(len(data)):
        with pytest.raises(CutShortError):
            await fetch(target, data[:cut], counts)
    assert names(target) == []


async def test_a_cut_says_how_far_it_got_and_what_was_kept(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    cut = b"\n".join(lines[:3])[:-4]
    with raises(CutShortError, saying="stopped after 2 of 5 lines") as caught:
        await fetch(target, cut, counts)
    assert str(caught.value) == (
        "The results stopped after 2 of 5 lines. Nothing was kept. Fetch them again."
    )
    assert caught.value.transient
    await fetch(target, b"\n".join(lines), counts)
    with raises(CutShortError, saying="The copy fetched earlier was kept"):
        await fetch(target, cut, counts)
    assert content(target) == b"\n".join(lines)
    assert names(target) == ["msgbatch_1.index", "msgbatch_1.jsonl"]


async def test_fewer_bytes_than_announced_are_a_cut(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    data = b"\n".join(lines)
    with raises(CutShortError, saying="stopped after"):
        await fetch(target, data, counts, total_bytes=len(data) + 1)


async def test_a_newer_copy_takes_the_place_of_the_older(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    await fetch(target, b"\n".join(lines), counts)
    with open_results_now(target) as old:
        await fetch(target, b"\n".join(reversed(lines)), counts)
        assert old.line(0) == lines[0]
    with open_results_now(target) as new:
        assert new.line(0) == lines[-1]


@pytest.mark.parametrize("error", [UnreachableError("The connection broke"), OSError(5, "reset")])
async def test_a_stream_that_fails_leaves_nothing(
    target: Path, lines: list[bytes], counts: RequestCounts, error: Exception
) -> None:
    with pytest.raises(type(error)) as caught:
        await fetch(target, b"\n".join(lines), counts, error=error)
    assert caught.value is error
    assert names(target) == []


async def test_an_error_of_the_stream_is_told_what_was_kept(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    error = UnreachableError("The connection broke", todo="Fetch them again")
    with pytest.raises(UnreachableError):
        await fetch(target, lines[0], counts, error=error)
    assert str(error) == "The connection broke. Nothing was kept. Fetch them again."


async def test_cancelling_leaves_nothing(target: Path, lines: list[bytes]) -> None:
    arrived = asyncio.Event()

    async def forever() -> AsyncIterator[bytes]:
        yield lines[0] + b"\n"
        arrived.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(
        download(
            forever(),
            target,
            expected=RequestCounts(succeeded=5),
            total_bytes=None,
            on_progress=lambda _: None,
        )
    )
    await arrived.wait()
    assert len(names(target)) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names(target) == []


async def test_cancelling_at_the_very_end_leaves_all_or_nothing(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    data = b"\n".join(lines)

    def cancel_when_all_is_here(progress: Progress) -> None:
        if progress.lines == 5:
            task.cancel()

    task = asyncio.create_task(
        download(
            stream([data]),
            target,
            expected=counts,
            total_bytes=None,
            on_progress=cancel_when_all_is_here,
        )
    )
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.get_running_loop().shutdown_default_executor()
    assert not [name for name in names(target) if name.endswith(files.TEMPORARY)]
    if target.name in names(target):
        assert content(target) == data


async def test_lines_without_a_type_are_named(target: Path, lines: list[bytes]) -> None:
    data = b"\n".join([*lines, b'{"custom_id":"f","result":{"type":""}}'])
    fetched = await fetch(target, data, RequestCounts(succeeded=1))
    assert "Lines without a type: 1" in fetched.differences


async def test_odd_lines_are_kept_and_named(target: Path, lines: list[bytes]) -> None:
    odd = b'{"custom_id":"f","result":{"type":"odd\x1b"}}'.replace(b"\x1b", b"\\u001b")
    data = b"\n".join([lines[0], b"garbage", lines[0], odd, lines[1]])
    fetched = await fetch(target, data, RequestCounts(succeeded=3, errored=1))
    assert (fetched.unreadable, fetched.duplicates) == ((1,), (2,))
    assert fetched.differences == (
        "The file has 5 lines for 4 requests",
        "The API counted 3 succeeded, the file has 2",
        "Lines of the unknown type odd\ufffd: 1",
        "Unreadable lines: 1, the first is line 2",
        "Lines that repeat a custom_id: 1, the first a",
    )


async def test_a_batch_of_no_requests_has_an_empty_file(target: Path) -> None:
    fetched = await fetch(target, b"", RequestCounts())
    assert (fetched.lines, fetched.differences) == (0, ())
    with open_results_now(target) as file:
        assert len(file) == 0


async def test_too_little_room_is_said_before_the_start(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    with raises(ResultsError, saying="the disk has only .* left. Nothing was kept. Make room"):
        await fetch(target, b"\n".join(lines), counts, total_bytes=2**62)


async def test_too_little_room_is_said_before_the_start_also_where_nobody_knows_the_size(
    target: Path,
) -> None:
    with raises(ResultsError, saying="take at least .*, but the disk has only"):
        await fetch(target, b"", RequestCounts(succeeded=2**60))


async def test_a_disk_that_fills_up_is_said(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    try:
        with raises(ResultsError, saying="The disk is full.* Nothing was kept. Make room"):
            await fetch(target, b"\n".join(lines), counts)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert names(target) == []


async def test_a_directory_that_cannot_be_made_is_said(
    tmp_path: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    (tmp_path / "file").write_text("in the way")
    with raises(StorageError, saying="cannot be written to .*file/results: Not a directory"):
        await fetch(tmp_path / "file" / "results" / "a.jsonl", b"\n".join(lines), counts)


def test_every_way_of_having_no_room_is_the_same_sentence() -> None:
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        assert isinstance(files.cannot_write(OSError(number, ""), Path()), ResultsError)
    assert isinstance(files.cannot_write(OSError(errno.EROFS, ""), Path()), StorageError)


async def test_two_fetches_of_one_batch_do_not_disturb_each_other(
    target: Path, lines: list[bytes], counts: RequestCounts
) -> None:
    data = b"\n".join(lines)
    await asyncio.gather(*(fetch(target, data, counts) for _ in range(3)))
    assert content(target) == data
    assert names(target) == ["msgbatch_1.index", "msgbatch_1.jsonl"]


KILLED = """
import sys
from pathlib import Path
from batchtui.results.files import Scratch
with Scratch(Path(sys.argv[1])) as scratch:
    scratch.write(b"half")
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_only_what_dead_processes_left_is_swept(target: Path) -> None:
    assert files.sweep(target.parent) == 0
    target.parent.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, os.fspath(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process, files.Scratch(target):
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        assert files.sweep(target.parent) == 0
        assert len(names(target)) == 2
        process.kill()
        process.wait()
        assert files.sweep(target.parent) == 1
        assert len(names(target)) == 1
    assert names(target) == []
