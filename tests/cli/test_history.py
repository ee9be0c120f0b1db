"""`batchtui history`: what is known of batches here, as a file, pruned, and made shorter."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli, Process, Remember, Terminal, batch_body
from tests.jobs import make_job

DAY = timedelta(days=1)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def filled(remember: Remember) -> None:
    """Batches that are young, old, old and labelled, running, and of a job."""
    history = remember(
        batch_body("msgbatch_young", age=3 * DAY),
        batch_body("msgbatch_old", age=100 * DAY),
        batch_body("msgbatch_older", age=200 * DAY),
        batch_body("msgbatch_named", age=120 * DAY),
        batch_body("msgbatch_runs", age=DAY / 24, processing_status="in_progress", ended_at=None),
        batch_body("msgbatch_part", age=150 * DAY),
        batch_body("msgbatch_rest", age=150 * DAY),
    )
    history.annotate("msgbatch_named", label="evals \x1b[2J", note="v14", pinned=True)
    history.set_gone(["msgbatch_older"], at=datetime.now(UTC))
    make_job(history, "nightly", ["msgbatch_part", "msgbatch_rest"], at=datetime.now(UTC))


def test_an_overview(cli: Cli, filled: None) -> None:
    shown = cli("history")
    assert shown.exit_code == 0
    said = dict(line.split()[:2] for line in shown.stdout.splitlines())
    assert (said["batches"], said["running"], said["gone"]) == ("7", "1", "1")
    assert (said["annotated"], said["jobs"], said["observed"]) == ("3", "1", "7")
    facts = json.loads(cli("history", "--json").stdout)
    assert facts["batches"] == 7
    assert facts["path"].endswith("history.db")
    assert facts["oldest"] < facts["newest"]


def test_nothing_known_is_no_failure(cli: Cli, remember: Remember) -> None:
    for words in (["history"], ["history", "export"], ["history", "prune", "--yes"]):
        assert cli(*words).exit_code == 0


@pytest.mark.parametrize(
    "words", [["export", "--since"], ["prune", "--yes", "--observations", "--older-than"]]
)
def test_a_time_longer_than_the_calendar_is_no_failure(
    cli: Cli, filled: None, words: list[str]
) -> None:
    assert cli("history", *words, "999999w").exit_code == 0


def test_an_export_is_what_list_prints(cli: Cli, filled: None) -> None:
    *batches, job = lines(cli("history", "export").stdout)
    assert batches == lines(cli("--offline", "list", "--json", "--limit", "0").stdout)
    assert job["batchtui_job"]["name"] == "nightly"


def test_another_directory_takes_an_export_in_whole(cli: Cli, filled: None, tmp_path: Path) -> None:
    file, other = tmp_path / "history.jsonl", str(tmp_path / "other")
    assert cli("history", "export", "--output", str(file)).exit_code == 0
    taken = cli("--config-dir", other, "import", "--offline", str(file))
    assert taken.exit_code == 0
    assert "7 batches new" in taken.stdout
    assert "1 job new" in taken.stdout

    copy = cli("--config-dir", other, "history", "export")
    assert copy.stdout.encode() == file.read_bytes()
    again = cli("--config-dir", other, "import", "--offline", str(file))
    assert "0 batches new; 7 known already, 0 of them changed." in again.stdout


def test_only_what_is_young_enough_is_exported(cli: Cli, filled: None) -> None:
    exported = cli("history", "export", "--since", "110d")
    assert [each["id"] for each in lines(exported.stdout)] == [
        "msgbatch_runs",
        "msgbatch_young",
        "msgbatch_old",
    ]
    assert "3 batches exported." in exported.stderr


def test_a_job_that_is_not_all_sent_is_left_out_and_said(cli: Cli, remember: Remember) -> None:
    make_job(remember(), "evals", [], at=datetime.now(UTC), unsent=[10])
    exported = cli("history", "export")
    assert exported.stdout == ""
    assert "1 job left out" in exported.stderr


def test_a_file_is_replaced_only_on_request(cli: Cli, filled: None, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("mine")
    assert cli("history", "export", "--output", str(file)).exit_code == 2
    assert file.read_text() == "mine"
    assert cli("history", "export", "--output", str(file), "--force").exit_code == 0
    assert len(file.read_bytes().splitlines()) == 8
    assert cli("history", "export", "--output", str(tmp_path / "no" / "way")).exit_code != 0


def known(cli: Cli) -> set[str]:
    listed = cli("--offline", "list", "--json", "--limit", "0").stdout
    return {each["id"].removeprefix("msgbatch_") for each in lines(listed)}


ALL = {"young", "old", "older", "named", "runs", "part", "rest"}


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        ([], {"old", "older"}),
        (["--older-than", "150d"], {"older"}),
        (["--older-than", "0d"], {"old", "older"}),
        (["--annotated"], {"old", "older", "named", "part", "rest"}),
        (["--annotated", "--older-than", "130d"], {"older", "part", "rest"}),
        (["--observations"], set()),
    ],
)
def test_pruning(cli: Cli, filled: None, options: list[str], gone: set[str]) -> None:
    planned = cli("history", "prune", "--dry-run", *options)
    assert planned.exit_code == 0
    assert known(cli) == ALL
    assert {each for each in ALL if f"msgbatch_{each}" in planned.stdout.replace(",", ":")} >= gone
    done = cli("history", "prune", "--yes", *options)
    assert done.exit_code == 0
    assert known(cli) == ALL - gone


def test_it_is_said_what_goes_and_what_stays(cli: Cli, filled: None) -> None:
    planned = cli("history", "prune", "--dry-run", "--annotated", "--older-than", "0d")
    assert "msgbatch_named (evals \ufffd[2J): partial, 120d old, with its note and its pin" in (
        planned.stdout
    )
    assert "job nightly: 2 batches" in planned.stdout
    assert "5 batches and 1 job would be forgotten." in planned.stdout
    assert "Left alone: 1 batch that old running as far as known." in planned.stderr


def test_observations_go_by_themselves(cli: Cli, filled: None) -> None:
    assert "5 observations" in cli("history", "prune", "--observations", "--dry-run").stdout
    assert "5 observations" in cli("history", "prune", "--observations", "--yes").stdout
    assert "0 observations" in cli("history", "prune", "--observations", "--yes").stdout


def test_without_a_person_nothing_is_forgotten(cli: Cli, filled: None) -> None:
    refused = cli("history", "prune")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert known(cli) == ALL


def test_a_person_is_asked(cli: Cli, filled: None, terminal: Callable[..., Terminal]) -> None:
    for answer, code, left in (("n", 1, ALL), ("y", 0, ALL - {"old", "older"})):
        asking = terminal("history", "prune")
        asking.read_until("Forget 2 batches? [y/N]")
        asking.type(f"{answer}\n")
        assert asking.finish() == code
        assert known(cli) == left


def test_a_vacuum_says_what_it_gave_back(cli: Cli, filled: None) -> None:
    done = cli("history", "vacuum")
    assert done.exit_code == 0
    assert done.stdout.startswith("The history took ")
    assert known(cli) == ALL


def test_a_vacuum_beside_a_reader_says_what_it_will_give_back(
    cli: Cli, filled: None, config: Path
) -> None:
    with closing(sqlite3.connect(config / "history.db")) as reader:
        cursor = reader.execute("SELECT * FROM batch")
        cursor.fetchone()
        done = cli("history", "vacuum")
        cursor.close()
    assert done.exit_code == 0
    assert "and will take " in done.stdout
    assert "is given back" in done.stderr


def test_a_reader_that_goes_is_no_failure(process: Process, filled: None) -> None:
    done = process("history", "export", stdout=None)
    assert done.returncode == 0
