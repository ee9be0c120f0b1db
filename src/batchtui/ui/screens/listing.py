"""The list of a batch's results: filter, order and marks, kept while rows come."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

import msgspec
from textual import getters, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from batchtui.domain.text import safe_line
from batchtui.results.reader import ResultFile
from batchtui.results.slices import Steps, in_slices
from batchtui.ui.commands import Command
from batchtui.ui.listing import Group, Listing
from batchtui.ui.places import Place, continues
from batchtui.ui.presenters.result_list import (
    PLACEHOLDER,
    Shown,
    list_titles,
    nothing_listed,
    order_sign,
)
from batchtui.ui.presenters.result_row import COLUMNS, SORTS, Listed, result_cells
from batchtui.ui.presenters.state import LOUD
from batchtui.ui.presenters.tabs import Tab, tabs
from batchtui.ui.screens.arriving import ArrivingPage
from batchtui.ui.searching import Search
from batchtui.ui.session import Session
from batchtui.ui.widgets.ask_line import AskLine
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.painting import Cell
from batchtui.ui.widgets.pick_list import PickList

AT_ONCE = 0.008
"""Seconds for which lines are arranged before the next key; what is left is done in between."""

FILTER = "filter"

LISTING = (
    Command("filter", "F", "filter", "List only results that match", 7, "Results"),
    Command("sort", "s", "sort", "Sort by the next column", 8, "Results"),
    Command("reverse", "S", "reverse", "Sort the other way round", None, "Results"),
    Command("mark", "space", "mark", "Mark the result, or unmark it", 9, "Results"),
    Command("mark_all", "asterisk", "mark all", "Mark all that are listed", None, "Results"),
)

_ON_LIST = frozenset(command.id for command in LISTING)


class ListingPage(ArrivingPage):
    """A page over the results of one batch, with a list of them.

    Attributes:
        place: what is listed, and where in it the person is.
        all_tabs: the tabs there are; none until there are results.
        search: the search under way or done; None without one.
        search_trouble: what went wrong with it.
    """

    ask_line = getters.query_one("#ask", AskLine)
    search: Search | None = None
    search_trouble = ""

    def __init__(self, session: Session, batch_id: str) -> None:
        super().__init__(session, batch_id)
        self.place = session.places.get(batch_id, Place())
        self.all_tabs: tuple[Tab, ...] = ()
        self._listed: ResultFile | None = None
        self._reading: int | None = None
        self._goal: int | None = None
        self._asked_at: int | None = None
        self._marks: Collection[int] = ()

    def compose_list(self) -> ComposeResult:
        """Tabs, triage and list, and the line to type into."""
        yield Lines(id="tabs")
        yield Lines(id="warnings")
        with Horizontal(id="top"):
            yield PickList[Group](id="triage")
            yield LineTable[int](COLUMNS, self._cells, id="results")
        yield AskLine(id="ask")
        yield Lines(id="arriving")

    @property
    def table(self) -> LineTable[int]:
        """The list."""
        return self.query_one("#results", LineTable)

    @property
    def listing(self) -> Listing:
        """What is to be listed."""
        return self.place.listing

    def _cells(self, number: int, widths: Mapping[str, int]) -> Sequence[Cell]:
        assert self.file is not None
        row = self.file.row(number)
        hit = self.search is not None and number in self.search
        return result_cells(Listed(row, row.cost(self.session.prices), hit), widths)

    # Rows

    async def opened(self, file: ResultFile) -> None:
        """List the results, where the person was the last time or is now."""
        self.take(file)

    def growing(self, file: ResultFile) -> None:
        """List what is here of results that are still arriving."""
        self.take(file)

    def vanished(self) -> None:
        """List nothing any more."""
        super().vanished()
        self._keep_place()
        self.workers.cancel_group(self, "arrange")
        self.all_tabs = ()
        self.shown = None
        self._listed = None
        self._reading = None

    def take(self, file: ResultFile) -> None:
        """Show the lines of a file that has come, has grown, or has come in place of another."""
        self.add_class("-open")
        before, self._listed = self._listed, file
        same = before is not None and continues(before, file)
        if before is not None and not same:
            self.place = self.place.left(before, self.table.marks)
            self.forget()
        if not same:
            self.settle(file)
        self.all_tabs = tabs(file.tally())
        self._show_warnings()
        self.rearrange()

    def forget(self) -> None:
        """Forget what was known of lines that are others now."""
        self.table.clear_marks()
        self.table.refresh_rows()
        self._reading = None

    def settle(self, file: ResultFile) -> None:
        """Go where the person was before."""
        place = self.place = self.place.found_in(file)
        self.table.mark(place.marks)
        self._marks = self.table.marks
        self._goal = place.line
        if not self.ask_line.asking and self.is_current:
            self.table.focus()

    def close(self, result: None = None) -> None:
        """Remember the place to come back to, and go."""
        self._keep_place()
        super().close(result)

    def _keep_place(self) -> None:
        if self._listed is not None:
            self.place = self.place.left(self._listed, self._marks)
            self.session.places[self.batch_id] = self.place

    def relist(self, listing: Listing) -> None:
        """List something else, or in another order."""
        self.place = msgspec.structs.replace(self.place, listing=listing)
        self.rearrange()

    def rearrange(self) -> None:
        """Find the lines to list: at once if that is quick, else between other things."""
        file = self.file
        if file is None or not self.all_tabs:
            return
        self.workers.cancel_group(self, "arrange")
        if self.listing.tab >= len(self.all_tabs):
            listing = msgspec.structs.replace(self.listing, tab=0)
            self.place = msgspec.structs.replace(self.place, listing=listing)
        hits = self.search.hits if self.search else ()
        kinds = self.all_tabs[self.listing.tab].kinds
        steps = self.listing.lines(file.index, kinds, self.session.prices, hits)
        started = time.perf_counter()
        while time.perf_counter() - started < AT_ONCE:
            try:
                next(steps)
            except StopIteration as end:
                self._show_lines(end.value)
                return
        self._arrange_on(steps)

    @work(exclusive=True, group="arrange")
    async def _arrange_on(self, steps: Steps[Sequence[int]]) -> None:
        self._show_lines(await in_slices(steps))

    def _show_lines(self, numbers: Sequence[int]) -> None:
        table, order = self.table, self.listing.order
        column = next((column for column, by in SORTS.items() if by is order.by), "")
        table.sort_sign(column, order_sign(order))
        table.empty = nothing_listed(self.listing, self.all_tabs[self.listing.tab].lines)
        if self._goal is None and table.cursor_key is None:
            self._goal = self.place.line  # nothing was listed; there the person was before
        table.set_rows(numbers)
        if self._goal is not None:
            table.move_to(self._goal)
            self._goal = None
        self.show_cursor()
        self.relisted()
        self.refresh_bindings()

    def relisted(self) -> None:
        """Show what else there is to say of what is listed; called whenever that is new."""

    # What is shown

    def show_cursor(self) -> None:
        """Show the highlighted result, unless that is the one that is shown."""
        number = self.table.cursor_key
        self.show_titles()
        if number is None or self.file is None:
            self.shown = None
            self.reader.titles = Titles()
            self.reader.show(lambda width: iter(()))
        elif self._reading != number:
            self.place = msgspec.structs.replace(self.place, line=number)
            self.read(self.file, number)
        self._reading = number

    def show_titles(self) -> None:
        """Bring the frame of the list up to date."""
        table = self.table
        self.table.titles = list_titles(
            Shown(
                self.batch_name,
                self.listing,
                place=table.cursor_index,
                listed=len(table.keys),
                lines=self.all_tabs[self.listing.tab].lines if self.all_tabs else 0,
                marked=len(table.marks),
                search=self.search,
                trouble=self.search_trouble,
            ),
            table.size.width,
        )

    def _show_warnings(self) -> None:
        warnings = [Content.styled(f" ! {safe_line(each)}", LOUD) for each in self.warnings]
        self.query_one("#warnings", Lines).show(warnings[:3])

    # What happens

    @on(LineTable.CursorMoved)
    def _cursor_moved(self) -> None:
        self.show_cursor()

    @on(LineTable.MarksChanged)
    def _marks_changed(self) -> None:
        self.show_titles()

    @on(LineTable.TitleClicked)
    def _title_clicked(self, message: LineTable.TitleClicked) -> None:
        if by := SORTS.get(message.column):
            self.relist(self.listing.sorted_by(by))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done depends on whether there are results yet."""
        if action in _ON_LIST:
            return bool(self.all_tabs)
        return super().check_action(action, parameters)

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.relist(self.listing.next_order())

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self.relist(self.listing.reversed())

    def action_mark(self) -> None:
        """Mark the highlighted result and go on to the next."""
        self.table.toggle_mark()
        self.table.action_move(1)

    def action_mark_all(self) -> None:
        """Mark all that are listed."""
        self.table.mark_all()

    def action_filter(self) -> None:
        """Ask for a filter; it applies while it is typed."""
        self._asked_at = self.table.cursor_key
        self.ask_line.ask(FILTER, "F", value=self.listing.words, placeholder=PLACEHOLDER)

    def unask_filter(self) -> None:
        """List what is listed without the words of the filter, from where it was asked for."""
        self._goal = self._asked_at
        self.relist(msgspec.structs.replace(self.listing, words=""))

    @on(AskLine.Typed)
    def _filter_typed(self, message: AskLine.Typed) -> None:
        if message.purpose == FILTER:
            self.relist(msgspec.structs.replace(self.listing, words=message.text))
