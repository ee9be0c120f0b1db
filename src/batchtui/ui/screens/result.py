"""One result, over the whole screen, with its neighbours a key away and its prompt beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from batchtui.account.merging import Merged
from batchtui.results.pattern import Pattern
from batchtui.results.reader import ResultFile
from batchtui.ui.commands import Command, bindings
from batchtui.ui.presenters.blocks import Look
from batchtui.ui.presenters.help import OF_RESULT
from batchtui.ui.screens.reading import OVERLONG, READING, ReadingPage
from batchtui.ui.screens.walking import WalkingPage
from batchtui.ui.session import Session
from batchtui.ui.widgets.reader import Reader

BESIDE = 110
"""From this width on (cells) a prompt stands beside its answer, else below."""


class ResultScreen(WalkingPage, ReadingPage):
    """Reads one result of a list.

    Args:
        batch_id: whose results.
        file: the open result file; stays open.
        numbers: the lines of the list, in its order.
        number: the line to begin with.
        look: how to show answers.
        pattern: what is searched for, to be marked; None if nothing is.
        merged: of a job's results where they come from.
    """

    CSS_PATH = "result.tcss"
    LEGEND = OF_RESULT
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("next", "n,right", "next", "Read the next result of the list", 1, "Result"),
        Command("previous", "p,left", "previous", "Read the one before", 2, "Result"),
        Command("other_side", "tab", "prompt", "Go to the prompt, or to the answer", 3, "Result"),
        *READING,
        Command("back", "escape", "back", "Go back to the list", 90, "Result"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    def __init__(
        self,
        session: Session,
        batch_id: str,
        file: ResultFile,
        numbers: Sequence[int],
        number: int,
        look: Look,
        pattern: Pattern | None = None,
        merged: Merged | None = None,
    ) -> None:
        super().__init__(session)
        self.batch_id = batch_id
        self.file: ResultFile = file
        self.look = look
        self.pattern = pattern
        self.merged = merged
        self.begin_at(numbers, number)

    def compose_body(self) -> ComposeResult:
        """The prompt, if there is one and room for it, and the answer."""
        with Horizontal():
            yield Reader(framed=True, overlong=OVERLONG, id="prompt")
            yield Reader(framed=True, overlong=OVERLONG, id="reader")

    def on_mount(self) -> None:
        """Show the result."""
        self._arrange()
        self.reader.focus()
        self.show_line()

    def on_resize(self) -> None:
        """Put the prompt where there is room for it."""
        self._arrange()
        self.show_result(stay=True)

    def _arrange(self) -> None:
        beside = self.size.width >= BESIDE and bool(self.request_file)
        self.set_class(beside, "-beside")
        if not beside and self.focused is not self.reader:
            self.reader.focus()

    def linked(self) -> None:
        """Show the prompts of the file that is linked from now on, or none."""
        self._arrange()
        self.refresh_bindings()
        super().linked()

    @property
    def neighbours(self) -> Sequence[int]:
        """The list."""
        return self.numbers

    @property
    def prompt_reader(self) -> Reader | None:
        """The prompt's own reader, while it is beside the answer."""
        return self.query_one("#prompt", Reader) if self.has_class("-beside") else None

    def show_line(self) -> None:
        """Read the line."""
        self.read(self.file, self.number, where=self.where)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is not always another side."""
        if action == "other_side":
            return self.has_class("-beside")
        return super().check_action(action, parameters)

    def action_other_side(self) -> None:
        """Go to the prompt, or to the answer."""
        prompt = self.prompt_reader
        (self.reader if prompt is None or prompt.has_focus else prompt).focus()

    def action_back(self) -> None:
        """Go back to the list."""
        self.close()
