"""`batchtui watch` of 1,000 running batches: at a terminal for a while, and for 10,000 ticks.

At the terminal it is the whole command with a server, at its own interval. The many ticks are those
of `benchmarks.ticking`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.prose import EVALS
from batchtui.simulator.scripted import Scripted
from batchtui.simulator.server import RunningServer
from benchmarks.process import cpu_seconds
from benchmarks.stage import APP, PYTHON, Size, environment, stage
from benchmarks.table import Goal, Row
from benchmarks.ticking import RUNNING, Found
from tests.terminal import Terminal

_TAKES = timedelta(hours=20)


def run(size: Size) -> Iterator[Row]:
    """What it computes, sends and asks for, and what it weighs in the long run."""
    yield from at_a_terminal(size)
    yield from for_many_ticks(size)


def at_a_terminal(size: Size) -> Iterator[Row]:
    """CPU and bytes to the terminal while nothing happens."""
    with (
        TemporaryDirectory(prefix="batchtui-bench-") as directory,
        RunningServer("empty") as server,
    ):
        now = datetime.now(UTC)
        for number in range(RUNNING):
            created = now - timedelta(seconds=10 * number)
            work = Scripted(number, EVALS, 1_000)
            server.world.add(Plan(f"msgbatch_{number:024}", created, _TAKES, work))
        env = stage(server.base_url, Path(directory)).env
        with Terminal((*APP, "watch"), env) as terminal:
            terminal.wait_for(r"and \d+ more")
            terminal.read(2)
            cpu, written = cpu_seconds(terminal.process.pid), terminal.size
            terminal.read(size.idle_seconds)
            cpu = cpu_seconds(terminal.process.pid) - cpu
            written = terminal.size - written
    yield Row(
        name=f"watch, {RUNNING:,} running, at a terminal: CPU",
        measured=cpu / size.idle_seconds * 100,
        unit="%",
        goal=Goal(1),
    )
    yield Row(
        name=f"watch, {RUNNING:,} running: to the terminal",
        measured=written / size.idle_seconds,
        unit="B/s",
        goal=Goal(100),
    )


def for_many_ticks(size: Size) -> Iterator[Row]:
    """Requests and computing of a tick, and memory after many of them."""
    command = (PYTHON, "-m", "benchmarks.ticking", str(size.ticks))
    done = subprocess.run(command, env=environment(), capture_output=True, check=True)
    found = msgspec.json.decode(done.stdout, type=Found)
    name = f"watch, {RUNNING:,} running, {found.ticks:,} ticks"
    yield Row(
        name=f"{name}: list requests each",
        measured=found.requests / found.ticks,
        unit="requests",
        goal=Goal(1),
    )
    yield Row(
        name=f"{name}: computing each",
        measured=found.cpu_seconds / found.ticks * 1000,
        unit="ms",
    )
    yield Row(
        name=f"{name}: memory (baseline: half way)",
        measured=found.at_end,
        baseline=found.settled,
        unit="MB",
        goal=Goal(1.05, "ratio"),
    )
