"""Accounts on the command line: choosing one, listing them, and the batches of all of them."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from batchtui.simulator.server import KEY, RunningServer
from tests.cli.conftest import Cli, Process, Terminal
from tests.conftest import StartSimulator
from tests.ui.request_files import write_requests

WORK = "sk-ant-canary-of-work-01"
HOME = "sk-ant-canary-of-home-02"

Simulator = StartSimulator


class Settle(Protocol):
    """Writes `config.toml` with these accounts, each a table of TOML lines."""

    def __call__(self, **accounts: str) -> None: ...


@pytest.fixture
def settle(config: Path) -> Settle:
    def write(*, top: str = "", **accounts: str) -> None:
        config.mkdir(exist_ok=True)
        tables = [f"[accounts.{name}]\n{lines}\n" for name, lines in accounts.items()]
        (config / "config.toml").write_text("\n".join((top, *tables)))

    return write


@pytest.fixture
def prints(tmp_path: Path) -> Callable[[str], str]:
    """Gives the line of an account whose key a program prints; it counts its runs in `runs`."""

    def write(key: str) -> str:
        script = tmp_path / "print_key.py"
        script.write_text(f"open({str(tmp_path / 'runs')!r}, 'a').write('.')\nprint({key!r})\n")
        return f"key_command = {json.dumps([sys.executable, str(script)])}"

    return write


@pytest.fixture
def server(simulator: Simulator) -> RunningServer:
    """Two accounts behind one address, and a third one for any other key."""
    return simulator("crowd:3", keys={WORK: "crowd:4", HOME: "crowd:5"})


@pytest.fixture
def two(
    server: RunningServer,
    settle: Settle,
    prints: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> RunningServer:
    """work, whose key is in a variable, and home, whose key is printed."""
    monkeypatch.setenv("WORK_KEY", WORK)
    url = f'base_url = "{server.base_url}"'
    settle(
        work=f'{url}\nkey_env = "WORK_KEY"\ncolor = "red"\nread_only = true',
        home=f'{url}\n{prints(HOME)}\nworkspace = "wrkspc_home"',
    )
    return server


def ids(text: str) -> list[str]:
    return [json.loads(line)["id"] for line in text.splitlines()]


def world(server: RunningServer, key: str) -> set[str]:
    page: object = server.worlds[key].page(limit=1000)["data"]
    assert isinstance(page, list)
    return {each["id"] for each in page}


# One of them


@pytest.mark.parametrize(("name", "key"), [("work", WORK), ("home", HOME)])
def test_an_account_is_chosen_by_its_name(
    cli: Cli, two: RunningServer, monkeypatch: pytest.MonkeyPatch, name: str, key: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert set(ids(cli("--account", name, "list", "--json").stdout)) == world(two, key)
    monkeypatch.setenv("BATCHTUI_ACCOUNT", name)
    assert set(ids(cli("list", "--json").stdout)) == world(two, key)
    assert {call.headers["authorization"] for call in two.calls} == {f"Bearer {key}"}


def test_an_option_wins_over_the_variable_and_that_over_the_file(
    cli: Cli, two: RunningServer, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = config / "config.toml"
    path.write_text(f'account = "home"\n{path.read_text()}')
    assert set(ids(cli("list", "--json").stdout)) == world(two, HOME)
    monkeypatch.setenv("BATCHTUI_ACCOUNT", "work")
    assert set(ids(cli("list", "--json").stdout)) == world(two, WORK)
    assert set(ids(cli("list", "--json", "--account", "home").stdout)) == world(two, HOME)


def test_the_environment_can_be_named_too(
    cli: Cli, two: RunningServer, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = config / "config.toml"
    path.write_text(f'account = "home"\n{path.read_text()}')
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", two.base_url)
    assert len(ids(cli("list", "--json", "--account", "environment").stdout)) == 3


def test_the_address_and_the_workspace_given_win_over_the_account_s(
    cli: Cli, two: RunningServer, simulator: Simulator
) -> None:
    other = simulator("crowd:2", keys={HOME: "crowd:1"})
    words = ("--base-url", other.base_url, "--workspace", "wrkspc_else")
    assert len(ids(cli("list", "--json", "--account", "home", *words).stdout)) == 1
    assert not two.calls
    (call,) = other.calls
    assert call.headers["authorization"] == f"Bearer {HOME}"
    assert call.headers["anthropic-workspace-id"] == "wrkspc_else"


def test_a_profile_by_itself_is_not_sent_to_an_account_s_address(
    cli: Cli, two: RunningServer, config: Path
) -> None:
    path = config / "config.toml"
    path.write_text(f'account = "home"\n{path.read_text()}')
    text = cli("info", "--profile", "dev").stdout
    assert two.base_url not in text.partition("\n\n")[0].partition("settings")[0]
    assert "environment (from environment)" in text


@pytest.mark.parametrize("how", ["option", "variable"])
def test_an_unknown_name_is_wrong_usage(
    cli: Cli, two: RunningServer, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "variable":
        monkeypatch.setenv("BATCHTUI_ACCOUNT", "wrok")
    result = cli("list", *(("--account", "wrok") if how == "option" else ()))
    assert result.exit_code == 2
    assert 'There is no account "wrok". Did you mean "work"?' in result.stderr
    assert not two.calls


def test_each_has_a_history_of_its_own(cli: Cli, two: RunningServer, tmp_path: Path) -> None:
    for name in ("work", "home"):
        cli("list", "--account", name)
    runs = (tmp_path / "runs").read_text()
    assert set(ids(cli("list", "--json", "--offline", "--account", "work").stdout)) == world(
        two, WORK
    )
    assert set(ids(cli("list", "--json", "--offline", "--account", "home").stdout)) == world(
        two, HOME
    )
    assert (tmp_path / "runs").read_text() == runs == "."


def test_read_only_accounts_are_left_as_they_are(cli: Cli, two: RunningServer) -> None:
    result = cli("delete", "x", "--yes", "--account", "work")
    assert result.exit_code == 1
    assert 'Nothing was changed in the account "work"' in result.stderr
    assert not two.calls


def test_a_key_that_is_revoked_is_mended_where_it_comes_from(
    cli: Cli, two: RunningServer, config: Path
) -> None:
    for key in (WORK, HOME):
        two.keys.revoke(key)
    work = cli("list", "--account", "work")
    home = cli("list", "--account", "home")
    assert (work.exit_code, home.exit_code) == (4, 4)
    assert 'account "work": API key is invalid' in work.stderr
    assert "Put a valid key into WORK_KEY" in work.stderr
    assert "key_command of accounts.home prints a valid key" in home.stderr
    said = work.output + home.output
    for path in config.rglob("*"):
        said += path.read_bytes().decode("latin-1") if path.is_file() else ""
    assert "canary" not in said


def test_a_secret_of_an_account_is_taken_out_of_what_is_said(cli: Cli, two: RunningServer) -> None:
    assert "canary" not in cli("show", WORK, "--account", "home").stderr


# All of them


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_the_accounts_are_listed(
    cli: Cli, two: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("list", "--account", "work")
    monkeypatch.setenv("BATCHTUI_ACCOUNT", "work")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    result = cli("accounts")
    assert result.exit_code == 0
    table = rows(result.stdout)
    assert [each[:2] for each in table[1:]] == [
        ["*", "work"],
        ["home", "config.toml"],
        ["environment", "environment"],
    ]
    assert table[1][-4:] == ["WORK_KEY", "read-only", "red", "4"]
    assert not (tmp_path / "runs").exists()
    assert "canary" not in result.output


def test_the_accounts_as_json(cli: Cli, two: RunningServer) -> None:
    found = [json.loads(line) for line in cli("accounts", "--json").stdout.splitlines()]
    # Nothing is named, so it is the environment's, though that has nothing to give.
    assert [(each["name"], each["in_use"]) for each in found] == [
        ("environment", True),
        ("work", False),
        ("home", False),
    ]
    assert found[2] == {
        "name": "home",
        "origin": "config.toml",
        "endpoint": two.base_url,
        "workspace": "wrkspc_home",
        "credential": "key_command",
        "present": True,
        "read_only": False,
        "color": "",
        "batches": 0,
        "in_use": False,
        "problem": "",
    }


def test_what_is_wrong_with_one_account_is_said_beside_the_others(
    cli: Cli, settle: Settle, config: Path
) -> None:
    settle(unset='key_env = "UNSET"', lost='profile = "gone"', good='key_command = ["x"]')
    result = cli("accounts", "--account", "godo")
    assert result.exit_code == 2
    assert 'Did you mean "good"?' in result.stderr
    assert "unset: UNSET is not set." in result.stderr
    assert "lost: There is no profile gone." in result.stderr
    assert [each[0] for each in rows(result.stdout)[1:]] == ["unset", "lost", "good"]
    assert not (config / "history.db").exists()


def test_who_it_is_is_said_though_its_history_cannot_be_read(
    cli: Cli, two: RunningServer, config: Path
) -> None:
    (config / "history.db").write_bytes(b"not a database at all" * 100)
    listed = map(json.loads, cli("accounts", "--account", "work", "--json").stdout.splitlines())
    for each in listed:
        assert "history" in each["problem"]
        assert (each["endpoint"], each["present"]) == (two.base_url, True)


def test_no_accounts_at_all(cli: Cli) -> None:
    result = cli("accounts")
    assert [each[:2] for each in rows(result.stdout)[1:]] == [["*", "environment"]]
    assert "No credentials were found" in result.stderr


def test_a_bad_file_hides_no_account(cli: Cli, settle: Settle) -> None:
    settle(bad="color = 3", good='key_command = ["x"]')
    result = cli("accounts")
    assert "good" in result.stdout
    assert "color" in result.stderr


def test_the_batches_of_all_accounts_are_one_list(
    cli: Cli, two: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", two.base_url)
    result = cli("list", "--all-accounts", "--json", "--limit", "0")
    assert result.exit_code == 0
    found = [json.loads(line) for line in result.stdout.splitlines()]
    names = [each["batchtui"]["account"] for each in found]
    assert {name: names.count(name) for name in names} == {"work": 4, "home": 5, "environment": 3}
    dates = [each["created_at"] for each in found]
    assert dates == sorted(dates, reverse=True)
    table = rows(cli("list", "--all-accounts", "--limit", "2").stdout)
    assert table[0][:2] == ["ACCOUNT", "ID"]
    assert [each[1] for each in table[1:]] == [each["id"] for each in found[:2]]


def test_what_goes_wrong_with_one_account_hides_nothing_of_the_others(
    cli: Cli, two: RunningServer, config: Path
) -> None:
    with (config / "config.toml").open("a") as file:
        file.write('[accounts.gone]\nkey_env = "UNSET"\n')
        file.write('[accounts.nowhere]\nkey_env = "WORK_KEY"\nbase_url = "http://127.0.0.1:9"\n')
    two.keys.revoke(HOME)
    result = cli("list", "--all-accounts", "--limit", "0")
    assert result.exit_code == 4
    assert len(rows(result.stdout)) == 1 + 4
    for name in ("gone", "home", "nowhere"):
        assert f"{name}: " in result.stderr
    assert "canary" not in result.output


def test_all_accounts_offline_run_no_program(cli: Cli, two: RunningServer, tmp_path: Path) -> None:
    cli("list", "--all-accounts")
    (tmp_path / "runs").unlink()
    before = len(two.calls)
    result = cli("list", "--all-accounts", "--offline", "--json")
    assert len(ids(result.stdout)) == 9
    assert len(two.calls) == before
    assert not (tmp_path / "runs").exists()


def test_two_names_of_one_account_are_listed_once(
    cli: Cli, two: RunningServer, config: Path
) -> None:
    with (config / "config.toml").open("a") as file:
        file.write(f'[accounts.again]\nbase_url = "{two.base_url}"\nkey_env = "WORK_KEY"\n')
    result = cli("list", "--all-accounts", "--json", "--limit", "0")
    assert len(ids(result.stdout)) == 9


@pytest.mark.parametrize(
    "words", ["--account x", "--profile x", "--base-url http://x", "--workspace x"]
)
def test_all_accounts_are_not_one(cli: Cli, words: str) -> None:
    result = cli("list", "--all-accounts", *shlex.split(words))
    assert result.exit_code == 2
    assert "means one account" in result.stderr


def test_nothing_known_of_anybody(cli: Cli) -> None:
    result = cli("list", "--all-accounts", "--offline")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "for any account" in result.stderr


# Without its key


def test_an_account_whose_variable_is_not_set_still_has_its_history(
    cli: Cli, two: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ids(cli("list", "--account", "work", "--json").stdout)
    monkeypatch.delenv("WORK_KEY")  # as for what a status bar runs
    assert ids(cli("list", "--account", "work", "--json", "--offline").stdout) == known
    assert len(known) == 4
    facts = [json.loads(line) for line in cli("accounts", "--json").stdout.splitlines()]
    assert next(each["batches"] for each in facts if each["name"] == "work") == 4
    monkeypatch.setenv("WORK_KEY", "sk-ant-canary-of-another")
    assert ids(cli("list", "--account", "work", "--json", "--offline").stdout) == []


def test_a_replaced_key_of_the_same_workspace_goes_on_with_its_history(
    cli: Cli, two: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("config", "set", "accounts.work.workspace", "wrkspc_1")
    known = ids(cli("list", "--account", "work", "--json").stdout)
    status = cli("status", "--account", "work").stdout
    assert len(known) == 4
    monkeypatch.setenv("WORK_KEY", "sk-ant-canary-of-another")
    assert ids(cli("list", "--account", "work", "--json", "--offline").stdout) == known
    assert cli("status", "--account", "work").stdout == status
    cli("config", "set", "accounts.work.workspace", "wrkspc_2")
    assert ids(cli("list", "--account", "work", "--json", "--offline").stdout) == []
    assert cli("status", "--account", "work").stdout != status


def test_the_status_of_an_account_needs_no_key(
    cli: Cli, two: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORK_KEY")
    words = ("status", "--account", "work")
    nothing = cli(*words).stdout
    monkeypatch.setenv("WORK_KEY", WORK)
    cli("list", "--account", "work")
    something = cli(*words).stdout
    monkeypatch.delenv("WORK_KEY")
    assert cli(*words).stdout == something != nothing


# Gateways


def test_a_server_without_a_list(
    cli: Cli, simulator: Simulator, use: Callable[[RunningServer], RunningServer]
) -> None:
    server = use(simulator("demo"))
    known = ids(cli("list", "--json", "--limit", "0").stdout)
    server.faults.add("lacks/list")
    result = cli("list", "--json", "--limit", "0")
    assert result.exit_code == 0
    assert "This server cannot list batches. Those that are known here are printed." in (
        result.stderr
    )
    assert ids(result.stdout) == known
    assert {call.operation for call in server.calls[-3:]} == {"retrieve"}


def test_of_several_servers_it_is_said_which_one_lacks_the_list(
    cli: Cli, two: RunningServer, simulator: Simulator, config: Path
) -> None:
    gateway = simulator("crowd:2", lacks=["list=501"])
    with (config / "config.toml").open("a") as file:
        file.write(f'[accounts.gate]\nbase_url = "{gateway.base_url}"\nkey_env = "WORK_KEY"\n')
    result = cli("list", "--all-accounts", "--limit", "0")
    assert result.exit_code == 0
    assert len(rows(result.stdout)) == 1 + 4 + 5
    assert "gate: This server cannot list batches." in result.stderr


def test_a_server_that_cannot_delete(
    cli: Cli, simulator: Simulator, use: Callable[[RunningServer], RunningServer]
) -> None:
    server = use(simulator("crowd:4", lacks=["delete=405"]))
    known = ids(cli("list", "--json").stdout)
    result = cli("delete", *known, "--yes")
    assert result.exit_code == 1
    assert "This server cannot delete batches" in result.stderr
    assert [call.operation for call in server.calls].count("delete") <= 4


# What destroys says where


def test_a_question_names_the_account(
    cli: Cli, two: RunningServer, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    found = ids(cli("list", "--account", "home", "--json").stdout)
    host = two.base_url.partition("//")[2]
    path = write_requests(tmp_path / "tickets.jsonl", 2)
    for words, question in (
        (["delete", found[0]], f"Delete this batch in home ({host})? [y/N]"),
        (["delete", *found[:2]], f"To delete these 2 batches in home ({host}), type 2:"),
        (["submit", str(path)], f"Send 1 batch of 2 requests in home ({host})? [y/N]"),
    ):
        asked = terminal(*words, "--account", "home")
        asked.read_until(question)
        asked.type("n\n")
        assert asked.finish() == 1
    assert {"delete", "create"}.isdisjoint(call.operation for call in two.calls)


# Elsewhere


def test_names_are_completed(process: Process, two: RunningServer, config: Path) -> None:
    with (config / "config.toml").open("a") as file:
        file.write('[accounts."$(touch x)"]\nkey_env = "X"\n')

    def completed(word: str) -> list[str]:
        environ = os.environ | {
            "_BATCHTUI_COMPLETE": "bash_complete",
            "COMP_WORDS": f"batchtui list --account {word}",
            "COMP_CWORD": "3",
        }
        done = process(env=environ)
        assert (done.returncode, done.stderr) == (0, b"")
        return [line.partition(",")[2] for line in done.stdout.decode().split()]

    assert completed("") == ["work", "home"]
    assert completed("wo") == ["work"]
    (config / "config.toml").write_text("[broken")
    assert completed("wo") == []


def test_info_says_which_account_it_is_and_why(cli: Cli, two: RunningServer) -> None:
    text = cli("info", "--account", "work").stdout
    assert "work (from config.toml)" in text
    assert f"{two.base_url} (accounts.work.base_url)" in text
    assert "WORK_KEY (fingerprint" in text
    assert "account:home" in cli("info", "--account", "home").stdout
    assert f"{two.base_url}/x (option)" in (
        cli("info", "--account", "work", "--base-url", f"{two.base_url}/x").stdout
    )


def test_the_demo_has_an_account_of_its_own(cli: Cli) -> None:
    result = cli("demo", "--account", "work")
    assert result.exit_code == 2
    assert "--account means nothing" in result.stderr


def test_status_names_the_account(cli: Cli, two: RunningServer) -> None:
    cli("list", "--account", "work")
    text = cli("status", "--account", "work", "--format", "{account}").stdout
    assert text == "work\n"
