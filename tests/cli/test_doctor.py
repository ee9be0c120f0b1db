"""`batchtui doctor` over HTTP, and where there is nothing to be reached."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.simulator.server import KEY, RunningServer
from tests.cli.conftest import Cli, Remember, Terminal, batch_body
from tests.conftest import StartSimulator

Use = Callable[[RunningServer], RunningServer]


@pytest.fixture
def server(simulator: StartSimulator, use: Use) -> RunningServer:
    return use(simulator("crowd:3"))


def verdicts(cli: Cli, *words: str) -> dict[str, str]:
    facts = map(json.loads, cli(*words, "doctor", "--json").stdout.splitlines())
    return {each["check"]: each["verdict"] for each in facts}


def test_all_is_well(cli: Cli, server: RunningServer, config: Path) -> None:
    done = cli("doctor")
    assert done.exit_code == 0, done.stdout
    assert [line.split()[:3] for line in done.stdout.splitlines()] == [
        ["✓", "ok", name]
        for name in (
            "settings", "directory", "disk", "history", "credential", "api", "clock", "programs",
            "terminal",
        )
    ]  # fmt: skip
    assert done.stderr == "All is well.\n"
    assert len(server.calls) == 1
    assert KEY not in done.output
    assert not config.exists()


def test_a_key_that_is_not_accepted(cli: Cli, server: RunningServer) -> None:
    server.faults.add("401")
    done = cli("doctor")
    assert done.exit_code == 4
    (line,) = [each for each in done.stdout.splitlines() if each.startswith("✗")]
    assert "ANTHROPIC_API_KEY" in line
    assert KEY not in done.output


def test_no_credential_and_nothing_asked(
    cli: Cli, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    done = cli("doctor")
    assert done.exit_code == 4
    assert "✗ fail  credential" in done.stdout
    assert not server.calls


ACCOUNTS = """
[accounts.work]
key_env = "WORK_KEY"
[accounts.night]
key_command = ["false"]
"""


@pytest.mark.parametrize(("account", "words"), [("work", "WORK_KEY"), ("night", "key_command")])
def test_how_a_credential_is_mended_goes_by_its_kind(
    cli: Cli, server: RunningServer, config: Path, account: str, words: str
) -> None:
    config.mkdir(mode=0o700)
    (config / "config.toml").write_text(ACCOUNTS)
    (config / "config.toml").chmod(0o600)
    done = cli("--account", account, "doctor")
    assert done.exit_code == 4
    (line,) = [each for each in done.stdout.splitlines() if not each.startswith("✓")]
    assert line.startswith("✗ fail  credential")
    assert f'"{account}"' in line
    assert words in line
    assert not server.calls


def test_nobody_there(cli: Cli, remember: Remember) -> None:
    remember()
    done = cli("doctor")
    assert done.exit_code == 1
    assert "✗ fail  api" in done.stdout
    assert done.stderr == "1 failure.\n"
    assert "api" not in verdicts(cli, "--offline")


def test_several_things_at_once(cli: Cli, server: RunningServer, config: Path) -> None:
    config.mkdir(mode=0o755)
    (config / "config.toml").write_text('mouse = "no"\ntheme = 3\n')
    server.faults.add("500")
    done = cli("doctor")
    assert done.exit_code == 1
    assert done.stdout.count("✗ fail  settings") == 2
    assert "config.toml, line 1" in done.stdout
    assert "! warn  directory" in done.stdout
    assert "✗ fail  api" in done.stdout
    assert done.stderr == "3 failures and 1 warning.\n"


def test_an_account_that_there_is_not_leaves_the_rest_to_be_looked_at(
    cli: Cli, server: RunningServer
) -> None:
    found = verdicts(cli, "--account", "nowhere")
    assert found["account"] == "fail"
    assert found["programs"] == "ok"


def test_a_history_with_something_in_it(cli: Cli, remember: Remember) -> None:
    remember(batch_body("msgbatch_1", age=timedelta(days=1)))
    assert "Sound, 1 batch" in cli("--offline", "doctor").stdout


def test_at_a_terminal(terminal: Callable[..., Terminal], server: RunningServer) -> None:
    shown = terminal("doctor")
    shown.finish()
    assert b"xterm" in shown.raw
    assert b"clipboard" in shown.raw
    asked = f"Asking {server.base_url} …".encode()
    assert f"{asked.decode()}\r\x1b[K".encode() in shown.raw  # and is taken away again
    assert shown.raw.index(b"history") < shown.raw.index(asked) < shown.raw.index(b"credential")


def test_words_are_not_cut_at_the_edge_of_a_terminal(
    terminal: Callable[..., Terminal], server: RunningServer
) -> None:
    shown = terminal("doctor", columns=60)
    shown.finish()
    lines = shown.raw.decode().replace("\r", "").splitlines()
    assert any(line.startswith(f"{'':22}") for line in lines)
    assert all(len(line) <= 60 for line in lines if "\x1b" not in line)


def test_a_name_that_is_no_text(cli: Cli, remember: Remember, tmp_path: Path) -> None:
    remember()
    odd = tmp_path / "odd \udcff\x1b[2J"
    for words in ([], ["--json"]):
        done = cli("--offline", "--config-dir", str(odd), "doctor", *words)
        assert done.exit_code == 0
        assert "\x1b" not in done.stdout
        assert "odd" in done.stdout
