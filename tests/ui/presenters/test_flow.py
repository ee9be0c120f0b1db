"""Text of any length, line by line."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.flow import PIECE, Row, safe_lines, wrap

HOSTILE = st.text(
    st.one_of(
        st.characters(), st.sampled_from("\x1b\x9b\r\n\t\u202e\u2028[]/@=*`#>-_ ~|\ud800漢e\u0301")
    )
)


@given(HOSTILE)
def test_lines_are_safe_and_nothing_but_their_breaks_is_lost(text: str) -> None:
    lines = list(safe_lines(text))
    assert not any(UNSAFE.search(line) or "\n" in line for line in lines)
    kept = "".join("".join(line.split()) for line in lines).replace("\ufffd", "")
    for char in set(text):
        if char.isalnum() and char.isascii():
            assert kept.count(char) == text.count(char)


@given(st.integers(0, 3 * PIECE), st.sampled_from(["x", "word ", "漢", "\r\n", "a\r\n"]))
def test_pieces_of_long_lines_make_up_the_whole(length: int, unit: str) -> None:
    text = (unit * (length // len(unit) + 1))[:length].rstrip("\r")
    lines = list(safe_lines(text))
    assert all(len(line) <= 2 * PIECE for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace("\r\n", "").replace(" ", "")
    if "\r\n" in unit:
        assert len(lines) == text.count("\n") + (not text.endswith("\n") and bool(text))


@given(HOSTILE, st.integers(1, 60), st.integers(0, 20))
def test_no_line_is_wider_than_it_may_be(text: str, width: int, indent: int) -> None:
    pad = Content(" " * indent)
    rows = (Row(Content(line), pad, pad) for line in safe_lines(text))
    for line in wrap(rows, width):
        assert line.cell_length <= max(width, 2)


def test_the_start_of_a_huge_line_needs_only_the_start() -> None:
    class Counted(str):
        looked = 0

        def __getitem__(self, key: object) -> str:
            part = super().__getitem__(key)  # type: ignore[index]
            Counted.looked += len(part)
            return part

    lines = list(islice(safe_lines(Counted("x" * 5_000_000)), 3))
    assert len(lines) == 3
    assert Counted.looked < 10 * PIECE
