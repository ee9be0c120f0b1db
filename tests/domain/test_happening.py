"""What is told of rows, and what tells one telling from the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.happening import Event, end_of, summary, warnings_of
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.job_record import JobRecord, job_record
from batchtui.domain.text import UNSAFE

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def running(id_: str = "a", *, left: timedelta = 42 * MINUTE, **fields: Any) -> Record:
    """A batch whose 24 hours will be over then."""
    status = fields.pop("status", "in_progress")
    seen_at = fields.pop("seen_at", NOW)
    batch = Batch(id_, status, RequestCounts(processing=1000), NOW + left - DAY)
    return Record(batch, batch.created_at, seen_at, **fields)


def ended(
    id_: str = "a", *, left: timedelta = 20 * DAY, url: str | None = "https://x.test", **fields: Any
) -> Record:
    """A batch whose results will be gone then."""
    counts = RequestCounts(**(fields.pop("counts", None) or {"succeeded": 10}))
    created = NOW + left - 29 * DAY
    batch = Batch(id_, "ended", counts, created, ended_at=created + HOUR, results_url=url)
    return Record(batch, created, NOW, **fields)


def job(*members: Record, rounds: int = 1, unsent: int = 0) -> JobRecord:
    parts = [
        Part(number, 0, 0, 1, 1, 10, 1, state=PartState.CREATED, batch_id=each.id)
        for number, each in enumerate(members, 1)
    ]
    parts += [Part(len(parts) + each + 1, 0, 0, 1, 1, 10, 1) for each in range(unsent)]
    sent = [Round(each, "/r.jsonl", 1, b"", 10, NOW) for each in range(rounds)]
    whole = Job(7, "tickets", NOW - DAY, tuple(sent), tuple(parts))
    return job_record(whole, {each.id: each for each in members})


@pytest.mark.parametrize(
    ("counts", "event", "outcome"),
    [
        ({"succeeded": 10}, Event.END, "succeeded"),
        ({"succeeded": 9, "errored": 1}, Event.PARTIAL, "partial"),
        ({"errored": 10}, Event.PARTIAL, "failed"),
        ({"succeeded": 9, "expired": 1}, Event.PARTIAL, "expired"),
        ({"succeeded": 9, "canceled": 1}, Event.PARTIAL, "canceled"),
        ({"succeeded": 0}, Event.END, "empty"),
    ],
)
def test_an_end_is_partial_unless_all_succeeded(
    counts: dict[str, int], event: Event, outcome: str
) -> None:
    found = end_of(ended(counts=counts))
    total = sum(counts.values())
    assert (found.event, found.ended) == (event, True)
    assert found.words == f"a ended: {outcome}, {counts.get('succeeded', 0)} of {total} succeeded."


def test_every_round_of_a_job_has_an_end_of_its_own() -> None:
    first, second = end_of(job(ended("a"))), end_of(job(ended("a"), ended("b"), rounds=2))
    assert first.id == ("job:7", "end 0")
    assert second.id == ("job:7", "end 1")
    assert end_of(ended("a")).id == ("a", "end")


def test_its_last_hour_makes_a_running_batch_expire() -> None:
    (found,) = warnings_of(running(label="nightly"), NOW)
    assert found.event is Event.EXPIRING
    assert found.words == "nightly expires in 42m: 1,000 requests are still being processed."
    assert found.key == "expiring 2026-11-23T13"


@pytest.mark.parametrize(
    "record",
    [
        running(left=HOUR + MINUTE, seen_at=NOW),
        running(left=timedelta(0)),
        running(left=-MINUTE),
        running(status="canceling"),
        running(deleted_at=NOW),
        running(seen_at=NOW - HOUR),
        ended(),
        ended(left=DAY + MINUTE),
        ended(left=HOUR, results_here=True),
        ended(left=timedelta(0)),
        ended(left=HOUR, url=None),
        ended(left=HOUR, gone_at=NOW),
        job(running("a", left=2 * HOUR), ended("b")),
    ],
)
def test_nothing_is_too_late_soon(record: Record) -> None:
    assert list(warnings_of(record, NOW)) == []


def test_results_that_are_not_here_vanish_on_their_last_day() -> None:
    (found,) = warnings_of(ended(left=5 * HOUR), NOW)
    assert found.event is Event.VANISHING
    assert found.words == "The results of a will be gone in 5h and are not here: 10 lines."
    assert found.key == "vanishing 2026-11-23"


def test_of_a_job_what_is_due_counts() -> None:
    due = [running("a"), running("b", left=50 * MINUTE), running("c", left=3 * HOUR)]
    (found,) = warnings_of(job(*due), NOW)
    assert found.id == ("job:7", "expiring 2026-11-23T13")
    assert found.words == "tickets expires in 42m: 2,000 requests are still being processed."
    stopped = job(ended("a", left=HOUR), ended("b", left=HOUR, results_here=True), unsent=1)
    (found,) = warnings_of(stopped, NOW)
    assert found.words == "The results of tickets will be gone in 1h and are not here: 10 lines."


def test_a_job_is_told_again_only_for_what_is_due_at_another_time() -> None:
    def keys(*members: Record) -> list[str]:
        return [each.key for each in warnings_of(job(*members), NOW)]

    together = keys(running("a"), running("b", left=45 * MINUTE))
    assert together == keys(running("b", left=45 * MINUTE))
    assert together != keys(running("c", left=20 * MINUTE))


def test_one_is_told_in_full_and_several_as_numbers() -> None:
    ends = [end_of(ended("a")), end_of(ended("b")), end_of(ended("c", counts={"errored": 1}))]
    assert summary(ends[:1]) == "a ended: succeeded, 10 of 10 succeeded."
    assert summary(ends) == "3 batches ended: 2 succeeded, 1 failed."
    assert summary(ends[::-1]) == summary(ends)
    soon = [*warnings_of(running(), NOW), *warnings_of(running("b"), NOW)]
    late = [*warnings_of(ended(left=HOUR), NOW)]
    assert summary([ends[0], *soon, *late]) == (
        "1 batch ended: 1 succeeded. 2 batches expire within the hour."
        " The results of 1 batch will be gone within a day and are not here."
    )
    jobs = [end_of(job(ended("a"), ended("b"))), ends[2]]
    assert summary(jobs) == "2 batches and jobs ended: 1 succeeded, 1 failed."
    assert summary([jobs[0], jobs[0]]) == "2 jobs ended: 2 succeeded."


@given(st.text(), st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_whatever_the_api_and_people_write(label: str, created: datetime, now: datetime) -> None:
    for status in ("in_progress", "ended"):
        batch = Batch("a", status, RequestCounts(), created, results_url="https://x.test")
        record = Record(batch, created, created, label=label)
        for each in [*warnings_of(record, now), end_of(record)]:
            assert not UNSAFE.search(each.words)
            assert "\n" not in each.words
