"""Keys while the SDK is imported and the first pages arrive, at 120x40.

From the first paint on, cursor down is pressed every 30 ms whatever comes back. A press is answered
when the cursor stands on the row it asked for, so one long pause makes many presses late. The
median of several starts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from benchmarks.first_paint import SHOWN, first_row, row_with_cursor
from benchmarks.stage import APP, Size, Stage, remember, simulated
from benchmarks.table import Goal, Row, median, percentile
from tests.terminal import Terminal

EVERY = 0.03
LASTING = 2.5
_LATEST = 2.0


def run(size: Size) -> Iterator[Row]:
    """One row for the 95th percentile, one for the worst press."""
    with simulated(f"crowd:{size.batches}") as stage:
        ids = remember(stage)
        starts = [answers(stage, ids) for _ in range(size.rounds)]
    yield Row(
        name="a key while the SDK loads and pages arrive, 95th percentile",
        measured=median(percentile(waits, 95) for waits in starts) * 1000,
        unit="ms",
        goal=Goal(50),
    )
    yield Row(name="    the slowest of them", measured=max(map(max, starts)) * 1000, unit="ms")


def answers(stage: Stage, ids: Sequence[str]) -> list[float]:
    """Seconds until each press was answered."""
    with Terminal(APP, stage.env) as terminal:
        terminal.wait_for(first_row(ids[0]))
        pressed = _press_steadily(terminal)
        places = {batch_id[:SHOWN]: place for place, batch_id in enumerate(ids)}
        waits: list[float] = []
        for at, screen in terminal.replay():
            place = places.get(row_with_cursor(screen), 0)
            waits += [at - press for press in pressed[len(waits) : place]]
        return waits + [_LATEST] * (len(pressed) - len(waits))


def _press_steadily(terminal: Terminal) -> list[float]:
    """Press down again and again; returns when."""
    pressed = []
    due = time.perf_counter()
    end = due + LASTING
    while due < end:
        terminal.press("down")
        pressed.append(time.perf_counter())
        due += EVERY
        terminal.read(due - time.perf_counter())
    terminal.settle(limit=_LATEST)
    return pressed
