from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from batchtui.domain.text import UNSAFE
from batchtui.ui.line_filter import SafeFilter

BLACK = Color(0, 0, 0)


def filtered(text: str) -> str:
    return "".join(part.text for part in SafeFilter().apply([Segment(text)], BLACK))


def test_clean_lines_are_left_alone() -> None:
    segments = [Segment("● running"), Segment(" 日本 👩\u200d👧 ")]
    assert SafeFilter().apply(segments, BLACK) is segments


def test_nothing_is_left_to_obey() -> None:
    assert filtered("a\x1b]52;c;eA==\x07b") == "a]52;c;eA==b"
    assert filtered("\x1b[31mred\x9b0m\x7f") == "[31mred0m"
    assert filtered("\u202eevil\u2066") == "evil"
    assert "\t" not in filtered("a\tb")
    assert "\n" not in filtered("a\nb")


def test_every_unsafe_character_keeps_its_width() -> None:
    for char in filter(UNSAFE.match, map(chr, range(sys.maxunicode + 1))):
        if not "\ud800" <= char <= "\udfff":
            text = filtered(f"a{char}b")
            assert not UNSAFE.search(text)
            assert cell_len(text) == cell_len(f"a{char}b"), hex(ord(char))


@given(st.text())
def test_any_text_comes_out_safe(text: str) -> None:
    assert not UNSAFE.search(filtered(text))
