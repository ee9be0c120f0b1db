"""A result file to work with: fetched, and made as long as a batch can be."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from batchtui.results.opening import open_results_now
from benchmarks.stage import PYTHON, Size, Stage, remember, simulated

PLAIN = {"ANTHROPIC_CUSTOM_HEADERS": "Accept-Encoding: identity"}
"""Asks for nothing to be compressed, because that is the server's work."""


class Kept(msgspec.Struct, frozen=True):
    """Results of a server that are here.

    Attributes:
        fetched: the file as it came, of `size.lines` lines.
        multiplied: the same under other custom_ids, `size.kept_lines` lines, with its index.
    """

    stage: Stage
    batch_id: str
    fetched: Path
    multiplied: Path


@contextmanager
def kept_results(size: Size) -> Iterator[Kept]:
    """A server, and the results of its only batch."""
    with simulated(f"big:{size.lines}") as stage:
        (batch_id,) = remember(stage)
        fetch = (PYTHON, "-m", "benchmarks.fetching", "fetch", batch_id)
        subprocess.run(fetch, env={**stage.env, **PLAIN}, capture_output=True, check=True)
        (fetched,) = (stage.directory / "results").rglob("*.jsonl")
        multiplied = fetched.with_name("kept.jsonl")
        _multiply(fetched, multiplied, size.kept_lines // size.lines)
        open_results_now(multiplied).close()  # makes the index
        yield Kept(stage, batch_id, fetched, multiplied)


def _multiply(source: Path, target: Path, times: int) -> None:
    """Write the lines of a result file so many times, each time under other custom_ids."""
    lines = source.read_bytes()
    with target.open("wb") as file:
        for number in range(times):
            prefix = b'"custom_id":"%d-' % number
            file.write(lines.replace(b'"custom_id":"', prefix).rstrip(b"\n") + b"\n")
