"""Screen updates that cost as few bytes as the cells that changed.

Textual knows which cells of a line changed, but writes the line from the left edge of its widget,
and gives every run of cells its whole style and a reset. Over SSH that is most of the traffic, so
here a line is written from the first cell that changed, and only what differs from the style
before is said.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

from rich.color import ColorSystem
from rich.console import Console
from rich.control import Control
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor, ReflowResult
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import SGR_STYLES, Strip
from textual.widget import Widget

T = TypeVar("T")

_PLAIN = ("", "39", "49")


class NarrowUpdate(ChopsUpdate):
    """Changed spans of lines, as terminal sequences."""

    def render_segments(self, console: Console) -> str:
        """The sequences that bring the terminal up to date."""
        pen = _Pen(console._color_system or ColorSystem.TRUECOLOR)
        for y, start, end in self.spans:
            for stop, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(x, start), min(stop, end)
                if strip is not None and left < right:
                    pen.write(strip.crop(left - x, right - x), left, y)
        return pen.sequences()


class NarrowCompositor(Compositor):
    """Textual's compositor, but for how it writes small changes."""

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay everything out anew.

        Textual repaints where widgets were at the last time. After scrolling it remembers where
        they were before, and would leave them standing where they were seen: repaint all.
        """
        if self._full_map_invalidated:
            self._dirty_regions.add(size.region)
        return super().reflow(parent, size)

    def render_partial_update(self) -> ChopsUpdate | None:
        """The changes since the last update, or None if there are none."""
        update = super().render_partial_update()
        if update is None:
            return None
        # A strip that was not divided is kept in its own cache: a cycle, and thousands of them make
        # the garbage collector stop everything for as long as several frames.
        for line in update.chops:
            for strip in line.values():
                if strip is not None:
                    strip._divide_cache.clear()
        return NarrowUpdate(update.chops, update.spans, update.chop_ends)


class NarrowScreen(Screen[T]):
    """A screen whose small changes cost few bytes, and none while another one is on top."""

    def __init__(
        self,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(name, id, classes)
        self._compositor = NarrowCompositor()

    @property
    def is_current(self) -> bool:
        """Whether it paints itself: what a screen on top leaves to be seen of it stands still.

        For Textual the screen right below the top one is current, too, and each of its changes
        has the top one painted from edge to edge. It catches up when it is on top again.
        """
        return self.is_active

    def _screen_resized(self, size: Size) -> None:
        super()._screen_resized(size)
        if self.is_attached and not self.is_active:
            self.app.screen.refresh()  # around a dialog this one is seen


class _Pen:
    """Writes strips, remembering where the terminal's cursor is and what style is set."""

    def __init__(self, colors: ColorSystem) -> None:
        self._colors = colors
        self._out: list[str] = []
        self._style = _PLAIN
        self._place = (-1, -1)

    def write(self, strip: Strip, x: int, y: int) -> None:
        """Write a strip at a place on the screen."""
        if self._place != (x, y):
            self._out.append(Control.move_to(x, y).segment.text)
        for text, style, _ in strip:
            self._turn(_codes(style, self._colors) if style else _PLAIN)
            if style and style.link:
                text = f"\x1b]8;id={style.link_id};{style.link}\x1b\\{text}\x1b]8;;\x1b\\"
            self._out.append(text)
        self._place = (x + strip.cell_length, y)

    def sequences(self) -> str:
        """All that was written; leaves the terminal in its plain style."""
        self._turn(_PLAIN)
        return "".join(self._out)

    def _turn(self, style: tuple[str, str, str]) -> None:
        if style == self._style:
            return
        if style == _PLAIN:
            self._out.append("\x1b[0m")
        elif style[0] != self._style[0]:
            self._out.append(f"\x1b[{';'.join(code for code in ('0', *style) if code)}m")
        else:
            pairs = zip(style, self._style, strict=True)
            self._out.append(f"\x1b[{';'.join(new for new, old in pairs if new != old)}m")
        self._style = style


@lru_cache(4096)
def _codes(style: Style, colors: ColorSystem) -> tuple[str, str, str]:
    """The SGR codes of a style: its attributes, its colour, its background."""
    bits = style._attributes & style._set_attributes
    attributes = [SGR_STYLES[at] for at in range(bits.bit_length()) if bits & (1 << at)]
    color, background = style.color, style.bgcolor
    return (
        ";".join(attributes),
        ";".join(color.downgrade(colors).get_ansi_codes()) if color else "39",
        ";".join(background.downgrade(colors).get_ansi_codes(False)) if background else "49",
    )
