from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchtui.domain.errors import ResultsError
from batchtui.results.export import jsonl
from batchtui.results.export.exporting import Format
from batchtui.results.export.jsonl import pieces
from tests.results.export.conftest import Make, answer, exported, opened

MIB = 1024 * 1024

BODIES = st.one_of(
    st.sampled_from(
        [answer("a", "x"), answer("b", "y" * 50), b"{", b"\xff\xfe", b'"\xed\xa0\x80"']
    ),
    st.binary(min_size=1, max_size=20).map(lambda body: body.replace(b"\n", b"")),
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\n\n", b" \n", b"\n \t\n"])
FILES = st.lists(st.tuples(BODIES, ENDS), max_size=8)


def whole(data: bytes) -> bytes:
    """What a naive reading makes of a file: every line that is not blank, with a line feed."""
    lines = (each.strip() for each in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    return b"".join(each + b"\n" for each in lines if each)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES, st.booleans(), st.booleans())
def test_all_lines_are_those_of_the_file(
    tmp_path: Path, parts: list[tuple[bytes, bytes]], marked: bool, ended: bool
) -> None:
    data = b"".join(body + end for body, end in parts)
    data = (b"\xef\xbb\xbf" if marked else b"") + (data if ended else data.rstrip(b"\r\n"))
    with opened(tmp_path / "a.jsonl", data) as file:
        assert exported(file, Format.JSONL).data == whole(data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9), max_size=20))
def test_any_lines_come_in_the_order_asked_for(tmp_path: Path, numbers: list[int]) -> None:
    lines = [answer(str(number), "x" * number) for number in range(10)]
    with opened(tmp_path / "a.jsonl", b"\n".join(lines)) as file:
        wanted = b"".join(lines[number] + b"\n" for number in numbers)
        assert exported(file, Format.JSONL, numbers).data == wanted


def test_neighbours_are_copied_in_large_blocks(make: Make) -> None:
    lines = [answer(str(number), "x" * 1000) for number in range(5000)]
    with make(b"\n".join(lines) + b"\n") as file:
        sizes = [len(piece.data) for piece in pieces(file, range(5000))]
        assert len(sizes) <= 25
        assert max(sizes) <= MIB // 4 + 1
        assert sum(piece.lines for piece in pieces(file, range(5000))) == 5000


def test_a_line_of_50_mb_goes_out_in_parts(make: Make) -> None:
    lines = [answer("a"), answer("long", "x" * 50 * MIB), answer("b")]
    with make(b"\n".join(lines)) as file:
        found = list(pieces(file, range(3)))
        assert max(len(piece.data) for piece in found) <= MIB // 4 + 1
        assert b"".join(piece.data for piece in found) == b"\n".join(lines) + b"\n"


@pytest.mark.parametrize("left", [0, 10, 2 * MIB])
def test_a_file_cut_behind_our_back_is_said(
    tmp_path: Path, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "_BLOCK", MIB // 4)
    path = tmp_path / "a.jsonl"
    with opened(path, answer("a", "x" * 3 * MIB) + b"\n") as file:
        os.truncate(path, left)
        with pytest.raises(ResultsError, match="cut short"):
            list(pieces(file, [0]))
