"""An account whose key a program prints, in the app as a person runs it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from batchtui.simulator.server import KEY as SIMULATED
from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Start, finish
from tests.e2e.test_secrets import KEY, assert_kept

PROGRAM = """
import os, sys, time
from pathlib import Path
here = Path(sys.argv[1])
(here / "pid").write_text(str(os.getpid()))
(here / "tty").write_text(str(os.isatty(0) or os.isatty(1) or os.isatty(2)))
print("unlock me", file=sys.stderr, flush=True)
while not (here / "unlocked").exists():
    time.sleep(0.02)
print((here / "unlocked").read_text())
"""


@pytest.fixture
def vault(tmp_path: Path, config: Path) -> Path:
    """Where a program takes the key from, once it is there; the account "work" waits for it."""
    here = tmp_path / "vault"
    here.mkdir()
    (here / "print_key.py").write_text(PROGRAM)
    command = json.dumps([sys.executable, str(here / "print_key.py"), str(here)])
    config.mkdir()
    (config / "config.toml").write_text(
        f'account = "work"\n[accounts.work]\nkey_command = {command}\n'
    )
    return here


def test_the_app_is_there_before_the_key_is(
    start: Start, simulator: StartSimulator, config: Path, vault: Path
) -> None:
    server = simulator("crowd:30")
    app = start("--interval", "0", server=server, env={"BATCHTUI_DEBUG": "1"})
    app.wait_for("work")
    app.wait_for("connecting")
    assert not server.calls
    (vault / "unlocked").write_text(KEY)
    app.wait_for("r to refresh")
    assert {call.headers["authorization"] for call in server.calls} == {f"Bearer {KEY}"}
    server.keys.revoke(KEY)
    app.press("r")
    app.wait_for("key_command")
    renewed = KEY.replace("api03", "api04")
    (vault / "unlocked").write_text(renewed)
    app.press("r")
    app.wait_for("r to refresh")
    assert server.calls[-1].headers["authorization"] == f"Bearer {renewed}"
    app.press("q")
    assert finish(app) == 0
    assert (vault / "tty").read_text() == "False"
    assert b"unlock me" not in app.raw
    assert_kept(app.raw)
    for path in config.rglob("*"):
        if path.is_file():
            assert_kept(path.read_bytes())


def test_leaving_does_not_wait_for_a_key(
    start: Start, simulator: StartSimulator, vault: Path
) -> None:
    app = start("--interval", "0", server=simulator("crowd:3"))
    app.wait_for("connecting")
    deadline = time.monotonic() + 20
    while not (vault / "pid").exists() or not (vault / "pid").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    app.press("q")
    assert finish(app) == 0
    pid = int((vault / "pid").read_text())
    while runs(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def servers(simulator: StartSimulator, config: Path) -> dict[str, RunningServer]:
    """A server for each account: "work", "home", and "vault", in which nothing may be changed."""
    found = {
        name: simulator(f"crowd:{size}", seed=size)
        for name, size in {"work": 30, "home": 12, "vault": 8}.items()
    }
    config.mkdir()
    tables = [
        f'[accounts.{name}]\nbase_url = "{server.base_url}"\nkey_env = "SHARED_KEY"\n'
        for name, server in found.items()
    ]
    (config / "config.toml").write_text(
        'account = "work"\n' + "".join(tables) + "read_only = true\n"
    )
    return found


def changes(server: RunningServer) -> list[str]:
    """What a server was asked to change."""
    return [call.method for call in server.calls if call.method != "GET"]


def test_what_is_deleted_is_that_of_the_account_on_screen(
    start: Start, servers: dict[str, RunningServer]
) -> None:
    ids = {name: {each["id"] for each in listed(server)} for name, server in servers.items()}
    app = start("--interval", "0", env={"SHARED_KEY": SIMULATED, "ANTHROPIC_API_KEY": ""})
    app.wait_for("work .* 30 batches")
    app.press("P", "down", "enter")  # all at once, before there is a list of accounts
    app.wait_for("home .* 12 batches")
    app.press("d")
    app.wait_for("Delete 1 batch in +home ")
    app.press("P", "up", "up", "up", "enter")  # a dialog keeps its keys
    app.wait_for("deleted|canceled|not deleted")
    app.press("escape")
    app.settle()
    app.press("P", "down", "enter")
    app.wait_for("vault .*READ-ONLY.* 8 batches")
    app.press("d")
    app.wait_for("Delete 1 batch in +vault ")
    app.wait_for("nothing can be changed")
    app.press("up", "up", "enter")
    app.settle()
    app.press("q")
    assert finish(app) == 0
    assert {name: changes(server) for name, server in servers.items()} == {
        "work": [],
        "home": ["DELETE"],
        "vault": [],
    }
    gone = {name: ids[name] - {each["id"] for each in listed(servers[name])} for name in servers}
    assert {name: len(each) for name, each in gone.items()} == {"work": 0, "home": 1, "vault": 0}
    assert gone["home"] <= ids["home"]


def listed(server: RunningServer) -> list[dict[str, str]]:
    """The batches of a server."""
    page: Any = server.world.page(limit=100)
    batches: list[dict[str, str]] = page["data"]
    return batches


def runs(pid: int) -> bool:
    """Whether a process does more than wait for somebody to take its exit code."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
