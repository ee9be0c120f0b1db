"""Asks a question that has a few answers, none of which is taken by accident."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from batchtui.ui.presenters.flow import wrap
from batchtui.ui.screens.closing import Closing
from batchtui.ui.widgets.confirming import Confirming, Question
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.reader import Reader


class AskScreen(ModalScreen[int], Closing[int]):
    """Gives the place of the chosen option back; begins with the last one."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", show=False, id="asking.back"),
        Binding("pagedown", "scroll(1)", "Scroll", show=False, priority=True, id="asking.down"),
        Binding("pageup", "scroll(-1)", "Scroll back", show=False, priority=True, id="asking.up"),
    ]

    box = getters.query_one("#box", Vertical)
    says = getters.query_one("#says", Reader)
    options = getters.query_one("#options", Confirming)
    foot = getters.query_one("#foot", Lines)

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        """What there is to know, the answers, and a line for what there is to say."""
        with Vertical(id="box") as box:
            box.border_title = Content(self.question.title)
            yield Reader(id="says")
            yield Confirming(id="options")
            yield Lines(id="foot")

    def on_mount(self) -> None:
        """Begin with the answer that changes nothing."""
        self.says.can_focus = False
        self.says.show(lambda width: wrap(self.question.says, width))
        self.options.offer(self.question.options, cursor=len(self.question.options) - 1)
        self.options.focus()

    @on(Reader.Moved)
    def _scrolled(self, message: Reader.Moved) -> None:
        self.box.border_subtitle = f"{message.place} · pgup pgdn" if message.place else ""

    @on(Confirming.Typed)
    def _typed(self) -> None:
        self.foot.show(())

    @on(Confirming.Refused)
    def _refused(self, message: Confirming.Refused) -> None:
        words = Content.styled(f"Type {message.number} to confirm.", "bold $warning")
        self.foot.show(lambda size: words.wrap(max(size.width, 1)))

    @on(Confirming.Confirmed)
    def _confirmed(self, message: Confirming.Confirmed) -> None:
        self.close(message.index)

    def action_back(self) -> None:
        """Change nothing."""
        self.close(len(self.question.options) - 1)

    def action_scroll(self, pages: int) -> None:
        """Scroll what there is to know."""
        self.says.action_scroll_pages(pages)
