"""Past durations as a forecast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.forecast import Past, last_to_end, quantile

MINUTE = 60.0


def test_without_a_past_there_is_no_forecast() -> None:
    assert Past([]).forecast(100, 10) is None


def test_batches_of_like_size_are_asked_first() -> None:
    small = [(50, MINUTE * n) for n in range(1, 6)]
    large = [(20_000, 60 * MINUTE)] * 3
    past = Past(small + large)
    alike = past.forecast(70, 0)
    assert alike is not None
    assert (alike.n, alike.alike, alike.end) == (5, (10, 100), 3 * MINUTE)
    every = past.forecast(30_000, 0)
    assert every is not None
    assert (every.n, every.alike) == (8, None)


def test_the_largest_band_has_no_upper_end() -> None:
    forecast = Past([(80_000, MINUTE)] * 5).forecast(100_000, 0)
    assert forecast is not None
    assert forecast.alike == (50_000, None)


def test_the_forecast_counts_only_those_that_took_longer_than_now() -> None:
    past = Past([(10, MINUTE * n) for n in (1, 2, 10, 20, 30)])
    forecast = past.forecast(10, 5 * MINUTE)
    assert forecast is not None
    assert forecast.ended_by_now == pytest.approx(0.4)
    assert forecast.end == 20 * MINUTE
    assert forecast.progress(5 * MINUTE) == pytest.approx(0.25)


def test_past_the_slowest_there_is_no_end_to_name() -> None:
    forecast = Past([(10, MINUTE)] * 5).forecast(10, 2 * MINUTE)
    assert forecast is not None
    assert forecast.end is None
    assert forecast.progress(2 * MINUTE) == 1.0


@given(
    st.lists(st.tuples(st.integers(1, 100_000), st.floats(1, 86_400)), min_size=1),
    st.integers(0, 200_000),
    st.floats(0, 200_000),
)
def test_a_forecast_never_contradicts_itself(
    durations: list[tuple[int, float]], requests: int, elapsed: float
) -> None:
    forecast = Past(durations).forecast(requests, elapsed)
    assert forecast is not None
    assert forecast.low <= forecast.high
    assert 0 <= forecast.ended_by_now <= 1
    assert 0 <= forecast.progress(elapsed) <= 1
    assert forecast.end is None or forecast.end > elapsed


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_between_the_extremes(values: list[float], share: float) -> None:
    ordered = sorted(values)
    assert ordered[0] <= quantile(ordered, share) <= ordered[-1] + 1e-6


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _running(batch_id: str, requests: int, minutes: float) -> Record:
    created = NOW - timedelta(minutes=minutes)
    batch = Batch(batch_id, "in_progress", RequestCounts(processing=requests), created)
    return Record(batch, created, NOW)


def test_of_several_batches_the_one_that_ends_last_counts() -> None:
    small = [(50, MINUTE * n) for n in (5, 6, 7, 8, 9)]
    large = [(20_000, MINUTE * n) for n in (50, 55, 60, 65, 70)]
    past = Past(small + large)
    quick, slow = _running("quick", 50, 1), _running("slow", 20_000, 30)
    found = last_to_end([quick, slow], past, NOW)
    assert found is not None
    assert (found[0].id, found[1]) == ("slow", past.forecast(20_000, 30 * MINUTE))
    late = _running("late", 50, 120)
    found = last_to_end([slow, late], past, NOW)
    assert found is not None
    assert found[0].id == "late"
    assert last_to_end([], past, NOW) is None
    without = last_to_end([quick], Past([]), NOW)
    assert without == (quick, None)
