"""Results of one batch: fetched and indexed, and opened again later.

The fetch is an account's own, with its file and index on the disk at the end, against the SDK's
loop over the same batch, which keeps nothing, and against the least that can be done: reading the
bytes and decoding two fields of each line. Each runs in a process of its own, in turns, is timed
with everything imported and connected, and the best time of each counts. Nothing is compressed,
because compressing is the server's work.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from batchtui.results.opening import open_results_now
from benchmarks.kept import PLAIN
from benchmarks.stage import PYTHON, Size, Stage, remember, simulated
from benchmarks.table import Goal, Row, median

WAYS = ("fetch", "loop", "least")
OPENINGS = 21


def run(size: Size) -> Iterator[Row]:
    """Fetching, opening."""
    with simulated(f"big:{size.kept_lines}") as stage:
        (batch_id,) = remember(stage)
        seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(max(size.rounds - 4, 1)):
            for way in WAYS:
                seconds[way].append(_seconds(way, stage, batch_id))
        fetched, loop, least = (min(seconds[way]) for way in WAYS)
        yield Row(
            name=f"results, {size.kept_lines:,} lines, fetched and indexed (baseline: SDK loop)",
            measured=fetched,
            baseline=loop,
            unit="s",
            goal=Goal(0.2, "ratio"),
        )
        yield Row(
            name="    the same (baseline: bytes read, two fields of each line decoded)",
            measured=fetched,
            baseline=least,
            unit="s",
            goal=Goal(2.5, "ratio"),
        )
        (path,) = (stage.directory / "results").rglob("*.jsonl")
        yield _opening(path, size)


def _seconds(way: str, stage: Stage, batch_id: str) -> float:
    command = (PYTHON, "-m", "benchmarks.fetching", way, batch_id)
    done = subprocess.run(command, env={**stage.env, **PLAIN}, capture_output=True, check=True)
    return float(done.stdout)


def _opening(kept: Path, size: Size) -> Row:
    times = []
    for _ in range(OPENINGS):
        started = time.perf_counter()
        with open_results_now(kept) as file:
            assert len(file) == size.kept_lines
            file.row(0)
            file.result(0)
        times.append(time.perf_counter() - started)
    return Row(
        name=f"results, kept file of {size.kept_lines:,} lines: to the first line",
        measured=median(times) * 1000,
        unit="ms",
        goal=Goal(150),
    )
