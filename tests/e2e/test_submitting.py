"""Submitting from the command line, killed at every step: every request is sent exactly once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Run, Spawn, Start, environment, finish, sent, sent_once

HURRIED = """
from batchtui.account import reconciling
from batchtui.cli.main import run
reconciling.PAUSES = (0.05, 0.1)
run()
"""
"""The command, but that it looks for lost batches at shorter intervals."""

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


class Hurried:
    """The command in a process of its own that is not patient when it looks for batches."""

    def __init__(self, stack: ExitStack, config: Path, server: RunningServer) -> None:
        self._stack = stack
        self._config = config
        self._server = server

    def __call__(self, *words: str) -> subprocess.Popen[str]:
        process = self._stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-c", HURRIED, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment(self._config, self._server, {}),
            )
        )
        self._stack.callback(process.kill)
        return process


@pytest.fixture
def hurried(config: Path, server: RunningServer) -> Iterator[Hurried]:
    with ExitStack() as stack:
        yield Hurried(stack, config, server)


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert process.poll() is None, process.communicate()
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
    hurried: Hurried, server: RunningServer, asks: Path, step: str
) -> None:
    """A job of ten batches that is killed each time it has come one batch further."""
    fault, is_there = STEPS[step]
    words = ["submit", str(asks), "--max-requests", str(SIZE), "--yes"]
    for before in range(BATCHES - 1):
        server.faults.clear()
        server.faults.add(fault)
        process = hurried(*words, *(["--resume"] if before else []))

        def is_further(before: int = before) -> bool:
            return len(sent(server)) > before and is_there(server)

        wait_until(is_further, process)
        process.kill()
        process.wait()
        assert len(sent(server)) == before + 1
    server.faults.clear()
    process = hurried(*words, "--resume")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert set(out.split()) <= set(sent(server))
    assert len(sent(server)) == BATCHES
    assert sent_once(server, ALL)


def test_two_at_once(hurried: Hurried, server: RunningServer, asks: Path) -> None:
    server.faults.add("latency=1/create:1")
    words = ["submit", str(asks), "--max-requests", str(SIZE), "--yes"]
    first = hurried(*words)
    wait_until(lambda: bool(server.calls) and last_call(server, "create"), first)
    second = hurried(*words, "--resume")
    _, err = second.communicate(timeout=30)
    assert second.returncode == 2
    assert "Another batchtui is sending this job" in err
    first.communicate(timeout=30)
    assert first.returncode == 0
    assert sent_once(server, ALL)


def test_interrupted_while_it_waits(
    spawn: Spawn, run: Run, server: RunningServer, asks: Path
) -> None:
    server.faults.add("queue-full=600/create:2")
    process = spawn("submit", str(asks), "--yes", "--name", "my job", server=server)
    wait_until(lambda: bool(server.calls) and last_call(server, "create"), process)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "It goes on at" in err
    assert "0 of 1 batch sent" in err
    assert "--resume --name 'my job'" in err
    server.faults.clear()
    done = run("submit", str(asks), "--yes", "--resume", "--name", "my job", server=server)
    assert done.code == 0
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
