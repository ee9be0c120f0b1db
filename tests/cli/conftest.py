"""The command line in this process, as a process of its own, and at a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pytest
from click.testing import CliRunner, Result

from batchtui.cli.main import batchtui
from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Sighting, decode_batch
from batchtui.history.history import History
from batchtui.settings.credentials import identify
from batchtui.simulator.server import KEY, RunningServer
from tests.nursery import Nursery, begin

PATIENCE = 30.0
"""Seconds after which a process that should long be done counts as stuck."""


class Cli(Protocol):
    """Runs a command line in this process."""

    def __call__(self, *words: str) -> Result: ...


class Process(Protocol):
    """Runs a command line as a process of its own, to its end."""

    def __call__(self, *words: str, **how: Any) -> subprocess.CompletedProcess[bytes]: ...


class Terminal:
    """A command line at a terminal of its own.

    Attributes:
        raw: every byte it wrote to the terminal.
    """

    def __init__(
        self,
        nursery: Nursery,
        words: Sequence[str],
        columns: int = 80,
        env: Mapping[str, str] | None = None,
        stdout: int | None = None,
    ) -> None:
        master, slave = pty.openpty()
        self.raw = b""
        self._master = master
        environ = os.environ | {"COLUMNS": str(columns), "TERM": "xterm"} | dict(env or {})
        streams = (slave, slave if stdout is None else stdout, slave)
        self.process = begin(nursery.socket, words, environ, streams=streams, at_terminal=True)
        os.close(slave)

    def read_until(self, text: str) -> None:
        """Read on until `text` has come."""
        deadline = time.monotonic() + PATIENCE
        while text.encode() not in self.raw:
            assert time.monotonic() < deadline, self.raw
            assert self._read(), self.raw

    def type(self, text: str) -> None:
        """Type this, as a person would."""
        os.write(self._master, text.encode())

    def finish(self) -> int:
        """Read to the end; returns the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, self.raw
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        if not select.select([self._master], [], [], PATIENCE)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return False
        self.raw += data
        return bool(data)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The config directory of the test."""
    directory = tmp_path / "config"
    monkeypatch.setenv("BATCHTUI_CONFIG_DIR", str(directory))
    return directory


@pytest.fixture
def cli() -> Cli:
    def run(*words: str) -> Result:
        return CliRunner().invoke(batchtui, words, prog_name="batchtui")

    return run


@pytest.fixture
def process() -> Process:
    def run(*words: str, **how: Any) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "batchtui", *words]
        usual: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True}
        return subprocess.run(command, check=False, timeout=PATIENCE, **(usual | how))

    return run


@pytest.fixture
def terminal(request: pytest.FixtureRequest, nursery: Nursery) -> Callable[..., Terminal]:
    def start(
        *words: str,
        columns: int = 80,
        env: Mapping[str, str] | None = None,
        stdout: int | None = None,
    ) -> Terminal:
        started = Terminal(nursery, words, columns, env, stdout)
        request.addfinalizer(started.close)
        return started

    return start


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[RunningServer], RunningServer]:
    """Make a server the one that the command line talks to."""

    def use(server: RunningServer) -> RunningServer:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        return server

    return use


def batch_body(batch_id: str, *, age: timedelta, **fields: object) -> bytes:
    """A batch as the API would send it: ended, with 9 of 10 succeeded, unless fields say else."""
    created = datetime.now(UTC) - age
    return msgspec.json.encode(
        {
            "id": batch_id,
            "type": "message_batch",
            "processing_status": "ended",
            "request_counts": {"succeeded": 9, "errored": 1},
            "created_at": created,
            "ended_at": created + timedelta(minutes=20),
            "expires_at": created + timedelta(days=1),
            "results_url": "https://api.anthropic.com/v1/messages/batches/x/results",
        }
        | fields
    )


class Remember(Protocol):
    """Puts batches into the history, as if they had been seen; opens the history for more."""

    def __call__(self, *bodies: bytes) -> History: ...


@pytest.fixture
def remember(
    config: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Remember:
    """The history of the account of a server that cannot be reached."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)

    def remember(*bodies: bytes) -> History:
        identity = identify(os.environ)
        key = AccountKey(identity.endpoint, identity.workspace, identity.fingerprint)
        now = datetime.now(UTC)
        history = History.open(config, key, now=now)
        request.addfinalizer(history.close)
        history.observe([Sighting(decode_batch(body), body) for body in bodies], at=now)
        return history

    return remember
