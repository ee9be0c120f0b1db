"""One result, over the whole screen, with its neighbours a key away."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from batchtui.domain.text import count
from batchtui.results.reader import ResultFile
from batchtui.ui.commands import Command, bindings
from batchtui.ui.presenters.result import Look
from batchtui.ui.screens.reading import OVERLONG, READING, ReadingPage
from batchtui.ui.session import Session
from batchtui.ui.widgets.reader import Reader


class ResultScreen(ReadingPage):
    """Reads one result of a list.

    Args:
        file: the open result file; stays open.
        numbers: the lines of the list, ascending.
        number: the line to begin with.

    Attributes:
        number: the line that is shown.
    """

    CSS_PATH = "result.tcss"
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("next", "n,right", "next", "Read the next result of the list", 1, "Result"),
        Command("previous", "p,left", "previous", "Read the one before", 2, "Result"),
        *READING,
        Command("back", "escape", "back", "Go back to the list", 90, "Result"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    def __init__(
        self, session: Session, file: ResultFile, numbers: Sequence[int], number: int, look: Look
    ) -> None:
        super().__init__(session)
        self.file = file
        self.numbers = numbers
        self.number = number
        self.look = look

    def compose_body(self) -> ComposeResult:
        """The reader."""
        yield Reader(framed=True, overlong=OVERLONG, id="reader")

    def on_mount(self) -> None:
        """Show the result."""
        self.reader.focus()
        self._show()

    def _show(self) -> None:
        where = f"{count(self._place + 1)} of {count(len(self.numbers))}"
        self.read(self.file, self.number, where=where)

    @property
    def _place(self) -> int:
        return bisect_left(self.numbers, self.number)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is not always a next one."""
        if action == "next":
            return self._place + 1 < len(self.numbers)
        if action == "previous":
            return self._place > 0
        return super().check_action(action, parameters)

    def action_next(self) -> None:
        """Read the next result of the list."""
        self._go(1)

    def action_previous(self) -> None:
        """Read the one before."""
        self._go(-1)

    def _go(self, places: int) -> None:
        self.number = self.numbers[self._place + places]
        self._show()
        self.refresh_bindings()

    def action_back(self) -> None:
        """Go back to the list."""
        self.close()
