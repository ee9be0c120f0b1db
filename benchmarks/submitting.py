"""One large batch made of a request file: by an account, and by the SDK from a list of requests.

Each runs in a process of its own against a simulator of its own, in turns; the best time of each
counts, and the most memory. The SDK's time includes reading the file, as it must; ours is shown
without and with the check that comes before. What the server and the loopback take is in all.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.sending import WAYS
from benchmarks.stage import PYTHON, Size, simulated
from benchmarks.table import Goal, Row

BYTES = 2_000
"""Of a request."""

_WORDS = "Classify the sentiment of this review as positive, negative or mixed. "


def run(size: Size) -> Iterator[Row]:
    """Time, then memory."""
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    megabytes: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(max(size.rounds - 4, 1)):
        for way in WAYS:
            took, peak = _measure(way, size.kept_lines)
            seconds[way].append(took)
            megabytes[way].append(peak)
    best = {way: min(found) for way, found in seconds.items()}
    most = {way: max(found) for way, found in megabytes.items()}
    what = f"{size.kept_lines:,} requests of {BYTES / 1000:.0f} kB"
    yield Row(
        name=f"submit, {what} (baseline: SDK create)",
        measured=best["submit"],
        baseline=best["sdk"],
        unit="s",
        goal=Goal(1 / 3, "ratio"),
    )
    yield Row(
        name="    the same, with the check before it",
        measured=best["whole"],
        baseline=best["sdk"],
        unit="s",
    )
    yield Row(
        name="    the same (baseline: bytes written to a socket, and the answer awaited)",
        measured=best["submit"],
        baseline=best["least"],
        unit="s",
    )
    yield Row(
        name="    memory above the base (baseline: SDK create)",
        measured=most["submit"],
        baseline=most["sdk"],
        unit="MB",
        goal=Goal(64),
    )


def write(path: Path, requests: int) -> None:
    """A request file."""
    with path.open("w") as file:
        for number in range(requests):
            message = {"role": "user", "content": f"{number} {_WORDS * 40}"[: BYTES - 150]}
            params = {"model": "claude-haiku-4-5", "max_tokens": 64, "messages": [message]}
            line = json.dumps({"custom_id": f"request-{number}", "params": params})
            file.write(f"{line}\n")


def _measure(way: str, requests: int) -> tuple[float, float]:
    """Seconds and megabytes."""
    with simulated("empty") as stage:
        path = stage.directory / "requests.jsonl"
        write(path, requests)
        command = (PYTHON, "-m", "benchmarks.sending", way, str(path))
        done = subprocess.run(command, env=stage.env, capture_output=True, check=True)
        took, peak = map(float, done.stdout.split())
        return took, peak
