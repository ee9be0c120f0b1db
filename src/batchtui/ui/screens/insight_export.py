"""Asks which figures to write, how, and where to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from batchtui.account.insight_table import By, Format, encoded, rows, save
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.insight import Insight
from batchtui.domain.text import counted, safe_line
from batchtui.results.export.targets import TakenError
from batchtui.settings.directory import with_home
from batchtui.ui.paths import LONGEST_PATH
from batchtui.ui.presenters.exporting import replace_words
from batchtui.ui.presenters.state import QUIET
from batchtui.ui.screens.closing import Closing
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.options import Options

_BY: Final = (By.MODEL, By.TIME)
_FORMATS: Final = (Format.CSV, Format.JSON)


class InsightExportScreen(ModalScreen[str | None], Closing[str | None]):
    """Gives a sentence back that says what was written, or None if nothing was.

    Args:
        insight: the figures.
        by_time: whether to begin with those by time instead of those by model.
    """

    CSS_PATH = "insight_export.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, id="insight_export.back"),
        Binding("enter", "export", "Export", show=False, id="insight_export.export"),
        Binding("down", "app.focus_next", "Next", show=False, id="insight_export.down"),
        Binding("up", "app.focus_previous", "Previous", show=False, id="insight_export.up"),
    ]

    foot = getters.query_one("#foot", Lines)
    field = getters.query_one(Input)

    def __init__(self, insight: Insight, by_time: bool) -> None:
        super().__init__()
        self._insight = insight
        self._by_time = by_time
        self._proposed = ""
        self._replace: Path | None = None

    def compose(self) -> ComposeResult:
        """What, how, where to, and a line for what there is to say."""
        with Vertical(id="box") as box:
            box.border_title = "Export figures"
            words = ("by model", f"by {self._insight.unit}")
            yield Options("Rows", words, int(self._by_time), id="what")
            yield Options("Format", [each.value for each in _FORMATS], id="how")
            yield Input(id="path", max_length=LONGEST_PATH, compact=True, select_on_focus=False)
            yield Lines(id="foot")

    def on_mount(self) -> None:
        """Propose a name."""
        self._propose()
        self.query_one("#how").focus()

    @property
    def _by(self) -> By:
        return _BY[self.query_one("#what", Options).taken]

    @property
    def _format(self) -> Format:
        return _FORMATS[self.query_one("#how", Options).taken]

    @on(Options.Changed)
    def _propose(self) -> None:
        """Propose a name, unless the person has written one."""
        if self.field.value == self._proposed:
            days = self._insight.days
            by = "model" if self._by is By.MODEL else self._insight.unit.value
            self._proposed = f"batches-{days.first}-{days.last}-by-{by}.{self._format}"
            self.field.value = self._proposed
            self.field.cursor_position = len(self._proposed)
        self._say_keys()

    @on(Input.Changed)
    def _say_keys(self) -> None:
        self._replace = None
        what = "one JSON object a line" if self._format is Format.JSON else "a row each, a heading"
        keys = "enter exports · tab next · ← → choose · esc leaves"
        self._say(Content.assemble(f"{what}\n", (keys, QUIET)))

    def _say(self, words: Content) -> None:
        self.foot.show(lambda size: words.wrap(max(size.width, 1)))

    @on(Input.Submitted)
    def action_export(self) -> None:
        """Write the file."""
        if self.field.value.strip():
            self._write(with_home(self.field.value.strip()))

    @work(exclusive=True)
    async def _write(self, path: Path) -> None:
        chosen, replace = rows(self._insight, self._by), self._replace == path
        data = encoded(chosen, self._format)
        try:
            await asyncio.to_thread(save, data, path, replace=replace)
        except TakenError:
            self._replace = path
            self._say(replace_words())
        except BatchtuiError as error:
            self._say(Content.styled(safe_line(str(error)), "$error"))
        else:
            are = "is" if len(chosen) == 1 else "are"
            self.close(f"{counted(len(chosen), 'row')} {are} in {path}.")

    def action_back(self) -> None:
        """Write nothing."""
        self.close(None)
