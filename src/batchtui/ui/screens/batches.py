"""The list of all batches and jobs, and the live panel of the highlighted one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import msgspec
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from batchtui.account.events import Changed, Event, JobsChanged, Paging, Pulse, Reloaded
from batchtui.domain.changes import Change, What
from batchtui.domain.operation import Operation
from batchtui.domain.tabs import ALL
from batchtui.domain.view import View
from batchtui.settings.schema import Settings
from batchtui.ui.commands import Command, bindings
from batchtui.ui.presenters.batch_columns import read_columns
from batchtui.ui.presenters.help import OF_BATCHES
from batchtui.ui.presenters.list_tabs import name_of
from batchtui.ui.presenters.listing import list_titles, nothing_to_show
from batchtui.ui.presenters.live_panel import panel, panel_titles
from batchtui.ui.screens.acting import ACTING
from batchtui.ui.screens.board import BoardScreen
from batchtui.ui.screens.reading_on import ReadingOnPage
from batchtui.ui.screens.tabs import TABS, TabbedPage
from batchtui.ui.screens.unfolding import UNFOLDING, Arranged
from batchtui.ui.session import Session
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.lines import Lines

FIRST_OF_ALL = 5
"""So many hints at what can be done here come before the one at other accounts."""

AGES_EVERY = 5
"""Seconds between two looks at what in the rows has aged."""


class BatchesScreen(ReadingOnPage, TabbedPage):
    """Home.

    Args:
        settings: say which tabs and columns there are; see `adopt`.
    """

    CSS_PATH = "batches.tcss"
    LEGEND = OF_BATCHES
    VERBS: ClassVar[tuple[Command, ...]] = (
        *ACTING,
        *UNFOLDING,
        *TABS,
        Command("filter", "slash", "filter", "Show only batches that match", 4, "List"),
        Command("mark", "space", "mark", "Mark the batch, or unmark it", 5, "List"),
        Command("mark_all", "asterisk", "mark all", "Mark all that are shown", None, "List"),
        Command("back", "escape", "clear", "Clear marks, then filter, then tab", None, "List"),
        Command("sort", "s", "sort", "Sort by the next criterion", 10, "List"),
        Command("reverse", "S", "reverse", "Sort the other way round", None, "List"),
        Command("board", "b", "board", "Show all running batches side by side", 6, "List"),
        Command(
            "insight", "I", "insight", "See what became of batches, by day and model", 8, "List"
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    panel_lines = getters.query_one("#panel", Lines)
    filter_input = getters.query_one("#filter", Input)

    def __init__(self, session: Session, settings: Settings = Settings()) -> None:  # noqa: B008
        super().__init__(session, settings.tabs)
        self._columns = read_columns(settings.columns).columns
        self._several = bool(settings.accounts)
        self._shown = 0
        self._seconds = 0
        self._busy = (False, False)

    def compose_body(self) -> ComposeResult:
        """The list, the filter's line, the panel."""
        yield LineTable[str](self._columns, self.cells, framed=True, id="batches")
        yield Input(id="filter", placeholder="text, running, partial, expiring, <2d, !failed …")
        yield Lines(id="panel", framed=True)

    def on_mount(self) -> None:
        """Show what is known."""
        self.session.downloads.on_change = self._background_changed
        self.session.submissions.on_change = self._background_changed
        self.rearrange()
        self.table.focus()

    def adopt(self, settings: Settings) -> None:
        """Take over the tabs and the columns of settings that are new."""
        self.show_saved(settings.tabs)
        self._several = bool(settings.accounts)
        self.table.show_columns(read_columns(settings.columns).columns)

    def go_to(self, row: str) -> None:
        """Put the cursor on a row; filter and tab give way if they hide it."""
        super().go_to(row)
        if self.is_mounted and self.table.cursor_key != row:
            self.filter_input.value = ""
            self.leave_tab()

    # What is shown

    def rows_shown(self, arranged: Arranged) -> None:
        """Bring everything around the rows up to date."""
        super().rows_shown(arranged)
        self._shown = arranged.shown
        self._show_why_empty()
        self.find_frontier()
        self.show_titles()
        self.show_panel()
        self.refresh_bindings()
        self.read_on()

    def on_resize(self) -> None:
        """The tabs are made for the width of the list, which it has after the next layout."""
        self.call_after_refresh(self.show_titles)

    def show_titles(self) -> None:
        """Bring the frame of the list up to date."""
        session, table = self.session, self.table
        table.titles = list_titles(
            self.view,
            self.typed,
            session.paging,
            tabs=self.tabs_title(beside=len(self.view.title)),
            known=len(session.records),
            rows=self.in_tab,
            shown=self._shown,
            marked=len(table.marks),
            doing=session.doing,
        )

    def show_panel(self) -> None:
        """Bring the live panel up to date; only what differs is repainted."""
        record = self.current
        if record is None:
            self.panel_lines.titles = Titles()
            self.panel_lines.show(())
            return
        subject = self.session.subject(record)
        self.panel_lines.titles = panel_titles(subject, self.panel_lines.size.width)
        self.panel_lines.show(lambda size: panel(subject, size.width, size.height))

    def _show_why_empty(self) -> None:
        session = self.session
        self.table.empty = nothing_to_show(
            session.pulse,
            session.paging,
            known=len(session.rows),
            lists=Operation.LIST not in session.lacks,
            typed=self.typed,
            tab="" if self.tab is ALL else name_of(self.tab),
            unheard_of=self.view.filter.unheard_of,
        )

    # What happens

    async def hear(self, event: Event) -> None:
        """Repaint what the event changed."""
        match event:
            case Changed(changes):
                self._take(changes)
            case JobsChanged(jobs):
                self.rearrange()
                self.table.refresh_rows([job.id for job in jobs])
            case Reloaded():
                self.table.refresh_rows()
                self.rearrange()
            case Paging():
                self.find_frontier()
                self.show_titles()
                self.read_on()
            case Pulse():
                self.show_masthead()
                if not self.table.keys:
                    self._show_why_empty()

    def _take(self, changes: Sequence[Change]) -> None:
        moved = self.view != View() or any(each.what is What.APPEARED for each in changes)
        if moved:
            self.rearrange()
        else:
            self.count_anew()
        changed = {each.record.id: each.record for each in changes}
        changed |= {job.id: job for each in list(changed) if (job := self.session.job_of(each))}
        self.table.refresh_rows(list(changed))
        self._unmark(key for key, record in changed.items() if not record.on_server)
        if self.table.cursor_key in changed:
            self.show_panel()
            self.refresh_bindings()

    def _unmark(self, lost: Iterable[str]) -> None:
        """Nothing more can be done to batches that are off the server, such as deleted ones."""
        if marked := set(self.table.marks).intersection(lost):
            self.table.clear_marks(marked)

    def tick(self) -> None:
        """The clock goes on in the masthead and the panel; now and then in the rows."""
        super().tick()
        self._seconds += 1
        if differing := self.session.look_again():
            self.rearrange()
            self.table.refresh_rows(differing)
        self.show_panel()
        if self._seconds % AGES_EVERY == 0:
            self.table.refresh_rows()

    def on_screen_resume(self) -> None:
        """Catch up with what happened meanwhile."""
        if self.is_mounted:
            self.table.refresh_rows()
            self.show_panel()

    @on(LineTable.CursorMoved)
    def _cursor_moved(self) -> None:
        self.show_panel()
        self.refresh_bindings()
        self.read_on()

    @on(LineTable.MarksChanged)
    def _marks_changed(self) -> None:
        self.show_titles()
        self.refresh_bindings()

    @on(LineTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_open()

    def _background_changed(self) -> None:
        self.show_titles()
        busy = (self.session.downloads.busy, self.session.submissions.busy)
        if busy != self._busy:
            self._busy = busy
            self.refresh_bindings()

    # Filter, order, marks

    def hinted(self, keys: Mapping[str, str]) -> list[tuple[str, str]]:
        """While a filter is typed, what keeps and what clears it; of no rows nothing is said."""
        if self.filter_input.has_focus:
            return [("⏎", "keep"), (keys.get("back", "esc"), "clear")]
        idle = set() if self.table.keys else {"mark", "sort"}
        idle |= set() if self.session.rows else {"filter", "next_tab", "insight"}
        hinted = super().hinted({each: key for each, key in keys.items() if each not in idle})
        if self._several and "accounts" in keys:
            hinted.insert(FIRST_OF_ALL, (keys["accounts"], "account"))
        return hinted

    def action_filter(self) -> None:
        """Ask for a filter; it applies while it is typed."""
        self.filter_input.add_class("-open")
        self.set_focus(self.filter_input)  # at once, for what is typed ahead

    @on(Input.Changed, "#filter")
    def _filter_typed(self, message: Input.Changed) -> None:
        self.typed = message.value.strip()
        self.refilter()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.filter_input.remove_class("-open")
        self.table.focus()

    def action_back(self) -> None:
        """Close the filter's line; then clear the marks; then the filter; then leave the tab."""
        if self.filter_input.has_focus:
            self.filter_input.value = ""
            self._filter_done()
        elif self.table.marks:
            self.table.clear_marks()
        elif self.typed:
            self.filter_input.value = ""
        elif self.tab is not ALL:
            self.leave_tab()

    def typed_into_tab(self) -> None:
        """Clear the filter: the tab has it now."""
        self.filter_input.value = self.typed = ""

    def action_sort(self) -> None:
        """Sort by the next criterion."""
        self.view = self.view.next_sort()
        self.rearrange()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self.view = msgspec.structs.replace(self.view, reverse=not self.view.reverse)
        self.rearrange()

    def action_mark(self) -> None:
        """Mark the highlighted batch and go on to the next."""
        self.table.toggle_mark()
        self.table.action_move(1)

    def action_mark_all(self) -> None:
        """Mark all that are shown."""
        self.table.mark_all()

    def action_board(self) -> None:
        """Show all running and pinned batches side by side."""
        self.app.push_screen(BoardScreen(self.session))

    def action_insight(self) -> None:
        """Show what became of the batches, and what they cost."""
        from batchtui.ui.screens.insight import InsightScreen

        self.app.push_screen(InsightScreen(self.session))
