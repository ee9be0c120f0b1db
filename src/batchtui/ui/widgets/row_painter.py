"""Draws the rows of a table, and remembers how those lately shown looked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from textual.cache import LRUCache
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from batchtui.domain.text import crop
from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.columns import GAP, Column, Placed, arrange
from batchtui.ui.widgets.painting import Cell, alike

K = TypeVar("K", bound=Hashable)

Cells = Callable[[K, Mapping[str, int]], Sequence[Cell]]
"""Gives the cells of a row: for its key, and the shown columns' widths by id, in their order."""

_GUTTER = 3
_REMEMBERED = 512
_LOOKS = ((False, False), (False, True), (True, False), (True, True))


class RowPainter(Generic[K]):
    """Turns rows into lines of cells, in the columns that fit.

    Args:
        canvas: where the lines will stand; gives them their styles.
        columns: the columns there are.
        cells: gives the cells of a row.

    Attributes:
        sorted_by: the id of a column and the sign beside its title, if it has one.
    """

    sorted_by: tuple[str, str] = ("", "")

    def __init__(self, canvas: Canvas, columns: Sequence[Column], cells: Cells[K]) -> None:
        self._canvas = canvas
        self._columns = columns
        self._cells = cells
        self._width = 0
        self._placed: tuple[Placed, ...] = ()
        self._widths: dict[str, int] = {}
        self._known: LRUCache[K, Sequence[Cell]] = LRUCache(_REMEMBERED)
        self._strips: LRUCache[tuple[K, bool, bool], Strip] = LRUCache(_REMEMBERED)

    def fit(self, width: int) -> None:
        """Draw lines of this width from now on; forgets what is known."""
        self._width = width
        self._placed = arrange(self._columns, width - _GUTTER)
        self._widths = {placed.column.id: placed.width for placed in self._placed}
        self._known.clear()
        self._strips.clear()

    def arrange(self, columns: Sequence[Column]) -> None:
        """Draw these columns from now on."""
        self._columns = columns
        self.fit(self._width)

    def renew(self, keys: Iterable[K] | None, shown: Iterable[K]) -> None:
        """Ask for the cells of these rows anew, or of all rows.

        Only those that are shown are asked for at once; the others are forgotten until they are.
        """
        visible = set(shown)
        for key in list(self._known.keys()) if keys is None else keys:
            before = self._known.get(key)
            self._known.discard(key)
            if key in visible and before is not None and alike(before, self._ask(key)):
                continue
            for cursor, marked in _LOOKS:
                self._strips.discard((key, cursor, marked))

    def header(self) -> Strip:
        """The titles of the columns."""
        line = self._canvas.line("line-table--header").blank(_GUTTER - GAP)
        by, sign = self.sorted_by
        for placed in self._placed:
            title = placed.column.title
            if sign and placed.column.id == by:
                title = f"{crop(title, placed.width - len(sign))}{sign}"
            line.blank(GAP).add(title, placed.width, placed.column.align)
        return line.strip(self._width)

    def column_at(self, x: int) -> str:
        """The id of the column whose title stands at this cell, "" if none does."""
        start = _GUTTER
        for placed in self._placed:
            if start <= x < start + placed.width:
                return placed.column.id
            start += placed.width + GAP
        return ""

    def row(self, key: K, *, cursor: bool, marked: bool) -> Strip:
        """A row as it looks with or without the cursor and a mark."""
        strip = self._strips.get((key, cursor, marked))
        if strip is None:
            strip = self._draw(key, cursor=cursor, marked=marked)
            self._strips[key, cursor, marked] = strip
        return strip

    def _draw(self, key: K, *, cursor: bool, marked: bool) -> Strip:
        line = self._canvas.line("line-table--cursor" if cursor else "")
        line.add(self._sign("▌", "line-table--pointer") if cursor else " ", 1)
        line.add(self._sign("✔", "line-table--mark") if marked else " ", 1)
        cells = self._known.get(key)
        for placed, cell in zip(self._placed, cells or self._ask(key), strict=True):
            line.blank(GAP).add(cell, placed.width, placed.column.align)
        return line.strip(self._width)

    def _ask(self, key: K) -> Sequence[Cell]:
        cells = self._known[key] = self._cells(key, self._widths)
        return cells

    def _sign(self, sign: str, component: str) -> Content:
        look = self._canvas.look(component)
        return Content.styled(sign, Style(foreground=look.foreground, bold=look.bold))
