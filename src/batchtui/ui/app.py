"""The app: gives each account a place for its screens, and holds what all screens offer."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import traceback
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.widgets import Input, TextArea

from batchtui.account.opening import Opened
from batchtui.domain.text import safe_line, safe_text
from batchtui.settings.secrets import scrub
from batchtui.system import ENDING
from batchtui.ui.accounts import Accounts
from batchtui.ui.commands import Command, bindings
from batchtui.ui.configured import Configured, Reread
from batchtui.ui.desk import Desk
from batchtui.ui.dressing import dress
from batchtui.ui.hangup import Hangup
from batchtui.ui.line_filter import SafeFilter
from batchtui.ui.palette import Verbs
from batchtui.ui.presenters.notices import Severity
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.doubt import ask_whether_to_leave
from batchtui.ui.screens.help import HelpScreen
from batchtui.ui.screens.page import Sheet
from batchtui.ui.screens.tabs import TabbedPage
from batchtui.ui.session import Session
from batchtui.ui.suspending import Suspension
from batchtui.ui.theme import THEMES
from batchtui.ui.title import DEMO, title_of
from batchtui.ui.window import Window

if TYPE_CHECKING:
    from batchtui.ui.screens.everywhere import EverywhereScreen
    from batchtui.ui.switching import Switching

ALL = "Everywhere"

MODE = "account-"
"""What the names of the modes begin with, one for each account that is open."""

LEFT_ALONE = 129
"""The exit code when the terminal is gone: that of SIGHUP, which is its sign."""

_COLLECTING = (700, 10, 50)
"""Thresholds of the garbage collector: it looks at everything five times less often than by
default, because that takes as long as several key presses may."""


class BatchtuiApp(App[int]):
    """batchtui in a terminal.

    Args:
        opened: the account with its settings, not yet at work.
        modes: what the mastheads say besides READ-ONLY and OFFLINE.
        reread: reads the settings anew when `config.toml` was rewritten; None to leave it alone.
    """

    TITLE = "batchtui"
    # Textual would look for the parent of what a click may begin to select in, which a widget whose
    # screen is just being closed no longer has; what is shown here is copied with keys.
    ALLOW_SELECT = False
    # Textual loads a screen's own sheet only when it is pushed, which the first one is not.
    CSS_PATH: ClassVar = ["app.tcss", f"screens/{BatchesScreen.CSS_PATH}"]
    COMMANDS: ClassVar = {Verbs}
    DEFAULT_MODE = f"{MODE}0"
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("accounts", "P", "account", "Go to another account", group=ALL),
        Command("help", "question_mark", "help", "Show the keys that work here", group=ALL),
        Command("command_palette", "colon,ctrl+p", "palette", "Find a command", group=ALL),
        Command("next_theme", "t", "theme", "Take the next theme", group=ALL),
        Command("suspend", "ctrl+z", "suspend", "Go to the shell; fg comes back", group=ALL),
        Command("quit", "q,ctrl+q,ctrl+c", "quit", "Leave batchtui", group=ALL),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(VERBS),
        # Dialogs keep all keys to themselves but those that have priority.
        Binding("ctrl+c", "leave", show=False, priority=True),
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_anywhere", show=False, priority=True),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-broad")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-low"), (32, "-tall")]  # noqa: RUF012

    def __init__(
        self, opened: Opened, *, modes: Sequence[str] = (), reread: Reread | None = None
    ) -> None:
        super().__init__()
        self._modes_said = modes
        for theme in THEMES:
            self.register_theme(theme)
        self._notices = dress(self, opened.settings, self.VERBS)
        self._window = Window(self)
        self._suspension = Suspension(self, before=self._window.restore, after=self._wake)
        self._counted = -1
        self.accounts = Accounts(opened, self._place, os.environ, alone=DEMO in modes)
        self._configured = Configured(
            self, self.accounts, self.VERBS, reread, noticed=self._notices
        )

    @property
    def session(self) -> Session:
        """The session of the account on screen, or of the one that was last."""
        return self.accounts.shown.session

    def _place(self, opened: Opened, number: int) -> Desk:
        """Give an account a mode of its own, with the list of its batches at the bottom."""
        mode = f"{MODE}{number}"
        title = title_of(opened, self._modes_said)
        desk = Desk(
            self, opened, title, mode=mode, write=self._window.write, on_crash=self._crashed
        )
        self.add_mode(mode, lambda: BatchesScreen(desk.session, self.accounts.settings))
        return desk

    def _crashed(self, error: BaseException) -> None:
        self.call_later(self._fail, error)

    async def _on_key(self, event: events.Key) -> None:
        """Give characters that were typed ahead to the line that opened meanwhile.

        A key is sent to what has the focus when it arrives, and becomes a command only after that:
        of "/text" all in one go, the text would be so many commands.
        """
        focused = self.focused
        if event.is_printable and isinstance(focused, Input | TextArea):
            event.prevent_default()
            focused._forward_event(events.Key(event.key, event.character))

    @cached_property
    def _hangup(self) -> Hangup:
        return Hangup(on_gone=lambda: self.call_later(self.exit, LEFT_ALONE))

    def get_driver_class(self) -> type[Driver]:
        """One that does not wait for a terminal that is gone."""
        return self._hangup.minded(super().get_driver_class())

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Nothing foreign reaches the terminal as anything but text."""
        return (*super().get_line_filters(), SafeFilter())

    def on_load(self) -> None:
        """Mind the signals that end the app before the terminal is taken."""
        loop = asyncio.get_running_loop()
        for number in ENDING:
            with suppress(NotImplementedError):  # loops of Windows leave signals to Python
                loop.add_signal_handler(number, self._end_by_signal, number)

    def on_mount(self) -> None:
        """Put the account to work, once the first screen is painted."""
        asyncio.get_running_loop().set_exception_handler(self._callback_failed)
        self._suspension.install()
        for notice in self._notices:
            self.say(notice, severity="warning")
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Put those to work that are not yet: what waits for a refresh may wait in vain.

        A key typed ahead brings another screen on top before the first one was refreshed.
        """
        if not gc.isenabled():
            # Off until the first paint, see `batchtui.cli.app`. What is there by now stays; frozen,
            # it is never walked again, which would hold up a key press.
            gc.freeze()
            gc.set_threshold(*_COLLECTING)
            gc.enable()
        for desk in self.accounts.desks:
            desk.begin()

    def _tick(self) -> None:
        if not self.screen_stack:
            return  # the app is being left
        self._hangup.look()
        self._begin()
        self._configured.look()
        self._count_running()
        screen = self.screen
        if isinstance(screen, Sheet) and screen.is_mounted and not screen._pruning:
            screen.tick()

    def _count_running(self) -> None:
        """Have the title of the terminal say how many batches run, if anything changed."""
        heard = sum(desk.heard for desk in self.accounts.desks)
        if not self.accounts.settings.notify.title:
            self._window.restore()
            self._counted = -1
        elif heard != self._counted:
            self._counted = heard
            self._window.show_running(sum(desk.session.running for desk in self.accounts.desks))

    def _wake(self) -> None:
        """After a time in which nothing could be seen, see what has happened."""
        self._counted = -1
        for desk in self.accounts.desks:
            desk.session.engine.call(desk.session.poller.wake)

    def _fail(self, error: BaseException) -> None:
        """A fault on an engine's thread ends the app as one on this thread would."""
        self._handle_exception(
            error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
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

    def action_accounts(self) -> None:
        """Ask to which account to go."""
        if isinstance(self.screen, Sheet):
            self.switching.ask()

    @cached_property
    def switching(self) -> Switching:
        """Goes from one account to another."""
        # Imported when needed: the first paint takes none of it.
        from batchtui.ui.switching import Switching

        return Switching(self, self.accounts)

    def on_everywhere_screen_left(self, message: EverywhereScreen.Left) -> None:
        """Go on from the list of all accounts to one of them."""
        self.switching.go_to(message.account, message.row)

    def on_everywhere_screen_looked_at_all(self) -> None:
        """Have all accounts at work."""
        self.switching.look_at_all()

    def action_next_theme(self) -> None:
        """Take the next theme, and remember it."""
        names = [theme.name for theme in THEMES]
        place = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(place + 1) % len(names)]
        self._configured.keep_theme(self.theme)

    def on_tabbed_page_tabs_edited(self, message: TabbedPage.TabsEdited) -> None:
        """Have the tabs a person made in every account, and the next time."""
        self._configured.keep_tabs(message.tabs)

    def action_suspend(self) -> None:
        """Give the terminal back to the shell until it lets the app go on."""
        if not self._suspension.suspend():
            self.say("There is no shell to go to here.", severity="warning")

    def action_suspend_anywhere(self) -> None:
        """Do that from a dialog, too; but what is being written takes the key to undo."""
        if isinstance(self.focused, TextArea):
            raise SkipAction
        self.action_suspend()

    async def action_quit(self) -> None:
        """Leave; but while something is being sent, say first what that means."""
        self._leave()

    def _leave(self) -> None:
        sending = [desk.session for desk in self.accounts.sending()]
        if sending and not isinstance(self.screen, AskScreen):
            ask_whether_to_leave(self, sending)
        else:
            self.exit(0)

    def action_leave(self) -> None:
        """Leave, also from a dialog; but what is selected is copied first."""
        if self.screen.get_selected_text() or getattr(self.focused, "selected_text", ""):
            raise SkipAction
        self._leave()

    def _end_by_signal(self, number: signal.Signals) -> None:
        # Later: it may not even be mounted.
        self.call_later(self.exit, 130 if number is signal.SIGINT else 128 + number)

    def restore_window(self) -> None:
        """Give the terminal its title back; once the app has ended."""
        self._window.restore()

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
        return safe_text(scrub("".join(traceback.format_exception(error))))
    name = type(error).__name__ if error else "an error"
    return (
        f"batchtui ended because of a fault of its own ({name}). What was stored is kept. "
        "Run it again with BATCHTUI_DEBUG=1 to see where."
    )
