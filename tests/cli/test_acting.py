"""Cancel and delete, against a server that does what it is told."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Terminal

Simulator = Callable[..., RunningServer]
Use = Callable[[RunningServer], RunningServer]
AtTerminal = Callable[..., Terminal]


def ids(cli: Cli, *words: str) -> list[str]:
    lines = cli("list", "--json", *words).stdout.splitlines()
    return [json.loads(line)["id"] for line in lines]


def operations(server: RunningServer) -> list[str]:
    return [call.operation for call in server.calls]


@pytest.fixture
def server(simulator: Simulator, use: Use) -> RunningServer:
    """The demo's world: some batches run, most have ended."""
    return use(simulator("demo"))


def test_cancel_tells_of_each_batch(cli: Cli, server: RunningServer) -> None:
    running = ids(cli, "--outcome", "running", "--limit", "2")
    result = cli("cancel", "--yes", *running)
    assert result.exit_code == 0
    assert {*result.stdout.splitlines()} == {f"{each} is being canceled" for each in running}
    again = cli("cancel", "--yes", *running)
    assert again.exit_code == 0
    assert "being canceled already" in again.stdout


def test_a_batch_named_twice_is_one(cli: Cli, server: RunningServer) -> None:
    (running,) = ids(cli, "--outcome", "running", "--limit", "1")
    result = cli("cancel", "--yes", running, running)
    assert len(result.stdout.splitlines()) == 1


def test_a_batch_that_has_ended_need_not_be_canceled(cli: Cli, server: RunningServer) -> None:
    (ended,) = ids(cli, "--outcome", "succeeded", "--limit", "1")
    result = cli("cancel", "--yes", ended)
    assert result.exit_code == 0
    assert "has ended already" in result.stdout
    assert "cancel" not in operations(server)


def test_an_unknown_batch_does_not_keep_the_others(cli: Cli, server: RunningServer) -> None:
    (running,) = ids(cli, "--outcome", "running", "--limit", "1")
    result = cli("cancel", "--yes", "msgbatch_x", running)
    assert result.exit_code == 1
    assert result.stdout == f"{running} is being canceled\n"
    assert result.stderr.startswith("msgbatch_x: ")


def test_without_a_terminal_yes_has_to_be_said(cli: Cli, server: RunningServer) -> None:
    result = cli("cancel", "msgbatch_x")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert operations(server) == []


@pytest.mark.parametrize("verb", ["cancel", "delete"])
@pytest.mark.parametrize("before", [True, False])
def test_read_only_refuses_before_anything_is_asked(
    cli: Cli, server: RunningServer, verb: str, before: bool
) -> None:
    words = ("--read-only", verb, "x", "--yes") if before else (verb, "x", "--yes", "--read-only")
    result = cli(*words)
    assert result.exit_code == 1
    assert "read-only" in result.stderr
    assert operations(server) == []


def test_read_only_can_be_a_setting(cli: Cli, server: RunningServer, config: Path) -> None:
    config.mkdir()
    (config / "config.toml").write_text("read_only = true")
    assert "read-only" in cli("delete", "x", "--yes").stderr
    assert operations(server) == []


def test_offline_cannot_act(cli: Cli, server: RunningServer) -> None:
    result = cli("cancel", "x", "--yes", "--offline")
    assert result.exit_code == 2
    assert "offline" in result.stderr


def test_answers_are_not_lost_without_a_word(cli: Cli, server: RunningServer) -> None:
    ended = ids(cli, "--outcome", "partial", "--limit", "2")
    done = cli("delete", "--yes", *ended)
    assert done.exit_code == 0
    assert "answers are not downloaded and will be lost" in done.stderr
    assert "--fetch" in done.stderr
    assert {*done.stdout.splitlines()} == {f"{each} is deleted" for each in ended}
    again = cli("delete", "--yes", *ended)
    assert again.exit_code == 0
    assert again.stdout.count("deleted already") == 2


