"""The batches of all accounts in one list; enter goes to where something can be done to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import msgspec
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from batchtui.domain.view import Filter, View
from batchtui.ui.accounts import Accounts
from batchtui.ui.commands import Command, bindings
from batchtui.ui.presenters.batch_columns import read_columns
from batchtui.ui.presenters.batch_row import batch_cells
from batchtui.ui.presenters.chrome import masthead_of_all, trouble_of_all
from batchtui.ui.presenters.everywhere import (
    ACCOUNT,
    account_cell,
    account_columns,
    everywhere_titles,
    nothing_here,
)
from batchtui.ui.presenters.help import OF_BATCHES
from batchtui.ui.screens.page import Sheet
from batchtui.ui.screens.unfolding import FEW
from batchtui.ui.title import READ_ONLY
from batchtui.ui.together import Key, Together
from batchtui.ui.widgets.columns import Column
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.painting import Cell

AGES_EVERY = 5
"""Seconds between two looks at what in the rows has aged."""

STORED_EVERY = 30
"""Seconds between two looks at what is stored of accounts that are not at work."""


class EverywhereScreen(Sheet):
    """All accounts.

    Args:
        accounts: those there are.
    """

    CSS_PATH = "everywhere.tcss"
    LEGEND = OF_BATCHES
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("open", "enter", "go there", "Go to the batch in its account", 1, "List"),
        Command("filter", "slash", "filter", "Show only batches that match", 2, "List"),
        Command("sort", "s", "sort", "Sort by the next criterion", 3, "List"),
        Command("reverse", "S", "reverse", "Sort the other way round", None, "List"),
        Command("refresh", "r", "look at all", "Look at the API of every account now", 4, "List"),
        Command("back", "escape", "back", "Clear the filter; go back to the account", 5, "List"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    filter_input = getters.query_one("#filter", Input)

    class Left(Message):
        """The person goes on to an account: to its screens, or to a row of its list."""

        def __init__(self, account: str, row: str = "") -> None:
            super().__init__()
            self.account, self.row = account, row

    class LookedAtAll(Message):
        """The person wants to know how every account stands now."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__()
        self._accounts = accounts
        self._together = Together(accounts)
        self._settings = accounts.settings
        self._state: tuple[int, ...] = ()
        self._view = View()
        self._typed = ""
        self._seconds = 0

    def compose_body(self) -> ComposeResult:
        """The list, and the filter's line."""
        yield LineTable[Key](self._columns, self._cells, framed=True, id="batches")
        yield Input(id="filter", placeholder="text, running, partial, expiring, <2d, !failed …")

    @property
    def _columns(self) -> tuple[Column, ...]:
        together = self._together
        names = [together.title(each).name for each in together.seen]
        own = read_columns(self._accounts.settings.columns).columns
        return (*account_columns(names), *own)

    @property
    def table(self) -> LineTable[Key]:
        """The list."""
        return self.query_one("#batches", LineTable)

    def _cells(self, key: Key, widths: Mapping[str, int]) -> Sequence[Cell]:
        subject = self._together.subject(key)
        if subject is None:
            return [""] * len(widths)
        title = self._together.title(key[0])
        others = {name: width for name, width in widths.items() if name != ACCOUNT}
        own = account_cell(title, widths.get(ACCOUNT, 0))
        return (own, *batch_cells(subject, others))

    def on_mount(self) -> None:
        """Show what is known at once, and the rest as soon as it is read."""
        self.table.focus()
        self._rearrange()
        self._read()

    def on_screen_resume(self) -> None:
        """Others may be at work by now, and there may be other accounts."""
        if self.is_mounted:
            self._read()

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        self._settings = self._accounts.settings
        await self._together.read()
        self.table.show_columns(self._columns)
        self._rearrange()
        self.table.refresh_rows()
        self.show_masthead()

    # What is shown

    def masthead_line(self, width: int) -> Content:
        """That it is all of them, and how many of them are looked at."""
        return masthead_of_all(
            at_work=len(self._accounts.desks) - len(self._reasons),
            accounts=len(self._together.known),
            known=self._together.count(),
            modes=(READ_ONLY,) if self._accounts.settings.read_only else (),
            width=width,
        )

    def trouble_lines(self, width: int) -> Sequence[Content]:
        """Which accounts cannot be looked at."""
        return trouble_of_all(self._reasons, width=width)

    @property
    def _reasons(self) -> dict[str, str]:
        desks = self._accounts.desks
        return {
            desk.session.title.account: desk.session.pulse.reason
            for desk in desks
            if desk.session.pulse.reason
        }

    def _rearrange(self) -> None:
        """Apply the view to all rows, off the loop if there are many."""
        self._state = self._together.state
        arranged = self._together.arranging(self._view)
        if self._together.count() <= FEW:
            self._show(arranged())
        else:
            self._rearrange_many(arranged)

    @work(exclusive=True, group="arrange")
    async def _rearrange_many(self, arranged: Callable[[], list[Key]]) -> None:
        self._show(await asyncio.to_thread(arranged))

    def _show(self, keys: list[Key]) -> None:
        self.table.empty = nothing_here(self._typed)
        self.table.set_rows(keys)
        self.table.titles = everywhere_titles(self._view.title, len(keys), self._typed)

    def tick(self) -> None:
        """Take over what happened in the accounts that are at work; now and then the rest."""
        super().tick()
        self._seconds += 1
        others = self._settings is not self._accounts.settings
        if others or self._seconds % STORED_EVERY == 0:
            self._read()
        elif self._state != self._together.state:
            self._rearrange()
            self.table.refresh_rows()
        elif self._seconds % AGES_EVERY == 0:
            self.table.refresh_rows()

    # Keys

    def hinted(self, keys: Mapping[str, str]) -> list[tuple[str, str]]:
        """While a filter is typed, what keeps and what clears it."""
        if self.filter_input.has_focus:
            return [("⏎", "keep"), (keys.get("back", "esc"), "clear")]
        return super().hinted(keys)

    @on(LineTable.RowSelected)
    def action_open(self) -> None:
        """Go to the account of the highlighted batch, and highlight it there."""
        if key := self.table.cursor_key:
            self.post_message(self.Left(*key))

    def action_filter(self) -> None:
        """Ask for a filter; it applies while it is typed."""
        self.filter_input.add_class("-open")
        self.set_focus(self.filter_input)  # at once, for what is typed ahead

    @on(Input.Changed, "#filter")
    def _filter_typed(self, message: Input.Changed) -> None:
        self._typed = message.value.strip()
        self._view = msgspec.structs.replace(self._view, filter=Filter.parse(self._typed))
        self._rearrange()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.filter_input.remove_class("-open")
        self.table.focus()

    def action_back(self) -> None:
        """Close the filter's line; then clear the filter; then go back to the account."""
        if self.filter_input.has_focus or self._typed:
            self.filter_input.value = ""
            self._filter_done()
        else:
            self.post_message(self.Left(self._accounts.shown.choice.name))

    def action_sort(self) -> None:
        """Sort by the next criterion."""
        self._view = self._view.next_sort()
        self._rearrange()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._view = msgspec.structs.replace(self._view, reverse=not self._view.reverse)
        self._rearrange()

    def action_refresh(self) -> None:
        """Have every account looked at."""
        self.post_message(self.LookedAtAll())
