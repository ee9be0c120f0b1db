"""A job counts every request once, whatever became of it and however often it was sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from batchtui.domain.batch import (
    RESULTS_WINDOW,
    Batch,
    Outcome,
    Record,
    RequestCounts,
    ResultsState,
)
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.job_record import batch_ids_of, job_record

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


def test_a_batch_that_was_not_seen_yet_has_not_ended() -> None:
    found = job_record(job(part(1, "a"), part(2, "b")), {"a": record("a", succeeded=10)})
    assert found.batch.request_counts == RequestCounts(processing=10, succeeded=10)
    assert found.running
    assert found.sent == 2
    assert found.unsent_requests == 0


def test_its_deadline_is_the_first_of_those_that_run() -> None:
    parts = part(1, "a"), part(2, "b"), part(3, "c")
    records = {
        "a": _created(record("a", succeeded=10), NOW - timedelta(hours=9)),
        "b": _created(record("b", "in_progress", processing=10), NOW - timedelta(hours=2)),
        "c": _created(record("c", "in_progress", processing=10), NOW),
    }
    found = job_record(job(*parts), records)
    assert found.batch.deadline == NOW + timedelta(hours=22)
    assert [each.id for each in found.in_progress] == ["b", "c"]
    assert found.ended == 1


def test_its_results_expire_with_the_first_that_are_not_here() -> None:
    parts = part(1, "a"), part(2, "b")
    early = _created(record("a", succeeded=10), NOW - timedelta(days=3))
    here = msgspec.structs.replace(early, results_here=True)
    late = record("b", succeeded=10)
    assert job_record(job(*parts), {"a": early, "b": late}).results_expire_at == (
        NOW + RESULTS_WINDOW - timedelta(days=3)
    )
    found = job_record(job(*parts), {"a": here, "b": late})
    assert found.results_expire_at == NOW + RESULTS_WINDOW


@pytest.mark.parametrize(
    ("states", "together"),
    [
        (("here", "here"), ResultsState.HERE),
        (("here", "available"), ResultsState.AVAILABLE),
        (("gone", "available"), ResultsState.AVAILABLE),
        (("here", "gone"), ResultsState.GONE),
        (("here", "running"), ResultsState.NONE),
        ((), ResultsState.NONE),
    ],
)
def test_where_the_results_are(states: tuple[str, ...], together: ResultsState) -> None:
    ended = record("x", succeeded=10)
    kinds = {
        "here": msgspec.structs.replace(ended, results_here=True),
        "available": msgspec.structs.replace(
            ended, batch=msgspec.structs.replace(ended.batch, results_url="https://x")
        ),
        "gone": msgspec.structs.replace(ended, deleted_at=NOW),
        "running": record("x", "in_progress", processing=10),
    }
    ids = [str(place) for place in range(len(states))]
    records = {key: kinds[state] for key, state in zip(ids, states, strict=True)}
    parts = [part(place, key) for place, key in enumerate(ids, 1)] or [part(1)]
    assert job_record(job(*parts), records).results(NOW) is together


def test_it_is_gone_when_all_is_and_nothing_is_yet_to_be_sent() -> None:
    deleted = msgspec.structs.replace(record("a", succeeded=10), deleted_at=NOW)
    gone = msgspec.structs.replace(record("b", succeeded=10), gone_at=NOW)
    both = {"a": deleted, "b": gone}
    assert not job_record(job(part(1, "a"), part(2, "b")), both).on_server
    assert job_record(job(part(1, "a"), part(2)), both).on_server
    assert job_record(job(part(1)), {}).on_server


def test_a_part_that_was_begun_is_in_doubt_unless_somebody_is_at_it() -> None:
    begun = msgspec.structs.replace(part(2), state=PartState.SENDING)
    lost = msgspec.structs.replace(part(3), state=PartState.UNKNOWN)
    sent = job(part(1, "a"), begun, lost)
    records = {"a": record("a", succeeded=10)}
    assert job_record(sent, records).unsure == (begun, lost)
    assert job_record(sent, records, sending=True).unsure == (lost,)


def test_what_is_not_sent_is_not_processed() -> None:
    running = record("a", "in_progress", processing=10)
    assert job_record(job(part(1, "a"), part(2)), {"a": running}).processing == 10


def test_parts_are_called_by_their_place_and_round() -> None:
    again = [msgspec.structs.replace(part(number), round=1) for number in (3, 4)]
    last = msgspec.structs.replace(part(5), round=2)
    parts = (part(1, "a"), part(2, "b"), *again, last)
    titles = [job(*parts).title_of(each) for each in parts]
    assert titles == ["1/2", "2/2", "retry 1 1/2", "retry 1 2/2", "retry 2"]
    assert job(*parts).part_of("b") == parts[1]
    assert job(*parts).part_of("z") is None


def test_a_record_stands_for_its_batches() -> None:
    records = {"a": record("a"), "b": record("b")}
    both = job_record(job(part(1, "a"), part(2, "b")), records)
    assert batch_ids_of(both) == ("a", "b")
    assert batch_ids_of(records["a"]) == ("a",)


def _created(of: Record, at: datetime) -> Record:
    return msgspec.structs.replace(of, batch=msgspec.structs.replace(of.batch, created_at=at))
