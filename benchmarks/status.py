"""`batchtui status` with a full history, against a Python that only imports three modules.

Started as the installed command starts, in turns, medians. The line that is printed without being
asked for any other looks up most of what there is.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.listing import IMPORTS
from benchmarks.stage import PYTHON, Size, Stage, environment, remember, simulated
from benchmarks.table import Goal, Row, median

STATUS = (PYTHON, "-c", "from batchtui.__main__ import run; run()", "status")
BRIEF = ("--format", "{running}{next_eta: %}")


def run(size: Size) -> Iterator[Row]:
    """The line by default, one that asks for less, and how long it takes at all."""
    with simulated(f"crowd:{size.batches}") as stage:
        remember(stage)
        for name, options in (("", ()), (f", {BRIEF[1]}", BRIEF)):
            yield _compare(f"status{name}", options, stage, size)


def _compare(name: str, options: Sequence[str], stage: Stage, size: Size) -> Row:
    ours, imports = [], []
    for number in range(4 * size.rounds + 1):
        pair = _seconds((*STATUS, *options), stage.env), _seconds(IMPORTS, environment())
        if number:  # the first of each fills the caches of the disk
            ours.append(pair[0])
            imports.append(pair[1])
    return Row(
        name=f"{name}, {size.batches:,} batches known (baseline: three imports)",
        measured=median(ours) * 1000,
        baseline=median(imports) * 1000,
        unit="ms",
        goal=Goal(1.5, "ratio"),
    )


def _seconds(command: Sequence[str], env: Mapping[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started
