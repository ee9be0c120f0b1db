"""A real account: the SDK over HTTP against the simulator, SQLite and result files on disk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Protocol

import pytest

from batchtui.account.account import Account
from batchtui.account.events import Event
from batchtui.api.client import Api
from batchtui.domain.account import AccountKey
from batchtui.history.history import History
from batchtui.results.store import ResultStore
from batchtui.simulator.clock import Clock
from batchtui.simulator.server import KEY, RunningServer


class Bench(Protocol):
    """An account, and every event it told."""

    account: Account
    events: list[Event]


class OpenAccount(Protocol):
    """Opens an account of a server; closed with the test."""

    def __call__(
        self, server: RunningServer | None, clock: Clock, *, read_only: bool = False
    ) -> Bench: ...


class _Bench:
    def __init__(self, account: Account) -> None:
        self.account = account
        self.events: list[Event] = []
        account.listen(self.events.append)


@pytest.fixture
async def open_account(tmp_path: Path) -> AsyncIterator[OpenAccount]:
    closers: list[Callable[[], Awaitable[None]]] = []

    def start(server: RunningServer | None, clock: Clock, *, read_only: bool = False) -> Bench:
        endpoint = server.base_url if server else "http://127.0.0.1:9"
        directory = tmp_path / "config"
        account = Account(
            api=Api(base_url=endpoint, api_key=KEY) if server else None,
            history=History.open(directory, AccountKey("test", "", "key"), now=clock()),
            results=ResultStore(directory / "results"),
            requests=directory / "requests",
            clock=clock,
            read_only=read_only,
            rng=Random(1),
        )
        closers.append(account.close)
        return _Bench(account)

    async with AsyncExitStack() as stack:
        yield start
        for close in closers:
            stack.push_async_callback(close)


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for in seconds is waited for in milliseconds."""
    monkeypatch.setattr("batchtui.account.account.DOUBTS", (0.001, 0.001))
    monkeypatch.setattr("batchtui.api.retry.FIRST_WAIT", 0.001)
