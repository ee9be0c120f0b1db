"""What can be done to a result on every screen that shows one: the list and the reader."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

import msgspec
from textual import getters, work
from textual.content import Content

from batchtui.domain.errors import BatchtuiError
from batchtui.domain.result import ResultLine, decode_line
from batchtui.domain.text import crop_middle, safe_line
from batchtui.results.index import Row
from batchtui.results.reader import ResultFile
from batchtui.ui.commands import Command
from batchtui.ui.presenters.flow import Row as TextRow
from batchtui.ui.presenters.flow import wrap
from batchtui.ui.presenters.result import DEFAULT_LOOK, Look, answer_text, result_lines
from batchtui.ui.presenters.result_row import result_title
from batchtui.ui.screens.page import Page
from batchtui.ui.taking import copy_refusal, file_name, save
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.reader import Reader

READING = (
    Command("raw", "J", "raw", "Show the JSON of the line, or what it means", 20, "Result"),
    Command("plain", "m", "plain", "Show text as written, or its Markdown", 24, "Result"),
    Command("thinking", "z", "thinking", "Unfold the thinking, or fold it", 23, "Result"),
    Command("copy", "y", "copy", "Send the answer to the terminal's clipboard", 21, "Result"),
    Command("save", "w", "save", "Save the answer to a file in this directory", 22, "Result"),
)

LARGE = 256 * 1024
"""Lines longer than this (bytes) are decoded in a thread."""

OVERLONG = "… and more: this is as much as is shown here. w saves all of it to a file."


class Shown(msgspec.Struct, frozen=True):
    """The result in the reader."""

    row: Row
    line: bytes
    result: ResultLine


class ReadingPage(Page):
    """A page with a reader (`#reader`) on it that shows results of a file, one at a time."""

    READING_VERBS: ClassVar[frozenset[str]] = frozenset(command.id for command in READING)

    reader = getters.query_one("#reader", Reader)
    look: Look = DEFAULT_LOOK
    shown: Shown | None = None

    def read(self, file: ResultFile, number: int, *, where: str = "") -> None:
        """Show a result of the file from its start; `where` it is stands at the foot."""
        row = file.row(number)
        self.shown = None
        self.reader.titles = Titles(
            top=crop_middle(safe_line(row.custom_id) or "no custom_id", 64),
            top_right=result_title(row),
            bottom=where,
        )
        self._read(file, row)

    @work(exclusive=True, group="read")
    async def _read(self, file: ResultFile, row: Row) -> None:
        try:
            if row.size > LARGE:
                line, result = await asyncio.to_thread(_decode, file, row.number)
            else:
                line, result = _decode(file, row.number)
        except BatchtuiError as error:
            words = TextRow(Content.styled(safe_line(str(error)), "$error"))
            self.reader.show(lambda width: wrap([words], width))
            return
        self.shown = Shown(row, line, result)
        self.show_result()
        self.refresh_bindings()

    def show_result(self, *, stay: bool = False) -> None:
        """Show the result as it is to be looked at now."""
        if shown := self.shown:
            look = self.look
            self.reader.show(
                lambda width: result_lines(shown.result, shown.line, width, look), stay=stay
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a result there is nothing to look at, copy or save."""
        return self.shown is not None if action in self.READING_VERBS else True

    def action_raw(self) -> None:
        """Show the JSON of the line, or what it means."""
        self.look = msgspec.structs.replace(self.look, raw=not self.look.raw)
        self.show_result()

    def action_plain(self) -> None:
        """Show text as written, or its Markdown."""
        self.look = msgspec.structs.replace(self.look, plain=not self.look.plain, raw=False)
        self.show_result(stay=True)

    def action_thinking(self) -> None:
        """Unfold the thinking, or fold it."""
        self.look = msgspec.structs.replace(self.look, thinking=not self.look.thinking, raw=False)
        self.show_result()

    @property
    def _text(self) -> str:
        """What copying and saving take: the line if it is shown raw, else the answer."""
        if self.shown is None:
            return ""
        if self.look.raw:
            return self.shown.line.decode("utf-8", "replace")
        return answer_text(self.shown.result, self.shown.line)

    def action_copy(self) -> None:
        """Send the answer to the terminal's clipboard."""
        text = self._text
        if refusal := copy_refusal(text):
            self.say(refusal, severity="warning")
        else:
            self.app.copy_to_clipboard(text)
            self.say("The answer was sent to the terminal's clipboard; w saves it to a file.")

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Save the answer to a file in this directory."""
        if self.shown is None:
            return
        row = self.shown.row
        name = file_name(row.custom_id, row.number, ".json" if self.look.raw else ".txt")
        try:
            path = await asyncio.to_thread(save, self._text, Path.cwd(), name)
        except BatchtuiError as error:
            self.say(str(error), severity="error")
        else:
            self.say(f"Saved as {path.name} in this directory.")


def _decode(file: ResultFile, number: int) -> tuple[bytes, ResultLine]:
    line = file.line(number)
    return line, decode_line(line)
