"""Which of two replies is believed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from batchtui.domain.batch import Batch, Record, Sighting
from batchtui.history.merging import goes_back, merge

Make = Callable[..., Sighting]
TICK = timedelta(seconds=5)


def batch(sighting: Sighting) -> Batch:
    return sighting.batch


def test_an_older_reply_of_the_same_stage_changes_nothing(running: Make, now: datetime) -> None:
    known = Record(batch(running(request_counts={"succeeded": 10})), now, now)
    assert merge(known, batch(running()), now - TICK) is known


def test_after_the_clock_was_set_back_replies_still_count(running: Make, now: datetime) -> None:
    known = Record(batch(running()), now, now)
    later = batch(running(request_counts={"processing": 1, "succeeded": 9}))
    earlier = now - timedelta(days=1)
    assert merge(known, later, earlier) == Record(later, now, earlier)


def test_a_reply_from_before_it_was_gone_does_not_bring_it_back(
    running: Make, now: datetime
) -> None:
    known = Record(batch(running()), now, now, gone_at=now + 2 * TICK)
    assert merge(known, known.batch, now + TICK).gone_at == now + 2 * TICK
    assert merge(known, known.batch, now + 3 * TICK).gone_at is None


def test_another_batch_under_the_same_id_starts_anew(
    running: Make, ended: Make, now: datetime
) -> None:
    known = Record(batch(ended()), now, now, deleted_at=now, gone_at=now, label="kept")
    fresh = batch(running(created_at=now))
    at = now + TICK
    assert merge(known, fresh, at) == Record(fresh, at, at, label="kept")


@pytest.mark.parametrize(
    ("old", "new", "back"),
    [
        ("in_progress", "in_progress", False),
        ("in_progress", "canceling", False),
        ("in_progress", "paused", False),
        ("paused", "in_progress", False),
        ("canceling", "in_progress", True),
        ("canceling", "ended", False),
        ("ended", "canceling", True),
        ("ended", "in_progress", True),
        ("ended", "paused", True),
        ("ended", "ended", False),
    ],
)
def test_stages_go_one_way(running: Make, old: str, new: str, back: bool) -> None:
    before, after = (batch(running(processing_status=each)) for each in (old, new))
    assert goes_back(before, after) is back


def test_an_archived_batch_stays_archived(ended: Make, now: datetime) -> None:
    archived = batch(ended(archived_at=now))
    assert goes_back(archived, batch(ended()))
    assert not goes_back(batch(ended()), archived)
