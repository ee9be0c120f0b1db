"""Asks to which account to go."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from batchtui.ui.accounts import Accounts
from batchtui.ui.peeking import Tally, count_stored
from batchtui.ui.presenters.accounts import (
    ALL,
    Key,
    account_key,
    account_picks,
    matches,
    matches_all,
)
from batchtui.ui.presenters.state import QUIET
from batchtui.ui.screens.closing import Closing
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.pick_list import Pick, PickList

MANY = 6
"""From so many accounts on there is a line to type a part of a name into."""

LONGEST = 60
"""Characters of it."""

WIDTH, FRAME, GUTTERS = 80, 2, 2
"""Cells of the dialog, of its frame, and of what stands beside the lines."""


class AccountsScreen(ModalScreen[Key | None], Closing[Key | None]):
    """Gives the account back that was chosen, or all, or None.

    Args:
        accounts: what there is to choose from.
        here: the key of what is on screen.
    """

    CSS_PATH = "accounts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, id="accounts.back"),
        Binding("q,P", "back", "Back", show=False, id="accounts.leave"),
        Binding("down", "move(1)", "Down", show=False, id="accounts.down"),
        Binding("up", "move(-1)", "Up", show=False, id="accounts.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="accounts.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="accounts.page_up"),
    ]

    field = getters.query_one(Input)
    picking = getters.query_one("#picks", PickList)

    def __init__(self, accounts: Accounts, here: Key) -> None:
        super().__init__()
        self._known = accounts.known()
        self._accounts = accounts
        self._here = here
        self._stored: dict[str, Tally] = {}

    def compose(self) -> ComposeResult:
        """The accounts, and the line to type into."""
        with Vertical(id="box"):
            yield PickList[Key](led=self._many, id="picks")
            yield Input(placeholder="part of a name", max_length=LONGEST, compact=True)

    @property
    def _many(self) -> bool:
        return len(self._known) >= MANY

    def on_mount(self) -> None:
        """Begin at the account on screen."""
        self.field.display = self._many
        # At once, for what is typed ahead: of "down, enter" the second key must not count alone.
        self.set_focus(self.field if self._many else self.picking)
        self._show()
        types = "type to find · " if self._many else ""
        self.picking.titles = Titles(
            top="Go to which account?",
            bottom=Content.styled(f"{types}enter goes there · esc stays", QUIET),
        )
        self._count()

    @work
    async def _count(self) -> None:
        closed = [each for each in self._known if each.desk is None]
        directory = self._accounts.directory
        self._stored = await asyncio.to_thread(count_stored, directory, closed)
        if self.is_mounted and not self._pruning:  # it may be closed by now
            self._show()

    def _show(self, at: Key | None = None) -> None:
        """Show the accounts, with the cursor where it is unless it is said where."""
        self.picking.show(self._picks, at=at or self.picking.key or self._here)

    def _picks(self, width: int) -> list[Pick[Key]]:
        return account_picks(
            self._known,
            self._stored,
            here=self._here,
            alone=self._accounts.alone,
            typed=self.field.value,
            width=width,
        )

    def on_resize(self) -> None:
        """The list is as high as it has to be, if there is room."""
        width = min(WIDTH, self.size.width)
        lines = len(self._picks(width - FRAME - GUTTERS)) + FRAME
        self.picking.styles.height = max(min(lines, self.size.height - self._many), FRAME + 1)
        self.call_after_refresh(self._show)

    @on(Input.Changed)
    def _typed(self) -> None:
        typed = self.field.value
        found = [account_key(each.choice) for each in self._known if matches(each, typed)]
        found += [ALL] * matches_all(typed)
        self._show(found[0] if typed and found else self._here)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.picking.action_choose()

    @on(PickList.Chosen)
    def _chosen(self, message: PickList.Chosen) -> None:
        self.close(message.key)

    def action_back(self) -> None:
        """Stay."""
        self.close()

    def action_move(self, places: int) -> None:
        """Go to a neighbour, while a part of a name is typed."""
        self.picking.action_move(places)

    def action_page(self, pages: int) -> None:
        """Go on by a page, while a part of a name is typed."""
        self.picking.action_page(pages)
