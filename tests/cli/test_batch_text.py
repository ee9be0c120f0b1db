"""Batches as tables, as a page and as JSON lines: pure functions of records and a moment."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from batchtui.cli.batch_table import for_people, for_programs, state_word
from batchtui.cli.json_lines import json_line
from batchtui.cli.page import batch_page
from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.forecast import Past
from batchtui.domain.pricing import Cost
from batchtui.domain.text import UNSAFE

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

RUNNING = Record(
    Batch("msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d", "in_progress", RequestCounts(1200), NOON - HOUR),
    first_seen_at=NOON,
    last_seen_at=NOON,
    label="nightly",
)
PARTIAL = Record(
    Batch(
        "msgbatch_01AAcTjaV5uDC8jWR4ZsDV8d",
        "ended",
        RequestCounts(0, 580, 20),
        NOON - 30 * HOUR,
        ended_at=NOON - 29 * HOUR,
        results_url="https://api.anthropic.com/",
    ),
    first_seen_at=NOON,
    last_seen_at=NOON - HOUR,
)
DELETED = msgspec.structs.replace(PARTIAL, deleted_at=NOON - HOUR)


def page(record: Record, **more: object) -> str:
    details: dict[str, object] = {"forecast": None, "results_at": "/r/x.jsonl"}
    return batch_page(record, NOON, **(details | {"results_size": None} | more))  # type: ignore[arg-type]


def test_state_words() -> None:
    assert [state_word(each) for each in (RUNNING, PARTIAL, DELETED)] == [
        "running",
        "partial",
        "deleted",
    ]
    assert state_word(msgspec.structs.replace(PARTIAL, gone_at=NOON)) == "gone"


def test_a_table_for_people_fits_80_cells() -> None:
    lines = for_people([RUNNING, PARTIAL], NOON, 80)
    assert max(map(len, lines)) <= 80
    assert {"ID", "STATE", "AGE", "REQUESTS", "OK", "ERRORED", "NEXT"} < {*lines[0].split()}
    assert "EXPIRED" not in lines[0]
    assert "1h" in lines[1]
    assert "·" in lines[1], "counts of a running batch are not known, which is not 0"
    assert "580" in lines[2]


def test_a_table_for_people_tells_all_where_there_is_room() -> None:
    lines = for_people([RUNNING, PARTIAL], NOON, 140)
    assert RUNNING.id in lines[1]
    assert "ends ≤ 23h" in lines[1]
    assert "results 27d" in lines[2]


def test_a_table_for_programs_is_always_the_same() -> None:
    lines = for_programs([PARTIAL], NOON)
    assert lines == for_programs([PARTIAL], NOON + HOUR)
    assert lines[0].split()[:3] == ["ID", "STATE", "CREATED"]
    assert lines[1].split() == [
        PARTIAL.id,
        "partial",
        "2026-11-22T06:00:00Z",
        *("600", "0", "580", "20", "0", "0"),
        "available",
        "2026-12-21T06:00:00Z",
    ]


def test_json_keeps_the_api_s_object_to_the_letter() -> None:
    body = b'{ "id": "x", "new": {"n": 12345678901234567890, "f": 1.0} }\n'
    line = json_line(DELETED, body, NOON)
    assert line.startswith(b'{ "id": "x", "new": {"n": 12345678901234567890, "f": 1.0} ,')
    assert json.loads(line)["batchtui"] == {
        "outcome": "partial",
        "job": "",
        "label": "",
        "note": "",
        "pinned": False,
        "request_file": "",
        "results": "gone",
        "results_expire_at": "2026-12-21T06:00:00Z",
        "first_seen_at": "2026-11-23T12:00:00Z",
        "last_seen_at": "2026-11-23T11:00:00Z",
        "deleted_at": "2026-11-23T11:00:00Z",
        "gone_at": None,
    }


def test_the_page_of_a_running_batch() -> None:
    past = Past([(1000, 60.0 * minutes) for minutes in range(40, 140, 10)])
    text = page(RUNNING, forecast=past.forecast(1200, 3600.0))
    assert "label" in text
    assert "running: being processed" in text
    assert "1,200 (how they fare is told when the batch has ended)" in text
    assert "tomorrow 11:00, in 23h (processing ends then at the latest)" in text
    assert "left; batches like this took" in text
    assert "22 Dec 11:00" in text


def test_the_page_says_when_there_is_nothing_to_forecast_by() -> None:
    slow = Past([(1000, 60.0)] * 20).forecast(1200, 3600.0)
    assert "longer than 95 % of yours" in page(RUNNING, forecast=slow)
    assert "forecast" not in page(RUNNING)


def test_the_page_of_an_ended_batch() -> None:
    text = page(msgspec.structs.replace(PARTIAL, note="one\ntwo", pinned=True, results_here=True))
    assert "partial: ended, some requests failed" in text
    assert "600: 580 succeeded, 20 errored" in text
    assert "took 1h" in text
    assert text.count("note") == 1, "a second line of a note stands under the first"
    assert "file" in page(PARTIAL, results_size=1_200_000)
    assert "/r/x.jsonl (1.2 MB)" in page(PARTIAL, results_size=1_200_000)


@pytest.mark.parametrize("word", ["deleted_at", "gone_at"])
def test_the_page_of_a_batch_that_is_no_more(word: str) -> None:
    text = page(msgspec.structs.replace(PARTIAL, **{word: NOON - HOUR}))
    assert "was partial" in text
    assert "results    gone" in text


def test_the_page_takes_an_unknown_status() -> None:
    odd = msgspec.structs.replace(RUNNING.batch, processing_status="paused\x1b[2J")
    text = page(msgspec.structs.replace(RUNNING, batch=odd))
    assert "unknown: in a state this version does not know (paused" in text
    assert not UNSAFE.search(text)


def test_what_results_cost_that_are_here() -> None:
    assert "cost" not in page(PARTIAL)
    assert "cost" not in page(PARTIAL, cost=Cost())
    told = page(PARTIAL, cost=Cost(34.809, {"x": 1}, priced=580))
    assert "cost       $34.81, 1 line without a known price, at batch price" in told
    assert "no price known" in page(PARTIAL, cost=Cost(0.0, {"x": 3}))
