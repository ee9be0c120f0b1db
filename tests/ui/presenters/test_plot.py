"""Columns made of block characters, and the axes beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.ui.presenters.plot import (
    ALONG,
    LEAST,
    Bar,
    Glyph,
    bar_rows,
    have_room,
    plot,
    round_up,
    round_up_span,
    solid,
    stacked,
    with_light,
)


def drawn(cells: list[Glyph]) -> str:
    """From the bottom up."""
    return "".join(glyph for glyph, _ in cells)


def test_columns_are_exact_to_an_eighth() -> None:
    assert drawn(solid(100, 100, 2, "")) == "██"
    assert drawn(solid(75, 100, 2, "")) == "█▄"
    assert drawn(solid(0, 100, 2, "")) == ""
    assert drawn(solid(500, 100, 2, "")) == "██"


def test_a_little_is_not_nothing() -> None:
    assert drawn(solid(1, 100_000, 4, "")) == "▁"


def test_bars_that_lie_are_exact_too() -> None:
    assert drawn(solid(75, 100, 2, "", ALONG)) == "█▌"
    assert drawn(with_light(60, 60, 100, 4, "", ALONG)) == "██▍"


def test_what_is_light_stands_on_what_is_solid() -> None:
    assert drawn(with_light(25, 100, 100, 4, "")) == "█░░░"
    assert drawn(with_light(1, 100, 100, 4, "")) == "█░░░"
    assert drawn(with_light(60, 60, 100, 4, "")) == "██▃"
    assert drawn(with_light(0, 0, 100, 4, "")) == ""


def test_parts_fill_the_height_and_none_is_lost() -> None:
    assert drawn(stacked([(998, "█", ""), (1, "▓", ""), (1, "░", "")], 8)) == "██████▓░"
    assert drawn(stacked([(0, "█", "")], 8)) == ""


@pytest.mark.parametrize(
    ("value", "top"),
    [(1, 2), (3, 4), (11, 12), (17, 20), (21, 24), (80, 80), (81, 100), (68_000, 80_000)],
)
def test_figures_are_rounded_up(value: float, top: float) -> None:
    assert round_up(value, least=2) == top


def test_small_amounts_of_money_have_round_figures_too() -> None:
    assert round_up(0.013) == pytest.approx(0.016)
    assert round_up(0) == 1


@pytest.mark.parametrize(
    ("seconds", "top"), [(7, 10), (50, 60), (700, 1200), (4000, 7200), (50_000, 86_400)]
)
def test_spans_of_time_are_rounded_up(seconds: float, top: float) -> None:
    assert round_up_span(seconds) == top
    assert round_up_span(100_000) == 2 * 86_400


def test_a_plot_with_its_axes() -> None:
    bars = [
        Bar(solid(10, 20, 4, ""), "1 Nov"),
        Bar([], "2 Nov", sign="·"),
        Bar(solid(20, 20, 4, ""), "3 Nov", sign="≥", here=True),
    ]
    lines = [each.plain.rstrip() for each in plot(bars, 20, lambda value: f"{value:.0f}", 22, 6)]
    assert lines == [
        "   20 ┤          ████",
        "      │          ████",
        "   10 ┤████      ████",
        "      │████      ████",
        "    0 ┼─────·────▲────",
        "       1 Nov     3 Nov",
    ]


def test_figures_stand_above_their_columns() -> None:
    bars = [
        Bar(solid(10, 20, 2, ""), "1 Nov", figure="10"),
        Bar([], "2 Nov"),
        Bar(solid(20, 20, 2, ""), "3 Nov", figure="20"),
    ]
    lines = [each.plain.rstrip() for each in plot(bars, 20, lambda value: f"{value:.0f}", 22, 5)]
    assert lines == [
        "                  20",
        "   20 ┤ 10       ████",
        "      │████      ████",
        "    0 ┼───────────────",
        "       1 Nov     3 Nov",
    ]


def test_figures_need_room_between_columns() -> None:
    assert have_room(["1234", "", "5"], 22)
    assert not have_room(["12345", "", "5"], 22)


def test_of_too_many_columns_the_last_are_shown() -> None:
    bars = [Bar(solid(number, 40, 2, ""), f"{number:02}") for number in range(40)]
    last = plot(bars, 40, str, 17, LEAST)[-1].plain
    assert last.endswith("39")
    assert "02" not in last


@pytest.mark.parametrize("columns", [7, 30, 45, 90])
def test_the_last_column_always_has_its_words(columns: int) -> None:
    bars = [Bar([], f"{number:02} Nov") for number in range(columns)]
    words = plot(bars, 2, str, 97, LEAST)[-1].plain
    assert words.rstrip().endswith(f"{columns - 1:02} Nov")
    assert all(len(each) == 2 for each in words.replace("Nov", " ").split())


@given(
    values=st.lists(st.floats(0, 1e9), min_size=1, max_size=50),
    width=st.integers(1, 130),
    height=st.integers(0, 40),
)
def test_a_plot_keeps_to_its_room(values: list[float], width: int, height: int) -> None:
    top = round_up(max(values), least=2)
    figure = "1.2k" if height > LEAST and have_room(["1.2k"] * len(values), width) else ""
    rows = bar_rows(height - bool(figure))
    bars = [Bar(solid(each, top, rows, ""), "23 Nov", figure=figure) for each in values]
    lines = plot(bars, top, lambda value: f"{value:.0f}"[:5], width, height)
    assert len(lines) in (0, height)
    assert all(line.cell_length <= width for line in lines)
