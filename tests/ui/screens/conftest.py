"""A small app around one screen: the real session and account, over the simulated API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Protocol

import pytest
from textual.app import App
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.pilot import Pilot

from batchtui import ui
from batchtui.account.events import Event
from batchtui.account.opening import open_account
from batchtui.settings.config import Settings
from batchtui.settings.credentials import identify
from batchtui.simulator.server import KEY, RunningServer
from batchtui.ui.commands import Command, bindings
from batchtui.ui.line_filter import SafeFilter
from batchtui.ui.screens.page import Page
from batchtui.ui.session import Session, Title
from batchtui.ui.theme import THEMES

StartSimulator = Callable[..., RunningServer]


class Host(App[None]):
    """Shows screens over a session, and keeps what they say."""

    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("quit", "q", "quit", "Leave batchtui", None, "Everywhere"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]
    CSS_PATH = Path(ui.__file__).parent / "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-low"), (32, "-tall")]  # noqa: RUF012

    class Said(Message):
        def __init__(self, event: Event) -> None:
            super().__init__()
            self.event = event

    def __init__(self, make_session: Callable[[Callable[[Event], None]], Session]) -> None:
        super().__init__()
        self.session = make_session(self._tell)
        self.copied: list[str] = []
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.animation_level = "none"

    def get_line_filters(self) -> Sequence[LineFilter]:
        return (*super().get_line_filters(), SafeFilter())

    def _tell(self, event: Event) -> None:
        self.post_message(self.Said(event))

    def on_mount(self) -> None:
        self.session.engine.start()

    async def on_host_said(self, message: Said) -> None:
        self.session.take(message.event)
        for screen in self.screen_stack:
            if isinstance(screen, Page) and screen.is_mounted:
                await screen.hear(message.event)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    @property
    def notices(self) -> list[str]:
        return [notification.message for notification in self._notifications]


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Let the app go on until something holds."""
    for _ in range(500):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to hold")


def _raise(error: BaseException) -> None:
    raise error


class Hosting(Protocol):
    """Runs an app around the account of a server; `size` in cells."""

    def __call__(
        self,
        base_url: str | None,
        *,
        size: tuple[int, int] = (80, 24),
        read_only: bool = False,
        every: float | None = 0,
        clock: Callable[[], datetime] | None = None,
    ) -> AbstractAsyncContextManager[tuple[Host, Pilot[None]]]: ...


@pytest.fixture
def hosting(tmp_path: Path) -> Hosting:
    @asynccontextmanager
    async def host(
        base_url: str | None,
        *,
        size: tuple[int, int] = (80, 24),
        read_only: bool = False,
        every: float | None = 0,
        clock: Callable[[], datetime] | None = None,
    ) -> AsyncIterator[tuple[Host, Pilot[None]]]:
        settings = Settings(base_url=base_url or "http://127.0.0.1:9", read_only=read_only)
        directory = tmp_path / "config"
        opened = open_account(
            directory=directory,
            settings=settings,
            identity=identify({}, base_url=settings.base_url, api_key=KEY),
            offline=base_url is None,
            clock=clock or (lambda: datetime.now(UTC)),
            api_key=KEY,
        )

        def session(on_event: Callable[[Event], None]) -> Session:
            title = Title("work", "", settings.base_url or "")
            return Session(opened.account, title, every=every, on_event=on_event, on_crash=_raise)

        app = Host(session)
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                if base_url:
                    await until(pilot, lambda: app.session.records)
                yield app, pilot
        finally:
            app.session.engine.stop()

    return host
