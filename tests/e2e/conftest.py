"""The command as a person runs it: a process of its own at a terminal, over the simulated API."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from batchtui.simulator.server import KEY, RunningServer
from tests.terminal import Terminal

COMMAND = (sys.executable, "-m", "batchtui")

NOWHERE = "http://127.0.0.1:9"
"""Where nobody listens."""


class Start(Protocol):
    """Starts the command at a terminal; it ends with the test.

    Args:
        words: what comes after the command's name.
        server: whose API; None for that of nobody.
        env: variables to set besides; an empty value takes one away.
        before: a program, with its arguments, that starts the command.
    """

    def __call__(
        self,
        *words: str,
        server: RunningServer | None = None,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] = ...,
        before: Sequence[str] = (),
    ) -> Terminal: ...


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The config directory of the test; it is not there yet."""
    return tmp_path / "config"


@pytest.fixture
def start(config: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def run(
            *words: str,
            server: RunningServer | None = None,
            columns: int = 120,
            rows: int = 40,
            env: Mapping[str, str] = {},
            before: Sequence[str] = (),
        ) -> Terminal:
            variables = {
                **os.environ,
                "BATCHTUI_CONFIG_DIR": str(config),
                "ANTHROPIC_BASE_URL": server.base_url if server else NOWHERE,
                "ANTHROPIC_API_KEY": KEY,
                "COLUMNS": "",  # the size is that of the terminal
                "LINES": "",
                **env,
            }
            return stack.enter_context(
                Terminal(
                    [*before, *COMMAND, *words],
                    {name: value for name, value in variables.items() if value},
                    columns=columns,
                    rows=rows,
                )
            )

        yield run


def finish(terminal: Terminal, limit: float = 10.0) -> int:
    """Read to the end; returns the exit code, negative for a signal."""
    deadline = time.monotonic() + limit
    while terminal.read_once(0.1) is not None:
        if terminal.process.poll() is not None and not terminal.read_once(0.05):
            break
        assert time.monotonic() < deadline, f"it goes on:\n{terminal.text}"
    return terminal.process.wait(limit)
