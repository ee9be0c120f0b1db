"""Triage of a batch's results: what there is by type and how it ended, as filters of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from textual import on, work
from textual.content import Content

from batchtui.domain.result import SUCCEEDED
from batchtui.results.reader import ResultFile
from batchtui.results.slices import in_slices
from batchtui.results.summary import Triage, triage_steps
from batchtui.ui.commands import Command
from batchtui.ui.listing import Group
from batchtui.ui.presenters.tabs import TabLine, loud_reasons, tab_line
from batchtui.ui.presenters.triage import Glance, triage_picks, triage_titles
from batchtui.ui.screens.listing import ListingPage
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.pick_list import PickList

_TABS = ("everything", "succeeded", "errored", "canceled", "expired")

TRIAGE = (
    Command("triage", "T", "triage", "Go to triage, or back to the list", 3, "Results"),
    *(
        Command(f"tab_{place}", str(place), what, f"List {what}", None, "Results", f"tab({place})")
        for place, what in enumerate((*_TABS, *("what the tab of that number says",) * 4), 1)
    ),
)


class TriagePage(ListingPage):
    """A page with a list of results, a line of tabs above it and a panel of triage beside it."""

    _triage: Triage | None = None
    _glanced: tuple[Triage, frozenset[Group]] | None = None
    _tab_line = TabLine(Content(), ())

    @property
    def panel(self) -> PickList[Group]:
        """The triage."""
        return self.query_one("#triage", PickList)

    @property
    def in_triage(self) -> bool:
        """Whether keys go to triage."""
        return self.panel.has_focus and bool(self.all_tabs)

    # What is shown

    def take(self, file: ResultFile) -> None:
        """Sum up what has come."""
        super().take(file)
        self._sum_up(file)

    def vanished(self) -> None:
        """Sum up nothing any more."""
        super().vanished()
        self.workers.cancel_group(self, "triage")
        self._triage = self._glanced = None

    def relisted(self) -> None:
        """Show what the list is filtered by."""
        super().relisted()
        self.show_tabs()
        self._show_triage()

    @property
    def _reasons(self) -> Mapping[str, int]:
        return self._triage.stop_reasons if self._triage else {}

    @property
    def _loud(self) -> Sequence[str]:
        return loud_reasons(self._reasons, len(self.all_tabs))

    def show_tabs(self) -> None:
        """Bring the line of tabs up to date."""
        active = frozenset(group.stop_reason for group in self.listing.groups)
        chosen, width = self.listing.tab, self.size.width
        self._tab_line = tab_line(self.all_tabs, chosen, self._reasons, active, width)
        self.query_one("#tabs", Lines).show((self._tab_line.content,))

    @work(exclusive=True, group="triage")
    async def _sum_up(self, file: ResultFile) -> None:
        self._triage = await in_slices(triage_steps(file))
        self.show_tabs()
        self._show_triage()
        self.refresh_bindings()

    def _show_triage(self) -> None:
        triage, groups = self._triage, self.listing.groups
        if triage is None:
            return
        glance = Glance(triage, self.session.prices, groups, len(self.table.keys))
        self.panel.titles = triage_titles(glance)
        if self._glanced != (triage, groups):
            self._glanced = (triage, groups)
            self.panel.show(lambda width: triage_picks(glance, width))

    # What happens

    def on_resize(self) -> None:
        """The line of tabs is made for its width."""
        self.show_tabs()

    @on(PickList.Chosen)
    def _group_chosen(self, message: PickList.Chosen) -> None:
        self.toggle(message.key)

    @on(Lines.Clicked, "#tabs")
    def _tab_clicked(self, message: Lines.Clicked) -> None:
        place = self._tab_line.place_at(message.x)
        if place is not None:
            self.action_tab(place + 1)

    def toggle(self, group: Group) -> None:
        """Filter by a group of triage, or no longer; where its lines can be seen."""
        listing = self.listing.toggled(group)
        kinds = self.all_tabs[listing.tab].kinds
        if group in listing.groups and kinds and (group.type or SUCCEEDED) not in kinds:
            listing = msgspec.structs.replace(listing, tab=0)
        self.relist(listing)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There are as many tabs as there is something to list."""
        if action == "tab":
            there = range(1, len(self.all_tabs) + len(self._loud) + 1)
            return all(number in there for number in parameters)
        if action == "triage":
            return bool(self.all_tabs)
        return super().check_action(action, parameters)

    def action_tab(self, place: int) -> None:
        """List the results of a type, or filter by what stopped short."""
        if place <= len(self.all_tabs):
            self.relist(msgspec.structs.replace(self.listing, tab=place - 1))
        elif place - len(self.all_tabs) <= len(self._loud):
            self.toggle(Group(stop_reason=self._loud[place - len(self.all_tabs) - 1]))

    def action_triage(self) -> None:
        """Go to triage, or back to the list; where there is no room for both, one is seen."""
        narrow = self.has_class("-narrow")
        self.set_class(narrow and not self.has_class("-triage"), "-triage")
        to_triage = self.has_class("-triage") if narrow else not self.panel.has_focus
        (self.panel if to_triage else self.table).focus()

    def leave_line(self) -> None:
        """Go back from the line to what is seen of list and triage."""
        self.ask_line.close()
        (self.table if self.table.display else self.panel).focus()
