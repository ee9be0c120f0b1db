"""Days and the stretches they lie in, also at the ends of time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.calendar import Days, Unit, start_of

NOV = Days(date(2026, 10, 25), date(2026, 11, 23))


def test_days_know_what_lies_in_them() -> None:
    assert NOV.first in NOV
    assert NOV.last in NOV
    assert NOV.last + timedelta(days=1) not in NOV


def test_weeks_begin_on_monday() -> None:
    starts = list(NOV.starts(Unit.WEEK))
    assert starts[0] == date(2026, 10, 19)
    assert starts[-1] == date(2026, 11, 23)
    assert {each.weekday() for each in starts} == {0}


def test_months_and_years_begin_on_their_first_day() -> None:
    winter = Days(date(2025, 12, 31), date(2026, 2, 1))
    assert list(winter.starts(Unit.MONTH)) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert list(winter.starts(Unit.YEAR)) == [date(2025, 1, 1), date(2026, 1, 1)]


@pytest.mark.parametrize(
    ("most", "unit"),
    [(30, Unit.DAY), (29, Unit.WEEK), (6, Unit.WEEK), (5, Unit.MONTH), (1, Unit.YEAR)],
)
def test_the_shortest_unit_that_fits_is_taken(most: int, unit: Unit) -> None:
    assert NOV.unit(most) is unit


def test_all_of_time_fits_into_centuries() -> None:
    always = Days(date.min, date.max)
    assert always.unit(100) is Unit.CENTURY
    assert len(list(always.starts(Unit.CENTURY))) == 100


@given(first=st.dates(), span=st.integers(0, 400), unit=st.sampled_from(Unit))
def test_every_day_lies_in_one_of_the_stretches(first: date, span: int, unit: Unit) -> None:
    last = first + timedelta(days=min(span, (date.max - first).days))
    starts = list(Days(first, last).starts(unit))
    assert starts == sorted(set(starts))
    assert start_of(first, unit) == starts[0] <= first
    assert start_of(last, unit) == starts[-1] <= last
