"""Exports of a result file that is here.

The one to JSONL runs against a bare copy of the same file; the one to CSV against the SDK's loop
over the same batch with a row of the csv module for each result, as one would write it. Each runs
in a process of its own, in turns, is timed with everything imported, connected and opened, and the
best time of each counts.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.kept import PLAIN, kept_results
from benchmarks.stage import PYTHON, Size, Stage
from benchmarks.table import Goal, Row

FLOOR = 300e6
"""Bytes a second, the least there should be of JSONL."""


def run(size: Size) -> Iterator[Row]:
    """JSONL, CSV."""
    rounds = max(size.rounds - 2, 1)
    with kept_results(size) as kept:
        ways = {"csv": str(kept.fetched), "loop": kept.batch_id}
        seconds = _best(ways, kept.stage, rounds)
        yield Row(
            name=f"export, {size.lines:,} lines as CSV (baseline: the SDK's loop, the csv module)",
            measured=seconds["csv"],
            baseline=seconds["loop"],
            unit="s",
            goal=Goal(0.2, "ratio"),
        )
        yield _jsonl(kept.multiplied, kept.stage, rounds)


def _jsonl(kept: Path, stage: Stage, rounds: int) -> Row:
    octets = kept.stat().st_size
    seconds = _best({"jsonl": str(kept), "copy": str(kept)}, stage, rounds)
    return Row(
        name=f"export, {octets / 1e6:,.0f} MB as JSONL at 300 MB/s or more (baseline: a bare copy)",
        measured=seconds["jsonl"],
        baseline=seconds["copy"],
        unit="s",
        goal=Goal(octets / FLOOR),
    )


def _best(ways: Mapping[str, str], stage: Stage, rounds: int) -> dict[str, float]:
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, what in ways.items():
            seconds[way].append(_seconds((way, what), stage))
    return {way: min(found) for way, found in seconds.items()}


def _seconds(words: Sequence[str], stage: Stage) -> float:
    command = (PYTHON, "-m", "benchmarks.writing", *words, str(stage.directory / "out"))
    done = subprocess.run(command, env={**stage.env, **PLAIN}, capture_output=True, check=True)
    return float(done.stdout)
