"""Foreign text comes out harmless, and widths come out exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain import text

ANY = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY)
def test_nothing_a_terminal_obeys_is_left_in_safe_text(foreign: str) -> None:
    safe = text.safe_text(foreign)
    assert not text.UNSAFE.search(safe)
    safe.encode()


@given(ANY)
def test_a_safe_line_is_one_line(foreign: str) -> None:
    safe = text.safe_line(foreign)
    assert not text.UNSAFE.search(safe)
    assert len(safe.splitlines()) <= 1


@pytest.mark.parametrize(
    ("foreign", "safe"),
    [
        ("plain", "plain"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("tab\tstays", "tab\tstays"),
        ("\x1b]0;title\x07", "�]0;title�"),
        ("\x9b31m", "�31m"),
        ("ab\u202ecd", "ab�cd"),
        ("family 👨\u200d👩", "family 👨\u200d👩"),
        ("\ud800", "�"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 8),
    ],
)
def test_what_safe_text_makes_of_it(foreign: str, safe: str) -> None:
    assert text.safe_text(foreign) == safe


@given(ANY)
def test_unicode_text_can_be_encoded_and_is_else_the_same(foreign: str) -> None:
    whole = text.unicode_text(foreign)
    assert whole.encode().decode() == whole
    assert all(a in (b, "\ufffd") for a, b in zip(whole, foreign, strict=True))


def test_what_is_counted_is_one_or_many() -> None:
    assert [text.counted(number, "file") for number in (0, 1, 2000)] == [
        "0 files", "1 file", "2,000 files"
    ]  # fmt: skip


def test_a_long_line_is_cut() -> None:
    assert text.safe_line("x" * 50, 10) == "x" * 10 + "…"


@given(ANY, st.integers(0, 40))
def test_cropping_never_takes_more_cells_than_there_are(foreign: str, width: int) -> None:
    line = text.safe_line(foreign)
    assert text.cell_width(text.crop(line, width)) <= width
    assert text.cell_width(text.crop_middle(line, width)) <= width
    assert text.cell_width(text.pad(line, width)) == width
    assert text.cell_width(text.pad(line, width, right=True)) == width


def test_an_id_cut_in_the_middle_keeps_both_ends() -> None:
    assert text.crop_middle("msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d", 18) == "msgbatch_01H…sDV8d"
    assert text.crop_middle("short", 18) == "short"


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (1234, "1.2k"), (99_960, "100k"), (2_000_000, "2.0M")],
)
def test_short_counts(number: int, words: str) -> None:
    assert text.short_count(number) == words


@given(st.integers(0, 10**13))
def test_short_counts_take_four_cells_at_most(number: int) -> None:
    assert len(text.short_count(number)) <= 4


@pytest.mark.parametrize(
    ("octets", "words"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (245e6, "245 MB")]
)
def test_sizes(octets: float, words: str) -> None:
    assert text.size(octets) == words


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (-5, "0s", "0s"),
        (45, "45s", "45s"),
        (200, "3m", "3m20s"),
        (720, "12m", "12m"),
        (3900, "1h", "1h05m"),
        (7200, "2h", "2h"),
        (47.9 * 3600, "47h", "47h54m"),
        (51 * 3600, "2d", "2d3h"),
        (28.5 * 86400, "28d", "28d"),
    ],
)
def test_durations(seconds: float, short: str, long: str) -> None:
    assert text.duration(seconds) == short
    assert text.duration(timedelta(seconds=seconds)) == short
    assert text.long_duration(seconds) == long


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0, "12:00"), (24, "tomorrow 12:00"), (-24, "yesterday 12:00"), (240, "11 Nov 12:00")],
)
def test_when_something_is(hours: int, words: str) -> None:
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert text.day_and_time(now + timedelta(hours=hours), now) == words


def test_a_far_day_is_told_with_its_year() -> None:
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert text.day_and_time(now - timedelta(days=400), now) == "27 Sep 2025"


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_time_are_in_every_zone(year: int) -> None:
    end = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, tzinfo=UTC)
    for hours in (-12, 0, 14):
        assert text.in_zone(end, timezone(timedelta(hours=hours))) == end


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (0, "$0"),
        (1e-9, "<$.000001"),
        (0.000001, "$0.000001"),
        (0.000083, "$0.000083"),
        (0.00012, "$0.000120"),
        (0.00174, "$0.0017"),
        (0.25, "$0.2500"),
        (0.99994, "$0.9999"),
        (0.99996, "$1.00"),
        (34.809, "$34.81"),
        (1204.5, "$1,204.50"),
    ],
)
def test_money(usd: float, shown: str) -> None:
    assert text.money(usd) == shown
