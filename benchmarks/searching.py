"""Searching, filtering and sorting a kept result file, in this process.

A search is measured against reading the file and counting the word in its bytes, which is the
least that can be done, and against ripgrep if that is installed; a choice of lines against sorting
as many numbers. The best time of each counts.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

from batchtui.results.opening import open_results_now
from batchtui.results.pattern import Pattern
from batchtui.results.query import By, Filter, Order, select
from batchtui.results.reader import ResultFile
from batchtui.results.search import search
from batchtui.settings.prices import load_prices
from batchtui.settings.schema import Settings
from benchmarks.kept import kept_results
from benchmarks.process import resident_megabytes
from benchmarks.stage import Size
from benchmarks.table import Goal, Row

ABSENT = "Quixotry"
"""A word that no answer has, with a capital, so that its case matters."""

FREQUENT = "the"
EXPRESSION = r"\d\d\d+ words long"
WORDS = "succeeded out>100 !stop:max_tokens case"

LEAST_SPEED = 300_000_000
"""Bytes to be searched in a second."""

_BLOCK = 1024 * 1024


def run(size: Size) -> Iterator[Row]:
    """Searches, filters, orders."""
    with kept_results(size) as kept:
        yield from rows(kept.multiplied, max(size.rounds - 4, 1))


def rows(kept: Path, rounds: int) -> Iterator[Row]:
    """All rows for a kept result file."""
    with open_results_now(kept) as file:
        before = resident_megabytes(os.getpid())
        size = kept.stat().st_size
        rare = file.row(len(file) // 2).custom_id.lower()
        goal = Goal(size / LEAST_SPEED)
        yield from _searches(file, "a word in its case", ABSENT, rounds, goal=goal)
        yield from _searches(file, "a word in any case", rare, rounds, goal=goal)
        yield from _searches(file, "a word of most lines", FREQUENT, rounds)
        yield from _searches(file, "a regular expression", EXPRESSION, rounds, regex=True)
        yield Row(
            name="    longest step of a search for a word of most lines",
            measured=1000 * _longest_step(search(file, Pattern.compile(FREQUENT))),
            unit="ms",
            goal=Goal(50),
        )
        yield Row(
            name=f"    memory that searching {size / 1e6:,.0f} MB took",
            measured=resident_megabytes(os.getpid()) - before,
            unit="MB",
            goal=Goal(60),
        )
        yield from _choices(file, rounds)


def _searches(
    file: ResultFile,
    what: str,
    word: str,
    rounds: int,
    *,
    regex: bool = False,
    goal: Goal | None = None,
) -> Iterator[Row]:
    pattern = Pattern.compile(word, regex=regex)
    seconds = _best(rounds, lambda: _exhaust(search(file, pattern)))
    speed = file.path.stat().st_size / seconds / 1e6
    yield Row(
        name=f"search for {what}: {speed:,.0f} MB/s (baseline: counted in the bytes)",
        measured=seconds,
        baseline=_best(rounds, partial(_count, file.path, word.encode())),
        unit="s",
        goal=goal,
    )
    if ripgrep := shutil.which("rg"):
        case = () if word != word.lower() else ("--ignore-case",)
        fixed = () if regex else ("--fixed-strings",)
        command = (ripgrep, "--count", *case, *fixed, word, str(file.path))
        yield Row(
            name="    the same (baseline: ripgrep)",
            measured=seconds,
            baseline=_best(rounds, partial(subprocess.run, command, capture_output=True)),
            unit="s",
        )


def _choices(file: ResultFile, rounds: int) -> Iterator[Row]:
    chance = random.Random(1)
    numbers = [chance.random() for _ in range(len(file))]
    least = 1000 * _best(rounds, partial(sorted, numbers))
    prices = load_prices(Settings())
    asked = Filter.parse(WORDS)
    for by in (By.LINE, By.CUSTOM_ID, By.OUTPUT, By.COST):
        choose = partial(select, file.index, asked, Order(by, reverse=True), prices=prices)
        seconds = _best(rounds, lambda choose=choose: _exhaust(choose()))  # type: ignore[misc]
        yield Row(
            name=f"filter {len(file):,} lines, sort by {by} (baseline: as many numbers sorted)",
            measured=1000 * seconds,
            baseline=least,
            unit="ms",
            goal=Goal(200),
        )
        yield Row(
            name="    longest step",
            measured=1000 * min(_longest_step(choose()) for _ in range(rounds)),
            unit="ms",
            goal=Goal(50),
        )


def _best(rounds: int, work: Callable[[], object]) -> float:
    """The least seconds the work took; once before, uncounted, to have everything in memory."""
    times = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times[1:])


def _exhaust(steps: Generator[object, None, object]) -> None:
    deque(steps, maxlen=0)


def _longest_step(steps: Generator[object, None, object]) -> float:
    longest, started = 0.0, time.perf_counter()
    for _ in steps:
        ended = time.perf_counter()
        longest, started = max(longest, ended - started), ended
    return max(longest, time.perf_counter() - started)


def _count(path: Path, word: bytes) -> int:
    found = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            found += block.count(word)
    return found
