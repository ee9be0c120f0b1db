"""Asks what of the results to export, how and where to; shows how far it is and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from batchtui.domain.errors import BatchtuiError
from batchtui.domain.pricing import PriceTable
from batchtui.domain.text import safe_line
from batchtui.results.export.exporting import Format
from batchtui.results.export.targets import TakenError
from batchtui.results.reader import ResultFile
from batchtui.settings.directory import with_home
from batchtui.ui.exporting import Export
from batchtui.ui.paths import LONGEST_PATH
from batchtui.ui.presenters.exporting import (
    FORMATS,
    Part,
    default_path,
    done_words,
    explained,
    progress_words,
    replace_words,
)
from batchtui.ui.presenters.state import QUIET
from batchtui.ui.screens.closing import Closing
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.options import Options

PAINT_EVERY = 0.1
"""Seconds between two looks at how far it is."""


class ExportScreen(ModalScreen[str | None], Closing[str | None]):
    """Gives a sentence back that says what was exported, or None if nothing was.

    Args:
        file: the open results; stay open.
        name: what to call the batch; safe.
        parts: the lines that can be exported, by what to call them; none of them empty.
        taken: which of them to begin with.
        prices: to say what they cost.
    """

    CSS_PATH = "export.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, id="export.back"),
        Binding("enter", "export", "Export", show=False, id="export.export"),
        Binding("down", "app.focus_next", "Next", show=False, id="export.down"),
        Binding("up", "app.focus_previous", "Previous", show=False, id="export.up"),
    ]

    foot = getters.query_one("#foot", Lines)
    field = getters.query_one(Input)

    def __init__(
        self,
        file: ResultFile,
        name: str,
        parts: Mapping[str, Sequence[int]],
        taken: str,
        prices: PriceTable,
    ) -> None:
        super().__init__()
        self._file, self._batch, self._prices = file, name, prices
        self._numbers = list(parts.values())
        self._parts = [Part(word, len(numbers)) for word, numbers in parts.items()]
        self._first = list(parts).index(taken)
        self._proposed = ""
        self._replace: Path | None = None
        self._export: Export | None = None

    def compose(self) -> ComposeResult:
        """What, how, where to, and a line for what there is to say."""
        with Vertical(id="box") as box:
            box.border_title = "Export results"
            yield Options("Lines", [part.words for part in self._parts], self._first, id="what")
            yield Options("Format", [each.value for each in FORMATS], id="how")
            yield Input(id="path", max_length=LONGEST_PATH, compact=True, select_on_focus=False)
            yield Lines(id="foot")

    def on_mount(self) -> None:
        """Propose a name."""
        self._propose()
        self.query_one("#how").focus()
        self.set_interval(PAINT_EVERY, self._paint)

    @property
    def _part(self) -> int:
        return self.query_one("#what", Options).taken

    @property
    def _format(self) -> Format:
        return FORMATS[self.query_one("#how", Options).taken]

    @on(Options.Changed)
    def _propose(self) -> None:
        """Propose a name, unless the person has written one."""
        if self.field.value == self._proposed:
            self._proposed = default_path(self._batch, self._parts[self._part], self._format)
            self.field.value = self._proposed
            self.field.cursor_position = len(self._proposed)
        self._say_keys()

    @on(Input.Changed)
    def _say_keys(self) -> None:
        if self._export is None:
            self._replace = None
            what = Content(f"{explained(self._format)}\n")
            keys = "enter exports · tab next · ← → choose · esc leaves"
            self._say(Content.assemble(what, (keys, QUIET)))

    def _say(self, words: Content) -> None:
        self.foot.show(lambda size: words.wrap(max(size.width, 1)))

    def _paint(self) -> None:
        if self._export is not None:
            self._say(progress_words(self._export.done, self._export.lines))

    @on(Input.Submitted)
    def action_export(self) -> None:
        """Export, unless that is under way."""
        path = with_home(self.field.value.strip())
        if self._export is None and self.field.value.strip():
            self._export = Export(self._file, self._numbers[self._part], self._format, self._prices)
            self._paint()
            self._run(self._export, path)

    @work
    async def _run(self, export: Export, path: Path) -> None:
        replace = self._replace == path
        try:
            whole = await asyncio.to_thread(lambda: export.run(path, replace=replace))
        except TakenError as error:
            self._export = None
            if self._format is Format.TEXT:
                self._say_trouble(error)
            else:
                self._replace = path
                self._say(replace_words())
        except BatchtuiError as error:
            self._export = None
            self._say_trouble(error)
        except asyncio.CancelledError:
            export.canceled = True
            raise
        else:
            self.close(done_words(export.done, path) if whole else None)

    def _say_trouble(self, error: BatchtuiError) -> None:
        self._say(Content.styled(safe_line(str(error)), "$error"))

    def action_back(self) -> None:
        """Cancel the export; without one leave."""
        if self._export is not None:
            self._export.canceled = True
        else:
            self.close(None)
