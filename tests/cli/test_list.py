from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.account.opening import Kept
from batchtui.cli.main import VERBS
from batchtui.cli.selection import Selection, select
from batchtui.domain.batch import Outcome
from batchtui.results.store import ResultStore
from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Remember, batch_body

Simulator = Callable[..., RunningServer]
Use = Callable[[RunningServer], RunningServer]

MINUTE = timedelta(minutes=1)


def lists(server: RunningServer) -> list[str]:
    return [call.query for call in server.calls if call.operation == "list"]


def test_the_newest_are_read_and_printed(cli: Cli, simulator: Simulator, use: Use) -> None:
    server = use(simulator("crowd:250"))
    result = cli("list")
    assert result.exit_code == 0
    heading, *lines = result.stdout.splitlines()
    assert heading.split()[:3] == ["ID", "STATE", "CREATED"]
    assert len(lines) == 20
    assert lists(server) == ["limit=20"]


def test_all_are_read_when_asked_for(cli: Cli, simulator: Simulator, use: Use) -> None:
    server = use(simulator("crowd:1250"))
    result = cli("list", "--limit", "0", "--json")
    assert len(result.stdout.splitlines()) == 1250
    assert len(lists(server)) == 2
    offline = cli("list", "--limit", "0", "--json", "--offline")
    assert [json.loads(line)["id"] for line in offline.stdout.splitlines()] == [
        json.loads(line)["id"] for line in result.stdout.splitlines()
    ]
    assert len(lists(server)) == 2


def test_json_is_the_api_s_object_and_one_of_ours(cli: Cli, simulator: Simulator, use: Use) -> None:
    use(simulator("crowd:3"))
    result = cli("list", "--json")
    first = json.loads(result.stdout.splitlines()[0])
    assert first["type"] == "message_batch"
    assert {*first["batchtui"]} == {
        "outcome",
        "label",
        "note",
        "job",
        "pinned",
        "request_file",
        "results",
        "results_expire_at",
        "first_seen_at",
        "last_seen_at",
        "deleted_at",
        "gone_at",
    }


def test_a_filter_reads_on_until_enough_fit(cli: Cli, simulator: Simulator, use: Use) -> None:
    server = use(simulator("crowd:400"))
    result = cli("list", "--outcome", "partial", "--limit", "60", "--json")
    found = [json.loads(line)["batchtui"]["outcome"] for line in result.stdout.splitlines()]
    assert found == ["partial"] * 60
    assert len(lists(server)) == 2


def test_who_looks_for_running_ones_does_not_read_weeks_of_ended_ones(
    cli: Cli, simulator: Simulator, use: Use
) -> None:
    server = use(simulator("crowd:2500"))
    result = cli("list", "--status", "in_progress", "--status", "canceling", "--limit", "9999")
    assert result.exit_code == 0
    assert len(lists(server)) == 2


def test_nothing_that_fits_is_said_on_stderr(cli: Cli, simulator: Simulator, use: Use) -> None:
    use(simulator("empty"))
    for words, sentence in (
        ((), "No batches are known"),
        (("--json",), "No batches are known"),
        (("--outcome", "empty"), "No batches fit"),
    ):
        result = cli("list", *words)
        assert (result.exit_code, result.stdout) == (0, "")
        assert sentence in result.stderr


