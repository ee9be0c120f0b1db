"""Lines to read, some of which can be chosen; the cursor moves over those alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.painting import Cell
from batchtui.ui.widgets.window import thumb

K = TypeVar("K", bound=Hashable)

_GUTTER = 1
_WHEEL = 3

_UNSEEN = 80
"""Cells of the lines before it is known how much room there is; keys typed ahead move already."""


class Pick(msgspec.Struct, Generic[K], frozen=True):
    """A line; with a key it can be chosen, and lines of one key are one choice."""

    cell: Cell
    key: K | None = None


Picks = Callable[[int], Sequence[Pick[K]]]
"""Makes the lines for a width in cells."""


class PickList(Canvas, Generic[K], can_focus=True):
    """Lines in a frame, with a cursor that is seen while the list has the focus.

    Args:
        led: whether it is always seen, because something else moves it and keeps the focus.
    """

    DEFAULT_CSS = """
    PickList { height: 1fr; }
    PickList > .pick-list--cursor { background: $block-cursor-blurred-background; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"pick-list--cursor"}
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="picks.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="picks.up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="picks.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="picks.page_up"),
        Binding("home,g", "first", "First", show=False, id="picks.first"),
        Binding("end,G", "last", "Last", show=False, id="picks.last"),
        Binding("enter,space", "choose", "Choose", show=False, id="picks.choose"),
    ]

    class Chosen(Message):
        """A line was chosen."""

        def __init__(self, pick_list: PickList[Any], key: Any) -> None:
            super().__init__()
            self.pick_list = pick_list
            self.key = key

        @property
        def control(self) -> PickList[Any]:
            """The list."""
            return self.pick_list

    def __init__(
        self,
        *,
        led: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(framed=True, id=id, classes=classes)
        self._led = led
        self.can_focus = not led
        self._picks: Picks[K] = _nothing
        self._lines_made: Sequence[Pick[K]] = ()
        self._keys: list[K] = []
        self._key: K | None = None
        self._top = 0
        self._touched = False

    @property
    def key(self) -> K | None:
        """What the cursor is on."""
        return self._key

    @property
    def picks(self) -> Sequence[Pick[K]]:
        """The lines there are."""
        return self._lines_made

    def show(self, picks: Picks[K], *, at: K | None = None) -> None:
        """Show these lines; a cursor that was moved stays on its key if that is still there.

        Args:
            picks: makes the lines.
            at: the key to begin with as if nobody had moved yet; if there is no such line, it is
                the first one.
        """
        self._picks = picks
        if at is not None:
            self._key, self._touched, self._top = at, True, 0
        self._make()
        if at is not None:
            self._touched = False
        self.repaint()

    def restyled(self) -> None:
        """Make the lines anew for the width."""
        self._make(stay=True)

    def _make(self, *, stay: bool = False) -> None:
        self._lines_made = self._picks(self._room or _UNSEEN)
        self._keys = list(dict.fromkeys(pick.key for pick in self._lines_made if pick.key))
        if not (self._touched or stay) or self._key not in self._keys:
            self._key = self._keys[0] if self._keys else None

    @property
    def _room(self) -> int:
        return max(self.inner.width - 2 * _GUTTER, 0)

    def body(self, size: Size) -> Sequence[Strip]:
        """The lines in view."""
        self._top = max(min(self._top, len(self._lines_made) - size.height), 0)
        strips = []
        for pick in self._lines_made[self._top : self._top + size.height]:
            seen = self.has_focus or self._led
            here = seen and pick.key is not None and pick.key == self._key
            line = self.line("pick-list--cursor" if here else "")
            line.add(Content.styled("▌", "$accent") if here else "", _GUTTER)
            strips.append(line.add(pick.cell, self._room).strip(size.width))
        return strips

    def thumb(self, size: Size) -> range:
        """The part of the frame that shows where in the lines the view is."""
        return thumb(self._top, size.height, len(self._lines_made))

    # Moving

    @property
    def _span(self) -> range:
        """The lines of the key under the cursor."""
        at = [place for place, pick in enumerate(self._lines_made) if pick.key == self._key]
        return range(at[0], at[-1] + 1) if at and self._key is not None else range(0)

    def _go(self, place: int) -> None:
        """Put the cursor on a key; before the first and after the last there is only to scroll."""
        height = max(self.inner.height, 1)
        if not 0 <= place < len(self._keys):
            self._scroll(self._top + (height // 2 if place > 0 else -height // 2))
            return
        self._touch(self._keys[place])
        span = self._span
        self._top = min(max(self._top, span.stop - height), span.start)
        self.repaint()

    def _touch(self, key: K) -> None:
        self._key = key
        self._touched = True

    def _scroll(self, top: int) -> None:
        self._top = top
        self.repaint()

    @property
    def _place(self) -> int:
        return self._keys.index(self._key) if self._key in self._keys else -1

    def action_move(self, places: int) -> None:
        """Move the cursor to a neighbour."""
        self._go(self._place + places)

    def action_page(self, pages: int) -> None:
        """Scroll by a page, and take the cursor along."""
        height = max(self.inner.height - 1, 1)
        self._scroll(self._top + pages * height)
        seen = range(self._top, self._top + height)
        in_view = [self._lines_made[at].key for at in seen if at < len(self._lines_made)]
        if self._key not in in_view and (keys := [key for key in in_view if key is not None]):
            self._touch(keys[0])
            self.repaint()

    def action_first(self) -> None:
        """Go to the first line."""
        self._top = 0
        self._go(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self._go(len(self._keys) - 1)
        self._scroll(len(self._lines_made))

    def action_choose(self) -> None:
        """Choose what the cursor is on."""
        if self._key is not None:
            self._touch(self._key)
            self.post_message(self.Chosen(self, self._key))

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        inside = event.get_content_offset(self)
        at = self._top + inside.y - 1 if inside else -1
        if inside and 0 < inside.y < self.size.height - 1 and at < len(self._lines_made):
            key = self._lines_made[at].key
            if key is not None:
                self._touch(key)
                self.repaint()
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self._scroll(self._top + _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self._scroll(self._top - _WHEEL)


def _nothing(width: int) -> Sequence[Pick[K]]:
    return ()
