"""The app: brings the account's events to the screens, and holds what all screens offer."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import traceback
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, work
from textual.actions import SkipAction
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.widgets import Input, TextArea

from batchtui.account.events import Changed, Event, Reloaded
from batchtui.account.interrupted import note_interrupted
from batchtui.account.opening import Opened
from batchtui.account.reconciling import Doubt
from batchtui.domain.batch import ResultsState
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import safe_line, safe_text
from batchtui.settings import config
from batchtui.settings.prices import load_prices
from batchtui.ui.announcing import Announcer
from batchtui.ui.commands import Command, bindings
from batchtui.ui.keymap import read_keys
from batchtui.ui.line_filter import SafeFilter
from batchtui.ui.palette import Verbs
from batchtui.ui.presenters.notices import Severity
from batchtui.ui.presenters.sending import interrupted_notice
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.doubt import ask_what_became, ask_whether_to_leave
from batchtui.ui.screens.help import HelpScreen
from batchtui.ui.screens.page import Page
from batchtui.ui.session import Session, Title
from batchtui.ui.submissions import Answer, End
from batchtui.ui.theme import THEMES

ALL = "Everywhere"
DEMO = "DEMO"
"""The mode in which the API is the built-in simulator."""

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""What ends the app as `q` does, with the terminal restored."""

_COLLECTING = (700, 10, 50)
"""Thresholds of the garbage collector: it looks at everything five times less often than by
default, because that takes as long as several key presses may."""


