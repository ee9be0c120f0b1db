"""First paint: from starting the process until the first row is on the screen, at 120x40.

`batchtui` with a full history and a server, against a bare Textual app; in turns, medians.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from benchmarks import bare_app
from benchmarks.stage import APP, PYTHON, Size, Stage, environment, remember, simulated
from benchmarks.table import Goal, Row, median
from tests.terminal import Terminal

BARE = (PYTHON, "-m", bare_app.__name__)
SHOWN = 18
"""So much of an id a row shows at its start."""

_ROW = re.compile(r"▌ .*?(msgbatch_\w+)…")


def first_row(batch_id: str) -> str:
    """A pattern for the row of this batch with the cursor on it."""
    return f"▌ .*{re.escape(batch_id[:SHOWN])}…"


def row_with_cursor(screen: Sequence[str]) -> str:
    """The start of the id of the batch that has the cursor, "" if none has."""
    for line in screen:
        if found := _ROW.search(line):
            return found[1][:SHOWN]
    return ""


def run(size: Size) -> Iterator[Row]:
    """One row."""
    with simulated(f"crowd:{size.batches}") as stage:
        ids = remember(stage)
        yield first_paint(stage, first_row(ids[0]), size)


def first_paint(stage: Stage, row: str, size: Size) -> Row:
    """How long the app takes, and how long the bare one."""
    ours, bare = [], []
    for number in range(size.rounds + 1):
        pair = (
            _seconds_to(APP, stage.env, row),
            _seconds_to(BARE, environment(), re.escape(bare_app.FIRST)),
        )
        if number:  # the first of each fills the caches of the disk
            ours.append(pair[0])
            bare.append(pair[1])
    return Row(
        name=f"first paint, {size.batches:,} batches known (baseline: a bare Textual app)",
        measured=median(ours) * 1000,
        baseline=median(bare) * 1000,
        unit="ms",
        goal=Goal(1.5, "ratio"),
    )


def _seconds_to(command: Sequence[str], env: Mapping[str, str], pattern: str) -> float:
    with Terminal(command, env) as terminal:
        return terminal.wait_for(pattern) - terminal.started
