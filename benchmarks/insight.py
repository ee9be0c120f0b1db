"""What became of a full history: summed up by `batchtui insight`, and a step at a time.

Against `batchtui list --json --offline --limit 0`, which reads the same batches; in turns, medians.
The steps are those between which a screen gets its turn, with the results of every batch here.
"""

from __future__ import annotations

import gc
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from batchtui.account.insight import Insights, Wanted
from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Record
from batchtui.history.history import History
from batchtui.results.opening import open_results_now
from batchtui.results.store import ResultStore
from batchtui.settings.credentials import identify
from batchtui.settings.prices import load_prices
from batchtui.settings.schema import Settings
from benchmarks.stage import APP, Size, Stage, remember, simulated
from benchmarks.table import Goal, Row, median

INSIGHT = ("insight", "--since", "all", "--json")
LIST = ("list", "--json", "--offline", "--limit", "0")
RESULT = (
    b'{"custom_id":"a","result":{"type":"succeeded","message":{"model":"claude-haiku-4-5",'
    b'"content":[],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":9}}}}\n'
)
COLUMNS = 109
"""Of a plot in a terminal of 120 cells."""


def run(size: Size) -> Iterator[Row]:
    """The command, and the longest step of the screen."""
    with simulated(f"crowd:{size.batches}") as stage:
        remember(stage)
        ours, theirs = [], []
        for number in range(size.rounds + 1):
            pair = _seconds(INSIGHT, stage.env), _seconds(LIST, stage.env)
            if number:
                ours.append(pair[0])
                theirs.append(pair[1])
        yield Row(
            name=f"insight of {size.batches:,} batches (baseline: list --json of them)",
            measured=median(ours) * 1000,
            baseline=median(theirs) * 1000,
            unit="ms",
            goal=Goal(2, "ratio"),
        )
        whole, longest = _steps(_all_here(stage), stage.directory / "kept")
        yield Row(name="    with all results here, in the app", measured=whole * 1000, unit="ms")
        yield Row(name="    its longest step", measured=longest * 1000, unit="ms", goal=Goal(10))


def _seconds(command: tuple[str, ...], env: Mapping[str, str]) -> float:
    with TemporaryFile() as file:
        started = time.perf_counter()
        subprocess.run((*APP, *command), env=env, stdout=file, stderr=file, check=True)
        return time.perf_counter() - started


def _all_here(stage: Stage) -> list[Record]:
    """All batches, each with the results of one answer."""
    identity = identify(stage.env)
    key = AccountKey(identity.endpoint, identity.workspace, identity.fingerprint)
    history = History.open(stage.directory, key, now=datetime.now(UTC))
    records = history.records()
    history.close()
    results = ResultStore(stage.directory / "kept")
    results.directory.mkdir()
    first = results.path("first")
    first.write_bytes(RESULT)
    open_results_now(first).close()
    for record in records:
        path = results.path(record.id)
        shutil.copyfile(first, path)
        shutil.copyfile(first.with_suffix(".index"), path.with_suffix(".index"))
    return [msgspec.structs.replace(each, results_here=True) for each in records]


def _steps(records: list[Record], directory: Path) -> tuple[float, float]:
    """Seconds of all steps together, and of the longest."""
    insights = Insights(ResultStore(directory), load_prices(Settings()))
    taken = []
    gc.collect()
    gc.freeze()
    steps = insights.steps(records, Wanted.fitting(None, COLUMNS), datetime.now(UTC))
    started = time.perf_counter()
    for _ in steps:
        now = time.perf_counter()
        taken.append(now - started)
        started = now
    gc.unfreeze()
    return sum(taken), max(taken, default=0.0)
