"""What the fields of a batch mean together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from batchtui.domain.batch import (
    Batch,
    Outcome,
    Record,
    RequestCounts,
    ResultsState,
    decode_batch,
)

CREATED = datetime(2026, 11, 1, 12, tzinfo=UTC)


def batch(status: str = "ended", **fields: Any) -> Batch:
    counts = fields.pop("counts", RequestCounts(succeeded=10))
    given: dict[str, Any] = {"results_url": "https://example.test/r", **fields}
    return Batch("msgbatch_1", status, counts, CREATED, **given)


def record(of: Batch | None = None, **fields: Any) -> Record:
    return Record(of or batch(), CREATED, CREATED, **fields)


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        (RequestCounts(succeeded=3), Outcome.SUCCEEDED),
        (RequestCounts(succeeded=3, errored=1), Outcome.PARTIAL),
        (RequestCounts(errored=1), Outcome.FAILED),
        (RequestCounts(succeeded=3, errored=1, expired=1), Outcome.EXPIRED),
        (RequestCounts(succeeded=3, canceled=1), Outcome.CANCELED),
        (RequestCounts(canceled=1), Outcome.CANCELED),
        (RequestCounts(), Outcome.EMPTY),
    ],
)
def test_how_a_batch_ended_is_told_by_its_counts(counts: RequestCounts, outcome: Outcome) -> None:
    assert batch(counts=counts).outcome is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("in_progress", Outcome.RUNNING),
        ("canceling", Outcome.CANCELING),
        ("validating", Outcome.UNKNOWN),
    ],
)
def test_a_batch_that_has_not_ended_has_its_status_for_outcome(
    status: str, outcome: Outcome
) -> None:
    assert batch(status).outcome is outcome
    assert batch(status).running


def test_the_counts_add_up_to_the_size_of_the_batch() -> None:
    counts = RequestCounts(1, 2, 3, 4, 5)
    assert (counts.total, counts.finished, counts.unsuccessful) == (15, 14, 12)


def test_a_batch_from_the_future_has_been_running_for_no_time() -> None:
    early = CREATED - timedelta(hours=1)
    assert batch("in_progress").elapsed(early) == timedelta(0)


@pytest.mark.parametrize(
    ("of", "later", "state"),
    [
        (record(batch("in_progress")), 0, ResultsState.NONE),
        (record(batch("in_progress"), gone_at=CREATED), 0, ResultsState.GONE),
        (record(), 0, ResultsState.AVAILABLE),
        (record(), 28.9, ResultsState.AVAILABLE),
        (record(), 29, ResultsState.GONE),
        (record(batch(archived_at=CREATED)), 0, ResultsState.GONE),
        (record(deleted_at=CREATED), 0, ResultsState.GONE),
        (record(deleted_at=CREATED, results_here=True), 40, ResultsState.HERE),
        (record(batch(results_url=None)), 0, ResultsState.NONE),
    ],
)
def test_where_the_results_are(of: Record, later: float, state: ResultsState) -> None:
    assert of.results(CREATED + timedelta(days=later)) is state


def test_an_object_of_the_api_is_read_with_fields_and_statuses_not_known_yet() -> None:
    read = decode_batch(
        b'{"id":"msgbatch_x","type":"message_batch","processing_status":"queued","future":{},'
        b'"request_counts":{"processing":2,"succeeded":0,"errored":0,"canceled":0,"expired":0,'
        b'"paused":1},"created_at":"2026-11-01T12:00:00.141141+00:00",'
        b'"expires_at":"2026-11-02T12:00:00Z","ended_at":null}'
    )
    assert read.processing_status == "queued"
    assert read.created_at.microsecond == 141141
    assert read.deadline == CREATED + timedelta(hours=24)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"<html>",
        b'{"id":"\xff"}',
        b'{"x":' + b"[" * 100_000,
        b"",
        b'{"id":"","processing_status":"ended","request_counts":{},"created_at":"2026-11-01T12:00:00Z"}',
        b'{"id":"a","processing_status":"ended","request_counts":{},"created_at":"2026-11-01T12:00:00"}',
        b'{"id":"a","processing_status":"ended","request_counts":{"errored":-1},'
        b'"created_at":"2026-11-01T12:00:00Z"}',
        b'{"id":"a","processing_status":"ended","request_counts":{"errored":%d},'
        b'"created_at":"2026-11-01T12:00:00Z"}' % 10**310,
    ],
)
def test_what_is_no_batch_is_not_read_as_one(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_batch(body)


def test_time_ends_before_some_deadlines_do() -> None:
    last = msgspec.structs.replace(batch(), created_at=datetime.max.replace(tzinfo=UTC))
    assert last.deadline == last.results_expire_at == last.created_at


def test_json_output_has_the_promised_fields() -> None:
    added = record(label="x", pinned=True).annotations(CREATED)
    assert list(added) == [
        "outcome",
        "label",
        "note",
        "pinned",
        "request_file",
        "results",
        "results_expire_at",
        "first_seen_at",
        "last_seen_at",
        "deleted_at",
        "gone_at",
    ]
    assert added["results"] == "available"
    assert added["results_expire_at"] == CREATED + timedelta(days=29)
