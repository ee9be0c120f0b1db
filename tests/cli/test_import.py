"""`batchtui import`: everything is looked at first, then asked for, then written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Process, Remember, batch_body
from tests.conftest import StartSimulator

DAY = timedelta(days=1)
Use = Callable[[RunningServer], RunningServer]


@pytest.fixture
def server(simulator: StartSimulator, use: Use) -> RunningServer:
    return use(simulator("crowd:12"))


@pytest.fixture
def ids(server: RunningServer) -> list[str]:
    page: Any = server.world.page(limit=1000)
    return [batch["id"] for batch in page["data"]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "batches"


def listed(cli: Cli) -> dict[str, dict[str, Any]]:
    text = cli("--offline", "list", "--json", "--limit", "0").stdout
    return {each["id"]: each["batchtui"] for each in map(json.loads, text.splitlines())}


def test_ids_are_asked_of_the_api_and_named(
    cli: Cli, server: RunningServer, ids: list[str], file: Path
) -> None:
    file.write_text(f"{ids[0]} first of all\n{ids[1]}\n")
    done = cli("import", str(file))
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "2 batches new; 0 known already, 0 of them changed.\n"
    assert {each: facts["label"] for each, facts in listed(cli).items()} == {
        ids[0]: "first of all",
        ids[1]: "",
    }
    assert len(server.calls) == 2


def test_what_is_known_is_not_asked_again(
    cli: Cli, server: RunningServer, ids: list[str], file: Path
) -> None:
    cli("list")
    asked = len(server.calls)
    file.write_text(f"id,note\n{ids[0]},good\n")
    done = cli("import", str(file))
    assert done.stdout == "0 batches new; 1 known already, 1 of them changed.\n"
    assert listed(cli)[ids[0]]["note"] == "good"
    assert len(server.calls) == asked


def test_what_the_api_does_not_know_is_named_and_the_rest_taken_in(
    cli: Cli, server: RunningServer, ids: list[str], file: Path
) -> None:
    file.write_text(f"msgbatch_nowhere lost\n{ids[0]} found\n")
    done = cli("import", str(file))
    assert done.exit_code == 1
    assert done.stdout.startswith("1 batch new")
    assert "msgbatch_nowhere:" in done.stderr
    assert set(listed(cli)) == {ids[0]}


def test_offline_only_what_is_known_is_named(cli: Cli, remember: Remember, file: Path) -> None:
    remember(batch_body("msgbatch_1", age=DAY))
    file.write_text("msgbatch_1 one\nmsgbatch_2 two\n")
    done = cli("--offline", "import", str(file))
    assert done.exit_code == 1
    assert "msgbatch_2: It is not in the history." in done.stderr
    assert listed(cli)["msgbatch_1"]["label"] == "one"


def test_one_bad_line_and_nothing_is_written_or_asked(
    cli: Cli, server: RunningServer, ids: list[str], file: Path
) -> None:
    bad = "\n".join(f"a\x1bb{number}" for number in range(30))
    file.write_text(f"{ids[0]} good\n{bad}\n")
    done = cli("import", str(file))
    assert done.exit_code == 2
    assert 'line 2: "a\ufffdb0" is not the id' in done.stderr
    assert "and 10 more" in done.stderr
    assert "30 lines of the file cannot be taken in. Nothing was." in done.stderr
    assert not server.calls
    assert not listed(cli)


def test_lines_that_contradict_one_another(cli: Cli, remember: Remember, file: Path) -> None:
    remember(batch_body("msgbatch_1", age=DAY))
    file.write_text("msgbatch_1\nmsgbatch_1 one\nmsgbatch_1\nmsgbatch_1 two\n")
    refused = cli("import", str(file))
    assert refused.exit_code == 2
    assert "line 4: msgbatch_1 has another label since line 1" in refused.stderr
    assert cli("import", "--overwrite", str(file)).exit_code == 0
    assert listed(cli)["msgbatch_1"]["label"] == "two"


def test_what_is_here_stays_unless_told_otherwise(cli: Cli, remember: Remember, file: Path) -> None:
    remember(batch_body("msgbatch_1", age=DAY)).annotate("msgbatch_1", label="mine")
    file.write_text("msgbatch_1 theirs\n")
    done = cli("import", str(file))
    assert done.exit_code == 0
    assert "Left as you had it here: 1 label" in done.stderr
    assert listed(cli)["msgbatch_1"]["label"] == "mine"
    cli("import", "--overwrite", str(file))
    assert listed(cli)["msgbatch_1"]["label"] == "theirs"


def test_a_dry_run_asks_and_writes_nothing(
    cli: Cli, server: RunningServer, ids: list[str], file: Path
) -> None:
    file.write_text(f"{ids[0]} one\n{ids[0]} one\n{ids[1]}\n")
    planned = cli("import", "--dry-run", str(file))
    assert planned.exit_code == 0
    assert planned.stdout == (
        "2 batches in the file; 0 known here; 2 would be asked of the API;"
        " 1 with a label, a note, a link or a pin; 1 line more of the same.\n"
    )
    assert not server.calls
    assert not listed(cli)


def test_of_an_ended_batch_nothing_is_asked_and_of_a_running_one_how_it_stands(
    cli: Cli, server: RunningServer, file: Path
) -> None:
    file.write_bytes(
        batch_body("msgbatch_over", age=60 * DAY)
        + b"\n"
        + batch_body("msgbatch_lost", age=50 * DAY, processing_status="in_progress")
        + b"\n"
    )
    done = cli("import", str(file))
    assert done.exit_code == 0
    assert len(server.calls) == 1
    facts = listed(cli)
    assert facts["msgbatch_over"]["gone_at"] is None
    assert facts["msgbatch_lost"]["gone_at"]


def test_what_stands_in_the_way_of_all_is_said_once(
    cli: Cli, server: RunningServer, ids: list[str], file: Path
) -> None:
    file.write_text("\n".join([ids[0], *(f"msgbatch_{number}" for number in range(9))]))
    cli("import", str(file))
    assert ids[0] in listed(cli)
    server.faults.add("401")
    done = cli("import", str(file))
    assert done.exit_code == 4
    assert done.stderr.count("does not accept") == 1
    assert "9 batches left; import the file once more" in done.stderr
    assert "1 known already" in done.stdout


def test_from_a_pipe(process: Process, server: RunningServer, ids: list[str]) -> None:
    done = process("import", "-", stdin=None, input=f"{ids[0]} piped\n".encode())
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"1 batch new")


@pytest.mark.parametrize("words", [["nowhere"], ["."], ["/dev/null"]])
def test_what_is_no_file(cli: Cli, remember: Remember, words: list[str]) -> None:
    done = cli("import", *words)
    assert done.exit_code in (1, 2)
    assert done.stderr.startswith("Error: ")


def test_a_large_file_is_taken_in_without_being_held(
    cli: Cli, remember: Remember, file: Path
) -> None:
    with file.open("wb") as stream:
        for number in range(3000):
            stream.write(batch_body(f"msgbatch_{number:05}", age=DAY) + b"\n")
    done = cli("--offline", "import", str(file))
    assert done.stdout == "3,000 batches new; 0 known already, 0 of them changed.\n"
    assert len(listed(cli)) == 3000


def test_where_nothing_can_be_kept_nothing_is_taken_in(
    cli: Cli, server: RunningServer, ids: list[str], file: Path, config: Path
) -> None:
    file.write_text(f"{ids[0]}\n")
    config.write_text("a file in the way of the directory")
    for words in (["import", str(file)], ["history", "prune", "--yes"], ["history", "vacuum"]):
        done = cli(*words)
        assert done.exit_code == 1
        assert "Error: There is no file of the history" in done.stderr
    assert not server.calls
