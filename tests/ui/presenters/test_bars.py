from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import RequestCounts
from batchtui.domain.progress import time_bar
from batchtui.domain.text import percent
from batchtui.ui.presenters.bars import apportion, counts_bar, sparkline

tallies = st.one_of(st.integers(0, 3), st.integers(0, 100_000))
all_counts = st.builds(RequestCounts, tallies, tallies, tallies, tallies, tallies)


@given(st.lists(tallies, min_size=1, max_size=5), st.integers(0, 80))
def test_parts_fill_the_width(parts: list[int], width: int) -> None:
    cells = apportion(parts, width)
    assert sum(cells) == (width if any(parts) else 0)
    assert all(part or not got for part, got in zip(parts, cells, strict=True))


@given(st.lists(tallies, min_size=1, max_size=5), st.integers(5, 80))
def test_no_part_vanishes(parts: list[int], width: int) -> None:
    assert all(got for part, got in zip(parts, apportion(parts, width), strict=True) if part)


@given(all_counts, st.integers(0, 80))
def test_counts_bar_is_as_wide_as_asked(counts: RequestCounts, width: int) -> None:
    assert counts_bar(counts, width).cell_length == (width if counts.total else 0)


def test_counts_bar_shows_each_state_in_its_own_sign() -> None:
    counts = RequestCounts(processing=3, succeeded=5, errored=1, canceled=1)
    assert counts_bar(counts, 10).plain == "█████▓▒░░░"
    assert counts_bar(RequestCounts(succeeded=99_999, errored=1), 10).plain == "█████████▓"


@given(st.floats(0, 2), st.integers(0, 80))
def test_time_bar_is_full_only_at_the_end(share: float, width: int) -> None:
    bar = time_bar(share, width)
    assert len(bar) == width
    if width:
        assert ("▱" in bar) == (share < 1)


def test_percent_never_rounds_up() -> None:
    assert percent(99_997, 100_000) == "99.9%"
    assert percent(99_997, 100_000, tenths=False) == "99%"
    assert percent(9_899, 10_000) == "98%"
    assert percent(99, 100) == "99.0%"
    assert percent(100, 100) == "100%"
    assert percent(1, 100_000) == "<1%"
    assert percent(0, 100) == "0%"
    assert percent(0, 0) == ""


@given(st.integers(0, 100_000), st.integers(1, 100_000))
def test_percent_says_all_or_nothing_only_then(part: int, whole: int) -> None:
    assert (percent(part, whole) == "100%") == (part >= whole)
    assert (percent(part, whole) == "0%") == (part == 0)
    assert len(percent(part, whole)) <= 5


def test_sparkline() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([9, 9, 0, 4], 2) == "▁█"
    assert sparkline([0, 0], 5) == "▁▁"
    assert sparkline([], 5) == ""
    assert sparkline([1], 0) == ""
