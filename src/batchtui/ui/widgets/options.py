"""A few options on one line, one of them taken."""

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


class Options(Canvas, can_focus=True):
    """A name, and options beside it or, where they do not fit, the one that is taken.

    Args:
        title: what is chosen here.
        options: what there is to choose from, in words that are safe to show.
        taken: the place of the option to begin with.
    """

    DEFAULT_CSS = """
    Options { height: 1; }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space", "turn(1)", "Next", show=False, id="options.next"),
        Binding("left,h", "turn(-1)", "Previous", show=False, id="options.previous"),
    ]

    class Changed(Message):
        """Another option is taken."""

        def __init__(self, options: Options) -> None:
            super().__init__()
            self.options = options

        @property
        def control(self) -> Options:
            """The options."""
            return self.options

    def __init__(
        self,
        title: str,
        options: Sequence[str],
        taken: int = 0,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._title = title
        self._options = options
        self._places: list[range] = []
        self.taken = taken

    def body(self, size: Size) -> Sequence[Strip]:
        """The line."""
        pointer = "▸ " if self.has_focus else "  "
        start = Content.assemble((pointer, "$accent"), (f"{self._title:<8}", "$text-muted"))
        shown = [self._option(place) for place in range(len(self._options))]
        if sum(each.cell_length for each in shown) > size.width - start.cell_length:
            shown = [each if place == self.taken else Content() for place, each in enumerate(shown)]
        self._places = []
        x = start.cell_length
        for each in shown:
            self._places.append(range(x, x + each.cell_length))
            x += each.cell_length
        return [self.line().add(Content.assemble(start, *shown), size.width).strip(size.width)]

    def _option(self, place: int) -> Content:
        words = self._options[place]
        if place == self.taken:
            return Content.styled(f"▏{words}▕", "bold $accent")
        return Content(f" {words} ")

    def action_turn(self, places: int) -> None:
        """Take another option."""
        self._take((self.taken + places) % len(self._options))

    def on_click(self, event: events.Click) -> None:
        """Take the option that was clicked."""
        for place, span in enumerate(self._places):
            if event.x in span:
                self._take(place)

    def _take(self, place: int) -> None:
        self.taken = place
        self.repaint()
        self.post_message(self.Changed(self))
