"""A table of any number of rows that only ever looks at those it shows.

Cursor and marks belong to rows by identity: they stay with them through sorting, filtering and
new rows.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.columns import Column
from batchtui.ui.widgets.painting import Cell
from batchtui.ui.widgets.row_painter import Cells, RowPainter
from batchtui.ui.widgets.window import Window

K = TypeVar("K", bound=Hashable)

_WHEEL = 3


class TableMessage(Message):
    """Something a table has to tell."""

    def __init__(self, table: LineTable[Any]) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> LineTable[Any]:
        """The table."""
        return self.table


class LineTable(Canvas, Generic[K], can_focus=True):
    """A table with a cursor on one row and marks on any.

    Args:
        columns: the columns, of which as many are shown as fit.
        cells: gives the cells of a row; asked only for rows that are shown.
        empty: what to say when there are no rows.
    """

    DEFAULT_CSS = """
    LineTable { height: 1fr; }
    LineTable > .line-table--header { color: $text-muted; }
    LineTable > .line-table--empty { color: $text-muted; }
    LineTable > .line-table--mark { color: $warning; text-style: bold; }
    LineTable > .line-table--cursor { background: $block-cursor-blurred-background; }
    LineTable > .line-table--pointer { color: $text-muted; }
    LineTable:focus > .line-table--pointer { color: $accent; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-table--header",
        "line-table--empty",
        "line-table--mark",
        "line-table--cursor",
        "line-table--pointer",
    }
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False, id="table.half_down"),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False, id="table.half_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="table.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="table.page_up"),
        Binding("home,g", "first", "First", show=False, id="table.first"),
        Binding("end,G", "last", "Last", show=False, id="table.last"),
    ]

    class CursorMoved(TableMessage):
        """The cursor is on another row, or on none (key None, index -1)."""

        def __init__(self, table: LineTable[Any], key: Any, index: int) -> None:
            super().__init__(table)
            self.key, self.index = key, index

    class RowSelected(TableMessage):
        """The row under the cursor was clicked, or chosen with `action_select`."""

        def __init__(self, table: LineTable[Any], key: Any) -> None:
            super().__init__(table)
            self.key = key

    class NearEnd(TableMessage):
        """The cursor or the view came near the last row; `index` is the last in view."""

        def __init__(self, table: LineTable[Any], index: int) -> None:
            super().__init__(table)
            self.index = index

    class MarksChanged(TableMessage):
        """Rows were marked or are no longer."""

    class TitleClicked(TableMessage):
        """The title of a column was clicked."""

        def __init__(self, table: LineTable[Any], column: str) -> None:
            super().__init__(table)
            self.column = column

    class FrameClicked(TableMessage):
        """The upper edge of the frame was clicked, so many cells from its left end."""

        def __init__(self, table: LineTable[Any], x: int) -> None:
            super().__init__(table)
            self.x = x

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Cells[K],
        *,
        empty: Cell = "",
        framed: bool = True,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(framed=framed, id=id, classes=classes)
        self._empty = empty
        self._painter = RowPainter(self, columns, cells)
        self._window: Window[K] = Window()
        self._marks: dict[K, None] = {}
        self._dragging = False

    # Rows

    @property
    def keys(self) -> Sequence[K]:
        """The rows, in order."""
        return self._window.keys

    @property
    def shown(self) -> Sequence[K]:
        """The rows in view, in order."""
        visible = self._window.visible
        return self._window.keys[visible.start : visible.stop]

    @property
    def empty(self) -> Cell:
        """What is said when there are no rows; over several lines if it has line breaks."""
        return self._empty

    @empty.setter
    def empty(self, cell: Cell) -> None:
        self._empty = cell
        self.repaint()

    def set_rows(self, keys: Sequence[K]) -> None:
        """Show these rows in this order; what is known of the look of rows stays valid."""
        with self._moving():
            self._window.replace(keys)

    def refresh_rows(self, keys: Iterable[K] | None = None) -> None:
        """Ask anew for the cells of these rows, or of all; repaints only what differs.

        Rows that are out of view are only forgotten, and asked for when they come into view.
        """
        self._painter.renew(keys, self.shown)
        self.repaint()

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns."""
        self._painter.arrange(columns)
        self.repaint()

    def sort_sign(self, column: str, sign: str) -> None:
        """Show a sign beside the title of the column the rows are sorted by; "" for none."""
        self._painter.sorted_by = (column, sign)
        self.repaint()

    # Cursor

    @property
    def cursor_key(self) -> K | None:
        """The row with the cursor; None if there are no rows."""
        return self._window.key

    @property
    def cursor_index(self) -> int:
        """The place of the row with the cursor; -1 if there are no rows."""
        return self._window.cursor

    def move_to(self, key: K) -> bool:
        """Put the cursor on a row; False if there is no such row."""
        place = self._window.place(key)
        if place is not None:
            self._move(place)
        return place is not None

    def move_to_index(self, index: int) -> None:
        """Put the cursor on the row at this place."""
        self._move(index)

    def reveal(self, index: int) -> None:
        """Bring a row below into view, as far as the row with the cursor stays in it."""
        with self._moving():
            self._window.reveal(index)

    def action_move(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self._move(self._window.cursor + rows)

    def action_page(self, pages: float) -> None:
        """Move the cursor by so many pages."""
        rows = max(self._window.height, 1) * pages
        self._move(self._window.cursor + int(rows + (0.5 if rows > 0 else -0.5)))

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._move(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._move(len(self._window.keys) - 1)

    def action_select(self) -> None:
        """Say that the row with the cursor was chosen."""
        if self._window.cursor >= 0:
            self.post_message(self.RowSelected(self, self._window.key))

    # Marks

    @property
    def marks(self) -> Collection[K]:
        """The marked rows, in the order they were marked; they need not be among the rows."""
        return self._marks.keys()

    def toggle_mark(self, key: K | None = None) -> None:
        """Mark a row or undo it; by default the one with the cursor."""
        key = self._window.key if key is None else key
        if key is None:
            return
        if key in self._marks:
            del self._marks[key]
        else:
            self._marks[key] = None
        self._marked()

    def mark_all(self) -> None:
        """Mark all rows there are."""
        self.mark(self._window.keys)

    def mark(self, keys: Iterable[K]) -> None:
        """Mark these rows."""
        self._marks.update(dict.fromkeys(keys))
        self._marked()

    def clear_marks(self, keys: Iterable[K] | None = None) -> None:
        """Undo these marks, or all."""
        for key in tuple(self._marks if keys is None else keys):
            self._marks.pop(key, None)
        self._marked()

    def _marked(self) -> None:
        self.repaint()
        self.post_message(self.MarksChanged(self))

    # Moving

    def _move(self, index: int) -> None:
        with self._moving(by_hand=True):
            self._window.move(index)

    def _scroll(self, top: int) -> None:
        with self._moving(by_hand=True):
            self._window.scroll(top)

    @contextmanager
    def _moving(self, *, by_hand: bool = False) -> Iterator[None]:
        window = self._window
        before = window.key
        yield
        self.repaint()
        if window.key != before:
            self.post_message(self.CursorMoved(self, window.key, window.cursor))
        if by_hand and window.near_end and len(window.keys):
            self.post_message(self.NearEnd(self, window.visible.stop - 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll without moving the cursor."""
        event.stop()
        self._scroll(self._window.top + _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll without moving the cursor."""
        event.stop()
        self._scroll(self._window.top - _WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row, or choose it if the cursor is there."""
        inside = event.get_content_offset(self)
        if inside is None or self._beside(inside.x):
            return
        if self._framed and inside.y == 0:
            self.post_message(self.FrameClicked(self, inside.x))
            return
        if inside.y == self._first_line - 1:
            if column := self._painter.column_at(inside.x - int(self._framed)):
                self.post_message(self.TitleClicked(self, column))
            return
        index = self._window.top + inside.y - self._first_line
        if inside.y < self._first_line or index not in self._window.visible:
            return
        if index == self._window.cursor:
            self.action_select()
        else:
            self._move(index)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the scroll bar."""
        inside = event.get_content_offset(self)
        if inside and inside.x == self.size.width - 1 and len(self._window.thumb()):
            self._dragging = True
            self.capture_mouse()
            self._drag(inside.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the scroll bar."""
        if self._dragging:
            self._drag(event.get_content_offset_capture(self).y)

    def on_mouse_up(self) -> None:
        """Let go of the scroll bar."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _drag(self, y: int) -> None:
        share = (y - self._first_line) / max(self._window.height - 1, 1)
        self._scroll(round(share * (len(self._window.keys) - self._window.height)))

    def _beside(self, x: int) -> bool:
        return self._framed and x in (0, self.size.width - 1)

    # Drawing

    @property
    def _first_line(self) -> int:
        """The line of the widget on which the first row stands, under frame and header."""
        return int(self._framed) + 1

    def restyled(self) -> None:
        """Fit columns and rows to the size, and forget how rows looked."""
        size = self.inner
        self._painter.fit(size.width)
        if size.height - 1 != self._window.height:
            self._window.fit(size.height - 1)

    def body(self, size: Size) -> Sequence[Strip]:
        """The header and the rows in view, or what is said when there are none."""
        header = self._painter.header()
        if not len(self._window.keys):
            return [header, *self._nothing(size)]
        return [header, *map(self._row, self._window.visible)]

    def thumb(self, size: Size) -> range:
        """The part of the frame that shows where in the rows the view is."""
        thumb = self._window.thumb()
        return range(thumb.start + 1, thumb.stop + 1) if len(thumb) else thumb

    def _row(self, index: int) -> Strip:
        key = self._window.keys[index]
        cursor, marked = index == self._window.cursor, key in self._marks
        return self._painter.row(key, cursor=cursor, marked=marked)

    def _nothing(self, size: Size) -> list[Strip]:
        cell = self._empty if isinstance(self._empty, Content) else Content(self._empty)
        lines = cell.split("\n", allow_blank=True)
        above = max((size.height - 1 - len(lines)) // 2, 0)
        drawn = [self.line().strip(size.width)] * above
        for content in lines:
            line = self.line("line-table--empty")
            line.blank((size.width - content.cell_length) // 2)
            drawn.append(line.add(content, min(content.cell_length, size.width)).strip(size.width))
        return drawn
