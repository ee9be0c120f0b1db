"""A retry file made of the results of a batch of which one in fifty failed.

Against the loop one would write instead: decode every result for the custom_ids of those that
failed, then every request for those to be written again. Each runs in a process of its own, in
turns, is timed with everything imported, and the best time of each counts. The results are kept,
with their index, and both files are in the memory of the system.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from batchtui.results.opening import open_results_now
from benchmarks.repairing import BATCH, REQUESTS, RESULTS
from benchmarks.stage import PYTHON, Size, environment
from benchmarks.table import Goal, Row

FAILED = 50
"""One in so many."""

_PROMPT = "Say in one sentence what this customer wants, and how urgent it is: " + "lorem " * 300
_ANSWER = "The customer wants their money back, and wants it today. " * 12


def run(size: Size) -> Iterator[Row]:
    """From results to a file of requests that are to be sent again."""
    with TemporaryDirectory(prefix="batchtui-bench-") as name:
        directory = Path(name)
        _write(directory, size.kept_lines)
        seconds: dict[str, list[float]] = {"retry": [], "loop": []}
        for _ in range(max(size.rounds - 2, 1)):
            for way, found in seconds.items():
                found.append(_seconds(way, directory))
        written = {way: (directory / f"{way}.jsonl").read_bytes() for way in seconds}
        assert written["retry"] == written["loop"], "both write the same"
        megabytes = (directory / REQUESTS).stat().st_size / 1e6
        yield Row(
            name=f"retry file, {size.kept_lines:,} results, {megabytes:,.0f} MB of requests"
            " (baseline: json.loads of both)",
            measured=min(seconds["retry"]),
            baseline=min(seconds["loop"]),
            unit="s",
            goal=Goal(2),
        )


def _write(directory: Path, lines: int) -> None:
    """Requests and their results, in another order, as results are."""
    results = directory / RESULTS / f"{BATCH}.jsonl"
    results.parent.mkdir()
    with (directory / REQUESTS).open("wb") as file:
        for number in range(lines):
            messages = [{"role": "user", "content": f"{number}: {_PROMPT}"}]
            params = {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": messages}
            file.write(_line({"custom_id": f"ticket-{number:06}", "params": params}))
    with results.open("wb") as file:
        for number in reversed(range(lines)):
            custom_id = f"ticket-{number:06}"
            result = _failure() if number % FAILED == 0 else _success(custom_id)
            file.write(_line({"custom_id": custom_id, "result": result}))
    open_results_now(results).close()  # makes the index


def _failure() -> dict[str, object]:
    error = {"type": "overloaded_error", "message": "Overloaded"}
    return {"type": "errored", "error": {"type": "error", "error": error, "request_id": None}}


def _success(custom_id: str) -> dict[str, object]:
    content = [{"type": "text", "text": f"{custom_id}: {_ANSWER}"}]
    usage = {"input_tokens": 400, "output_tokens": 150}
    message = {"model": "claude-haiku-4-5", "content": content, "stop_reason": "end_turn"}
    return {"type": "succeeded", "message": message | {"usage": usage}}


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _seconds(way: str, directory: Path) -> float:
    command = (PYTHON, "-m", "benchmarks.repairing", way, str(directory))
    done = subprocess.run(command, env=environment(), capture_output=True, check=True)
    return float(done.stdout)
