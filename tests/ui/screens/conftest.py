"""The app with any screen pushed on it, and with what it says and copies kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
from textual.pilot import Pilot

from batchtui import ui
from batchtui.account.opening import open_account
from batchtui.settings.credentials import identify
from batchtui.settings.schema import Settings
from batchtui.simulator.server import KEY, RunningServer
from batchtui.ui.app import BatchtuiApp

StartSimulator = Callable[..., RunningServer]


class Host(BatchtuiApp):
    """The real app, listening to itself."""

    CSS_PATH = [Path(ui.__file__).with_name("app.tcss")]  # noqa: RUF012
    copied = ""

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text

    @property
    def notices(self) -> list[str]:
        return [notification.message for notification in self._notifications]


async def until(pilot: Pilot[int], holds: Callable[[], object]) -> None:
    """Let the app go on until something holds."""
    for _ in range(500):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to hold")


class Hosting(Protocol):
    """Runs the app on a server's batches, or offline, until the block ends."""

    def __call__(
        self,
        base_url: str | None,
        *,
        size: tuple[int, int] = (80, 24),
        read_only: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> AbstractAsyncContextManager[tuple[Host, Pilot[int]]]: ...


@pytest.fixture
def hosting(tmp_path: Path) -> Hosting:
    @asynccontextmanager
    async def host(
        base_url: str | None,
        *,
        size: tuple[int, int] = (80, 24),
        read_only: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> AsyncIterator[tuple[Host, Pilot[int]]]:
        settings = Settings(read_only=read_only, interval=0)
        opened = open_account(
            directory=tmp_path / "config",
            settings=settings,
            identity=identify({}, base_url=base_url or "http://127.0.0.1:9", api_key=KEY),
            offline=base_url is None,
            clock=clock or (lambda: datetime.now(UTC)),
            api_key=KEY,
        )
        app = Host(opened)
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                if base_url:
                    await until(pilot, lambda: app.session.records)
                yield app, pilot
        finally:
            app.accounts.stop()

    return host
