"""The home screen at 120x40 with 20 running batches: left alone, one changing, the cursor moving.

Bytes are all that reach the terminal meanwhile, the clock in the masthead included.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from batchtui.simulator.clock import FixedClock
from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.prose import EVALS
from batchtui.simulator.scripted import Scripted
from batchtui.simulator.server import RunningServer
from benchmarks.process import cpu_seconds
from benchmarks.stage import APP, Size, simulated, stage
from benchmarks.table import Goal, Row
from tests.terminal import Terminal

RUNNING = 20
HELD_BY_HAND = "--interval=0"
READY = r"updated .*\b20 batches"
_ANSWER = 0.4
"""Seconds given to the answer to a key; the clock ticks in some of them."""


def run(size: Size) -> Iterator[Row]:
    """CPU and bytes when nothing happens, bytes when something does."""
    yield from left_alone(size)
    yield one_change(size)


def left_alone(size: Size) -> Iterator[Row]:
    """Nobody presses a key, nothing changes; then cursor down."""
    with simulated(f"busy:{RUNNING}") as world, Terminal(APP, world.env) as terminal:
        terminal.wait_for(READY)
        terminal.read(2)
        cpu, written = cpu_seconds(terminal.process.pid), terminal.size
        terminal.read(size.idle_seconds)
        cpu = cpu_seconds(terminal.process.pid) - cpu
        yield Row(
            name=f"home, {RUNNING} running, left alone: CPU",
            measured=cpu / size.idle_seconds * 100,
            unit="%",
            goal=Goal(1),
        )
        yield Row(
            name=f"home, {RUNNING} running, left alone: to the terminal",
            measured=(terminal.size - written) / size.idle_seconds,
            unit="B/s",
            goal=Goal(400),
        )
        yield Row(
            name="home, cursor down: to the terminal",
            measured=median(bytes_of(terminal, "down") for _ in range(min(size.presses, 19))),
            unit="B",
            goal=Goal(1200),
        )


def one_change(size: Size) -> Row:
    """The highlighted batch changes its counts, and is seen to; the other 19 stand still."""
    clock = FixedClock(datetime.now(UTC))
    with (
        TemporaryDirectory(prefix="batchtui-bench-") as directory,
        RunningServer("empty", clock=clock, counts="live") as server,
    ):
        for number in range(RUNNING):
            server.world.add(_plan(number, clock()))
        env = stage(server.base_url, Path(directory)).env
        with Terminal((*APP, HELD_BY_HAND), env) as terminal:
            terminal.wait_for(READY)
            terminal.settle(0.5)
            sizes = []
            for _ in range(size.presses):
                clock.advance(60)
                sizes.append(bytes_of(terminal, "r"))
    return Row(
        name="home, the highlighted batch changes its counts: to the terminal",
        measured=median(sizes),
        unit="B",
        goal=Goal(1500),
    )


def _plan(number: int, start: datetime) -> Plan:
    """The newest gets through 100 requests a minute, the others through none for hours."""
    created = start - timedelta(minutes=1 + number)
    total, takes = (20_000, timedelta(minutes=200)) if not number else (1, timedelta(hours=20))
    return Plan(f"msgbatch_{number:024}", created, takes, Scripted(number, EVALS, total))


def bytes_of(terminal: Terminal, key: str) -> int:
    """The bytes that come within a moment of pressing a key."""
    before = terminal.size
    terminal.press(key)
    terminal.read(_ANSWER)
    return terminal.size - before
