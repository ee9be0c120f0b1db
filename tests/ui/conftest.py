"""The real app over the simulated API, without a terminal."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from textual.pilot import Pilot

from batchtui.account.events import Phase
from batchtui.account.opening import open_account, open_choice
from batchtui.settings.accounts import chosen
from batchtui.settings.credentials import identify
from batchtui.settings.schema import AccountTable, Settings
from batchtui.simulator.clock import Clock
from batchtui.simulator.server import KEY, RunningServer
from batchtui.ui.app import BatchtuiApp

AppPilot = Pilot[int]


class RunApp(Protocol):
    """Runs the app on a server's batches until the block ends."""

    def __call__(
        self,
        server: RunningServer | None,
        clock: Clock,
        *,
        size: tuple[int, int] = (120, 40),
        settings: Settings = ...,
    ) -> AbstractAsyncContextManager[tuple[BatchtuiApp, AppPilot]]: ...


async def until(pilot: AppPilot, true: Callable[[], bool]) -> None:
    """Let the app go on until something is so."""
    for _ in range(500):
        await pilot.pause()
        if true():
            return
    raise AssertionError("it never became so")


async def settled(pilot: AppPilot, app: BatchtuiApp) -> None:
    """Let the app read the API's list for the first time, or find out that it cannot."""
    resting = {Phase.WAITING, Phase.STOPPED, Phase.OFFLINE, Phase.BACKING_OFF}
    await until(pilot, lambda: app.session.pulse.phase in resting)
    await pilot.pause(0.1)


@pytest.fixture
def run_app(tmp_path: Path) -> RunApp:
    @asynccontextmanager
    async def run(
        server: RunningServer | None,
        clock: Clock,
        *,
        size: tuple[int, int] = (120, 40),
        settings: Settings = Settings(interval=0),  # noqa: B008
    ) -> AsyncIterator[tuple[BatchtuiApp, AppPilot]]:
        endpoint = server.base_url if server else "http://127.0.0.1:9"
        opened = open_account(
            directory=tmp_path / "config",
            settings=settings,
            identity=identify({}, base_url=endpoint, api_key=KEY),
            offline=server is None,
            clock=clock,
            api_key=KEY,
        )
        app = BatchtuiApp(opened, modes=("DEMO",))
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                await settled(pilot, app)
                yield app, pilot
        finally:
            app.accounts.stop()

    return run


HOME_KEY = "sk-ant-of-home"
"""The key whose world is another than that of `KEY`."""


def two_accounts(server: RunningServer, **others: AccountTable) -> Settings:
    """Accounts "work" and "home" with the keys `KEY` and `HOME_KEY`, which `run_accounts` sets."""
    url = server.base_url
    work = AccountTable(base_url=url, key_env="WORK_KEY", color="teal")
    home = AccountTable(base_url=url, key_env="HOME_KEY", color="#b58900")
    return Settings(account="work", interval=0, accounts={"work": work, "home": home, **others})


class RunAccounts(Protocol):
    """Runs the app on the account that the settings begin with until the block ends."""

    def __call__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        size: tuple[int, int] = (120, 40),
        reread: Callable[[], Settings] | None = None,
    ) -> AbstractAsyncContextManager[tuple[BatchtuiApp, AppPilot]]: ...


@pytest.fixture
def run_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunAccounts:
    monkeypatch.setenv("WORK_KEY", KEY)
    monkeypatch.setenv("HOME_KEY", HOME_KEY)

    @asynccontextmanager
    async def run(
        settings: Settings,
        clock: Clock,
        *,
        size: tuple[int, int] = (120, 40),
        reread: Callable[[], Settings] | None = None,
    ) -> AsyncIterator[tuple[BatchtuiApp, AppPilot]]:
        opened = open_choice(
            chosen(settings, os.environ),
            directory=tmp_path / "config",
            settings=settings,
            environ=os.environ,
            offline=False,
            clock=clock,
        )
        app = BatchtuiApp(opened, reread=reread)
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                await settled(pilot, app)
                yield app, pilot
        finally:
            app.accounts.stop()

    return run
