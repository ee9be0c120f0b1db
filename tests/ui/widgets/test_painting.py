from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.color import Color
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from batchtui.ui.widgets.painting import Line, alike, differing

BASE = Style(background=Color(0, 0, 0), foreground=Color(200, 200, 200))
RED = Style(foreground=Color(255, 0, 0))

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


def line() -> Line:
    return Line(BASE, lambda style: style if isinstance(style, Style) else Style.parse(style))


def strip(*runs: tuple[str, str]) -> Strip:
    return Strip([Segment(text, RichStyle.parse(style)) for text, style in runs])


def test_a_cell_is_cut_or_filled() -> None:
    assert line().add("name", 6).add("12", 4, "right").strip(12).text == "name    12  "
    assert line().add("a long name", 6).strip(6).text == "a lon…"


def test_text_is_never_markup() -> None:
    assert line().add("[b]x[/]", 7).strip(7).text == "[b]x[/]"


def test_few_runs() -> None:
    cells = line().add(Content.styled("ab", RED), 5).add(Content.styled("cd", RED), 5)
    assert len(list(cells.add("ef", 2).strip(12))) == 2


@given(st.lists(st.tuples(texts, st.integers(0, 20), st.sampled_from(["left", "right"]))))
def test_widths_are_exact(cells: list[tuple[str, int, str]]) -> None:
    made, total = line(), 0
    for text, width, align in cells:
        made.add(Content.styled(text, RED), width, "left" if align == "left" else "right")
        total += width
    drawn = made.strip(total)
    assert cell_len(drawn.text) == total


def test_cells_are_alike_only_in_the_same_style() -> None:
    assert alike(("a", Content.styled("b", "red")), ("a", Content.styled("b", "red")))
    assert not alike((Content.styled("b", "red"),), (Content.styled("b", "blue"),))
    assert alike((Content("b"),), ("b",))


def test_same_lines_do_not_differ() -> None:
    one = strip(("abc", "red"), ("def", "blue"))
    assert differing(one, strip(("abc", "red"), ("def", "blue"))) == []
    assert differing(one, strip(("ab", "red"), ("c", "red"), ("def", "blue"))) == []


def test_finds_the_cells_that_differ() -> None:
    assert differing(strip(("count 12 of", "")), strip(("count 13 of", ""))) == [(7, 8)]
    assert differing(strip(("abc", "red")), strip(("a", "red"), ("b", "blue"), ("c", "red"))) == [
        (1, 2)
    ]


def test_spans_far_apart_stay_apart() -> None:
    old, new = "a" + "-" * 20 + "b" + "--" + "c", "x" + "-" * 20 + "y" + "--" + "z"
    assert differing(strip((old, "")), strip((new, ""))) == [(0, 1), (21, 25)]


@given(texts, texts)
def test_only_cells_in_the_spans_differ(old: str, new: str) -> None:
    one = strip((old, "")).adjust_cell_length(30)
    two = strip((new, "")).adjust_cell_length(30)
    spans = differing(one, two)
    assert all(0 <= start < end <= 30 for start, end in spans)
    edges = [0, *(edge for span in spans for edge in span), 30]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        left = one.crop(start, end).text.replace("\u200b", "")
        right = two.crop(start, end).text
        assert cell_len(left) == cell_len(right)
