"""The results of one batch: fetched if need be, listed by type, the highlighted one to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from batchtui.ui.commands import Command, bindings
from batchtui.ui.presenters.help import OF_RESULTS
from batchtui.ui.screens.arriving import FETCHING
from batchtui.ui.screens.export import ExportScreen
from batchtui.ui.screens.listing import FILTER, LISTING
from batchtui.ui.screens.reading import OVERLONG, READING
from batchtui.ui.screens.result import ResultScreen
from batchtui.ui.screens.searching import SEARCHING, SearchingPage
from batchtui.ui.screens.triage import TRIAGE
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.reader import Reader

TINY = 8
"""Screens lower than this (cells) have no room for tabs and warnings."""


class ResultsScreen(SearchingPage):
    """Results by type, as a list, and the highlighted one.

    Args:
        batch_id: whose results.
    """

    CSS_PATH = "results.tcss"
    LEGEND = OF_RESULTS
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("open", "enter", "read", "Read the result over the whole screen", 1, "Results"),
        *FETCHING,
        *LISTING,
        *TRIAGE,
        *SEARCHING,
        Command("export", "e", "export", "Write results to a file", 13, "Results"),
        Command("retry", "R", "retry", "Send requests again, or the marked ones", 14, "Results"),
        *READING,
        Command(
            "back", "escape", "back", "Undo search, marks, filter; then go back", 90, "Results"
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    _read_in_full: ResultScreen | None = None

    def compose_body(self) -> ComposeResult:
        """The list, the highlighted result; or why there is nothing to see."""
        yield from self.compose_list()
        yield Reader(framed=True, overlong=OVERLONG, id="reader")
        yield Lines(id="absence")

    def on_resize(self) -> None:
        """Where there is room for one row only, it is better spent on a result than on tabs."""
        self.set_class(self.size.height < TINY, "-tiny")

    def on_screen_resume(self) -> None:
        """Come back to the result that was read last."""
        if self._read_in_full is not None:
            self.look = self._read_in_full.look
            self.table.move_to(self._read_in_full.number)
            self._read_in_full = None
            self.show_result()

    @property
    def neighbours(self) -> Sequence[int]:
        """What is listed."""
        return self.table.keys

    def come_back_to(self, number: int) -> None:
        """Highlight the line that was compared last."""
        self.table.move_to(number)

    @on(LineTable.RowSelected)
    def action_open(self) -> None:
        """Read the highlighted result over the whole screen."""
        number = self.table.cursor_key
        if self.file is not None and number is not None:
            self._read_in_full = ResultScreen(
                self.session,
                self.batch_id,
                self.file,
                self.numbers_to_read(number),
                number,
                self.look,
                self.pattern,
                self.merged,
            )
            self.app.push_screen(self._read_in_full)

    @work
    async def action_export(self) -> None:
        """Ask what to export and where to."""
        if self.file is None:
            return
        lines, listed = range(len(self.file)), self.table.keys
        parts: dict[str, Sequence[int]] = {"all": lines}
        if len(listed) and listed != lines:
            parts["listed"] = listed
        if self.table.marks:
            parts["marked"] = sorted(self.table.marks)
        taken = next(reversed(parts)) if len(listed) < len(lines) or "marked" in parts else "all"
        question = ExportScreen(self.file, self.batch_name, parts, taken, self.session.prices)
        if words := await self.app.push_screen_wait(question):
            self.say(words)

    @work
    async def action_retry(self) -> None:
        """Ask what is to be sent again."""
        from batchtui.ui.screens.retry import retry_from

        if (file := self.file) is not None:
            meant = {file.row(number).custom_id for number in self.table.marks}
            await retry_from(self, self.batch_id, meant - {""})

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to open where nothing is listed."""
        if action == "open":
            return self.shown is not None and not self.panel.has_focus
        if action in ("export", "retry"):
            return self.file is not None and len(self.file) > 0
        return super().check_action(action, parameters)

    def hinted(self, keys: Mapping[str, str]) -> list[tuple[str, str]]:
        """While a line is typed into, what keeps and what leaves it; in triage what it is for."""
        enter, back = "⏎", keys.get("back", "esc")
        if self.ask_line.asking:
            filtering = self.ask_line.purpose == FILTER
            return [
                (enter, "keep" if filtering else "go"),
                (back, "clear" if filtering else "leave"),
            ]
        # To fetch once more what is here is possible, but rarely wanted, and so are prompts of
        # what is not here.
        idle = "link" if self.file is None else "fetch"
        keys = {each: key for each, key in keys.items() if each != idle}
        if not self.in_triage:
            return super().hinted(keys)
        others = {each: key for each, key in keys.items() if each not in ("triage", "back")}
        return [(enter, "only these"), (back, "list"), *super().hinted(others)]

    def action_back(self) -> None:
        """Undo one thing: line, panel, search, marks, filter; with nothing to undo go back."""
        if self.ask_line.asking:
            self._leave_line_undone()
        elif self.in_triage:
            self.action_triage()
        elif self.reader.has_focus:
            self.table.focus()
        elif self.stop_search():
            pass
        elif self.table.marks:
            self.table.clear_marks()
        elif self.listing.filtered:
            self.relist(self.listing.unfiltered())
        else:
            self.close()

    def _leave_line_undone(self) -> None:
        if self.ask_line.purpose == FILTER:
            self.unask_filter()
        self.leave_line()
