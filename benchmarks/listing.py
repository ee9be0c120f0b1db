"""`batchtui list --json --offline` with a full history: run time and imported modules.

Against a Python that only imports sqlite3, msgspec and click; in turns, medians. What is printed
goes to a file.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from tempfile import TemporaryFile

from benchmarks.stage import APP, PYTHON, Size, environment, remember, simulated
from benchmarks.table import Goal, Row, median

LIST = ("list", "--json", "--offline")
IMPORTS = (PYTHON, "-c", "import sqlite3, msgspec, click")
HEAVY = ("textual", "anthropic")
_COUNT_HEAVY = f"""
import atexit, runpy, sys
atexit.register(lambda: print(sum(each in sys.modules for each in {HEAVY!r}), file=sys.stderr))
runpy.run_module("batchtui", run_name="__main__", alter_sys=True)
"""


def run(size: Size) -> Iterator[Row]:
    """The usual 20 newest batches, all of them, and what was imported."""
    with simulated(f"crowd:{size.batches}") as stage:
        remember(stage)
        for name, options in (("newest 20", ()), ("all", ("--limit", "0"))):
            yield _compare(f"list --json --offline, {name}", options, stage.env, size)
        yield Row(
            name="    of Textual and the SDK, imported",
            measured=_heavy(stage.env),
            unit="modules",
            goal=Goal(0),
        )


def _compare(name: str, options: Sequence[str], env: Mapping[str, str], size: Size) -> Row:
    ours, imports = [], []
    for number in range(2 * size.rounds + 1):
        pair = _seconds((*APP, *LIST, *options), env), _seconds(IMPORTS, environment())
        if number:
            ours.append(pair[0])
            imports.append(pair[1])
    return Row(
        name=f"{name} of {size.batches:,} (baseline: three imports)",
        measured=median(ours) * 1000,
        baseline=median(imports) * 1000,
        unit="ms",
        goal=Goal(3, "ratio"),
    )


def _seconds(command: Sequence[str], env: Mapping[str, str]) -> float:
    with TemporaryFile() as file:
        started = time.perf_counter()
        subprocess.run(command, env=env, stdout=file, check=True)
        return time.perf_counter() - started


def _heavy(env: Mapping[str, str]) -> int:
    command = (sys.executable, "-c", _COUNT_HEAVY, *LIST, "--limit", "0")
    done = subprocess.run(command, env=env, capture_output=True, check=True)
    return int(done.stderr.split()[-1])
