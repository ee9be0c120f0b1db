"""Submitting from the command line, killed at every step: every request is sent exactly once."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Run, Spawn, Start, environment, finish, sent, sent_once
from tests.nursery import Nursery, Nursling, begin

HURRY = {"batchtui.account.reconciling": {"PAUSES": (0.05, 0.1)}}
"""What came before an earlier crash is looked for at shorter intervals than a person's."""

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


@pytest.fixture
def submit(config: Path, server: RunningServer, nursery: Nursery) -> Callable[..., Nursling]:
    """Begins to submit."""

    def submit(*words: str) -> Nursling:
        env = environment(config, server, {})
        with open(os.devnull, "r+") as nothing:
            streams = (nothing.fileno(),) * 3
            return begin(nursery.socket, ["submit", *words], env, streams=streams, hurry=HURRY)

    return submit


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
    submit: Callable[..., Nursling], server: RunningServer, asks: Path, step: str
) -> None:
    """A job of ten batches that is killed each time it has come one batch further."""
    fault, is_there = STEPS[step]
    words = [str(asks), "--max-requests", str(SIZE), "--yes"]
    for before in range(BATCHES - 1):
        server.faults.clear()
        server.faults.add(fault)
        process = submit(*words, *(["--resume"] if before else []))

        def is_further(before: int = before) -> bool:
            return len(sent(server)) > before and is_there(server)

        wait_until(is_further)
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
        assert len(sent(server)) == before + 1
    server.faults.clear()
    assert submit(*words, "--resume").wait(60) == 0
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
