"""The screen of results at 120x40: while a file arrives, and over a kept one.

Keys are pressed every 30 ms whatever comes back; a press is answered when the place in the frame of
the list is the one it asked for, so one long pause makes many presses late.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence

from benchmarks.first_paint import first_row
from benchmarks.process import forget_peak, peak_megabytes, resident_megabytes
from benchmarks.relay import Relay, relayed
from benchmarks.stage import APP, Size, remember, simulated, stage
from benchmarks.table import Goal, Row, median, percentile
from tests.terminal import Terminal

EVERY = 0.03
RARE = "zymurgy"
ORDERS = ("custom_id", "result", "stop reason", "input", "output", "cost")
FILTERS = ("errored", "stop:max_tokens", "out>600", "expired")

_PLACE = re.compile(r"─ Results ·.*? ([\d,]+) of ([\d,]+)")
_CURSOR = re.compile(r"▌\s+(\S+)")
_ROW = r"─ Results ·(.|\n)*▌.* [✓✗⊘◷]"
_HOME = r"▏All 1▕"
_QUIET = 0.4
"""Seconds without a byte of results after which they have arrived."""

_PATIENCE = 5.0
_SEARCH = 0.5
"""Seconds for which keys are pressed: about as long as a search takes."""

_MEGABYTES = 60


def run(size: Size) -> Iterator[Row]:
    """First rows, keys meanwhile, opening, moving, sorting, filtering; then memory."""
    firsts: list[float] = []
    waits: list[float] = []
    kept: list[Row] = []
    for last in [False] * min(size.rounds - 1, 2) + [True]:
        with simulated(f"big:{size.kept_lines}") as world, relayed(world.base_url) as relay:
            at = stage(relay.base_url, world.directory)
            (batch_id,) = remember(at)
            with Terminal(APP, at.env) as terminal:
                terminal.wait_for(first_row(batch_id))
                terminal.wait_for("updated ")
                first, answered = _arriving(terminal, relay, size)
                firsts.append(first)
                waits += answered
                kept += _kept(terminal, size) if last else ()
    yield Row(
        name=f"{size.kept_lines:,} lines fetched: from the first byte to the first rows",
        measured=median(firsts) * 1000,
        unit="ms",
        goal=Goal(250),
    )
    yield _late("    a key while they arrive, 95th percentile", waits)
    yield from kept
    for lines in (size.lines, 10 * size.lines):
        yield memory(lines)


def _arriving(terminal: Terminal, relay: Relay, size: Size) -> tuple[float, list[float]]:
    """Open results for the first time, which fetches them.

    Returns:
        Seconds from the first byte to the first rows, and until each key was answered.
    """
    terminal.press("enter")
    shown = terminal.wait_for(_ROW)
    assert relay.first_byte is not None
    waits = _waits(terminal, lambda: time.perf_counter() - relay.last_byte < _QUIET)
    terminal.wait_for(rf" of {size.kept_lines:,}\b")
    terminal.settle(0.5)
    return shown - relay.first_byte, waits


def _kept(terminal: Terminal, size: Size) -> Iterator[Row]:
    """What was fetched is opened again, and worked with."""
    openings = []
    for _ in range(size.rounds):
        terminal.press("escape")
        terminal.wait_for(_HOME)
        terminal.settle(0.2)
        assert re.search(_HOME, terminal.text)
        pressed = time.perf_counter()
        terminal.press("enter")
        openings.append(terminal.wait_for(_ROW) - pressed)
        terminal.settle(0.5)
    yield Row(
        name=f"{size.kept_lines:,} lines kept: from the key to the first rows",
        measured=median(openings) * 1000,
        unit="ms",
        goal=Goal(150),
    )
    pages = [_moves(terminal, "pagedown") for _ in range(size.presses)]
    yield Row(
        name="    page down, 95th percentile",
        measured=percentile(pages, 95) * 1000,
        unit="ms",
        goal=Goal(30),
    )
    yield _slowest(
        "    sorted by another column, the slowest",
        [_seconds_to(terminal, "s", rf"by {order} [▴▾]") for order in ORDERS],
    )
    terminal.press("S")
    terminal.settle(0.3)
    terminal.press("home")
    yield _slowest("    filtered, the slowest", [_filtered(terminal, words) for words in FILTERS])
    waits = [wait for number in range(3) for wait in _searched(terminal, f"{RARE}{number}")]
    yield _late("    a key while the full text is searched, 95th percentile", waits)


def _searched(terminal: Terminal, word: str) -> list[float]:
    """Seconds until each key was answered that was pressed while a word was searched for."""
    terminal.type(f"/{word}")
    terminal.settle(0.2)
    terminal.press("enter")
    terminal.wait_for(rf"/ {word} · ")
    end = time.perf_counter() + _SEARCH
    waits = _waits(terminal, lambda: time.perf_counter() < end)
    terminal.press("escape")
    terminal.settle(0.3)
    return waits


def memory(lines: int) -> Row:
    """The most that fetching, listing and looking through a file takes above the home screen."""
    with simulated(f"big:{lines}") as world:
        (batch_id,) = remember(world)
        with Terminal(APP, world.env) as terminal:
            terminal.wait_for(first_row(batch_id))
            terminal.wait_for("updated ")
            terminal.read(2)
            home = resident_megabytes(terminal.process.pid)
            forget_peak(terminal.process.pid)
            terminal.press("enter")
            terminal.wait_for(rf" of {lines:,}\b", limit=120)
            terminal.settle(1)
            terminal.press("end")
            terminal.settle(0.5)
            peak = peak_megabytes(terminal.process.pid)
    return Row(
        name=f"memory above the home screen's, at most, {lines:,} lines fetched and listed",
        measured=peak - home,
        unit="MB",
        goal=Goal(_MEGABYTES),
    )


def _late(name: str, waits: Sequence[float]) -> Row:
    return Row(name=name, measured=percentile(waits, 95) * 1000, unit="ms", goal=Goal(50))


def _slowest(name: str, seconds: Sequence[float]) -> Row:
    return Row(name=name, measured=max(seconds) * 1000, unit="ms", goal=Goal(200))


def _place(screen: Sequence[str]) -> int:
    """The place of the cursor in the list, from 0; -1 if there is no list."""
    for line in screen:
        if found := _PLACE.search(line):
            return int(found[1].replace(",", "")) - 1
    return -1


def _row(screen: Sequence[str]) -> str:
    """The custom_id the cursor is on."""
    found = _CURSOR.search("\n".join(screen))
    return found[1] if found else ""


def _waits(terminal: Terminal, goes_on: Callable[[], bool]) -> list[float]:
    """Press down as long as something goes on; returns the seconds until each was answered."""
    start = _place(terminal.text.splitlines())
    pressed = []
    due = time.perf_counter()
    while goes_on():
        terminal.press("down")
        pressed.append(time.perf_counter())
        due += EVERY
        terminal.read(due - time.perf_counter())
    terminal.settle(limit=_PATIENCE)
    waits: list[float] = []
    for at, screen in terminal.replay():
        moved = _place(screen) - start
        waits += [at - press for press in pressed[len(waits) : moved]]
    return waits + [_PATIENCE] * (len(pressed) - len(waits))


def _moves(terminal: Terminal, key: str) -> float:
    """Seconds from pressing a key until the cursor is on another row."""
    before = _row(terminal.text.splitlines())
    pressed = time.perf_counter()
    terminal.press(key)
    while time.perf_counter() < pressed + _PATIENCE:
        terminal.read_once(0.05)
        for at, screen in terminal.replay():
            if _row(screen) != before:
                terminal.settle(0.1)
                return at - pressed
    return _PATIENCE


def _seconds_to(terminal: Terminal, keys: str, pattern: str) -> float:
    pressed = time.perf_counter()
    terminal.type(keys)
    seconds = terminal.wait_for(pattern) - pressed
    terminal.settle(0.1)
    return seconds


def _filtered(terminal: Terminal, words: str) -> float:
    """Seconds from typing a filter until its lines are listed."""
    terminal.type("F")
    terminal.settle(0.1)
    seconds = _seconds_to(terminal, words, r"· [\d,]+ of [\d,]+ ·|No result matches")
    terminal.press("enter")
    terminal.settle(0.1)
    terminal.press("escape")
    terminal.settle(0.2)
    return seconds
