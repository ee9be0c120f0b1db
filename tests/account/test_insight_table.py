"""Figures as rows for other programs."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.account.insight_table import By, Format, encoded, rows, save
from batchtui.domain.batch import Outcome, RequestCounts
from batchtui.domain.calendar import Days, Unit
from batchtui.domain.insight import Figures, Insight, ModelFigures, Stretch, Told
from batchtui.domain.pricing import Cost
from batchtui.results.export.targets import TakenError
from tests.conftest import NOON

TODAY = NOON.date()
KNOWN = Figures(
    2,
    {Outcome.SUCCEEDED: 1, Outcome.PARTIAL: 1},
    RequestCounts(succeeded=9, errored=1),
    60.5,
    90.0,
    {Told.KNOWN: 1, Told.GONE: 1},
    1000,
    20,
    Cost(0.0000123, priced=9),
)
UNKNOWN = Figures(1, {Outcome.SUCCEEDED: 1}, RequestCounts(succeeded=1), told={Told.GONE: 1})
DAYS = Days(TODAY - timedelta(days=1), TODAY)
INSIGHT = Insight(
    DAYS,
    Unit.DAY,
    (Stretch(DAYS.first, Figures()), Stretch(DAYS.last, KNOWN)),
    (ModelFigures("=claude", KNOWN), ModelFigures(None, UNKNOWN)),
    KNOWN,
)


def test_a_row_for_each_day_with_batches() -> None:
    (row,) = rows(INSIGHT, By.TIME)
    assert row["day"] == "2026-11-23"
    assert row["batches_partial"] == 1
    assert (row["requests"], row["succeeded"], row["errored"]) == (10, 9, 1)
    assert (row["median_seconds"], row["p90_seconds"]) == (60.5, 90.0)
    assert (row["batches_with_usage"], row["input_tokens"]) == (1, 1000)


def test_what_is_not_known_is_null_or_empty() -> None:
    made = rows(INSIGHT, By.MODEL)
    lines = encoded(made, Format.JSON).splitlines()
    known, unknown = map(json.loads, lines)
    assert known["model"] == "=claude"
    assert unknown["model"] is unknown["cost_usd"] is unknown["input_tokens"] is None
    _, empty = csv.DictReader(io.StringIO(encoded(made, Format.CSV).decode()))
    assert empty["model"] == empty["cost_usd"] == empty["median_seconds"] == ""


def test_csv_runs_nothing_and_has_no_exponents() -> None:
    data = encoded(rows(INSIGHT, By.MODEL), Format.CSV).decode()
    assert data.count("\r\n") == 3
    first, _ = csv.DictReader(io.StringIO(data))
    assert first["model"] == "'=claude"
    assert first["cost_usd"] == "0.0000123"


def test_the_total_says_of_which_days_it_is() -> None:
    (row,) = rows(INSIGHT, By.TOTAL)
    assert (row["first"], row["last"], row["batches"]) == ("2026-11-22", "2026-11-23", 2)


def test_a_file_is_replaced_only_if_wanted(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    save(b"one", path, replace=False)
    with pytest.raises(TakenError):
        save(b"two", path, replace=False)
    assert path.read_bytes() == b"one"
    save(b"two", path, replace=True)
    assert path.read_bytes() == b"two"
