"""A few choices, one of them highlighted; enter takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.painting import Cell


class Choices(Canvas, can_focus=True):
    """One choice a line."""

    DEFAULT_CSS = """
    Choices { height: auto; }
    Choices > .choices--cursor { background: $block-cursor-background; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choices--cursor"}
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="choices.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="choices.up"),
        Binding("enter", "choose", "Choose", show=False, id="choices.choose"),
    ]

    class Moved(Message):
        """Another choice is highlighted."""

    class Chosen(Message):
        """A choice was taken: this one of so many."""

        def __init__(self, index: int, of: int) -> None:
            super().__init__()
            self.index = index
            self.of = of

    cursor = 0
    """The index of the highlighted choice."""

    _cells: Sequence[Cell] = ()

    def show(self, cells: Sequence[Cell], *, cursor: int | None = None) -> None:
        """Show these choices, with the highlight where it is or on another one."""
        grown = len(cells) != len(self._cells)
        self._cells = cells
        self.cursor = min(self.cursor if cursor is None else cursor, len(cells) - 1)
        if grown:
            self.refresh(layout=True)
        self.repaint()

    def body(self, size: Size) -> Sequence[Strip]:
        """The choices, with a sign before the highlighted one; it stays in view."""
        first = max(self.cursor - size.height + 1, 0)
        strips = []
        for index, cell in enumerate(self._cells):
            here = index == self.cursor
            line = self.line("choices--cursor" if here else "")
            line.add(Content.styled("▸ ", "$accent") if here else "  ", 2)
            strips.append(line.add(cell, max(size.width - 2, 0)).strip(size.width))
        return strips[first:]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line for each choice."""
        return len(self._cells)

    def action_move(self, places: int) -> None:
        """Highlight another choice."""
        self.cursor = max(0, min(self.cursor + places, len(self._cells) - 1))
        self.repaint()
        self.post_message(self.Moved())

    def action_choose(self) -> None:
        """Take the highlighted choice."""
        if self._cells:
            self.post_message(self.Chosen(self.cursor, len(self._cells)))

    def on_click(self, event: events.Click) -> None:
        """Highlight the choice under the mouse, or take it if it is."""
        index = event.y + max(self.cursor - self.size.height + 1, 0)
        if index == self.cursor:
            self.action_choose()
        elif index < len(self._cells):
            self.action_move(index - self.cursor)
