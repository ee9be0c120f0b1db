"""Checking a request file and planning its batches, against reading it line by line as JSON.

`python -m benchmarks.checking WAY FILE`: WAY is `check` or `loop`; prints seconds and megabytes.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from batchtui.submissions.check import check
from benchmarks.process import peak_megabytes
from benchmarks.stage import PYTHON, Size
from benchmarks.table import Goal, Row

BATCHES = 10
"""As many requests are checked as so many of the largest batches have."""

_WORDS = 1000
_SENTENCE = 135
"""Words of a prompt, which make lines of about 1 kB."""


def run(size: Size) -> Iterator[Row]:
    """Time and memory."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "requests.jsonl"
        requests = BATCHES * size.kept_lines
        write_requests(path, requests)
        # In turns, so that whatever else the machine does meets both.
        ways = [(_measured("check", path), _measured("loop", path)) for _ in range(_rounds(size))]
        seconds = min(ours[0] for ours, _ in ways)
        memory = max(ours[1] for ours, _ in ways)
        loop = min(loop[0] for _, loop in ways)
        base = min(loop[1] for _, loop in ways)
        megabytes = path.stat().st_size / 1e6
    yield Row(
        name=f"check {requests:,} requests, {megabytes:,.0f} MB (baseline: json.loads loop)",
        measured=seconds,
        baseline=loop,
        unit="s",
        goal=Goal(1, of="ratio"),
    )
    yield Row(
        name="    most memory meanwhile (baseline: that of the loop)",
        measured=memory,
        baseline=base,
        unit="MB",
        goal=Goal(250),
    )


def _rounds(size: Size) -> int:
    return min(size.rounds, 3)


def write_requests(path: Path, count: int) -> None:
    """Write a request file of lines of about 1 kB."""
    chance = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 11))) for _ in range(_WORDS)]
    with path.open("w") as file:
        for number in range(count):
            prompt = " ".join(chance.choices(words, k=_SENTENCE))
            params = {
                "model": "claude-haiku-4-5",
                "max_tokens": 1024,
                "messages": [{"role": "user", "content": prompt}],
            }
            file.write(json.dumps({"custom_id": f"ticket-{number}", "params": params}) + "\n")


def _measured(way: str, path: Path) -> tuple[float, float]:
    command = (PYTHON, "-m", "benchmarks.checking", way, str(path))
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def _loop(path: Path) -> None:
    with path.open() as file:
        for line in file:
            json.loads(line)


def main() -> None:
    """Read the arguments and measure."""
    way, path = sys.argv[1], Path(sys.argv[2])
    started = time.perf_counter()
    if way == "check":
        assert check(path).ok
    else:
        _loop(path)
    print(time.perf_counter() - started, peak_megabytes(os.getpid()))


if __name__ == "__main__":
    main()
