"""What became of an account's batches, with what the kept results say."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from batchtui.account.insight import Insights, Wanted
from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.calendar import Unit
from batchtui.domain.insight import Insight, Told
from batchtui.domain.pricing import Price, PriceTable
from batchtui.results.opening import index_path
from batchtui.results.slices import now as at_once
from batchtui.results.store import ResultStore
from tests.conftest import NOON

PRICES = PriceTable("2026-11-23", {"claude-a": (Price(1, 1, 1, 1, 1),)}, 0.0)
ALL = Wanted(None, lambda days: Unit.DAY)


@pytest.fixture
def results(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path)


def record(batch_id: str, created: datetime, *, here: bool = True, answers: int = 2) -> Record:
    batch = Batch(
        batch_id,
        "ended",
        RequestCounts(succeeded=answers),
        created_at=created,
        ended_at=created + timedelta(minutes=5),
        results_url="https://api.anthropic.com/results",
    )
    return Record(batch, created, NOON, results_here=here)


def keep(results: ResultStore, batch_id: str, *models: str) -> None:
    """Keep results of so many answers, indexed."""
    lines = []
    for number, model in enumerate(models):
        usage = {"input_tokens": 1000, "output_tokens": 200}
        message = {"model": model, "content": [], "stop_reason": "end_turn", "usage": usage}
        result = {"type": "succeeded", "message": message}
        lines.append(json.dumps({"custom_id": f"{number}", "result": result}))
    results.path(batch_id).write_text("\n".join(lines) + "\n")
    results.open(batch_id).close()


def look(insights: Insights, records: list[Record], wanted: Wanted = ALL) -> Insight:
    return at_once(insights.steps(records, wanted, NOON))


def test_models_tokens_and_cost_come_from_the_indexes(results: ResultStore) -> None:
    keep(results, "one", "claude-a", "claude-a")
    keep(results, "two", "claude-a", "claude-b")
    found = look(Insights(results, PRICES), [record("one", NOON), record("two", NOON)])
    assert {each.model: each.figures.counts.succeeded for each in found.models} == {
        "claude-a": 3,
        "claude-b": 1,
    }
    assert (found.total.input_tokens, found.total.output_tokens) == (4000, 800)
    assert found.total.cost.usd == pytest.approx(3 * 1200 / 1e6)
    assert found.total.cost.unpriced == {"claude-b": 1}


def test_an_index_is_read_once_for_every_version(results: ResultStore) -> None:
    keep(results, "one", "claude-a", "claude-a")
    insights, records = Insights(results, PRICES), [record("one", NOON)]
    assert look(insights, records).total.input_tokens == 2000
    index = index_path(results.path("one"))
    before = index.stat()
    index.write_bytes(b"damaged")
    os.utime(index, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert look(insights, records).total.input_tokens == 2000, "it was not looked at again"
    os.utime(index, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert look(insights, records).total.told == {Told.UNREAD: 1}


def test_days_are_those_of_the_zone(results: ResultStore) -> None:
    early = record("one", NOON.replace(hour=2), here=False)  # the evening before in Los Angeles
    tokyo = Insights(results, PRICES, zone=ZoneInfo("Asia/Tokyo"))
    angeles = Insights(results, PRICES, zone=ZoneInfo("America/Los_Angeles"))
    assert look(tokyo, [early]).stretches[0].start == date(2026, 11, 23)
    assert look(angeles, [early]).stretches[0].start == date(2026, 11, 22)


def test_older_batches_are_left_out(results: ResultStore) -> None:
    insights = Insights(results, PRICES, zone=ZoneInfo("UTC"))
    records = [record("a", NOON, here=False), record("b", NOON - timedelta(days=7), here=False)]
    week = Wanted(insights.first_of(7, NOON), lambda days: Unit.DAY)
    found = look(insights, records, week)
    assert len(found.stretches) == 7
    assert found.total.batches == 1
    assert look(insights, records).total.batches == 2
    assert look(insights, []).total.batches == 0


def test_stretches_get_longer_until_they_fit(results: ResultStore) -> None:
    insights = Insights(results, PRICES, zone=ZoneInfo("UTC"))
    records = [record("a", NOON - timedelta(days=89), here=False)]
    units = [look(insights, records, Wanted.fitting(None, most)).unit for most in (90, 30, 5)]
    assert units == [Unit.DAY, Unit.WEEK, Unit.MONTH]


def test_the_ends_of_time_are_days_like_others(results: ResultStore) -> None:
    insights = Insights(results, PRICES, zone=ZoneInfo("America/New_York"))
    records = [
        record("a", datetime.min.replace(tzinfo=ZoneInfo("UTC")), here=False),
        record("b", datetime.max.replace(hour=1, tzinfo=ZoneInfo("UTC")), here=False),
    ]
    found = look(insights, records, Wanted.fitting(None, 60))
    assert found.unit is Unit.CENTURY
    assert [each.figures.batches for each in found.stretches][:: len(found.stretches) - 1] == [1, 1]
    assert insights.first_of(10**9, NOON) == date.min
