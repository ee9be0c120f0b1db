"""A list of batches and jobs with tabs: filters with a name, over what else is filtered by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from textual import on, work
from textual.content import Content
from textual.message import Message

from batchtui.domain.batch import Record
from batchtui.domain.errors import UsageError
from batchtui.domain.tabs import ALL, Tab, new_name, saved_form, tabs_of, tally
from batchtui.domain.text import crop, safe_line
from batchtui.domain.view import Filter
from batchtui.ui.commands import Command
from batchtui.ui.presenters.list_tabs import (
    REFILTER,
    REMOVE,
    RENAME,
    list_tabs,
    tab_question,
)
from batchtui.ui.presenters.tabs import MOST_TABS, TabLine
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.prompt import PromptScreen
from batchtui.ui.screens.unfolding import Arranged, UnfoldingPage
from batchtui.ui.session import Session
from batchtui.ui.widgets.line_table import LineTable

COUNT_EVERY = 30
"""Seconds after which rows belong elsewhere though nothing happened to them: time has passed."""

TABS = (
    Command("next_tab", "tab,right_square_bracket", "tabs", "Show the next tab", 9, "Tabs"),
    Command(
        "previous_tab", "shift+tab,left_square_bracket", "tabs", "Show the tab before", group="Tabs"
    ),
    *(
        Command(
            f"tab_{place}",
            str(place),
            "tab",
            "Show the tab of that number",
            group="Tabs",
            action=f"tab({place})",
        )
        for place in range(1, MOST_TABS + 1)
    ),
    Command("edit_tab", "T", "save tab", "Keep the filter as a tab, or change it", group="Tabs"),
)

_AMONG_TABS = frozenset(("tab", "next_tab", "previous_tab"))
_EDGE = 6
"""Cells of the frame that its titles cannot have."""


class TabbedPage(UnfoldingPage):
    """A page with such a list.

    Attributes:
        typed: the filter as typed, over that of the tab.
    """

    class TabsEdited(Message):
        """The person wants other tabs, from now on and the next time: filters by name."""

        def __init__(self, page: TabbedPage, tabs: Mapping[str, str]) -> None:
            super().__init__()
            self.page, self.tabs = page, tabs

    def __init__(self, session: Session, saved: Mapping[str, str] | None) -> None:
        super().__init__(session)
        self.typed = ""
        self._tabs = tabs_of(saved)
        self._tab = ALL
        self._counts: tuple[int, ...] = ()
        self._stale = False
        self._until_recount = COUNT_EVERY
        self._tab_line = TabLine(Content(), ())

    # What is listed

    @property
    def tab(self) -> Tab:
        """The tab that is shown."""
        return self._tab

    @property
    def in_tab(self) -> int:
        """How many rows the tab has, whatever is typed."""
        place = self._place
        return self._counts[place] if place < len(self._counts) else len(self.session.rows)

    @property
    def _place(self) -> int:
        return next(place for place, tab in enumerate(self._tabs) if tab is self._tab)

    def show_saved(self, saved: Mapping[str, str] | None) -> None:
        """Have these tabs from now on; the one that is shown stays if it is among them."""
        tabs = tabs_of(saved)
        if tabs == self._tabs:
            return
        self._tabs, self._counts = tabs, ()
        named = (tab for tab in self._tabs if tab.name == self._tab.name)
        self._turn_to(next(named, ALL))

    def rearrange(self) -> None:
        """Apply the view to all rows, and count what each tab has."""
        self._stale = True
        super().rearrange()

    def refilter(self) -> None:
        """List what both the tab and what is typed let through; that changes no counts."""
        combined = self._tab.filter.also(Filter.parse(self.typed))
        self.view = msgspec.structs.replace(self.view, filter=combined)
        super().rearrange()

    def arrange_rows(self, rows: Sequence[Record]) -> Arranged:
        """Apply the view to rows, and count what each tab has if need be; on any thread."""
        arranged = super().arrange_rows(rows)
        if not self._stale and self._counts:
            return arranged
        filters = [tab.filter for tab in self._tabs]
        return msgspec.structs.replace(arranged, counts=tally(filters, rows, self.session.now()))

    def rows_shown(self, arranged: Arranged) -> None:
        """Take the counts over, unless there are none or other tabs by now."""
        if len(arranged.counts) == len(self._tabs):
            self._counts = arranged.counts
            self._stale, self._until_recount = False, COUNT_EVERY

    def count_anew(self) -> None:
        """Count what the tabs have with the next tick: something may belong elsewhere now."""
        self._stale = True

    def tick(self) -> None:
        """Arrange anew what has changed meanwhile, be it only by growing older."""
        super().tick()
        self._until_recount -= 1
        if (self._stale or self._until_recount <= 0) and not self.arranging:
            self.rearrange()

    def tabs_title(self, beside: int) -> Content | None:
        """The tabs for the frame of the list; None if there is nothing to choose from.

        Args:
            beside: cells that what stands to their right would take.
        """
        if len(self._tabs) == 1:
            return None
        room = max(self.table.size.width - _EDGE, 0)
        least = max(room - beside - 3, 0)
        self._tab_line = list_tabs(self._tabs, self._counts, self._place, width=room, least=least)
        return self._tab_line.content

    # Turning to another tab

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There are as many tabs as there are, and keys for the first nine."""
        if action in _AMONG_TABS:
            numbers = [each for each in parameters if isinstance(each, int)]
            return len(self._tabs) >= max([2, *numbers])
        return super().check_action(action, parameters)

    def _turn_to(self, tab: Tab) -> None:
        self._tab = tab
        self.refilter()
        self.refresh_bindings()

    def action_tab(self, number: int) -> None:
        """Show the tab of this number, from 1."""
        if number <= len(self._tabs):
            self._turn_to(self._tabs[number - 1])

    def action_next_tab(self) -> None:
        """Show the next tab; after the last, everything."""
        self._turn_to(self._tabs[(self._place + 1) % len(self._tabs)])

    def action_previous_tab(self) -> None:
        """Show the tab before; before the first, the last."""
        self._turn_to(self._tabs[self._place - 1])

    def leave_tab(self) -> None:
        """Show everything."""
        self._turn_to(ALL)

    @on(LineTable.FrameClicked)
    def _tab_clicked(self, message: LineTable.FrameClicked) -> None:
        # Two cells of frame and a blank come before the title.
        place = self._tab_line.place_at(message.x - 3)
        if place is not None:
            self.action_tab(place + 1)

    # Changing the tabs

    @work
    async def action_edit_tab(self) -> None:
        """Keep what is typed as a tab; without that, change the one that is shown."""
        if self.typed:
            await self._save_as_tab()
        elif self._tab is ALL:
            self.say("Filter with / first; this keeps the filter as a tab.")
        else:
            await self._change_tab(self._tab)

    async def _save_as_tab(self) -> None:
        text = f"{self._tab.text} {self.typed}".strip()
        name = await self._ask_name(f"Name of a tab for {crop(safe_line(text), 40)}", "")
        if name:
            self._edit((*self._tabs, tab := Tab(name, text)), tab)

    async def _change_tab(self, tab: Tab) -> None:
        answer = await self.app.push_screen_wait(AskScreen(tab_question(tab)))
        if answer == REMOVE:
            self._edit([each for each in self._tabs if each is not tab], ALL)
        elif answer == RENAME:
            name = await self._ask_name("Name of the tab", tab.name)
            self._replace(tab, name=name or tab.name)
        elif answer == REFILTER:
            text = await self.app.push_screen_wait(PromptScreen("Filter of the tab", tab.text))
            self._replace(tab, text=tab.text if text is None else text.strip())

    async def _ask_name(self, title: str, now: str) -> str:
        """A name that can be taken; "" if there is none, which is said."""
        name = await self.app.push_screen_wait(PromptScreen(title, now))
        if name is None or name == now:
            return ""
        try:
            return new_name(name, [tab for tab in self._tabs if tab.name != now])
        except UsageError as error:
            self.say(str(error), severity="warning")
            return ""

    def _replace(self, tab: Tab, **by: str) -> None:
        changed = msgspec.structs.replace(tab, **by)
        if changed != tab:
            self._edit([changed if each is tab else each for each in self._tabs], changed)

    def _edit(self, tabs: Sequence[Tab], turn_to: Tab) -> None:
        self._tabs, self._counts = tuple(tabs), ()
        if turn_to is not ALL:
            self.typed_into_tab()
        self._turn_to(turn_to)
        self.post_message(self.TabsEdited(self, saved_form(self._tabs)))

    def typed_into_tab(self) -> None:
        """Clear what is typed: the tab has it now."""
        raise NotImplementedError
