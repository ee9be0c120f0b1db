"""A line to type into, for one purpose at a time; hidden until it asks."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from batchtui.ui.widgets.lines import Lines

LONGEST = 500
"""Characters that can be entered."""

_LEAST_INPUT = 14


class AskMessage(Message):
    """Something the line has to tell.

    Attributes:
        purpose: what the line was asked for.
        text: what stands in it.
    """

    def __init__(self, line: AskLine) -> None:
        super().__init__()
        self.line = line
        self.purpose = line.purpose
        self.text = line.text

    @property
    def control(self) -> AskLine:
        """The line."""
        return self.line


class AskLine(Horizontal):
    """A sign for the purpose, what is typed, and a note on it."""

    DEFAULT_CSS = """
    AskLine { height: 1; display: none; }
    AskLine.-open { display: block; }
    AskLine > Lines { width: auto; height: 1; }
    AskLine > Input { width: 1fr; border: none; height: 1; padding: 0 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "turn", "Turn", show=False, id="ask.turn"),
    ]

    class Typed(AskMessage):
        """The text is another one."""

    class Entered(AskMessage):
        """The text is to be taken as it is."""

    class Turned(AskMessage):
        """What the text is taken for is to be another thing."""

    purpose = ""

    field = getters.query_one(Input)

    def compose(self) -> ComposeResult:
        """Sign, text, note."""
        yield Lines(id="ask-sign")
        yield Input(max_length=LONGEST, compact=True, select_on_focus=False)
        yield Lines(id="ask-note")

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self.field.value

    @property
    def asking(self) -> bool:
        """Whether the line is being typed into."""
        return self.field.has_focus

    def ask(self, purpose: str, sign: str, *, value: str, placeholder: str) -> None:
        """Show the line and put the cursor into it.

        Args:
            purpose: what its messages say they are about.
            sign: stands before the text.
            value: what stands in it to begin with.
            placeholder: what is said while it is empty.
        """
        self.purpose = purpose
        with self.field.prevent(Input.Changed):  # it is not the person who types this
            self.field.value = value
        self.field.placeholder = placeholder
        self.field.cursor_position = len(value)
        self._show("#ask-sign", Content.styled(f" {sign} ", "bold $accent"))
        self.note(Content())
        self.add_class("-open")
        self.screen.set_focus(self.field)  # at once, for what is typed ahead

    def note(self, words: Content) -> None:
        """Say something beside the text; at most what leaves room to type."""
        self._show("#ask-note", words)

    def close(self) -> None:
        """Hide the line; what stands in it stays."""
        self.remove_class("-open")

    def _show(self, where: str, words: Content) -> None:
        lines = self.query_one(where, Lines)
        room = max(self.screen.size.width - _LEAST_INPUT, 0)
        lines.styles.width = min(words.cell_length, room)
        lines.show((words,))

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self.post_message(self.Typed(self))

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(self.Entered(self))

    def action_turn(self) -> None:
        """Take the text for another thing."""
        self.post_message(self.Turned(self))
