"""Submitting from the command line, killed at every step: every request is sent exactly once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Run, Spawn, Start, environment, finish, sent, sent_once

NURSERY = """
import json
import os
import sys

import anthropic

import batchtui.cli.submit
from batchtui.account import reconciling
from batchtui.cli.main import run

reconciling.PAUSES = (0.05, 0.1)
for line in sys.stdin:
    child = os.fork()
    if not child:
        sys.argv = ["batchtui", *json.loads(line)]
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        try:
            run()
        except SystemExit as ended:
            os._exit(ended.code or 0)
        os._exit(99)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Runs the command in processes of their own that need no time to import it, one at a time.

What came before an earlier crash is looked for at shorter intervals than a person's.
"""

BATCHES = 10
SIZE = 5


@pytest.fixture
def server(simulator: StartSimulator) -> RunningServer:
    return simulator("empty")


@pytest.fixture
def asks(tmp_path: Path) -> Path:
    """A request file for ten batches."""
    path = tmp_path / "asks.jsonl"
    with path.open("w") as file:
        for number in range(BATCHES * SIZE):
            message = {"role": "user", "content": "Hello"}
            params = {"model": "claude-haiku-4-5", "max_tokens": 16, "messages": [message]}
            file.write(json.dumps({"custom_id": f"r{number}", "params": params}) + "\n")
    return path


ALL = [f"r{number}" for number in range(BATCHES * SIZE)]


class Nursery:
    """Runs the command again and again."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.child = 0

    def begin(self, *words: str) -> None:
        """Run it; its process is `child`."""
        assert self._process.stdin
        self._process.stdin.write(f"{json.dumps(words)}\n")
        self._process.stdin.flush()
        self.child = self._line()

    def end(self) -> int:
        """Wait for its end; returns its exit code, negative for a signal."""
        return self._line()

    def _line(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())


@pytest.fixture
def nursery(config: Path, server: RunningServer) -> Iterator[Nursery]:
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(config, server, {}),
    ) as process:
        yield Nursery(process)
        process.kill()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def last_call(server: RunningServer, operation: str) -> bool:
    return server.calls[-1].operation == operation


STEPS: dict[str, tuple[str, Callable[[RunningServer], bool]]] = {
    "before one is sent": ("latency=0.1/list", lambda server: last_call(server, "list")),
    "while one is sent": ("latency=0.1/create", lambda server: last_call(server, "create")),
    "before one is answered": ("late=30:1", lambda server: True),
}
"""What slows the server down at a step, and how to tell that a job has come to it."""


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_every_step(
    nursery: Nursery, server: RunningServer, asks: Path, step: str
) -> None:
    """A job of ten batches that is killed each time it has come one batch further."""
    fault, is_there = STEPS[step]
    words = ["submit", str(asks), "--max-requests", str(SIZE), "--yes"]
    for before in range(BATCHES - 1):
        server.faults.clear()
        server.faults.add(fault)
        nursery.begin(*words, *(["--resume"] if before else []))

        def is_further(before: int = before) -> bool:
            return len(sent(server)) > before and is_there(server)

        wait_until(is_further)
        os.kill(nursery.child, signal.SIGKILL)
        assert nursery.end() == -signal.SIGKILL
        assert len(sent(server)) == before + 1
    server.faults.clear()
    nursery.begin(*words, "--resume")
    assert nursery.end() == 0
    assert len(sent(server)) == BATCHES
    assert sent_once(server, ALL)


def test_one_at_a_time_and_interrupted_while_it_waits(
    spawn: Spawn, run: Run, server: RunningServer, asks: Path
) -> None:
    server.faults.add("queue-full=600/create")
    words = ["submit", str(asks), "--yes", "--name", "my job"]
    first = spawn(*words, server=server)
    wait_until(lambda: bool(server.calls) and last_call(server, "create"))
    second = run(*words, "--resume", server=server)
    assert second.code == 2
    assert "Another batchtui is sending this job" in second.err
    first.send_signal(signal.SIGINT)
    _, err = first.communicate(timeout=30)
    assert first.returncode == 130
    assert "It goes on at" in err
    assert "0 of 1 batch sent" in err
    assert "--resume --name 'my job'" in err
    server.faults.clear()
    assert run(*words, "--resume", server=server).code == 0
    assert sent_once(server, ALL)


def test_asked_at_a_terminal(start: Start, server: RunningServer, asks: Path) -> None:
    server.faults.add("drop:1")
    terminal = start("submit", str(asks), server=server)
    terminal.wait_for("y/N")
    terminal.type("y")
    terminal.press("enter")
    terminal.wait_for("its number if it is")
    (batch_id,) = sent(server)
    assert batch_id in terminal.text
    terminal.type("7")
    terminal.press("enter")
    terminal.type("1")
    terminal.press("enter")
    assert finish(terminal) == 0
    assert sent_once(server, ALL)


def test_interrupted_while_it_asks(start: Start, server: RunningServer, asks: Path) -> None:
    server.faults.add("drop:1")
    terminal = start("submit", str(asks), server=server)
    terminal.wait_for("y/N")
    terminal.type("y")
    terminal.press("enter")
    terminal.wait_for("its number if it is")
    terminal.press("ctrl+c")
    assert finish(terminal) == 130
    assert "To go on" in terminal.text
