"""Text of any length to scroll through; its lines are made as they are needed, a few at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, ClassVar

import msgspec
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content, Span
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from batchtui.domain.text import count
from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.window import thumb

Text = Callable[[int], Iterator[Content]]
"""Makes the lines for a width in cells, each at most so wide."""

Packed = tuple[str, tuple[tuple[Any, ...], ...]]
"""A line as it is kept: plain tuples, which the garbage collector need not walk again and again."""

Wanted = Callable[[Content], bool]
"""Whether a line is the one that is looked for."""

SLICE = 0.005
"""Seconds for which lines are made before other things get their turn."""

PAINT_EVERY = 0.1
"""Seconds between two looks at how far that is; painting costs as much as many lines."""

AHEAD = 2_000
"""Lines that are made beyond those in view without being asked for."""

MOST = 50_000
"""Lines that are kept; what is longer is read elsewhere."""

_WHEEL = 3
_END = 1 << 60


class Reader(Canvas, can_focus=True):
    """Lines of text with a position, shown in the frame if there is one.

    Args:
        framed: whether to draw a frame.
        overlong: what the last line says when the text is longer than is kept.
    """

    DEFAULT_CSS = """
    Reader { height: 1fr; }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_by(1)", "Down", show=False, id="reader.down"),
        Binding("up,k", "scroll_by(-1)", "Up", show=False, id="reader.up"),
        Binding(
            "ctrl+d", "scroll_pages(0.5)", "Half a page down", show=False, id="reader.half_down"
        ),
        Binding("ctrl+u", "scroll_pages(-0.5)", "Half a page up", show=False, id="reader.half_up"),
        Binding(
            "pagedown,space", "scroll_pages(1)", "Page down", show=False, id="reader.page_down"
        ),
        Binding("pageup", "scroll_pages(-1)", "Page up", show=False, id="reader.page_up"),
        Binding("home,g", "first", "Start", show=False, id="reader.first"),
        Binding("end,G", "last", "End", show=False, id="reader.last"),
    ]

    class Moved(Message):
        """Another part of the text is in view, or more of it is known."""

        def __init__(self, place: str) -> None:
            super().__init__()
            self.place = place

    place = ""
    """Which lines are in view, in words; "" if all are."""

    def __init__(
        self,
        *,
        framed: bool = False,
        overlong: str = "",
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(framed=framed, id=id, classes=classes)
        self._overlong = overlong
        self._text: Text = _nothing
        self._source: Iterator[Content] | None = None
        self._made: list[Packed] = []
        self._width = 0
        self._top = 0
        self._wanted = 0
        self._reading_on = False
        self._read_on_at = 0.0
        self._wanted_line: Wanted | None = None
        self._looked_at = 0
        self._returning: int | None = None  # to this line, once it is made

    def show(self, text: Text, *, stay: bool = False, seek: Wanted | None = None) -> None:
        """Show a text from its start, or with `stay` from the line that is on top now.

        Args:
            text: makes the lines.
            stay: whether to keep the line on top where it is, and to go on seeking.
            seek: the first line for which this is so is brought into view, however far down.
        """
        self._text = text
        self._top = self._place_kept if stay else 0
        if seek or not stay:
            self._wanted_line = seek
        self._looked_at = 0
        self._restart()
        if self.styles.is_auto_height:
            self.refresh(layout=True)  # it may take more lines now, or fewer
        self.repaint()

    @property
    def top(self) -> int:
        """The number of the first line in view."""
        return self._top

    @property
    def whole(self) -> bool:
        """Whether all lines have been made."""
        return self._source is None

    def restyled(self) -> None:
        """Make the lines anew if the width is another one, and stay about where it was."""
        width = max(self.inner.width - 2 * self._framed, 0)
        if width != self._width:
            self._top = self._place_kept * self._width // max(width, 1)
            self._width = width
            self._restart()

    def body(self, size: Size) -> Sequence[Strip]:
        """The lines in view."""
        self._make(self._top + size.height + 1, time.perf_counter() + 2 * SLICE)
        self._seek(size.height)
        self._top = max(min(self._place_kept, len(self._made) - size.height), 0)
        if self._top == self._returning or self.whole:
            self._returning = None
        self._show_place(size.height)
        shown = self._made[self._top : self._top + size.height]
        pad = int(self._framed)
        return [
            self.line().blank(pad).add(_unpacked(line), self._width).strip(size.width)
            for line in shown
        ]

    def thumb(self, size: Size) -> range:
        """The part of the frame that shows where in the text the view is."""
        return thumb(self._top, size.height, len(self._made))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text takes, and the frame, but no more than there is room for."""
        edge = 2 * self._framed
        lines = islice(self._text(width - 2 * edge), max(viewport.height - edge, 0))
        return sum(1 for _ in lines) + edge

    # Making lines

    def _restart(self) -> None:
        self._made = []
        self._source = self._text(self._width) if self._width else None
        self._wanted = _END if self._wanted_line else self._top + AHEAD
        self._returning = self._top or None

    def _make(self, lines: int, deadline: float | None = None) -> None:
        """Make lines until there are so many, the text ends, or the time is up."""
        self._wanted = max(self._wanted, lines)
        while self._source is not None and len(self._made) < lines:
            line = next(self._source, None)
            if line is None:
                self._source = None
            elif len(self._made) >= MOST:
                self._source = None
                self._made.append(_packed(Content.styled(self._overlong, "bold $warning")))
            else:
                self._made.append(_packed(line))
            if deadline is not None and time.perf_counter() > deadline:
                break
        if self._source is not None and len(self._made) < self._wanted and not self._reading_on:
            self._reading_on = True
            self.set_timer(0.01, self._read_on)

    def _read_on(self) -> None:
        self._reading_on = False
        lacking = len(self._made) < self._top + self.inner.height
        self._make(self._wanted, time.perf_counter() + SLICE)
        if self._wanted >= _END and self._wanted_line is None:
            self._top = len(self._made)
        now = time.perf_counter()
        if lacking or not self._reading_on or now - self._read_on_at >= PAINT_EVERY:
            self._read_on_at = now
            self.repaint()

    def _seek(self, height: int) -> None:
        """Bring the line that is looked for into view once it is there; give up at the end."""
        wanted = self._wanted_line
        if wanted is None:
            return
        while self._looked_at < len(self._made):
            if wanted(_unpacked(self._made[self._looked_at])):
                if self._looked_at >= height:
                    self._top = self._looked_at - height // 3
                self._stop_seeking()
                return
            self._looked_at += 1
        if self.whole:
            self._stop_seeking()

    @property
    def _place_kept(self) -> int:
        """The line that is on top, or will be as soon as it is made."""
        return self._top if self._returning is None else self._returning

    def _stop_seeking(self) -> None:
        self._wanted_line = self._returning = None
        self._wanted = self._top + AHEAD

    def _show_place(self, height: int) -> None:
        made = len(self._made)
        more = "" if self.whole else "+"
        place = (
            f"{count(self._top + 1)}–{count(min(self._top + height, made))} of {count(made)}{more}"
        )
        place = "" if made <= height and self.whole else place
        self._titles = msgspec.structs.replace(self._titles, bottom_right=place)
        if place != self.place:
            self.place = place
            self.post_message(self.Moved(place))

    # Moving

    def scroll_lines(self, lines: int) -> None:
        """Move the view by so many lines."""
        self._top = max(self._top + lines, 0)
        self._stop_seeking()
        self.repaint()

    def action_scroll_by(self, lines: int) -> None:
        """Move the view by so many lines."""
        self.scroll_lines(lines)

    def action_scroll_pages(self, pages: float) -> None:
        """Move the view by so many pages, less a line to go by."""
        self.scroll_lines(int(max(self.inner.height - 1, 1) * pages))

    def action_first(self) -> None:
        """Go to the start."""
        self.scroll_lines(-self._top)

    def action_last(self) -> None:
        """Go to the end, making all lines on the way."""
        self._stop_seeking()
        self._wanted = _END
        self._top = len(self._made)
        self.repaint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.scroll_lines(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.scroll_lines(-_WHEEL)


def _packed(line: Content) -> Packed:
    return line.plain, tuple(tuple(span) for span in line.spans)


def _unpacked(line: Packed) -> Content:
    text, spans = line
    return Content(text, [Span(*span) for span in spans])


def _nothing(width: int) -> Iterator[Content]:
    return iter(())
