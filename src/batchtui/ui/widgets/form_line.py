"""A line of a form: what is asked for, a field to type into, and what may stand in it."""

from __future__ import annotations

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input

from batchtui.ui.presenters.state import QUIET
from batchtui.ui.widgets.lines import Lines


class FormLine(Horizontal):
    """One field.

    Args:
        title: what is asked for; nothing foreign.
        note: said beside the field.
        longest: characters that can be entered.
        digits: whether it takes a whole number alone.
    """

    DEFAULT_CSS = """
    FormLine { height: 1; }
    FormLine .form-title { width: 16; }
    FormLine Input { width: 1fr; border: none; height: 1; padding: 0 1; background: $panel; }
    FormLine .form-note { width: 46; }
    """

    field = getters.query_one(Input)

    def __init__(
        self,
        title: str,
        note: str,
        *,
        longest: int,
        digits: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._title, self._note = title, note
        self._longest, self._digits = longest, digits

    def compose(self) -> ComposeResult:
        """Title, field, note."""
        title = Lines(classes="form-title")
        title.show((Content.styled(f" {self._title}", "$accent"),))
        yield title
        yield Input(
            max_length=self._longest,
            compact=True,
            select_on_focus=False,
            restrict=r"[0-9,_]*" if self._digits else None,
        )
        note = Lines(classes="form-note")
        note.show((Content.styled(f"  {self._note}", QUIET),))
        yield note

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.field.value.strip()

    @property
    def number(self) -> int | None:
        """The number that stands in the field; None if nothing does, or none that makes sense."""
        digits = self.text.replace(",", "").replace("_", "")
        return int(digits) or None if digits.isdecimal() else None

    def fill(self, text: str) -> None:
        """Have something stand in the field."""
        self.field.value = text
        self.field.cursor_position = len(text)
