"""A widget that is a list of lines, and repaints only the cells that differ from what is shown.

It draws its own frame: four titles instead of Textual's two, none of which costs a repaint of the
whole widget when it changes, and a scroll bar that takes no room of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from batchtui.ui.widgets.painting import Cell, Line, alike, differing

_LEAST = 6
"""A title cut to fewer cells than this is left out."""


class Titles(msgspec.Struct, frozen=True):
    """What stands in the frame of a widget; foreign text in it must be safe already."""

    top: Cell = ""
    top_right: Cell = ""
    bottom: Cell = ""
    bottom_right: Cell = ""


class Canvas(Widget):
    """Lines of cells, optionally in a frame.

    A subclass gives its lines in `body`, and calls `repaint` when they may have changed.

    Args:
        framed: whether to draw a frame; it takes one cell on each side.
    """

    DEFAULT_CSS = """
    Canvas { width: 1fr; }
    Canvas > .canvas--frame { color: $border-blurred; }
    Canvas > .canvas--title { color: $foreground; text-style: bold; }
    Canvas > .canvas--thumb { color: $foreground-muted; }
    Canvas:focus > .canvas--frame { color: $border; }
    Canvas:focus > .canvas--thumb { color: $border; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"canvas--frame", "canvas--title", "canvas--thumb"}

    _stale = True

    def __init__(
        self,
        *,
        framed: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._framed = framed
        self._titles = Titles()
        self._lines: list[Strip] = []
        self._drawn = Size(0, 0)

    @property
    def titles(self) -> Titles:
        """What stands in the frame."""
        return self._titles

    @titles.setter
    def titles(self, titles: Titles) -> None:
        before, self._titles = self._titles, titles
        if not alike(msgspec.structs.astuple(before), msgspec.structs.astuple(titles)):
            self.repaint()

    @property
    def inner(self) -> Size:
        """The cells inside the frame."""
        width, height = self.size
        edge = 2 * self._framed
        return Size(max(width - edge, 0), max(height - edge, 0))

    def body(self, size: Size) -> Sequence[Strip]:
        """The lines to show, each exactly `size.width` cells wide; missing ones are blank."""
        raise NotImplementedError

    def thumb(self, size: Size) -> range:
        """The lines of the body beside which the scroll bar's thumb stands; none if all fits."""
        return range(0)

    def line(self, component: str = "") -> Line:
        """An empty line in the widget's own style, or in that of one of its components."""
        return Line(self.look(component), self.app.stylesheet.parse_style)

    def look(self, component: str = "") -> Style:
        """The widget's own style, or that of one of its components over it."""
        return self.get_visual_style(component) if component else self.visual_style

    def repaint(self) -> None:
        """Show what there is to show now, writing only the cells that differ."""
        if not self.is_mounted or not self.size or self._drawn != self.size:
            self._drawn = Size(0, 0)
            self.refresh()  # all of it, also if a hidden one comes back with the size it had
            return
        before = self._lines
        self._draw()
        regions = [
            Region(start, y, end - start, 1)
            for y, (old, new) in enumerate(zip(before, self._lines, strict=True))
            for start, end in differing(old, new)
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One line of the widget, for Textual."""
        if self._stale or self._drawn != self.size:
            self._draw()
        if y < len(self._lines):
            return self._lines[y]
        return Strip.blank(self.size.width, self.look().rich_style)

    def restyled(self) -> None:
        """Called before lines are drawn with another theme, state or size: forget old ones."""

    def notify_style_update(self) -> None:
        """Draw everything anew: colours may have changed."""
        super().notify_style_update()
        self._stale = True

    def _draw(self) -> None:
        if self._stale or self._drawn != self.size:
            self._stale, self._drawn = False, self.size
            self.restyled()
        self._lines = self._composed()

    def _composed(self) -> list[Strip]:
        size = self.inner
        lines = list(self.body(size)[: size.height])
        blank = Strip.blank(size.width, self.look().rich_style)
        lines += [blank] * (size.height - len(lines))
        if not self._framed or self.size.width < 2 or self.size.height < 2:
            return lines[: self.size.height]
        return self._enclose(lines, self.thumb(size))

    def _enclose(self, lines: list[Strip], thumb: range) -> list[Strip]:
        width = self.size.width
        titles = self._titles
        frame = self.look("canvas--frame").rich_style
        left, right = Segment("│", frame), Segment("│", frame)
        held = Segment("┃", self.look("canvas--thumb").rich_style)
        return [
            self._edge("╭", titles.top, titles.top_right, "╮"),
            *(
                Strip([left, *line, held if y in thumb else right], width)
                for y, line in enumerate(lines)
            ),
            self._edge("╰", titles.bottom, titles.bottom_right, "╯"),
        ]

    def _edge(self, start: str, title: Cell, title_right: Cell, end: str) -> Strip:
        """A horizontal edge of the frame with its titles, the left one before the right one."""
        width = self.size.width
        room = max(width - 6, 0)
        left = _cut(title, room).stylize_before(self.look("canvas--title"))
        right = _cut(title_right, room - left.cell_length - 3)
        frame = self.look("canvas--frame")
        parts = [Content.styled(f"{start}─", frame)]
        if left:
            parts.append(Content.assemble(" ", left, " "))
        tail = Content.styled(f"─{end}", frame)
        if right:
            tail = Content.assemble(" ", right, " ", tail)
        fill = width - tail.cell_length - sum(part.cell_length for part in parts)
        parts.append(Content.styled("─" * fill, frame))
        return self.line().add(Content.assemble(*parts, tail), width).strip(width)


def _cut(cell: Cell, width: int) -> Content:
    """As much of the cell as fits; nothing if that would be too little to make sense of."""
    content = cell if isinstance(cell, Content) else Content(cell)
    if content.cell_length <= width:
        return content
    return content.truncate(width, ellipsis=True) if width >= _LEAST else Content()
