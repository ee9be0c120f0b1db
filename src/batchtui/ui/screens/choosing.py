"""Asks with which other batch a result is to be compared."""

from __future__ import annotations

from contextlib import aclosing
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from batchtui.domain.text import crop_middle, pad, safe_line
from batchtui.ui.presenters.result_row import result_title
from batchtui.ui.presenters.state import QUIET
from batchtui.ui.screens.closing import Closing
from batchtui.ui.session import Session
from batchtui.ui.twins import Twin, find_twins
from batchtui.ui.widgets.choices import Choices
from batchtui.ui.widgets.lines import Lines

NAME = 30
"""Cells for the name of a batch."""


class ChoosingScreen(ModalScreen[str | None], Closing[str | None]):
    """Gives the id of a batch back that has a result of the custom_id, or None.

    Args:
        batch_id: the batch that is left out.
        custom_id: what the others must have.
        before: the id of the batch that was chosen the last time; "" if none was.

    Attributes:
        twins: the batches found so far.
    """

    CSS_PATH = "choosing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", show=False, id="choosing.back"),
    ]

    choosing = getters.query_one("#choices", Choices)
    foot = getters.query_one("#foot", Lines)

    def __init__(self, session: Session, batch_id: str, custom_id: str, before: str) -> None:
        super().__init__()
        self.session = session
        self.batch_id = batch_id
        self.custom_id = custom_id
        self._before = before
        self.twins: list[Twin] = []

    def compose(self) -> ComposeResult:
        """The batches, and a line for what there is to say."""
        with Vertical(id="box") as box:
            box.border_title = "Compare with which batch?"
            yield Choices(id="choices")
            yield Lines(id="foot")

    def on_mount(self) -> None:
        """Begin to look."""
        self.choosing.focus()
        self._say("Looking through the results that are here…")
        self._look()

    @work(exclusive=True)
    async def _look(self) -> None:
        async with aclosing(find_twins(self.session, self.batch_id, self.custom_id)) as twins:
            async for twin in twins:
                self.twins.append(twin)
                here = twin.record.id == self._before
                cursor = len(self.twins) - 1 if here else None
                self.choosing.show([_cell(each) for each in self.twins], cursor=cursor)
        if self.twins:
            self._say("enter compares · esc goes back")
        else:
            self._say("No other batch whose results are here has this custom_id. esc goes back")

    def _say(self, words: str) -> None:
        self.foot.show(lambda size: Content.styled(words, QUIET).wrap(max(size.width, 1)))

    @on(Choices.Chosen)
    def _chosen(self, message: Choices.Chosen) -> None:
        self.close(self.twins[message.index].record.id)

    def action_back(self) -> None:
        """Go back without one."""
        self.close()


def _cell(twin: Twin) -> Content:
    name = pad(crop_middle(safe_line(twin.record.name), NAME), NAME)
    day = f"{twin.record.batch.created_at.astimezone():%d %b}"
    return Content.assemble(name, (f"  {day}  ", QUIET), result_title(twin.row))