def test_offline_needs_no_credentials(
    cli: Cli, remember: Remember, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(batch_body("msgbatch_a", age=MINUTE))
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    result = cli("list", "--offline")
    assert result.exit_code == 0
    assert "msgbatch_a" in result.stdout


def test_offline_filters_what_is_known(cli: Cli, remember: Remember) -> None:
    history = remember(
        batch_body("failed", age=MINUTE, request_counts={"errored": 3}),
        batch_body("deleted", age=2 * MINUTE, request_counts={"errored": 3}),
        *(batch_body(f"partial{n}", age=3 * MINUTE) for n in range(5)),
    )
    history.set_deleted("deleted", at=history.records()[0].first_seen_at)
    failed = cli("list", "--offline", "--json", "--outcome", "failed")
    assert [json.loads(line)["id"] for line in failed.stdout.splitlines()] == ["failed"]
    partial = cli("list", "--offline", "--json", "--status", "ended", "--limit", "3")
    assert len(partial.stdout.splitlines()) == 3
    everything = cli("list", "--offline")
    assert "deleted" in everything.stdout


def test_unknown_fields_are_printed_as_they_came(cli: Cli, remember: Remember) -> None:
    body = batch_body("msgbatch_a", age=MINUTE)[:-1] + b',"new":{"big":12345678901234567890.10}}'
    remember(body)
    line = cli("list", "--offline", "--json").stdout_bytes
    assert b'"new":{"big":12345678901234567890.10},"batchtui":{' in line


def test_what_another_process_adds_in_between_is_not_printed_twice(
    config: Path, remember: Remember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchtui.cli.selection._PAGE", 2)
    history = remember(*(batch_body(f"old{n}", age=MINUTE * (n + 2)) for n in range(5)))
    found = []
    for page in select(Kept(history, ResultStore(config / "results")), Selection(None)):
        found += [record.id for record, _ in page]
        if len(found) == 2:
            remember(batch_body("new", age=MINUTE))
    assert found == [f"old{n}" for n in range(5)]


def test_rows_that_make_no_sense_are_counted(cli: Cli, config: Path, remember: Remember) -> None:
    remember(*(batch_body(f"batch{n}", age=MINUTE * n) for n in range(3))).close()
    with closing(sqlite3.connect(config / "history.db")) as connection, connection:
        connection.execute("UPDATE batch SET body = 'no JSON' WHERE id = 'batch1'")
    result = cli("list", "--offline")
    assert len(result.stdout.splitlines()) == 3
    assert result.stderr == "Warning: 1 stored batches cannot be read.\n"


def test_results_that_are_here_are_said_to_be(cli: Cli, config: Path, remember: Remember) -> None:
    remember(batch_body("msgbatch_a", age=MINUTE))
    results = config / "results" / "127.0.0.1_9"
    results.mkdir(parents=True)
    (results / "msgbatch_a.jsonl").write_bytes(b"")
    line = cli("list", "--offline", "--json").stdout
    assert json.loads(line)["batchtui"]["results"] == "here"


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("401", 4, "does not accept the key in ANTHROPIC_API_KEY"),
        ("403", 4, "does not permit"),
        ("400", 1, "refused"),
        ("broken/list", 1, ""),
        ("429=3600", 1, "rate limiting"),
        ("spend-cap", 1, "spend limit"),
    ],
)
def test_a_failure_leaves_what_is_known(
    cli: Cli,
    simulator: Simulator,
    use: Use,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    code: int,
    words: str,
) -> None:
    # Waiting for the next try is not what is looked at here.
    monkeypatch.setattr("batchtui.cli.refreshing.ATTEMPTS", 1)
    server = use(simulator("crowd:5"))
    before = cli("list", "--limit", "3")
    server.faults.add(fault)
    after = cli("list", "--limit", "3")
    assert after.exit_code == code
    assert after.stdout == before.stdout
    assert words in after.stderr
    assert after.stderr.startswith("Error: ")


def test_without_credentials_what_is_known_is_printed(
    cli: Cli, remember: Remember, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(batch_body("msgbatch_a", age=MINUTE))
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    result = cli("list")
    assert result.exit_code == 4
    assert "msgbatch_a" in result.stdout
    assert "ANTHROPIC_API_KEY" in result.stderr
    assert "demo" in result.stderr


def test_a_history_that_cannot_be_used_is_done_without(
    cli: Cli, simulator: Simulator, use: Use, config: Path
) -> None:
    use(simulator("crowd:3"))
    config.mkdir()
    (config / "history.db").mkdir()
    result = cli("list")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 4
    assert result.stderr.startswith("Warning: ")


def test_a_history_that_was_set_aside_is_told(cli: Cli, config: Path) -> None:
    config.mkdir()
    (config / "history.db").write_bytes(b"no database" * 100)
    result = cli("list", "--offline")
    assert "set aside" in result.stderr
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--limit", "-1"),
        ("--limit", "many"),
        ("--status", "done"),
        ("--outcome", "good"),
        ("extra",),
        ("--base-url", "ftp://x"),
    ],
)
def test_wrong_usage_is_2(cli: Cli, words: tuple[str, ...]) -> None:
    result = cli("list", *words)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_config_file_that_makes_no_sense_is_2(cli: Cli, config: Path) -> None:
    config.mkdir()
    (config / "config.toml").write_text("themes = 'dark'")
    result = cli("list", "--offline")
    assert result.exit_code == 2
    assert 'Did you mean "theme"?' in result.stderr


def test_help_lists_what_can_be_asked_for(cli: Cli) -> None:
    text = cli("list", "--help").stdout
    for word in ("--limit", "--status", "--outcome", "--json", "--offline", "--config-dir"):
        assert word in text
    assert all(outcome.value in text for outcome in Outcome)
    assert "list" in VERBS


def test_batches_from_the_ends_of_time(
    cli: Cli, remember: Remember, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(
        batch_body("first", age=MINUTE, created_at="0001-01-01T00:00:00+05:00"),
        batch_body("last", age=MINUTE, created_at="9999-12-31T23:59:59-05:00"),
    )
    for words in (("list",), ("list", "--json"), ("show", "first"), ("show", "last")):
        result = cli(*words, "--offline")
        assert result.exit_code == 0, result.stderr
        assert result.stdout