class BatchtuiApp(App[int]):
    """batchtui in a terminal.

    Args:
        opened: the account with its settings, not yet at work.
        modes: what the masthead says besides READ-ONLY and OFFLINE.
    """

    TITLE = "batchtui"
    # Textual would look for the parent of what a click may begin to select in, which a widget whose
    # screen is just being closed no longer has; what is shown here is copied with keys.
    ALLOW_SELECT = False
    # Textual loads a screen's own sheet only when it is pushed, which the first one is not.
    CSS_PATH: ClassVar = ["app.tcss", f"screens/{BatchesScreen.CSS_PATH}"]
    COMMANDS: ClassVar = {Verbs}
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("help", "question_mark", "help", "Show the keys that work here", group=ALL),
        Command("command_palette", "colon,ctrl+p", "palette", "Find a command", group=ALL),
        Command("next_theme", "t", "theme", "Take the next theme", group=ALL),
        Command("quit", "q,ctrl+q,ctrl+c", "quit", "Leave batchtui", group=ALL),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(VERBS),
        # Dialogs keep all keys to themselves but those that have priority.
        Binding("ctrl+c", "leave", show=False, priority=True),
        Binding("ctrl+q", "quit", show=False, priority=True),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-broad")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-low"), (32, "-tall")]  # noqa: RUF012

    class AccountSaid(Message):
        """The account told something."""

        def __init__(self, event: Event) -> None:
            super().__init__()
            self.event = event

    class Crashed(Message):
        """The engine ended by a fault in batchtui itself."""

        def __init__(self, error: BaseException) -> None:
            super().__init__()
            self.error = error

    class InDoubt(Message):
        """A person is to decide what became of a part of a job."""

        def __init__(self, doubt: Doubt, answer: Answer) -> None:
            super().__init__()
            self.doubt, self.answer = doubt, answer

    def __init__(self, opened: Opened, *, modes: Sequence[str] = ()) -> None:
        super().__init__()
        self.settings = opened.settings
        self._directory = opened.directory
        self._notices = opened.notices
        self.session = Session(
            opened.account,
            _title(opened, modes),
            prices=load_prices(opened.settings),
            every=opened.settings.interval,
            on_event=self._post_event,
            on_crash=self._post_crash,
        )
        self._announcer = Announcer(
            self.session, self.say, self.bell if opened.settings.notify.bell else None
        )
        for theme in THEMES:
            self.register_theme(theme)
        wanted = opened.settings.theme
        self.theme = wanted if wanted in self.available_themes else THEMES[0].name
        keymap = read_keys(opened.settings.keys, self.VERBS)
        self.set_keymap(keymap.keys)
        self._notices += keymap.notices
        if wanted and wanted != self.theme:
            ours = ", ".join(theme.name for theme in THEMES)
            self._notices += (f'There is no theme "{wanted}"; there are {ours}.',)
        if opened.settings.animation == "none" or _over_ssh():
            self.animation_level = "none"

    def _post_event(self, event: Event) -> None:
        self.post_message(self.AccountSaid(event))

    def _post_crash(self, error: BaseException) -> None:
        self.post_message(self.Crashed(error))

    def _post_doubt(self, doubt: Doubt, answer: Answer) -> None:
        self.post_message(self.InDoubt(doubt, answer))

    def get_default_screen(self) -> BatchesScreen:
        """The list of batches."""
        return BatchesScreen(self.session)

    async def _on_key(self, event: events.Key) -> None:
        """Give characters that were typed ahead to the line that opened meanwhile.

        A key is sent to what has the focus when it arrives, and becomes a command only after that:
        of "/text" all in one go, the text would be so many commands.
        """
        focused = self.focused
        if event.is_printable and isinstance(focused, Input | TextArea):
            event.prevent_default()
            focused._forward_event(events.Key(event.key, event.character))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Nothing foreign reaches the terminal as anything but text."""
        return (*super().get_line_filters(), SafeFilter())

    def on_mount(self) -> None:
        """Put the account to work, once the first screen is painted."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._callback_failed)
        for number in SIGNALS:
            loop.add_signal_handler(number, self._end_by_signal, number)
        for notice in self._notices:
            self.say(notice, severity="warning")
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        if not gc.isenabled():
            # Off until the first paint, see `batchtui.cli.app`. What is there by now stays; frozen,
            # it is never walked again, which would hold up a key press.
            gc.freeze()
            gc.set_threshold(*_COLLECTING)
            gc.enable()
        self.session.downloads.on_end = self._announcer.download_ended
        self.session.downloads.on_arrived = self._announcer.results_arrived
        self.session.submissions.on_doubt = self._post_doubt
        self.session.submissions.on_end = self._submission_ended
        self.session.engine.start()
        self._reload()
        self._say_what_was_interrupted()

    # Workers, because keys wait for what handlers of the app wait for.

    @work(exclusive=True, group="reload")
    async def _reload(self) -> None:
        await self._read(self.session.reload)

    @work
    async def _say_what_was_interrupted(self) -> None:
        account = self.session.account
        try:
            jobs = await self.session.engine.get(lambda: note_interrupted(account))
        except BatchtuiError:
            return  # the list says why it cannot be read
        if jobs:
            self.say(interrupted_notice(jobs), severity="warning")

    @work(exclusive=True, group="relearn")
    async def _relearn(self) -> None:
        await self._read(self.session.relearn)

    async def _read(self, read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except BatchtuiError as error:
            # What was read before is still on the screens.
            self.say(str(error), severity="error")
        else:
            await self._pass_on(Reloaded())

    def _tick(self) -> None:
        for page in self._pages[-1:]:
            if page is self.screen:
                page.tick()

    @property
    def _pages(self) -> list[Page]:
        """The pages whose widgets are there: all but one that comes up, and those that go down."""
        if not self.is_running:
            return []
        pages = (screen for screen in self.screen_stack if isinstance(screen, Page))
        return [page for page in pages if page.is_mounted and not page._pruning]

    async def on_batchtui_app_account_said(self, message: AccountSaid) -> None:
        """Take an event in, and let the screens hear of it."""
        event = message.event
        if isinstance(event, Reloaded):
            self._reload()
            return
        self.session.take(event)
        await self._pass_on(event)
        if isinstance(event, Changed):
            self._announcer.batches_ended(event)
            if self.settings.auto_fetch:
                self._fetch_ended(event)
            if event.tells_durations:
                self._relearn()

    async def _pass_on(self, event: Event) -> None:
        for page in self._pages:
            await page.hear(event)

    def _fetch_ended(self, event: Changed) -> None:
        session = self.session
        now = session.now()
        session.downloads.add(
            record.id
            for record in session.ended_in_sight(event)
            if record.results(now) is ResultsState.AVAILABLE
        )

    def _submission_ended(self, job_id: str, end: End) -> None:
        # Later: what the account told of the job before it ended is still on its way.
        self.call_later(self._announcer.submission_ended, job_id, end)

    def on_batchtui_app_in_doubt(self, message: InDoubt) -> None:
        """Ask what became of a part of a job."""
        ask_what_became(self, self.session, message.doubt, message.answer)

    def on_batchtui_app_crashed(self, message: Crashed) -> None:
        """A fault on the engine's thread ends the app as one on this thread would."""
        self._handle_exception(
            message.error
            if isinstance(message.error, Exception)
            else RuntimeError(type(message.error).__name__)
        )

    def _callback_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """A fault in a callback ends the app instead of being printed over its screens.

        What is still under way when the app has left finds no screens: nobody is to know.
        """
        error = context.get("exception")
        if isinstance(error, Exception) and self.is_running and not self._exit:
            self._handle_exception(error)

    def action_help(self) -> None:
        """Show the keys that work on the screen below."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_next_theme(self) -> None:
        """Take the next theme, and remember it."""
        names = [theme.name for theme in THEMES]
        place = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(place + 1) % len(names)]
        try:
            config.update(self._directory, theme=self.theme)
        except BatchtuiError as error:
            self.say(str(error), severity="warning")

    async def action_quit(self) -> None:
        """Leave; but while something is being sent, say first what that means."""
        self._leave()

    def _leave(self) -> None:
        if self.session.submissions.busy and not isinstance(self.screen, AskScreen):
            ask_whether_to_leave(self, self.session)
        else:
            self.exit(0)

    def action_leave(self) -> None:
        """Leave, also from a dialog; but what is selected is copied first."""
        if self.screen.get_selected_text() or getattr(self.focused, "selected_text", ""):
            raise SkipAction
        self._leave()

    def _end_by_signal(self, number: signal.Signals) -> None:
        self.exit(130 if number is signal.SIGINT else 128 + number)

    def say(self, words: str, *, severity: Severity = "information") -> None:
        """Show a sentence for a while."""
        self.notify(safe_line(words), severity=severity, markup=False)

    def _fatal_error(self) -> None:
        """End with one sentence instead of Textual's traceback, whose locals may hold secrets."""
        if not self._exit_renderables:  # the first fault may bring about others
            self._exit_renderables.append(Text(_last_words(self._exception)))
        self._close_messages_no_wait()


def _last_words(error: Exception | None) -> str:
    if error and os.environ.get("BATCHTUI_DEBUG"):
        return safe_text("".join(traceback.format_exception(error)))
    name = type(error).__name__ if error else "an error"
    return (
        f"batchtui ended because of a fault of its own ({name}). What was stored is kept. "
        "Run it again with BATCHTUI_DEBUG=1 to see where."
    )


def _title(opened: Opened, modes: Sequence[str]) -> Title:
    identity = opened.identity
    own = ("READ-ONLY",) * opened.account.read_only + ("OFFLINE",) * opened.account.offline
    if DEMO in modes:
        return Title("built-in simulator", "", "", (*modes, *own))
    host = identity.endpoint.partition("://")[2] or identity.endpoint
    return Title(identity.profile or identity.source, identity.workspace, host, (*modes, *own))


def _over_ssh() -> bool:
    return bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))


def run_app(opened: Opened, *, modes: Sequence[str] = ()) -> int:
    """Run the app until it is left; returns the exit code.

    The terminal is restored and the account closed however it ends.
    """
    # A connection that is given up while it is made leaves such a coroutine behind, and Python
    # would say so on the terminal when the app has been left.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    app = BatchtuiApp(opened, modes=modes)
    try:
        code = app.run(mouse=opened.settings.mouse)
    finally:
        app.session.engine.stop()
    if code is None and app.return_code in (0, None):
        # Nobody left it: Ctrl+C came before the app could take it, and ended its loop.
        raise KeyboardInterrupt
    return code if code is not None else app.return_code or 0
