"""Which rows a list has, and when a job is summed up anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.job_record import JobRecord
from batchtui.ui.rows import Rows

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def records(*ids: str) -> dict[str, Record]:
    return {
        each: Record(Batch(each, "ended", RequestCounts(succeeded=5), NOW), NOW, NOW)
        for each in ids
    }


def job(key: int, batch_ids: Iterable[str], *, unsent: int = 0) -> Job:
    parts = [
        Part(number, 0, 0, 1, 1, 5, 1, state=PartState.CREATED, batch_id=each)
        for number, each in enumerate(batch_ids, 1)
    ]
    parts += [Part(len(parts) + 1 + at, 0, 0, 1, 1, 5, 1) for at in range(unsent)]
    return Job(key, f"job {key}", NOW, (Round(0, "/r", 1, b"", 5, NOW),), tuple(parts))


def test_a_job_takes_the_place_of_its_batches() -> None:
    rows = Rows(records("a", "b", "c"), [job(1, "ab")])
    assert set(rows.top) == {"job:1", "c"}
    assert rows.job_of("a") is rows.record("job:1")
    assert rows.job_of("c") is None
    assert rows.job_of("nowhere") is None


def test_a_job_that_is_one_batch_is_that_batch() -> None:
    known = records("a", "b")
    rows = Rows(known, [job(1, "a")])
    assert rows.top is known
    assert rows.record("job:1") is known["a"]
    assert rows.job_of("a") is None
    assert set(rows.jobs) == {"job:1"}


def test_a_job_becomes_one_batch_and_several_again() -> None:
    rows = Rows(records("a", "b"), [job(1, "", unsent=1)])
    assert set(rows.top) == {"job:1", "a", "b"}
    rows.take([job(1, "a")])
    assert set(rows.top) == {"a", "b"}
    rows.take([job(1, "ab")])
    assert set(rows.top) == {"job:1"}


def test_only_jobs_whose_batches_changed_are_summed_up_anew() -> None:
    known = records("a", "b", "c", "d")
    rows = Rows(known, [job(1, "ab"), job(2, "cd")])
    before = dict(rows.top)
    known["a"] = msgspec.structs.replace(known["a"], results_here=True)
    rows.changed(["a", "nowhere"])
    after = dict(rows.top)
    assert after["job:2"] is before["job:2"]
    changed = after["job:1"]
    assert isinstance(changed, JobRecord)
    assert changed.members[0].results_here


def test_who_sends_a_job_is_looked_at_again() -> None:
    sending: set[int] = set()
    jobs = [job(1, "a", unsent=1), job(2, "bc")]
    rows = Rows(records("a", "b", "c"), jobs, lambda each: each.key in sending)
    first = rows.record("job:1")
    assert isinstance(first, JobRecord)
    assert not first.sending
    assert rows.look_again() == []
    sending.update({1, 2})
    assert rows.look_again() == ["job:1"]
    now = rows.record("job:1")
    assert isinstance(now, JobRecord)
    assert now.sending
