"""Asks a question that has a few answers, none of which is taken by accident."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from batchtui.ui.presenters.flow import wrap
from batchtui.ui.presenters.state import LOUD
from batchtui.ui.screens.dialog import Dialog
from batchtui.ui.widgets.confirming import Confirming, Question
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.reader import Reader


class AskScreen(Dialog[int]):
    """Gives the place of the chosen option back; begins with the last one."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", show=False, id="asking.back"),
    ]

    options = getters.query_one("#options", Confirming)

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

    @on(Confirming.Typed)
    def _typed(self) -> None:
        self.say(Content())

    @on(Confirming.Refused)
    def _refused(self, message: Confirming.Refused) -> None:
        self.say(Content.styled(f"Type {message.number} to confirm.", LOUD))

    @on(Confirming.Confirmed)
    def _confirmed(self, message: Confirming.Confirmed) -> None:
        self.close(message.index)

    def action_back(self) -> None:
        """Change nothing."""
        self.close(len(self.question.options) - 1)
