"""`batchtui insight`: tables for people, rows for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import pytest

from batchtui.account.opening import results_directory
from batchtui.cli.insight import Since
from batchtui.results.opening import open_results_now
from tests.cli.conftest import Cli, Remember, Terminal, batch_body


@pytest.fixture(autouse=True)
def three(config: Path, remember: Remember) -> None:
    """Batches of today, of last week and of spring; the results of the first are here."""
    remember(
        batch_body("msgbatch_new", age=timedelta(minutes=1), request_counts={"succeeded": 1}),
        batch_body("msgbatch_week", age=timedelta(days=7)),
        batch_body("msgbatch_old", age=timedelta(days=200)),
    )
    path = results_directory(config, "http://127.0.0.1:9") / "msgbatch_new.jsonl"
    path.parent.mkdir(parents=True)
    message = {
        "model": "claude-haiku-4-5",
        "content": [],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1000, "output_tokens": 200},
    }
    line = {"custom_id": "a", "result": {"type": "succeeded", "message": message}}
    path.write_text(json.dumps(line) + "\n")
    open_results_now(path).close()


def test_a_table_by_day_with_a_total(cli: Cli) -> None:
    shown = cli("insight")
    assert shown.exit_code == 0
    heading, *days, total = shown.stdout.splitlines()
    assert heading.split()[:3] == ["DAY", "BATCHES", "REQUESTS"]
    assert len(days) == 2
    assert total.split()[:4] == ["total", "2", "11", "90%"]
    assert "those of 1 of 2 batches: results of 1 can be fetched" in shown.stderr


def test_a_table_by_model(cli: Cli) -> None:
    shown = cli("insight", "--by", "model", "--since", "all")
    _, known, unknown, total = shown.stdout.splitlines()
    assert known.split()[:3] == ["claude-haiku-4-5", "1", "1"]
    assert unknown.startswith("(not known)")
    assert unknown.rstrip().endswith("·")
    assert "≥1,000" in total


def test_rows_for_programs(cli: Cli) -> None:
    lines = cli("insight", "--json").stdout.splitlines()
    newest = json.loads(lines[-1])
    assert date.fromisoformat(newest["day"]) >= datetime.now(UTC).date() - timedelta(days=1)
    assert (newest["batches"], newest["input_tokens"]) == (1, 1000)
    assert newest["cost_usd"] > 0
    table = csv.DictReader(io.StringIO(cli("insight", "--format", "csv", "--by", "total").stdout))
    (row,) = table
    assert (row["batches"], row["requests"]) == ("2", "11")


def test_a_day_to_begin_with(cli: Cli) -> None:
    begin = (datetime.now(UTC) - timedelta(days=300)).date().isoformat()
    by_month = cli("insight", "--since", begin, "--by", "month", "--json").stdout.splitlines()
    assert sum(json.loads(each)["batches"] for each in by_month) == 3
    week = cli("insight", "--since", "3d", "--by", "total", "--json").stdout
    assert json.loads(week)["batches"] == 1


def test_a_file_whose_name_says_how_to_write_it(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    assert cli("insight", "--output", str(path)).exit_code == 0
    assert len(path.read_text().splitlines()) == 2
    taken = cli("insight", "--output", str(path))
    assert taken.exit_code == 2
    assert "--force" in taken.stderr
    assert cli("insight", "--output", str(path), "--force", "--since", "all").exit_code == 0
    assert len(path.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    "words",
    [
        ("--force",),
        ("--json", "--format", "csv"),
        ("--output", "figures"),
        ("--since", "yesterday"),
        ("--since", "2999-01-01"),
        ("--by", "hour"),
    ],
)
def test_what_makes_no_sense_is_refused(cli: Cli, words: tuple[str, ...]) -> None:
    assert cli("insight", *words).exit_code == 2


def test_that_a_week_is_not_whole_is_said(cli: Cli) -> None:
    # Whatever day it is, these begin after a Monday or end before a Sunday.
    assert "Counted in part: the " in cli("insight", "--since", "22d", "--by", "week").stderr
    assert "Counted in part" not in cli("insight", "--since", "22d").stderr


def test_without_batches_it_is_said(cli: Cli, tmp_path: Path) -> None:
    shown = cli("insight", "--config-dir", str(tmp_path / "other"))
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "No batches" in shown.stderr
    assert cli("insight", "--json", "--config-dir", str(tmp_path / "other")).stdout == ""


def test_it_fits_into_a_terminal(terminal: Callable[..., Terminal]) -> None:
    shown = terminal("insight", columns=60)
    assert shown.finish() == 0
    lines = shown.raw.decode().splitlines()
    assert lines[0].split()[:3] == ["DAY", "BATCHES", "REQUESTS"]
    assert all(len(line) <= 60 for line in lines[:4])


@pytest.mark.parametrize(
    ("text", "first"),
    [("all", None), ("30d", 30), ("2w", 14), ("36h", 2), ("2026-11-01", date(2026, 11, 1))],
)
def test_since(text: str, first: object) -> None:
    assert Since().convert(text, None, None) == first


def test_since_when_it_is_no_time() -> None:
    with pytest.raises(click.BadParameter, match="a date such as"):
        Since().convert("soon", None, None)
