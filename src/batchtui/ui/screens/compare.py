"""A result and the one of the same custom_id in another batch, with what differs marked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual import getters, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import crop_middle, safe_line
from batchtui.results.index import Row
from batchtui.results.opening import open_results
from batchtui.results.reader import ResultFile
from batchtui.ui.commands import Command, bindings
from batchtui.ui.decoding import decode
from batchtui.ui.presenters.blocks import Look
from batchtui.ui.presenters.comparison import (
    Comparison,
    comparable,
    compare,
    comparison_lines,
    heads,
    told_apart,
)
from batchtui.ui.presenters.flow import Row as TextRow
from batchtui.ui.presenters.flow import wrap
from batchtui.ui.presenters.help import OF_COMPARISON
from batchtui.ui.presenters.result import has_thinking
from batchtui.ui.presenters.state import QUIET
from batchtui.ui.screens.walking import WalkingPage
from batchtui.ui.session import Session
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.reader import Reader

PATIENCE = 0.5
"""Seconds for which words are compared; lines still to be looked at are marked as a whole."""

OVERLONG = "… and more: this is as much as is shown here."


class CompareScreen(WalkingPage):
    """Reads two results of one custom_id, and goes through a list of them.

    Args:
        ids: of the batch of the list, and of the one to compare with.
        file: the open result file of the first; stays open.
        numbers: the lines of the list, in its order.
        number: the line to begin with.
        look: how to show answers.

    Attributes:
        comparison: what the two have in common; None while that is being found out.
    """

    CSS_PATH = "compare.tcss"
    LEGEND = OF_COMPARISON
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("next", "n,right", "next", "Compare the next result of the list", 1, "Compare"),
        Command("previous", "p,left", "previous", "Compare the one before", 2, "Compare"),
        Command("raw", "J", "raw", "Compare the JSON of the lines, or answers", 20, "Compare"),
        Command("thinking", "z", "thinking", "Unfold the thinking, or fold it", 23, "Compare"),
        Command("back", "escape,v", "back", "Go back to the result", 90, "Compare"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    reader = getters.query_one("#reader", Reader)
    comparison: Comparison | None = None
    _thoughtful = False

    def __init__(
        self,
        session: Session,
        ids: tuple[str, str],
        file: ResultFile,
        numbers: Sequence[int],
        number: int,
        look: Look,
    ) -> None:
        super().__init__(session)
        self.file = file
        self.look = look
        self._other: ResultFile | None = None
        self._ids = ids
        self.begin_at(numbers, number)

    def compose_body(self) -> ComposeResult:
        """How each came out, and the two answers."""
        yield Lines(id="heads")
        yield Reader(framed=True, overlong=OVERLONG, id="reader")

    def on_mount(self) -> None:
        """Open the other file, then show the first pair."""
        self.reader.focus()
        self._open()

    def on_unmount(self) -> None:
        """Let go of the other file."""
        if self._other is not None:
            self._other.close()

    @work(exclusive=True, group="compare")
    async def _open(self) -> None:
        try:
            self._other = await open_results(self.session.account.results.path(self._ids[1]))
            await self._compare()
        except BatchtuiError as error:
            self._say_instead(str(error))

    @work(exclusive=True, group="compare")
    async def show_line(self) -> None:  # type: ignore[override]
        """Compare the results of the line."""
        try:
            await self._compare()
        except BatchtuiError as error:
            self._say_instead(str(error))

    async def _compare(self) -> None:
        """Find out what differs, and show it."""
        if self._other is None:
            return
        mine, theirs = self.file.row(self.number), self._twin(self._other)
        self.comparison = None
        self._show_heads(mine, theirs)
        left, thought = await asyncio.to_thread(_side, self.file, mine, self.look)
        right, thought_too = await asyncio.to_thread(_side, self._other, theirs, self.look)
        self._thoughtful = thought or thought_too
        end = time.monotonic() + PATIENCE
        found = await asyncio.to_thread(compare, left, right, lambda: time.monotonic() < end)
        self.comparison = found
        self._show_heads(mine, theirs, found.words)
        self.reader.show(lambda width: comparison_lines(found, width))
        self.refresh_bindings()

    def _twin(self, other: ResultFile) -> Row | None:
        number = other.find(self.file.row(self.number).custom_id)
        return None if number is None else other.row(number)

    def _show_heads(self, mine: Row, theirs: Row | None, words: str = "comparing…") -> None:
        names = self._names
        edge = Content("  ")
        self.query_one("#heads", Lines).show(
            lambda size: [
                Content.assemble(edge, line)
                for line in heads(names, (mine, theirs), max(size.width - 4, 10))
            ]
        )
        self.reader.titles = Titles(
            top=crop_middle(safe_line(mine.custom_id) or "no custom_id", 64),
            top_right=Content.styled(words, QUIET),
            bottom=self.where,
        )

    @property
    def _names(self) -> tuple[str, str]:
        first, second = (self.session.records.get(each) for each in self._ids)
        if first is None or second is None:
            return self._ids
        created = (first.batch.created_at.astimezone(), second.batch.created_at.astimezone())
        return told_apart((first.name, second.name), created)

    def _say_instead(self, words: str) -> None:
        row = TextRow(Content.styled(safe_line(words), "$error"))
        self.reader.show(lambda width: wrap([row], width))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is not always any thinking."""
        if action == "thinking":
            return self._thoughtful
        return super().check_action(action, parameters)

    def action_raw(self) -> None:
        """Compare the JSON of the lines, or the answers."""
        self.look = msgspec.structs.replace(self.look, raw=not self.look.raw)
        self.show_line()

    def action_thinking(self) -> None:
        """Unfold the thinking, or fold it."""
        self.look = msgspec.structs.replace(self.look, thinking=not self.look.thinking, raw=False)
        self.show_line()

    def action_back(self) -> None:
        """Go back to the result."""
        self.close()


def _side(file: ResultFile, row: Row | None, look: Look) -> tuple[list[TextRow], bool]:
    """What of a result is compared, and whether there is thinking in it."""
    if row is None:
        return [], False
    line, result = decode(file, row)
    return comparable(result, line, look), has_thinking(result)
