"""A job counts every request once, whatever became of it and however often it was sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from batchtui.domain.batch import Batch, Outcome, Record, RequestCounts
from batchtui.domain.job import Job, Part, PartState, Round, job_record

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def record(batch_id: str, status: str = "ended", **counts: int) -> Record:
    ended_at = NOW if status == "ended" else None
    batch = Batch(batch_id, status, RequestCounts(**counts), NOW, ended_at=ended_at)
    return Record(batch, NOW, NOW)


def part(number: int, batch_id: str = "", *, requests: int = 10) -> Part:
    state = PartState.CREATED if batch_id else PartState.PLANNED
    return Part(number, 0, 0, 1, 1, requests, 1, state=state, batch_id=batch_id)


def job(*parts: Part, again: RequestCounts | None = None) -> Job:
    rounds = [Round(0, "/r.jsonl", 1, b"", sum(each.requests for each in parts), NOW)]
    if again:
        rounds.append(Round(1, "/again.jsonl", 1, b"", again.total, NOW, again))
    return Job(7, "tickets", NOW, tuple(rounds), parts)


def test_counts_are_summed() -> None:
    records = {"a": record("a", succeeded=9, errored=1), "b": record("b", succeeded=10)}
    found = job_record(job(part(1, "a"), part(2, "b")), records)
    assert found.batch.request_counts == RequestCounts(succeeded=19, errored=1)
    assert found.batch.outcome is Outcome.PARTIAL
    assert found.id == "job:7"
    assert found.name == "tickets"
    assert [each.id for each in found.members] == ["a", "b"]


def test_what_is_not_sent_is_processing() -> None:
    found = job_record(job(part(1, "a"), part(2)), {"a": record("a", succeeded=10)})
    assert found.batch.request_counts == RequestCounts(processing=10, succeeded=10)
    assert found.batch.outcome is Outcome.RUNNING
    assert found.batch.ended_at is None
    assert found.unsent_requests == 10


def test_what_was_sent_again_counts_as_it_ended_last() -> None:
    again = RequestCounts(errored=2, expired=1)
    both = job(
        part(1, "a"), msgspec.structs.replace(part(2, "b", requests=3), round=1), again=again
    )
    records = {
        "a": record("a", succeeded=7, errored=2, expired=1),
        "b": record("b", succeeded=2, errored=1),
    }
    counts = job_record(both, records).batch.request_counts
    assert counts == RequestCounts(succeeded=9, errored=1)


def test_it_is_canceling_when_all_that_runs_is() -> None:
    parts = part(1, "a"), part(2, "b")
    canceling = record("a", "canceling", processing=10)
    ended = record("b", succeeded=10)
    running = record("b", "in_progress", processing=10)
    assert job_record(job(*parts), {"a": canceling, "b": ended}).batch.outcome is Outcome.CANCELING
    assert job_record(job(*parts), {"a": canceling, "b": running}).batch.outcome is Outcome.RUNNING


def test_results_are_here_when_all_are() -> None:
    here = msgspec.structs.replace(record("a", succeeded=10), results_here=True)
    parts = part(1, "a"), part(2, "b")
    there = record("b", succeeded=10)
    assert not job_record(job(*parts), {"a": here, "b": there}).results_here
    both = {"a": here, "b": msgspec.structs.replace(there, results_here=True)}
    assert job_record(job(*parts), both).results_here


def test_it_was_last_seen_when_its_oldest_sighting_was() -> None:
    old = msgspec.structs.replace(record("a", succeeded=10), last_seen_at=NOW - timedelta(hours=1))
    found = job_record(job(part(1, "a"), part(2, "b")), {"a": old, "b": record("b")})
    assert found.last_seen_at == NOW - timedelta(hours=1)
