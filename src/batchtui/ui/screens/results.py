"""The results of one batch: fetched if need be, listed by type, the highlighted one to read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partialmethod
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content

from batchtui.domain.text import count, safe_line
from batchtui.results.reader import ResultFile
from batchtui.results.summary import Triage, triage
from batchtui.ui.commands import Command, bindings
from batchtui.ui.places import Place
from batchtui.ui.presenters.result_row import COLUMNS, result_cells
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.presenters.triage import Tab, tab_line, tabs, triage_lines
from batchtui.ui.screens.arriving import FETCHING, ArrivingPage
from batchtui.ui.screens.reading import OVERLONG, READING
from batchtui.ui.screens.result import ResultScreen
from batchtui.ui.session import Session
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.painting import Cell
from batchtui.ui.widgets.reader import Reader

TINY = 8
"""Screens lower than this (cells) have no room for tabs and warnings."""

_TABS = ("everything", "succeeded", "errored", "canceled", "expired", "whatever else there is")


class ResultsScreen(ArrivingPage):
    """Results by type, as a list, and the highlighted one.

    Args:
        batch_id: whose results.
    """

    CSS_PATH = "results.tcss"
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("open", "enter", "read", "Read the result over the whole screen", 1, "Results"),
        Command("triage", "T", "triage", "Show triage, or the list", 3, "Results"),
        *FETCHING,
        *(
            Command(f"tab_{place}", str(place), what, f"List {what}", None, "Results")
            for place, what in enumerate(_TABS, 1)
        ),
        *READING,
        Command("back", "escape", "back", "Go back; a fetch is stopped first", 90, "Results"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    def __init__(self, session: Session, batch_id: str) -> None:
        super().__init__(session, batch_id)
        self.place = session.places.get(batch_id, Place())
        self.warnings = self.place.warnings
        self._triage: Triage | None = None
        self._tabs: tuple[Tab, ...] = ()
        self._read_in_full: ResultScreen | None = None

    def compose_body(self) -> ComposeResult:
        """Tabs, triage and list, the highlighted result; or why there is nothing to see."""
        yield Lines(id="tabs")
        yield Lines(id="warnings")
        with Horizontal(id="top"):
            yield Reader(framed=True, id="triage")
            yield LineTable[int](COLUMNS, self._cells, empty="none of these", id="results")
        yield Reader(framed=True, overlong=OVERLONG, id="reader")
        yield Lines(id="absence")

    def on_resize(self) -> None:
        """Where there is room for one row only, it is better spent on a result than on tabs."""
        self.set_class(self.size.height < TINY, "-tiny")

    def on_unmount(self) -> None:
        """Remember the place to come back to."""
        if self.file is not None:
            self.session.places[self.batch_id] = self.place

    @property
    def table(self) -> LineTable[int]:
        """The list."""
        return self.query_one("#results", LineTable)

    # What is shown

    def _cells(self, number: int, widths: Mapping[str, int]) -> Sequence[Cell]:
        assert self.file is not None
        return result_cells(self.file.row(number), widths)

    async def opened(self, file: ResultFile) -> None:
        """Begin where the person was the last time."""
        place = self.place
        self.place = msgspec.structs.replace(place, warnings=self.warnings)
        self._tabs = tabs(file.tally())
        self.add_class("-open")
        self.table.focus()
        self._list(place.tab if place.tab < len(self._tabs) else 0)
        self.table.move_to(place.line)
        self._triage = await asyncio.to_thread(triage, file)
        self._show_triage()

    def _list(self, tab: int) -> None:
        """List the results of a tab."""
        if self.file is None:
            return
        self.place = msgspec.structs.replace(self.place, tab=tab)
        kinds = self._tabs[tab].kinds
        numbers: Sequence[int] = range(len(self.file))
        if kinds:
            numbers = sorted(number for kind in kinds for number in self.file.rows_of(kind))
        self.table.set_rows(numbers)
        self._show_tabs()
        self._show_cursor()
        self.refresh_bindings()

    def _show_tabs(self) -> None:
        reasons = self._triage.stop_reasons if self._triage else {}
        self.query_one("#tabs", Lines).show(
            lambda size: (tab_line(self._tabs, self.place.tab, reasons, size.width),)
        )
        warnings = [Content.styled(f" ! {safe_line(each)}", LOUD) for each in self.warnings]
        self.query_one("#warnings", Lines).show(warnings[:3])

    def _show_triage(self) -> None:
        if found := self._triage:
            panel = self.query_one("#triage", Reader)
            panel.titles = Titles(top="Triage")
            panel.show(lambda width: triage_lines(found, width))
            self._show_tabs()

    def _show_cursor(self) -> None:
        number, table = self.table.cursor_key, self.table
        place = f"{count(table.cursor_index + 1)} of {count(len(table.keys))}"
        table.titles = Titles(
            top=Content.assemble("Results", (f" · {self.batch_name}", QUIET)),
            top_right=Content.styled(place, QUIET),
        )
        if number is None or self.file is None:
            self.shown = None
            self.reader.titles = Titles()
            self.reader.show(lambda width: iter(()))
        else:
            self.place = msgspec.structs.replace(self.place, line=number)
            self.read(self.file, number)

    # What happens

    def on_screen_resume(self) -> None:
        """Come back to the result that was read last."""
        if self._read_in_full is not None:
            self.look = self._read_in_full.look
            self.table.move_to(self._read_in_full.number)
            self._read_in_full = None
            self.show_result()

    @on(LineTable.CursorMoved)
    def _cursor_moved(self) -> None:
        self._show_cursor()

    @on(LineTable.RowSelected)
    def action_open(self) -> None:
        """Read the highlighted result over the whole screen."""
        number = self.table.cursor_key
        if self.file is not None and number is not None:
            keys = self.table.keys
            self._read_in_full = ResultScreen(self.session, self.file, keys, number, self.look)
            self.app.push_screen(self._read_in_full)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done depends on whether there are results yet."""
        if action == "triage":
            return self.file is not None and self.has_class("-narrow")
        if action.startswith("tab_"):
            return int(action[-1]) <= len(self._tabs)
        if action == "open":
            return self.shown is not None
        return super().check_action(action, parameters)

    def action_tab(self, place: int) -> None:
        """List the results of a type."""
        self._list(place - 1)

    action_tab_1 = partialmethod(action_tab, 1)
    action_tab_2 = partialmethod(action_tab, 2)
    action_tab_3 = partialmethod(action_tab, 3)
    action_tab_4 = partialmethod(action_tab, 4)
    action_tab_5 = partialmethod(action_tab, 5)
    action_tab_6 = partialmethod(action_tab, 6)

    def action_triage(self) -> None:
        """Show the triage in place of the list, or the list again; where both fit, both stand."""
        self.toggle_class("-triage")
        target = "#triage" if self.has_class("-triage") else "#results"
        self.query_one(target).focus()

    def action_back(self) -> None:
        """Stop the fetch; without one close what is open; else go back."""
        if self.fetch is not None:
            self.action_stop()
        elif self.has_class("-triage") and self.has_class("-narrow"):
            self.action_triage()
        else:
            self.close()
