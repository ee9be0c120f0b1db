"""A list of lines that repaints only what differs from what is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Size
from textual.strip import Strip

from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.painting import Cell

Drawing = Sequence[Cell] | Callable[[Size], Sequence[Cell]]
"""Lines, or what makes them for a size in cells."""


class Lines(Canvas):
    """Lines, each cut at the widget's width; those beyond its height are not shown."""

    DEFAULT_CSS = """
    Lines { height: auto; }
    """

    _drawing: Drawing = ()

    def show(self, drawing: Drawing) -> None:
        """Show these lines from now on; a function is asked again whenever the size changes."""
        grows = self.styles.is_auto_height
        rows = self._rows(self.inner) if grows else 0
        self._drawing = drawing
        if grows and self._rows(self.inner) != rows:
            self.refresh(layout=True)
        self.repaint()

    def body(self, size: Size) -> Sequence[Strip]:
        """The lines, drawn."""
        cells = self._drawing(size) if callable(self._drawing) else self._drawing
        return [self.line().add(cell, size.width).strip(size.width) for cell in cells]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are lines, and the frame."""
        edge = 2 * self._framed
        return self._rows(Size(width - edge, container.height - edge)) + edge

    def _rows(self, size: Size) -> int:
        return len(self._drawing(size) if callable(self._drawing) else self._drawing)
