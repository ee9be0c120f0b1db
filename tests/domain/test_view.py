"""Filters as typed, and orders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.job_record import JobRecord, job_record
from batchtui.domain.view import (
    SORT_KEYS,
    STATE_WORDS,
    Filter,
    View,
    is_expiring,
    is_mine,
    needs_attention,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def record(
    batch_id: str = "msgbatch_1",
    *,
    status: str = "ended",
    counts: RequestCounts | None = None,
    age: timedelta = timedelta(hours=3),
    **fields: Any,
) -> Record:
    created = NOW - age
    batch = Batch(
        batch_id,
        status,
        counts or RequestCounts(succeeded=5),
        created,
        results_url="https://x.test",
    )
    return Record(batch, created, NOW, **fields)


@pytest.mark.parametrize(
    ("typed", "of", "shown"),
    [
        ("", record(), True),
        ("!", record(), True),
        ("BATCH_1", record(), True),
        ("nightly", record(label="Nightly eval"), True),
        ("prompt", record(note="new prompt"), True),
        ("absent", record(), False),
        ("!absent", record(), True),
        ("running", record(status="in_progress"), True),
        ("running", record(), False),
        ("running", record(label="long-running"), True),
        ("running", record(status="in_progress", deleted_at=NOW), False),
        ("ended", record(), True),
        ("partial", record(counts=RequestCounts(succeeded=1, errored=1)), True),
        ("!succeeded", record(), False),
        ("<4h", record(), True),
        (">4h", record(), False),
        ("!>4h", record(), True),
        (">1.5d", record(age=timedelta(days=2)), True),
        ("<4h succeeded nightly", record(label="nightly"), True),
        ("<4h succeeded nightly", record(), False),
        ("here", record(results_here=True), True),
        ("gone", record(age=timedelta(days=30)), True),
        ("available", record(), True),
        ("expiring", record(age=timedelta(days=27)), True),
        ("expiring", record(age=timedelta(days=27), results_here=True), False),
        ("pinned", record(pinned=True), True),
        ("is:running", record(status="in_progress"), True),
        ("is:running", record(label="long-running"), False),
        ("!is:running", record(label="long-running"), True),
        ("is:nothing", record(label="this is:nothing"), True),
        ("is:", record(label="is:"), True),
        ("mine", record(), False),
        ("mine", record(label="determine"), True),
        ("is:mine", record(note="by me"), True),
        ("is:mine", record(pinned=True), True),
        ("is:mine", record(request_file="/requests.jsonl"), True),
        ("noted", record(), False),
        ("deleted", record(deleted_at=NOW), True),
    ],
)
def test_a_filter_as_typed(typed: str, of: Record, shown: bool) -> None:
    assert Filter.parse(typed).matches(of, NOW) is shown


PARTIAL = RequestCounts(succeeded=1, errored=1)


@pytest.mark.parametrize(
    ("of", "needed"),
    [
        (record(), False),
        (record(counts=PARTIAL), True),
        (record(counts=RequestCounts(errored=1)), True),
        (record(counts=RequestCounts(expired=1)), True),
        (record(counts=RequestCounts(canceled=1)), False),
        (record(counts=PARTIAL, results_here=True), False),
        (record(counts=PARTIAL, deleted_at=NOW), False),
        (record(counts=PARTIAL, age=timedelta(days=30)), False),
        (record(age=timedelta(days=27)), True),
        (record(age=timedelta(days=27), results_here=True), False),
        (record(status="in_progress"), False),
        (record(status="in_progress", age=timedelta(hours=22, minutes=59)), False),
        (record(status="in_progress", age=timedelta(hours=23, minutes=1)), True),
        (record(status="in_progress", age=timedelta(hours=25)), True),
        (record(status="in_progress", age=timedelta(hours=25), gone_at=NOW), False),
    ],
)
def test_what_needs_attention(of: Record, needed: bool) -> None:
    assert Filter.parse("is:attention").matches(of, NOW) is needed


def test_filters_together() -> None:
    both = Filter.parse("nightly").also(Filter.parse("!is:running"))
    assert both == Filter.parse("nightly !is:running")


@given(st.text())
def test_whatever_is_typed_is_a_filter(typed: str) -> None:
    Filter.parse(typed).matches(record(), NOW)


@given(st.sampled_from([*STATE_WORDS, "<2d", ">1w", "batch"]))
def test_a_word_and_its_opposite_share_the_batches_between_them(word: str) -> None:
    some = [record(), record(status="in_progress"), record(pinned=True, age=timedelta(days=40))]
    for each in some:
        assert Filter.parse(word).matches(each, NOW) is not Filter.parse(f"!{word}").matches(
            each, NOW
        )


def test_results_gone_already_are_not_expiring() -> None:
    assert not is_expiring(record(age=timedelta(days=30)), NOW)


def test_orders() -> None:
    old = record("a", age=timedelta(days=28), label="zebra")
    running = record("b", status="in_progress", counts=RequestCounts(processing=99))
    failed = record("c", counts=RequestCounts(errored=7), age=timedelta(days=1), label="Ape")
    some = [old, running, failed]

    def order(sort: str, *, reverse: bool = False) -> str:
        key = next(key for key in SORT_KEYS if key.id == sort)
        return "".join(each.id for each in View(sort=key, reverse=reverse).apply(some, NOW))

    assert order("created") == "bca"
    assert order("created", reverse=True) == "acb"
    assert order("state") == "bac"
    assert order("name") == "cba"
    assert order("requests") == "bca"
    assert order("unsuccessful") == "cba"
    assert order("deadline") == "bac"


def test_equal_ones_stay_newest_first() -> None:
    some = [record("old", age=timedelta(days=2)), record("new", age=timedelta(hours=1))]
    view = View(sort=SORT_KEYS[3])
    assert [each.id for each in view.apply(some, NOW)] == ["new", "old"]


def test_the_orders_follow_each_other_in_a_circle() -> None:
    view = View(reverse=True)
    seen = []
    for _ in SORT_KEYS:
        view = view.next_sort()
        seen.append(view.sort.id)
        assert not view.reverse
    assert seen[-1] == "created"
    assert len(set(seen)) == len(SORT_KEYS)


def _job(*members: Record, name: str = "tickets", unsent: int = 0) -> JobRecord:
    parts = [
        Part(number, 0, 0, 1, 1, 5, 1, state=PartState.CREATED, batch_id=each.id)
        for number, each in enumerate(members, 1)
    ]
    parts += [Part(len(parts) + 1 + at, 0, 0, 1, 1, 5, 1) for at in range(unsent)]
    first = Round(0, "/r.jsonl", 1, b"", 5 * len(parts), NOW)
    job = Job(1, name, NOW - timedelta(hours=5), (first,), tuple(parts))
    return job_record(job, {each.id: each for each in members})


GOOD = record("msgbatch_good")
BAD = record("msgbatch_bad", counts=RequestCounts(errored=5))


@pytest.mark.parametrize(
    ("state", "sending", "needed"),
    [
        (PartState.PLANNED, False, True),
        (PartState.PLANNED, True, False),
        (PartState.SENDING, True, False),
        (PartState.SENDING, False, True),
        (PartState.UNKNOWN, True, True),
    ],
)
def test_a_job_that_waits_for_a_person_needs_attention(
    state: PartState, sending: bool, needed: bool
) -> None:
    job = _job(GOOD, unsent=1)
    last = msgspec.structs.replace(job.job.parts[-1], state=state)
    parts = msgspec.structs.replace(job.job, parts=(*job.job.parts[:-1], last))
    whole = job_record(parts, {GOOD.id: GOOD}, sending=sending)
    assert needs_attention(whole, NOW) is needed
    assert is_mine(whole, NOW)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", ["job:1"]),
        ("partial", ["job:1"]),
        ("tickets", ["job:1"]),
        ("job", ["job:1"]),
        ("failed", ["job:1", "msgbatch_bad"]),
        ("succeeded", ["job:1", "msgbatch_good"]),
        ("bad failed", ["job:1", "msgbatch_bad"]),
        ("bad succeeded", []),
        ("running", []),
        ("unsent", []),
    ],
)
def test_a_job_is_shown_for_itself_or_for_the_batches_that_match(
    typed: str, shown: list[str]
) -> None:
    view = View(filter=Filter.parse(typed))
    rows = view.apply([_job(GOOD, BAD)], NOW)
    assert [each.id for each in view.unfold(rows, set(), NOW)] == shown


def test_an_opened_job_has_all_of_its_batches_beneath_it() -> None:
    other = record("msgbatch_other", age=timedelta(hours=9))
    job = _job(GOOD, BAD, unsent=1)
    for typed in ("", "failed !other"):
        view = View(filter=Filter.parse(typed))
        rows = view.apply([other, job] if not typed else [job], NOW)
        unfolded = [each.id for each in view.unfold(rows, {"job:1"}, NOW)]
        assert unfolded[:3] == ["job:1", "msgbatch_good", "msgbatch_bad"]
    assert Filter.parse("unsent stopped !sending !unsure").matches(job, NOW)


def test_a_job_is_sorted_by_what_is_due_first() -> None:
    by_deadline = View(sort=next(key for key in SORT_KEYS if key.id == "deadline"))
    soon = record("msgbatch_soon", status="in_progress", age=timedelta(hours=23))
    ended = _job(GOOD, BAD)
    waiting = _job(unsent=1, name="waits")
    hurried = _job(soon, GOOD, name="hurried")
    rows = by_deadline.apply([waiting, ended, hurried], NOW)
    assert [each.name for each in rows] == ["hurried", "tickets", "waits"]


def test_states_there_are_not_are_told_from_those_there_are() -> None:
    assert Filter.parse("is:running !is:Runing is:attention runing is:").unheard_of == (
        "is:runing",
        "is:",
    )
