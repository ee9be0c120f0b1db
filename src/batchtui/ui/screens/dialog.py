"""What dialogs have in common that show more than fits, and a line for what there is to say."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import getters, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from batchtui.ui.screens.closing import Closing
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.reader import Reader

T = TypeVar("T")


class Dialog(ModalScreen[T], Closing[T]):
    """A box (`#box`) with a reader in it, which the page keys scroll, and a foot (`#foot`).

    The reader never has the focus: keys are for what there is to choose.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "scroll(1)", "Scroll", show=False, priority=True, id="dialog.down"),
        Binding("pageup", "scroll(-1)", "Scroll back", show=False, priority=True, id="dialog.up"),
    ]

    box = getters.query_one("#box", Vertical)
    says = getters.query_one(Reader)
    foot = getters.query_one("#foot", Lines)

    def say(self, words: Content) -> None:
        """Show a sentence at the foot; an empty one takes away what is there."""
        self.foot.show(lambda size: words.wrap(max(size.width, 1)) if words else ())

    @on(Reader.Moved)
    def _scrolled(self, message: Reader.Moved) -> None:
        self.box.border_subtitle = f"{message.place} · pgup pgdn" if message.place else ""

    def action_scroll(self, pages: int) -> None:
        """Scroll what there is to know."""
        self.says.action_scroll_pages(pages)
