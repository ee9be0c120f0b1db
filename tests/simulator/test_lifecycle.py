import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batchtui.simulator.lifecycle import Counting, Plan, timestamp
from batchtui.simulator.prose import THEMES
from batchtui.simulator.scripted import Scripted

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    total = draw(st.integers(0, 150))
    work = Scripted(
        draw(st.integers(0, (1 << 64) - 1)),
        draw(st.sampled_from(THEMES)),
        total,
        draw(st.integers(0, total)),
    )
    canceled = draw(st.none() | st.integers(0, 100_000))
    return Plan(
        "msgbatch_1",
        NOON,
        timedelta(seconds=draw(st.integers(1, 200_000))),
        work,
        canceled_at=None if canceled is None else NOON + timedelta(seconds=canceled),
        cancel_takes=timedelta(seconds=draw(st.integers(0, 500))),
    )


moments = st.integers(0, 40 * 86_400).map(lambda seconds: NOON + timedelta(seconds=seconds))


@given(plans(), moments, st.sampled_from(("api", "live")))
def test_counts_always_add_up_to_the_number_of_requests(
    plan: Plan, now: datetime, counting: Counting
) -> None:
    counts: Any = plan.wire(now, counting, "")["request_counts"]

    assert sum(counts.values()) == plan.work.total
    assert min(counts.values()) >= 0
    assert (counts["processing"] == 0) or plan.status(now) != "ended"


@given(plans(), moments)
def test_nothing_but_processing_is_counted_before_the_end(plan: Plan, now: datetime) -> None:
    counts = plan.counts(now, "api")

    if plan.status(now) != "ended":
        assert counts.processing == plan.work.total


@given(plans(), moments, moments)
def test_live_counts_never_go_back(plan: Plan, one: datetime, other: datetime) -> None:
    earlier, later = (plan.counts(now, "live") for now in sorted((one, other)))

    assert later.processing <= earlier.processing
    assert later.succeeded >= earlier.succeeded
    assert later.errored >= earlier.errored


@given(plans())
def test_the_lines_agree_with_the_counts(plan: Plan) -> None:
    rows = [json.loads(line) for line in b"".join(plan.lines()).split(b"\n") if line]
    counts = plan.counts(plan.ends_at, "api")

    tally = Counter(row["result"]["type"] for row in rows)
    assert len({row["custom_id"] for row in rows}) == plan.work.total
    assert tally["succeeded"] == counts.succeeded
    assert tally["errored"] == counts.errored
    assert tally["canceled"] == counts.canceled
    assert tally["expired"] == counts.expired


@given(plans())
def test_results_are_the_same_every_time(plan: Plan) -> None:
    assert b"".join(plan.lines()) == b"".join(plan.lines())


def plan_of(hours: float = 1, canceled_at: datetime | None = None) -> Plan:
    work = Scripted(1, THEMES[0], 100)
    return Plan("msgbatch_1", NOON, timedelta(hours=hours), work, canceled_at=canceled_at)


def test_a_batch_left_alone() -> None:
    plan = plan_of()

    assert plan.status(NOON) == "in_progress"
    ended = plan.wire(NOON + timedelta(hours=1), "api", "http://host")
    assert ended["processing_status"] == "ended"
    assert ended["ended_at"] == "2026-11-23T13:00:00.000000+00:00"
    assert ended["expires_at"] == "2026-11-24T12:00:00.000000+00:00"
    assert ended["results_url"] == "http://host/v1/messages/batches/msgbatch_1/results"


def test_a_batch_that_takes_too_long_expires_in_part() -> None:
    plan = plan_of(hours=48)

    counts = plan.counts(plan.expires_at, "api")

    assert plan.ends_at == plan.expires_at
    assert (counts.succeeded, counts.expired) == (50, 50)


def test_a_canceled_batch_keeps_what_was_done() -> None:
    plan = plan_of(canceled_at=NOON + timedelta(minutes=15))

    assert plan.status(NOON + timedelta(minutes=15)) == "canceling"
    assert plan.wire(NOON, "api", "")["cancel_initiated_at"] is None
    counts = plan.counts(plan.ends_at, "api")
    assert (counts.succeeded, counts.canceled) == (25, 75)


def test_results_go_29_days_after_creation() -> None:
    plan = plan_of()
    gone = NOON + timedelta(days=29)

    before, after = plan.wire(gone - timedelta(seconds=1), "api", ""), plan.wire(gone, "api", "")

    assert before["results_url"]
    assert before["archived_at"] is None
    assert after["results_url"] is None
    assert after["archived_at"] == timestamp(gone)


def test_an_odd_id_is_quoted_in_its_results_url() -> None:
    plan = Plan("a/b\x1b c", NOON, timedelta(0), Scripted(1, THEMES[0], 1))

    url = plan.wire(NOON, "api", "")["results_url"]

    assert url == "/v1/messages/batches/a%2Fb%1B%20c/results"
