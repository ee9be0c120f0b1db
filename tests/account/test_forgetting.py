"""Only what is old, over, nowhere to be had and nobody's is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from batchtui.account.forgetting import Stays, plan_forgetting
from batchtui.domain.batch import ENDED, IN_PROGRESS, Batch, Record, RequestCounts
from batchtui.domain.job import Job, Part, PartState, Round

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUARTER = timedelta(days=90)


def record(batch_id: str = "msgbatch_1", *, age: int = 100, **changes: object) -> Record:
    created = NOW - timedelta(days=age)
    batch = Batch(
        batch_id, ENDED, RequestCounts(succeeded=1), created, ended_at=created, results_url="x"
    )
    return msgspec.structs.replace(Record(batch, created, created), **changes)


def running(age: int = 100) -> Record:
    batch = msgspec.structs.replace(record(age=age).batch, processing_status=IN_PROGRESS)
    return record(batch=batch)


def job(*batch_ids: str, **changes: object) -> Job:
    parts = tuple(
        Part(at, 0, 0, 1, 1, 1, 1, state=PartState.CREATED, batch_id=batch_id)
        for at, batch_id in enumerate(batch_ids, 1)
    )
    made = Job(1, "evals", NOW, (Round(0, "/f", 1, b"", len(parts), NOW),), parts)
    return msgspec.structs.replace(made, **changes)


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (record(), None),
        (record(age=89), "too young"),
        (record(age=91, deleted_at=NOW), None),
        (running(), Stays.RUNNING),
        (record(results_here=True), Stays.HERE),
        (record(label="x"), Stays.ANNOTATED),
        (record(note="x"), Stays.ANNOTATED),
        (record(pinned=True), Stays.ANNOTATED),
        (record(request_file="/x"), Stays.ANNOTATED),
    ],
)
def test_why_a_batch_stays(known: Record, why: Stays | str | None) -> None:
    planned = plan_forgetting([known], [], NOW, older_than=QUARTER)
    assert planned.records == ((known,) if why is None else ())
    assert dict(planned.stay) == ({why: 1} if isinstance(why, Stays) else {})


def test_results_on_the_server_are_worth_knowing_of() -> None:
    young = timedelta(days=0)
    here = plan_forgetting([record(age=5)], [], NOW, older_than=young)
    assert dict(here.stay) == {Stays.ON_SERVER: 1}
    gone = plan_forgetting([record(age=5, gone_at=NOW)], [], NOW, older_than=young)
    assert len(gone.records) == 1


def test_what_somebody_wrote_on_goes_only_when_asked_for() -> None:
    known = [record("msgbatch_1", label="x"), record("msgbatch_2", results_here=True, note="y")]
    planned = plan_forgetting(known, [], NOW, older_than=QUARTER, annotated=True)
    assert planned.records == (known[0],)
    assert dict(planned.stay) == {Stays.HERE: 1}


def test_a_job_goes_as_a_whole_or_not_at_all() -> None:
    known = [record("msgbatch_1", label="evals 1/2"), record("msgbatch_2")]
    whole = job("msgbatch_1", "msgbatch_2")

    stays = plan_forgetting(known, [whole], NOW, older_than=QUARTER)
    assert (stays.records, stays.jobs) == ((), ())
    assert dict(stays.stay) == {Stays.JOB: 2}

    goes = plan_forgetting(known, [whole], NOW, older_than=QUARTER, annotated=True)
    assert (goes.records, goes.jobs) == (tuple(known), (whole,))


@pytest.mark.parametrize(
    "in_the_way",
    [record("msgbatch_2", results_here=True), record("msgbatch_2", age=1), None],
)
def test_a_job_of_which_something_stays_stays(in_the_way: Record | None) -> None:
    known = [record("msgbatch_1"), *([in_the_way] if in_the_way else [])]
    planned = plan_forgetting(
        known, [job("msgbatch_1", "msgbatch_2")], NOW, older_than=QUARTER, annotated=True
    )
    assert (planned.records, planned.jobs) == ((), ())


def test_a_job_that_is_not_all_sent_stays() -> None:
    unsent = Part(2, 0, 1, 2, 2, 1, 1)
    made = job("msgbatch_1")
    made = msgspec.structs.replace(made, parts=(*made.parts, unsent))
    planned = plan_forgetting([record()], [made], NOW, older_than=QUARTER, annotated=True)
    assert (planned.records, planned.jobs) == ((), ())
