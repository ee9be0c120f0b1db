"""What can be read but once is kept whole and private, or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from batchtui.domain.errors import RequestFileError, StorageError
from batchtui.submissions.spooling import spool


class Dying(io.BytesIO):
    """A stream whose source goes away."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(3)


def test_a_stream_becomes_a_private_file(tmp_path: Path) -> None:
    data = b"line\n" * 500_000
    seen: list[int] = []
    path = spool(io.BytesIO(data), tmp_path, on_progress=seen.append)
    assert path.read_bytes() == data
    assert path.parent == tmp_path
    assert path.stat().st_mode & 0o777 == 0o600
    assert seen == sorted(seen)
    assert seen[-1] == len(data)


def test_nothing_is_left_of_a_stream_that_dies(tmp_path: Path) -> None:
    with pytest.raises(RequestFileError, match="Input/output error"):
        spool(Dying(b"abcdef"), tmp_path)
    assert list(tmp_path.glob("*.jsonl")) == []


def test_nothing_is_left_when_nobody_wants_it_any_more(tmp_path: Path) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spool(io.BytesIO(b"abc"), tmp_path, on_progress=stop)
    assert list(tmp_path.glob("*.jsonl")) == []


def test_there_must_be_room_for_it(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be kept"):
        spool(io.BytesIO(b"abc"), tmp_path / "missing")
