"""Resident memory of the app with a full history shown and the first pages read.

Against a Python that has only imported the SDK and made a client.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping

from benchmarks.first_paint import first_row
from benchmarks.process import resident_megabytes
from benchmarks.stage import APP, PYTHON, Size, remember, simulated
from benchmarks.table import Goal, Row
from tests.terminal import Terminal

_SDK = "import anthropic; anthropic.AsyncAnthropic(); print(flush=True); input()"


def run(size: Size) -> Iterator[Row]:
    """One row."""
    with simulated(f"crowd:{size.batches}") as stage:
        ids = remember(stage)
        with Terminal(APP, stage.env) as terminal:
            terminal.wait_for(first_row(ids[0]))
            terminal.wait_for(rf"updated (.|\n)*{size.batches:,} loaded")
            terminal.press("end")  # looks at the last rows, too
            terminal.read(2)
            ours = resident_megabytes(terminal.process.pid)
        yield Row(
            name=f"memory, {size.batches:,} batches loaded (baseline: the SDK alone)",
            measured=ours,
            baseline=_of_sdk(stage.env),
            unit="MB",
            goal=Goal(160),
        )


def _of_sdk(env: Mapping[str, str]) -> float:
    command = (PYTHON, "-c", _SDK)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        megabytes = resident_megabytes(process.pid)
        process.stdin.write(b"\n")
        process.stdin.close()
        return megabytes
