"""What stands in the place of results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content
from textual.geometry import Size

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.forecast import Forecast
from batchtui.domain.text import UNSAFE
from batchtui.results.builder import Progress
from batchtui.ui.presenters.facts import Subject
from batchtui.ui.presenters.fetching import (
    Arriving,
    absence_words,
    arriving_briefly,
    arriving_line,
    arriving_words,
    centered,
    trouble_words,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def subject(
    *, age: timedelta = timedelta(hours=1), status: str = "ended", url: str = "x"
) -> Subject:
    created = NOW - age
    batch = Batch("msgbatch_1", status, RequestCounts(), created, results_url=url or None)
    return Subject(Record(batch, created, created), NOW)


def text(lines: list[Content]) -> str:
    return "\n".join(line.plain for line in lines)


def test_a_fetch_says_how_far_it_is() -> None:
    progress = Progress(bytes=5_000_000, lines=5_000, expected_lines=20_000)
    shown = text(arriving_words(Arriving(progress, seconds=2.0), 80))
    assert "25%" in shown
    assert "5,000 of 20,000 lines · 5.0 MB · 2.5 MB/s · about 6s left" in shown


def test_a_fetch_says_less_when_it_knows_less() -> None:
    assert "asking the API" in text(arriving_words(Arriving(), 80))
    assert "5 lines · 10 B" in text(arriving_words(Arriving(Progress(10, 5)), 80))
    waiting = Arriving(Progress(10, 5), 1.0, "Too many calls; next try in 4s")
    assert "next try in 4s" in text(arriving_words(waiting, 80))


@pytest.mark.parametrize(
    ("of", "offline", "says"),
    [
        (None, False, "Nothing is known"),
        (subject(status="in_progress"), False, "no results yet"),
        (subject(url=""), False, "has no results"),
        (subject(age=timedelta(days=40)), False, "29 days"),
        (subject(), True, "offline"),
        (subject(), False, "f fetches them"),
    ],
)
def test_why_there_are_none(of: Subject | None, offline: bool, says: str) -> None:
    assert says in text(absence_words(of, offline=offline))


def test_running_ones_say_when() -> None:
    forecast = Forecast(n=9, alike=None, low=600, high=9000, end=5400, ended_by_now=0.4)
    running = subject(status="in_progress")
    shown = text(absence_words(Subject(running.record, NOW, forecast), offline=False))
    assert "about 30m" in shown
    assert "tomorrow 11:00" in shown


def test_what_past_batches_say_is_left_out_when_it_cannot_be() -> None:
    forecast = Forecast(n=9, alike=None, low=600, high=9000, end=10**9, ended_by_now=0.4)
    running = subject(status="in_progress")
    shown = text(absence_words(Subject(running.record, NOW, forecast), offline=False))
    assert "past batches" not in shown
    assert "tomorrow 11:00" in shown


@given(st.text(), st.integers(0, 120), st.integers(0, 40))
def test_it_fits(words: str, width: int, height: int) -> None:
    size = Size(width, height)
    for line in centered("name", trouble_words(BatchtuiError(words)), size):
        assert line.cell_length <= max(width, 6)


@pytest.mark.parametrize(
    ("arriving", "says"),
    [
        (Arriving(queued=True), "waits its turn"),
        (Arriving(), "…"),
        (Arriving(Progress(10, 5), 1.0, "Too many calls; next try in 4s"), "Too many calls"),
        (Arriving(Progress(2_000_000, 5)), "5 lines · 2.0 MB"),
        (Arriving(Progress(2_000_000, 500, 1000), 1.0), "50% · 2.0 MB · 2.0 MB/s · about 1s left"),
        (
            Arriving(Progress(2_000_000, 5, 1000, 8_000_000), 2.0),
            "25% · 2.0 MB of 8.0 MB · 1.0 MB/s · about 6s left",
        ),
    ],
)
def test_how_far_in_a_few_words(arriving: Arriving, says: str) -> None:
    assert arriving_briefly(arriving).startswith(says)


def test_how_far_on_one_line() -> None:
    arriving = Arriving(Progress(5_000_000, 5_000, 20_000), seconds=2.0)
    whole = arriving_line(arriving, 120).plain
    assert "fetching 25% 5,000 of 20,000 lines · 5.0 MB · 2.5 MB/s · about 6s left" in whole
    assert "▰" in whole
    assert "5,000 of 20,000 lines · 5.0 MB" in arriving_line(arriving, 60).plain
    assert "left" not in arriving_line(arriving, 60).plain
    assert "asking the API" in arriving_line(Arriving(), 60).plain


@given(
    st.integers(0, 10**12),
    st.integers(0, 10**7),
    st.none() | st.integers(0, 10**7),
    st.none() | st.integers(0, 10**12),
    st.floats(0, 1e6),
    st.text(max_size=50),
    st.integers(1, 200),
)
def test_one_line_is_one_line(
    octets: int,
    lines: int,
    expected: int | None,
    total: int | None,
    seconds: float,
    waiting: str,
    width: int,
) -> None:
    arriving = Arriving(Progress(octets, lines, expected, total), seconds, waiting)
    line = arriving_line(arriving, width)
    assert line.cell_length <= width
    assert not UNSAFE.search(line.plain)
