"""The plan before destruction: what a verb would do, batch by batch, and what to choose."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from batchtui.account.plans import Plan
from batchtui.ui.carrying import Carrying
from batchtui.ui.presenters.badge import named
from batchtui.ui.presenters.plan import (
    Choice,
    Step,
    choices,
    plan_lines,
    plan_title,
    plan_words,
    summary_words,
)
from batchtui.ui.presenters.state import LOUD
from batchtui.ui.saying import say
from batchtui.ui.screens.dialog import Dialog
from batchtui.ui.session import Session
from batchtui.ui.widgets.confirming import Confirming, Option
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.reader import Reader

PAINT_EVERY = 0.1
"""Seconds between two looks at what came of the batches, however fast it comes."""


class PlanScreen(Dialog[None]):
    """Shows a plan, asks, carries out what was chosen, and shows what came of it.

    Closing it stops nothing: what is still to be done is done, and said in a notice at the end.
    """

    CSS_PATH = "plan.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", show=False, id="plan.back"),
    ]

    choosing = getters.query_one("#choices", Confirming)

    def __init__(self, session: Session, plan: Plan) -> None:
        super().__init__()
        self.session = session
        self.plan = plan
        self._choices = choices(plan, read_only=session.read_only)
        self._carrying: Carrying | None = None
        self._stale = False

    def compose(self) -> ComposeResult:
        """What it does, the batches, the choices, and a line for what there is to say."""
        with Vertical(id="box") as box:
            box.border_title = named(plan_title(self.plan), self.session.title)
            yield Lines(id="says")
            yield Reader(id="items")
            yield Confirming(id="choices")
            yield Lines(id="foot")

    def on_mount(self) -> None:
        """Begin with the choice that changes nothing."""
        words = plan_words(self.plan, read_only=self.session.read_only)
        self.query_one("#says", Lines).show(lambda size: words.wrap(max(size.width, 1)))
        self.says.can_focus = False
        self._show_items()
        self._show_choices(cursor=len(self._choices) - 1)
        self.choosing.focus()
        self.set_interval(PAINT_EVERY, self._repaint)

    # What is shown

    def _show_items(self) -> None:
        came = dict(self._carrying.came) if self._carrying else {}
        self.says.show(lambda width: plan_lines(self.plan, came, width), stay=True)

    def _show_choices(self, *, cursor: int) -> None:
        self.choosing.offer(
            [Option(choice.words, choice.confirm) for choice in self._choices], cursor=cursor
        )

    def _changed(self) -> None:
        self._stale = True

    def _repaint(self) -> None:
        carrying = self._carrying
        if self._stale and carrying:
            self._stale = False
            self._show_items()
            came, waiting = carrying.came, carrying.waiting
            self.say(summary_words(carrying.verb, came, carrying.total, waiting))

    # What is chosen

    @on(Confirming.Refused)
    def _refused(self, message: Confirming.Refused) -> None:
        wrong = f"Type {message.number} to confirm: so many batches are meant."
        self.say(Content.styled(wrong, LOUD))

    @on(Confirming.Confirmed)
    def _confirmed(self, message: Confirming.Confirmed) -> None:
        if message.of != len(self._choices):
            return  # enter was pressed twice: what the second one meant is being carried out
        choice = self._choices[message.index]
        if choice.step is Step.BACK:
            self.action_close()
        else:
            self._carry_out(choice)

    def _carry_out(self, choice: Choice) -> None:
        self._carrying = carrying = Carrying(self.session, self.plan, choice)
        carrying.on_change = self._changed
        self._choices = (Choice(Step.BACK, "Close"),)
        self._show_choices(cursor=0)
        # The app's worker, not the screen's: closing the dialog must not stop the work.
        self.app.run_worker(self._run(carrying), group="verbs")

    async def _run(self, carrying: Carrying) -> None:
        app = self.app
        await carrying.run()
        self._changed()
        if not self.is_attached:
            words = summary_words(carrying.verb, carrying.came, carrying.total)
            failed = any(each.failed for each in carrying.came.values())
            say(app, self.session, words.plain, severity="warning" if failed else "information")

    def action_close(self) -> None:
        """Go back; the work goes on if there is any."""
        self.close()