def test_results_are_fetched_before_the_batch_is_deleted(
    cli: Cli, server: RunningServer, config: Path
) -> None:
    (ended,) = ids(cli, "--outcome", "partial", "--limit", "1")
    result = cli("delete", "--yes", "--fetch", ended)
    assert result.exit_code == 0
    (file,) = config.glob("results/*/*.jsonl")
    assert file.name == f"{ended}.jsonl"
    assert str(file) in result.stderr
    assert json.loads(cli("show", ended, "--json").stdout)["batchtui"]["results"] == "here"


def test_what_could_not_be_fetched_is_not_deleted(cli: Cli, server: RunningServer) -> None:
    good, bad = ids(cli, "--outcome", "partial", "--limit", "2")
    assert cli("delete", "--yes", "--fetch", good).exit_code == 0
    server.faults.add("400/results")
    result = cli("delete", "--yes", "--fetch", bad)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert bad in result.stderr
    assert bad in ids(cli, "--limit", "0", "--status", "ended")


def test_what_somebody_else_deleted_is_found_gone(
    cli: Cli, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchtui.account.account.DOUBTS", (0.0,))
    (ended,) = ids(cli, "--outcome", "partial", "--limit", "1")
    server.world.delete(ended)
    result = cli("delete", "--yes", ended)
    assert (result.exit_code, result.stdout) == (0, f"{ended} was no longer on the server\n")
    assert "gone" in cli("show", ended).stdout


def test_a_running_batch_is_not_deleted(cli: Cli, server: RunningServer) -> None:
    (running,) = ids(cli, "--outcome", "running", "--limit", "1")
    result = cli("delete", "--yes", running)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "cancel it first" in result.stderr


def test_bad_credentials_are_4(
    cli: Cli, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-invalid")
    result = cli("cancel", "msgbatch_x", "--yes")
    assert result.exit_code == 4
    assert "sk-ant" not in result.stderr


def test_one_batch_is_asked_about(cli: Cli, server: RunningServer, terminal: AtTerminal) -> None:
    (running,) = ids(cli, "--outcome", "running", "--limit", "1")
    asked = terminal("cancel", running)
    asked.read_until("[y/N] ")
    assert b"may still succeed" in asked.raw
    assert "cancel" not in operations(server)
    asked.type("y\n")
    assert asked.finish() == 0
    assert f"{running} is being canceled".encode() in asked.raw


def test_several_need_their_number(cli: Cli, server: RunningServer, terminal: AtTerminal) -> None:
    running = ids(cli, "--outcome", "running", "--limit", "2")
    asked = terminal("cancel", *running)
    asked.read_until("type 2: ")
    asked.type("y\n")
    assert asked.finish() == 1
    assert b"Nothing was changed." in asked.raw
    assert "cancel" not in operations(server)


def test_an_interrupt_at_the_question_changes_nothing(
    cli: Cli, server: RunningServer, terminal: AtTerminal
) -> None:
    (running,) = ids(cli, "--outcome", "running", "--limit", "1")
    asked = terminal("cancel", running)
    asked.read_until("[y/N] ")
    asked.process.send_signal(signal.SIGINT)
    assert asked.finish() == 130
    assert b"Traceback" not in asked.raw
    assert "cancel" not in operations(server)


def test_an_interrupt_in_the_middle_says_what_is_done(
    cli: Cli, server: RunningServer, terminal: AtTerminal
) -> None:
    running = ids(cli, "--outcome", "running", "--limit", "2")
    server.faults.add("429=50/cancel")
    acting = terminal("cancel", "--yes", *running)
    acting.read_until("Next try in")
    acting.process.send_signal(signal.SIGINT)
    assert acting.finish() == 130
    assert b"0 of 2 are done" in acting.raw
    assert running[0].encode() in acting.raw
    assert b"Traceback" not in acting.raw


@pytest.mark.parametrize("verb", ["cancel", "delete"])
def test_help_names_the_options(cli: Cli, verb: str) -> None:
    text = cli(verb, "--help").stdout
    assert "--yes" in text
    assert ("--fetch" in text) is (verb == "delete")
