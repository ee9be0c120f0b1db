"""The command as a person runs it: a process of its own at a terminal, over the simulated API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple, Protocol

import pytest

from batchtui.simulator.server import KEY, RunningServer
from tests.nursery import READ_AT_START, Nursery, begin
from tests.terminal import Terminal

COMMAND = (sys.executable, "-m", "batchtui")

NOWHERE = "http://127.0.0.1:9"
"""Where nobody listens."""

PATIENCE = 60.0
"""Seconds after which a command that should long have ended counts as stuck."""


class Start(Protocol):
    """Starts the command at a terminal; it ends with the test.

    Args:
        words: what comes after the command's name.
        server: whose API; None for that of nobody.
        env: variables to set besides; an empty value takes one away.
        before: a program, with its arguments, that starts the command.
        fresh: whether how it begins is of interest: what it imports is not imported beforehand.
    """

    def __call__(
        self,
        *words: str,
        server: RunningServer | None = None,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] = ...,
        before: Sequence[str] = (),
        fresh: bool = False,
    ) -> Terminal: ...


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The config directory of the test; it is not there yet."""
    return tmp_path / "config"


def environment(
    config: Path, server: RunningServer | None, env: Mapping[str, str]
) -> dict[str, str]:
    """The variables of a command: whose API, which config directory, and nothing empty."""
    variables = {
        **os.environ,
        "BATCHTUI_CONFIG_DIR": str(config),
        "ANTHROPIC_BASE_URL": server.base_url if server else NOWHERE,
        "ANTHROPIC_API_KEY": KEY,
        "COLUMNS": "",  # the size is that of the terminal
        "LINES": "",
        **env,
    }
    return {name: value for name, value in variables.items() if value}


@pytest.fixture
def start(config: Path, nursery: Nursery) -> Iterator[Start]:
    with ExitStack() as stack:

        def run(
            *words: str,
            server: RunningServer | None = None,
            columns: int = 120,
            rows: int = 40,
            env: Mapping[str, str] = {},
            before: Sequence[str] = (),
            fresh: bool = False,
        ) -> Terminal:
            fresh = fresh or bool(before) or any(each.startswith(READ_AT_START) for each in env)
            return stack.enter_context(
                Terminal(
                    [*before, *COMMAND, *words] if fresh else words,
                    environment(config, server, env),
                    columns=columns,
                    rows=rows,
                    nursery=None if fresh else nursery,
                )
            )

        yield run


Process = subprocess.Popen[str]


class Spawn(Protocol):
    """Starts the command without a terminal, as scripts do; it is killed with the test.

    Args:
        words: what comes after the command's name.
        server: whose API; None for that of nobody.
        env: variables to set besides; an empty value takes one away.
    """

    def __call__(
        self, *words: str, server: RunningServer | None = None, env: Mapping[str, str] = ...
    ) -> Process: ...


@pytest.fixture
def spawn(config: Path) -> Iterator[Spawn]:
    with ExitStack() as stack:

        def run(
            *words: str, server: RunningServer | None = None, env: Mapping[str, str] = {}
        ) -> Process:
            process = stack.enter_context(
                subprocess.Popen(
                    [*COMMAND, *words],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env=environment(config, server, env),
                )
            )
            stack.callback(process.kill)
            return process

        yield run


class Done(NamedTuple):
    """What became of a command."""

    code: int
    out: str
    err: str


class Run(Protocol):
    """Runs the command to its end; with the arguments of `Spawn`, and what it reads."""

    def __call__(
        self,
        *words: str,
        server: RunningServer | None = None,
        env: Mapping[str, str] = ...,
        given: str = "",
    ) -> Done: ...


@pytest.fixture
def run(config: Path, nursery: Nursery) -> Run:
    def run(
        *words: str,
        server: RunningServer | None = None,
        env: Mapping[str, str] = {},
        given: str = "",
    ) -> Done:
        with TemporaryFile("w+") as stdin, TemporaryFile("w+") as out, TemporaryFile("w+") as err:
            stdin.write(given)
            stdin.seek(0)
            variables = environment(config, server, env)
            streams = [each.fileno() for each in (stdin, out, err)]
            code = begin(nursery.socket, words, variables, streams=streams).wait(PATIENCE)
            out.seek(0)
            err.seek(0)
            return Done(code, out.read(), err.read())

    return run


def sent(server: RunningServer) -> dict[str, list[str]]:
    """The custom_ids in each batch of a server, by its id; the oldest batch first."""
    page: Any = server.world.page(limit=1000)
    return {
        batch["id"]: [
            json.loads(line)["custom_id"] for line in server.world.request_lines(batch["id"])
        ]
        for batch in reversed(page["data"])
    }


def sent_once(server: RunningServer, custom_ids: Iterable[str]) -> bool:
    """Whether each of these requests is in exactly one batch of the server, and nothing else is."""
    return sorted(each for batch in sent(server).values() for each in batch) == sorted(custom_ids)


def finish(terminal: Terminal, limit: float = PATIENCE) -> int:
    """Read to the end; returns the exit code, negative for a signal."""
    deadline = time.monotonic() + limit
    while terminal.read_once(0.1) is not None:
        if terminal.process.poll() is not None and not terminal.read_once(0.05):
            break
        assert time.monotonic() < deadline, f"it goes on:\n{terminal.text}"
    return terminal.process.wait(limit)
