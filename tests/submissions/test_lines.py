"""A file in pieces is the file, and every piece is whole lines unless a line is far too long."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import RequestFileError
from batchtui.submissions import lines
from batchtui.submissions.lines import (
    Piece,
    first_offset,
    opened,
    pieces,
    single_lines,
    split,
)


@given(
    st.lists(st.integers(0, 60).map(lambda width: b"x" * width), max_size=30).map(b"\n".join),
    st.integers(0, 5),
)
def test_pieces_tile_the_file(data: bytes, start: int) -> None:
    with (
        TemporaryDirectory() as directory,
        patch.multiple(lines, PIECE=12, _READ=17, LONGEST=40),
    ):
        path = Path(directory) / "requests.jsonl"
        path.write_bytes(data)
        with opened(path) as fd:
            found = list(pieces(fd, start))
    at = start
    for piece in found:
        assert piece.start == at
        assert piece.data
        at += len(piece.data)
    assert b"".join(piece.data for piece in found) == data[start:]
    for piece in found[:-1]:
        assert piece.is_fragment or piece.data.endswith(b"\n")
    long = [line for line in data[start:].split(b"\n") if len(line) >= 40]
    assert bool(long) >= any(piece.is_fragment for piece in found)
    assert all(len(piece.data) <= 40 for piece in found)


@given(st.binary(max_size=40))
def test_single_lines_tile_a_piece(data: bytes) -> None:
    found = list(single_lines(Piece(7, data)))
    assert b"".join(piece.data for piece in found) == data
    assert [piece.data.removesuffix(b"\n") for piece in found] == split(data)
    assert [piece.start for piece in found] == [
        7 + len(b"".join(piece.data for piece in found[:place])) for place in range(len(found))
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    for data, offset in ((b"\xef\xbb\xbfa", 3), (b"\xef\xbb", 0), (b"", 0)):
        path = tmp_path / "requests.jsonl"
        path.write_bytes(data)
        with opened(path) as fd:
            assert first_offset(fd) == offset


def test_faults_of_reading_are_told(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_bytes(b"{}")
    with pytest.raises(RequestFileError, match="cannot be read: Bad file descriptor"), opened(path):
        os.pread(-1, 1, 0)
    with pytest.raises(RequestFileError, match="no file can have that name"), opened(Path("a\0")):
        pass
