"""What every test may use: a clean environment, and the simulated API."""

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import pytest
from hypothesis import settings

from batchtui.simulator.clock import Clock, FixedClock
from batchtui.simulator.lifecycle import Counting
from batchtui.simulator.server import RunningServer
from tests.nursery import Nursery

# Under load a slow example is no failure, and the same examples are tried every time.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class StartSimulator(Protocol):
    """Starts a server that stops with the test; takes what `RunningServer` takes."""

    def __call__(
        self,
        scenario: str = "demo",
        *,
        seed: int = 1,
        speed: float = 1.0,
        clock: Clock | None = None,
        counts: Counting = "api",
        faults: Iterable[str] = (),
        lacks: Iterable[str] = (),
        keys: Mapping[str, str] | None = None,
    ) -> RunningServer:
        """A running server."""


@pytest.fixture
def simulator() -> Iterator[StartSimulator]:
    """A factory of running servers."""
    with ExitStack() as stack:

        def start(scenario: str = "demo", **options: Any) -> RunningServer:
            return stack.enter_context(RunningServer(scenario, **options))

        yield start


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Brings up commands that need no time to import the SDK."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def fixed_clock() -> FixedClock:
    """A clock that stands at noon until told to move; give it to `simulator(clock=...)`."""
    return FixedClock(NOON)


LONGEST = 150
"""Seconds after which a test hangs, however slow the machine is."""


@pytest.fixture(autouse=True)
def no_hanging() -> Iterator[None]:
    """Have a test that would wait for ever fail, and say where it stood."""

    def end(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"this takes longer than {LONGEST} seconds")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(LONGEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


KEPT = ("PATH", "PYTHONHOME", "PYTHONPATH", "PYTEST_", "TEXTUAL_SNAPSHOT_", "TMPDIR", "LD_")
"""How variables begin that are as with whoever runs the tests."""


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the developer's credentials, settings, terminal, language and home."""
    for name in list(os.environ):
        if not name.startswith(KEPT):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    # To read the system's certificates takes 40 ms of every client, and here nobody speaks TLS.
    monkeypatch.setenv("SSL_CERT_DIR", str(home))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
