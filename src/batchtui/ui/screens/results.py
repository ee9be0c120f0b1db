"""The results of one batch: fetched if need be, listed by type, the highlighted one to read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partialmethod
from typing import ClassVar

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.worker import Worker

from batchtui.account.events import Changed, Event
from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import count, crop_middle, safe_line
from batchtui.results.builder import Progress
from batchtui.results.opening import open_results
from batchtui.results.reader import ResultFile
from batchtui.results.summary import Triage, triage
from batchtui.ui.commands import Command, bindings
from batchtui.ui.fetch import Fetch
from batchtui.ui.places import Place
from batchtui.ui.presenters.fetching import absence_words, arriving_words, trouble_words
from batchtui.ui.presenters.flow import Row, wrap
from batchtui.ui.presenters.result_row import COLUMNS, result_cells
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.presenters.triage import Tab, tab_line, tabs, triage_lines
from batchtui.ui.screens.reading import OVERLONG, READING, ReadingPage
from batchtui.ui.screens.result import ResultScreen
from batchtui.ui.session import Session
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.painting import Cell
from batchtui.ui.widgets.reader import Reader

PAINT_EVERY = 0.2
"""Seconds between two looks at how far a fetch is."""

TINY = 8
"""Screens lower than this (cells) have no room for tabs and warnings."""

_TABS = ("everything", "succeeded", "errored", "canceled", "expired", "whatever else there is")


class ResultsScreen(ReadingPage):
    """Results by type, as a list, and the highlighted one.

    Args:
        batch_id: whose results.
    """

    CSS_PATH = "results.tcss"
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("open", "enter", "read", "Read the result over the whole screen", 1, "Results"),
        Command("triage", "T", "triage", "Show triage, or the list", 3, "Results"),
        Command("fetch", "f", "fetch", "Fetch the results", 4, "Results"),
        Command("stop", "x", "stop", "Stop fetching; nothing half fetched is kept", 5, "Results"),
        *(
            Command(f"tab_{place}", str(place), what, f"List {what}", None, "Results")
            for place, what in enumerate(_TABS, 1)
        ),
        *READING,
        Command("back", "escape", "back", "Go back; a fetch is stopped first", 90, "Results"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    def __init__(self, session: Session, batch_id: str) -> None:
        super().__init__(session)
        self.batch_id = batch_id
        self.place = session.places.get(batch_id, Place())
        self.file: ResultFile | None = None
        self.fetch: Fetch | None = None
        self._worker: Worker[None] | None = None
        self._waits = False
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

    def on_mount(self) -> None:
        """Open the results, fetch them, or say why neither can be done."""
        self.set_interval(PAINT_EVERY, self._paint_fetch)
        self._begin()

    def on_resize(self) -> None:
        """Where there is room for one row only, it is better spent on a result than on tabs."""
        self.set_class(self.size.height < TINY, "-tiny")

    def on_unmount(self) -> None:
        """Let go of the file, and remember the place in it."""
        if self.file is not None:
            self._remember()
            self.file.close()

    @property
    def table(self) -> LineTable[int]:
        """The list."""
        return self.query_one("#results", LineTable)

    @property
    def record(self) -> Record | None:
        """What is known of the batch."""
        return self.session.records.get(self.batch_id)

    @property
    def _batch_name(self) -> str:
        record = self.record
        return crop_middle(safe_line(record.name if record else self.batch_id), 40)

    # Getting at the results

    def _begin(self) -> None:
        record = self.record
        state = record.results(self.session.now()) if record else ResultsState.NONE
        self._waits = False
        if state is ResultsState.HERE:
            self._open()
        elif state is ResultsState.AVAILABLE and not self.session.account.offline:
            self.action_fetch()
        else:
            self._waits = True
            self._show_absence()

    def _show_absence(self) -> None:
        subject = self.session.subject(self.record) if self.record else None
        self._say_instead(absence_words(subject, offline=self.session.account.offline))

    def _say_instead(self, words: Sequence[Content]) -> None:
        def draw(size: Size) -> Sequence[Cell]:
            rows = wrap((Row(line) for line in words), max(min(size.width - 2, 76), 1))
            lines = [line.pad_left((size.width - line.cell_length) // 2) for line in rows]
            above = [Content.styled(f" {self._batch_name}", QUIET)] if size.height > 6 else []
            above += [Content("")] * ((size.height - len(lines)) // 2 - len(above))
            return [*above, *lines]

        # A fetch that is cancelled because the app ends finds the screen without its widgets.
        for absence in self.query("#absence").results(Lines):
            absence.show(draw)

    def action_fetch(self) -> None:
        """Fetch the results, then open them."""
        self.fetch = Fetch(self.session, self.batch_id)
        self._worker = self._run(self.fetch)
        self._paint_fetch()
        self.refresh_bindings()

    @work(exclusive=True, group="fetch")
    async def _run(self, fetch: Fetch) -> None:
        try:
            fetched = await fetch.run()
        except BatchtuiError as error:
            self._say_instead(trouble_words(str(error), again=True))
        except asyncio.CancelledError:
            self._say_instead(trouble_words("Cancelled; nothing was kept.", again=True))
            raise
        else:
            self.place = msgspec.structs.replace(self.place, warnings=fetched.differences)
            self._open()
        finally:
            self.fetch = None
            self.refresh_bindings()

    def _paint_fetch(self) -> None:
        if self.fetch is not None and self.is_current:
            self._say_instead(arriving_words(self.fetch.arriving(), self.size.width - 8))

    def action_stop(self) -> None:
        """Stop fetching."""
        if self._worker is not None:
            self._worker.cancel()

    @work(exclusive=True, group="open")
    async def _open(self) -> None:
        def indexing(progress: Progress) -> None:
            self._say_instead([Content(f"Reading the file: {count(progress.lines)} lines")])

        path = self.session.account.results.path(self.batch_id)
        try:
            self.file = await open_results(path, on_progress=indexing)
        except BatchtuiError as error:
            self._say_instead(trouble_words(str(error), again=True))
            return
        self._tabs = tabs(self.file.tally())
        self.add_class("-open")
        self.table.focus()
        line = self.place.line
        self._list(self.place.tab if self.place.tab < len(self._tabs) else 0)
        self.table.move_to(line)
        self._triage = await asyncio.to_thread(triage, self.file)
        self._show_triage()

    # What is shown

    def _cells(self, number: int, widths: Mapping[str, int]) -> Sequence[Cell]:
        assert self.file is not None
        return result_cells(self.file.row(number), widths)

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
        warnings = [Content.styled(f" ! {safe_line(each)}", LOUD) for each in self.place.warnings]
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
            top=Content.assemble("Results", (f" · {self._batch_name}", QUIET)),
            top_right=Content.styled(place, QUIET),
        )
        if number is None or self.file is None:
            self.shown = None
            self.reader.titles = Titles()
            self.reader.show(lambda width: iter(()))
        else:
            self.place = msgspec.structs.replace(self.place, line=number)
            self.read(self.file, number)

    def _remember(self) -> None:
        self.session.places[self.batch_id] = self.place

    # What happens

    async def hear(self, event: Event) -> None:
        """Begin when there may be results at last."""
        if not self._waits or not isinstance(event, Changed):
            return
        if any(each.record.id == self.batch_id for each in event.changes):
            self._begin()

    def tick(self) -> None:
        """While there is nothing to do but wait, the time it takes gets shorter."""
        super().tick()
        if self._waits:
            self._show_absence()

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
        if action == "stop":
            return self.fetch is not None
        if action == "fetch":
            return self.file is None and self.fetch is None and self._fetchable
        if action == "triage":
            return self.file is not None and self.has_class("-narrow")
        if action.startswith("tab_"):
            return int(action[-1]) <= len(self._tabs)
        if action == "open":
            return self.shown is not None
        return super().check_action(action, parameters)

    @property
    def _fetchable(self) -> bool:
        record = self.record
        state = record.results(self.session.now()) if record else ResultsState.NONE
        return state is ResultsState.AVAILABLE and not self.session.account.offline

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
            self.dismiss()
