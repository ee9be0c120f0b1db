"""Goes from one account to another, each with its screens as they were left, or to all of them."""

from __future__ import annotations

from typing import Any

from textual.app import App

from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import safe_line
from batchtui.ui.accounts import Accounts
from batchtui.ui.desk import Desk
from batchtui.ui.presenters.accounts import ALL, Key, account_key
from batchtui.ui.screens.accounts import AccountsScreen
from batchtui.ui.screens.closing import Closing
from batchtui.ui.screens.everywhere import EverywhereScreen
from batchtui.ui.screens.unfolding import UnfoldingPage

EVERYWHERE = "everywhere"
"""The name of the mode that lists the batches of all accounts."""


class Switching:
    """Brings accounts to the screen.

    Args:
        app: whose modes the accounts are.
        accounts: those there are.
    """

    def __init__(self, app: App[Any], accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts
        self._has_all = False

    @property
    def here(self) -> Key:
        """What is on screen."""
        if self._app.current_mode == EVERYWHERE:
            return ALL
        return account_key(self._accounts.shown.choice)

    def ask(self) -> None:
        """Have a person choose, and go there."""
        self._app.push_screen(AccountsScreen(self._accounts, self.here), self._go)

    def _go(self, key: Key | None) -> None:
        if key is None or key == self.here:
            return
        if key == ALL:
            self._show_all()
        else:
            self.go_to(key[1])

    def go_to(self, name: str, row: str = "") -> None:
        """Go to an account, which is opened if need be; else it is said why that cannot be done.

        Args:
            name: of the account.
            row: id of the batch or the job to highlight in its list; "" to find its screens as
                they were left.
        """
        desk = self._opened(name)
        if desk is None:
            return
        self._turn(desk, desk.mode)
        if row:
            self._highlight(row)
        self._app.call_after_refresh(desk.begin)

    def look_at_all(self) -> None:
        """Have every account at work, and look at its API now."""
        for known in self._accounts.known():
            if known.desk is not None:
                session = known.desk.session
                session.engine.call(session.poller.refresh)
            elif desk := self._opened(known.choice.name):
                desk.session.shown = False
                desk.begin()

    def _opened(self, name: str) -> Desk | None:
        try:
            return self._accounts.opened(name)
        except BatchtuiError as error:
            words = safe_line(f"{name} cannot be opened. {error}")
            self._app.notify(words, severity="error", markup=False)
            return None

    def _highlight(self, row: str) -> None:
        """Go back to the list, and put the cursor on a row, at the latest when it is listed."""
        while len(self._app.screen_stack) > 1 and isinstance(self._app.screen, Closing):
            self._app.screen.close()
        home = self._app.screen
        if isinstance(home, UnfoldingPage):
            home.go_to(row)

    def _show_all(self) -> None:
        if not self._has_all:
            self._has_all = True
            self._app.add_mode(EVERYWHERE, lambda: EverywhereScreen(self._accounts))
        self._turn(None, EVERYWHERE)

    def _turn(self, desk: Desk | None, mode: str) -> None:
        # What was just said without a name would seem to be about the account shown next.
        self._app.clear_notifications()
        self._accounts.show(desk)
        self._app.switch_mode(mode)
