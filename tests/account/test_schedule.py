"""How often the API is looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from batchtui.account.schedule import BRISK, CALM, SLOW, STEADY, interval
from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.forecast import Past

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def running(age: timedelta, status: str = "in_progress") -> Record:
    created = NOW - age
    return Record(Batch("b", status, RequestCounts(processing=100), created), created, NOW)


@pytest.mark.parametrize(
    ("age", "status", "wanted"),
    [
        (timedelta(seconds=30), "in_progress", BRISK),
        (timedelta(minutes=5), "in_progress", STEADY),
        (timedelta(minutes=30), "in_progress", CALM),
        (timedelta(hours=5), "in_progress", SLOW),
        (timedelta(hours=23, minutes=55), "in_progress", STEADY),
        (timedelta(hours=5), "canceling", BRISK),
    ],
)
def test_young_old_and_ending_batches(age: timedelta, status: str, wanted: float) -> None:
    assert interval([running(age, status)], Past([]), NOW) == wanted


def test_a_batch_near_its_expected_end_is_looked_at_more_often() -> None:
    past = Past([(100, 3 * 3600.0)] * 5)
    assert interval([running(timedelta(hours=2))], past, NOW) == SLOW
    assert interval([running(timedelta(hours=2, minutes=57))], past, NOW) == STEADY


def test_the_most_impatient_batch_decides() -> None:
    both = [running(timedelta(hours=5)), running(timedelta(seconds=5))]
    assert interval(both, Past([]), NOW) == BRISK


def test_with_nothing_running_it_is_slow() -> None:
    assert interval([], Past([]), NOW) == SLOW
