"""A shell script that submits, waits and reads, with every fault of the server in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from batchtui.simulator.faults import KINDS
from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Run, Spawn, environment, sent_once
from tests.nursery import Nursery

ROOT = Path(__file__).parents[2]
COMMAND = """#!{python} -IS
import os
import socket
import sys

sys.path.insert(0, {root!r})
from tests.nursery import begin

hurry = {{
    "batchtui.api.retry": {{"FIRST_WAIT": 0.05}},
    "batchtui.account.reconciling": {{"PAUSES": (0.05, 0.1)}},
}}
nursery = socket.socket(fileno={nursery})
sys.exit(begin(nursery, sys.argv[1:], os.environ, streams=(0, 1, 2), hurry=hurry).wait())
"""
"""The command, for which nothing takes long."""

SCRIPT = """
batchtui submit "$1" --name asks --yes &&
batchtui watch asks --exit-status --interval 1 --timeout 50s &&
batchtui results asks
"""

PASSING = (
    *("429=0.1", "429-bare", "500", "502", "503", "504", "529", "408"),
    *("latency=0.2", "empty", "broken"),
)
"""What is over when it is tried again, whatever was asked."""

OF_CREATING = ("queue-full=0.1", "queue-full-bare", "drop", "late=0.5", "lose")
OF_RESULTS = ("reset", "stall=0.5", "truncate", "garbage")
REFUSALS = {
    **dict.fromkeys(("400", "402", "404", "409", "413", "spend-cap", "spend-limit"), 1),
    **dict.fromkeys(("401", "403"), 4),
}
"""What is not over by itself, and the code it ends with."""

LACKING = "lacks/list"
"""What a gateway cannot do, it is not asked for again."""

REVOKING = "revoke"
"""From then on the key is accepted no more."""


def in_turn() -> list[tuple[str, ...]]:
    """The faults of each run: one for each of the operations, until all had all."""
    turns: list[tuple[str, ...]] = []
    for place in range(len(PASSING)):
        create, look, results = (PASSING[(place + at) % len(PASSING)] for at in range(3))
        turns.append((f"{create}/create:1", f"{look}/list:1", f"{results}/results:1"))
    turns += [(f"{kind}:1",) for kind in OF_CREATING]
    turns += [(f"{kind}:1",) for kind in OF_RESULTS]
    turns.append((LACKING,))
    return turns


def test_no_fault_is_left_out() -> None:
    kinds = {each.partition("=")[0] for each in (*PASSING, *OF_CREATING, *OF_RESULTS)}
    assert kinds | REFUSALS.keys() | {"lacks", REVOKING} == KINDS.keys()


@pytest.fixture
def asks(tmp_path: Path) -> Path:
    """A request file."""
    path = tmp_path / "asks.jsonl"
    message = {"role": "user", "content": "Hello"}
    params = {"model": "claude-haiku-4-5", "max_tokens": 16, "messages": [message]}
    lines = [json.dumps({"custom_id": f"r{number}", "params": params}) for number in range(3)]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def path(tmp_path: Path, nursery: Nursery) -> str:
    """Where the shell finds the command."""
    directory = tmp_path / "bin"
    directory.mkdir()
    command = directory / "batchtui"
    descriptor = nursery.socket.fileno()
    command.write_text(COMMAND.format(python=sys.executable, root=str(ROOT), nursery=descriptor))
    command.chmod(0o755)
    return f"{directory}{os.pathsep}{os.environ['PATH']}"


Script = Callable[[RunningServer], subprocess.CompletedProcess[str]]


@pytest.fixture
def script(config: Path, path: str, asks: Path, nursery: Nursery) -> Script:
    """Runs the script to its end."""
    return lambda server: subprocess.run(
        ["sh", "-c", SCRIPT, "sh", str(asks)],
        env=environment(config, server, {"PATH": path}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",  # noise is handed on as it came
        timeout=60,
        check=False,
        pass_fds=[nursery.socket.fileno()],
    )


@pytest.mark.parametrize("faults", in_turn(), ids=" ".join)
def test_submit_and_watch_and_results(
    simulator: StartSimulator, script: Script, faults: Sequence[str]
) -> None:
    server = simulator("empty", speed=200, faults=faults)
    done = script(server)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert sorted(line["custom_id"] for line in lines) == ["r0", "r1", "r2"]
    assert sent_once(server, ["r0", "r1", "r2"])


def test_what_ends_it_can_be_begun_again(simulator: StartSimulator, run: Run) -> None:
    server = simulator("busy:3")
    for kind, code in REFUSALS.items():
        server.faults.add(f"{kind}/list")
        done = run("watch", "--exit-status", server=server)
        assert done.code == code, (kind, done.err)
        assert done.err.startswith("Error: ")
        assert "Traceback" not in done.err
        server.faults.clear()
    done = run("watch", "--timeout", "0s", "--json", server=server)
    assert done.code == 5
    assert len(json.loads(done.out.splitlines()[-1])["running"]) == 3


def test_revoked_while_it_is_watched(simulator: StartSimulator, spawn: Spawn) -> None:
    server = simulator("busy:3")
    process = spawn("watch", "--interval", "1", "--json", server=server)
    assert process.stdout
    assert "watching" in process.stdout.readline()
    server.faults.add(REVOKING)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 4
    assert "does not accept" in err


def test_a_part_that_failed_stops_the_script(
    simulator: StartSimulator, script: Script, asks: Path
) -> None:
    bad = json.loads(asks.read_text().splitlines()[0])
    bad = {"custom_id": "odd", "params": bad["params"] | {"model": "claude-does-not-exist-9"}}
    asks.write_text(f"{asks.read_text()}\n{json.dumps(bad)}")
    done = script(simulator("empty", speed=200))
    assert done.returncode == 3
    assert "3 succeeded, 1 errored" in done.stderr
