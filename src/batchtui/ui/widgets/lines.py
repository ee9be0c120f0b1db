"""A list of lines that repaints only what differs from what is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, repeat

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.painting import Cell, alike

Drawing = Sequence[Cell] | Callable[[Size], Sequence[Cell]]
"""Lines, or what makes them for a size in cells."""


class Lines(Canvas):
    """Lines, each cut at the widget's width; those beyond its height are not shown."""

    DEFAULT_CSS = """
    Lines { height: auto; }
    """

    class Clicked(Message):
        """A cell was clicked."""

        def __init__(self, lines: Lines, x: int, y: int) -> None:
            super().__init__()
            self.lines, self.x, self.y = lines, x, y

        @property
        def control(self) -> Lines:
            """The lines."""
            return self.lines

    _drawing: Drawing = ()
    _known: Sequence[tuple[Cell, Strip]] = ()

    def show(self, drawing: Drawing) -> None:
        """Show these lines from now on; a function is asked again whenever the size changes."""
        grows = self.styles.is_auto_height
        rows = self._rows(self.inner) if grows else 0
        self._drawing = drawing
        if grows and self._rows(self.inner) != rows:
            self.refresh(layout=True)
        self.repaint()

    def body(self, size: Size) -> Sequence[Strip]:
        """The lines, drawn; those that look as before are not drawn again."""
        cells = self._drawing(size) if callable(self._drawing) else self._drawing
        self._known = [
            known if known and alike(known[:1], (cell,)) else (cell, self._strip(cell, size.width))
            for cell, known in zip(cells, chain(self._known, repeat(None)), strict=False)
        ]
        return [strip for _, strip in self._known]

    def _strip(self, cell: Cell, width: int) -> Strip:
        return self.line().add(cell, width).strip(width)

    def on_click(self, event: events.Click) -> None:
        """Say which cell was clicked."""
        self.post_message(self.Clicked(self, event.x, event.y))

    def restyled(self) -> None:
        """Forget lines drawn with another theme, state or width."""
        self._known = ()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are lines, and the frame."""
        edge = 2 * self._framed
        return self._rows(Size(width - edge, container.height - edge)) + edge

    def _rows(self, size: Size) -> int:
        return len(self._drawing(size) if callable(self._drawing) else self._drawing)
