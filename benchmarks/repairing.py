"""`python -m benchmarks.repairing WAY DIRECTORY`: make a retry file once, print the seconds."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from batchtui.account.answers import open_answers
from batchtui.account.retrying import Wanted, plan_retry
from batchtui.account.rewriting import write_file
from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.results import opening
from batchtui.results.store import ResultStore
from batchtui.submissions import shapes

BATCH = "msgbatch_kept"
REQUESTS = "requests.jsonl"
RESULTS = "results"

_LOADED = (opening, shapes)
"""What is imported only when it is needed."""


def retry(directory: Path, target: Path) -> None:
    """As batchtui does it."""
    now = datetime.now(UTC)
    batch = Batch(BATCH, "ended", RequestCounts(), now)
    record = Record(batch, now, now, request_file=str(directory / REQUESTS))
    store = ResultStore(directory / RESULTS)
    answers = open_answers(store, {BATCH: record}, batch_id=BATCH, at=now)
    with answers.file:
        write_file(answers, plan_retry(answers, Wanted()), target)


def loop(directory: Path, target: Path) -> None:
    """As one would write it."""
    with (directory / RESULTS / f"{BATCH}.jsonl").open() as results:
        decoded = map(json.loads, results)
        failed = {each["custom_id"] for each in decoded if each["result"]["type"] != "succeeded"}
    with (directory / REQUESTS).open() as requests, target.open("w") as file:
        file.writelines(line for line in requests if json.loads(line)["custom_id"] in failed)


if __name__ == "__main__":
    way, directory = sys.argv[1], Path(sys.argv[2])
    started = time.perf_counter()
    {"retry": retry, "loop": loop}[way](directory, directory / f"{way}.new")
    print(time.perf_counter() - started)
    (directory / f"{way}.new").replace(directory / f"{way}.jsonl")
