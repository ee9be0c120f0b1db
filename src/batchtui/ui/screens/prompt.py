"""Asks for a line of text, or for a few."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, TextArea

from batchtui.domain.text import count, safe_line, safe_text
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.screens.closing import Closing
from batchtui.ui.widgets.lines import Lines

LONGEST_LINE = 200
LONGEST_TEXT = 5_000
"""Characters that can be entered."""


class PromptScreen(ModalScreen[str | None], Closing[str | None]):
    """Gives the text back, or None if the person went back without saving.

    Args:
        title: what is asked for; as text nothing foreign.
        value: what is there now.
        lines: how many lines to show; with more than one, enter begins a new line.
        longest: characters that can be entered; as many as a label or a note has by default.
        suggester: completes a line as it is typed.
        ends: what the key that gives the text back does, and what esc does.
    """

    CSS_PATH = "prompt.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, id="prompt.back"),
        Binding("ctrl+s", "save", "Save", show=False, priority=True, id="prompt.save"),
    ]

    foot = getters.query_one("#foot", Lines)

    def __init__(
        self,
        title: str | Content,
        value: str = "",
        *,
        lines: int = 1,
        longest: int | None = None,
        suggester: Suggester | None = None,
        ends: tuple[str, str] = ("saves", "leaves it as it was"),
    ) -> None:
        super().__init__()
        self._suggester = suggester
        self._ends = ends
        self._title = title
        self._value = value
        self._lines = lines
        self.longest = longest or (LONGEST_LINE if lines == 1 else LONGEST_TEXT)

    def compose(self) -> ComposeResult:
        """The field, and a line that says which keys end it."""
        with Vertical(id="box") as box:
            box.border_title = self._title
            if self._lines == 1:
                yield Input(
                    safe_line(self._value),
                    max_length=self.longest,
                    select_on_focus=False,
                    compact=True,
                    suggester=self._suggester,
                )
            else:
                area = TextArea(safe_text(self._value), compact=True, highlight_cursor_line=False)
                area.styles.height = self._lines
                yield area
            yield Lines(id="foot")

    def on_mount(self) -> None:
        """Begin at the end of what is there."""
        if self._lines > 1:
            area = self.query_one(TextArea)
            area.move_cursor(area.document.end)
        self._show_foot()

    @property
    def text(self) -> str:
        """What is entered now."""
        if self._lines == 1:
            return self.query_one(Input).value
        return self.query_one(TextArea).text

    @on(TextArea.Changed)
    @on(Input.Changed)
    def _show_foot(self) -> None:
        save = "enter" if self._lines == 1 else "ctrl+s"
        saves, leaves = self._ends
        left = self.longest - len(self.text)
        completes = "→ completes · " if self._suggester else ""
        keys = Content.styled(f"{completes}{save} {saves} · esc {leaves}", QUIET)
        room = Content.styled(
            f"{count(left)} characters left" if left >= 0 else f"{count(-left)} too many",
            LOUD if left < 0 else QUIET,
        )
        near = left < self.longest // 10
        self.foot.show((Content.assemble(room, " · ", keys) if near else keys,))

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Give the text back, unless it is too long."""
        if len(self.text) <= self.longest:
            self.close(self.text)
        else:
            self.app.bell()

    def action_back(self) -> None:
        """Leave everything as it was."""
        self.close()
