"""What would be sent again and why; what to set anew; sends it, or writes it to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import partial
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from batchtui.account.resending import begin_retry, require_sent
from batchtui.account.retrying import RetryPlan, Wanted
from batchtui.account.rewriting import write_file
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.operation import Operation
from batchtui.domain.result import stopped_short
from batchtui.domain.text import counted, safe_line
from batchtui.results.export.targets import TakenError
from batchtui.settings.directory import with_home
from batchtui.submissions.settings import read_settings
from batchtui.ui.paths import LONGEST_PATH
from batchtui.ui.presenters.flow import wrap
from batchtui.ui.presenters.retry import (
    SEND,
    WRITE,
    Act,
    Toggle,
    acts,
    retry_rows,
    retry_title,
    taken_question,
    toggle_cell,
    toggles,
    unsendable,
    usual,
    written_notice,
)
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.retrying import Retrying, Subject, subject_of
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.dialog import Dialog
from batchtui.ui.screens.page import Page
from batchtui.ui.screens.prompt import PromptScreen
from batchtui.ui.session import Session
from batchtui.ui.taking import file_name
from batchtui.ui.widgets.choices import Choices
from batchtui.ui.widgets.confirming import Confirming
from batchtui.ui.widgets.form_line import FormLine
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.reader import Reader

SETTLED = 0.25
"""Seconds without another change after which the requests are taken out of their file."""

LONGEST_SETTINGS = 2000
"""Characters of what can be set."""


class RetryScreen(Dialog[str | None]):
    """Gives a sentence back that says what was begun or written, or None if nothing was.

    Args:
        subject: what is to be retried.
    """

    CSS_PATH = "retry.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, id="retry.back"),
        Binding("space", "choose", "Choose", show=False, id="retry.choose"),
    ]

    reasons = getters.query_one("#reasons", Choices)
    setting = getters.query_one("#set", FormLine)
    options = getters.query_one("#options", Confirming)

    def __init__(self, session: Session, subject: Subject) -> None:
        super().__init__()
        self.session = session
        self.retrying = Retrying(session, subject)
        self._toggles: tuple[Toggle, ...] = ()
        self._on: set[str] = set()
        self._plan: RetryPlan | None = None
        self._acts: tuple[Act, ...] = ()
        self._sending = False

    def compose(self) -> ComposeResult:
        """The reasons, what to set, what comes of it, what to do, and what there is to say."""
        subject = self.retrying.subject
        with Vertical(id="box") as box:
            marked = len(subject.custom_ids)
            box.border_title = retry_title(self.session.title, subject.name, marked)
            yield Choices(id="reasons")
            yield FormLine("Set", "", longest=LONGEST_SETTINGS, id="set")
            yield Reader(id="says")
            yield Confirming(id="options")
            yield Lines(id="foot")

    def on_mount(self) -> None:
        """Begin to look."""
        self.says.can_focus = False
        self.setting.field.placeholder = "params for all of them, such as max_tokens=8192"
        self._show()
        self.options.focus()
        self._open()

    def on_unmount(self) -> None:
        """Let go of what was not sent."""
        self.retrying.close()

    # What there is

    @work
    async def _open(self) -> None:
        subject = self.retrying.subject
        try:
            answers = await self.retrying.open()
            if subject.custom_ids:
                self._change()
                return
            short = frozenset(filter(stopped_short, answers.file.index.names.words))
            everything = await self.retrying.plan(Wanted(stop_reasons=short))
        except BatchtuiError as error:
            self._give_up(str(error))
            return
        self._toggles = toggles(everything)
        self._on = set(usual(self._toggles))
        self._show_toggles()
        if self._toggles:
            self.reasons.focus()
        self._change()

    def _give_up(self, words: str) -> None:
        """Say why there is nothing to choose from."""
        self.add_class("-nothing")
        content = Content.styled(safe_line(words), "$error")
        self.says.show(lambda width: iter(content.wrap(max(width, 1))))
        self._say("esc leaves", QUIET)

    @property
    def _wanted(self) -> Wanted:
        """What is chosen now.

        Raises:
            UsageError: if what is to be set makes no sense.
        """
        text = self.setting.text
        settings = read_settings([text] if text else [])
        subject = self.retrying.subject
        if subject.custom_ids:
            return Wanted(types=None, custom_ids=subject.custom_ids, settings=settings)
        types = {each.kind for each in self._toggles if each.is_type}
        return Wanted(
            types=frozenset(types & self._on),
            stop_reasons=frozenset(self._on - types),
            settings=settings,
        )

    def action_choose(self) -> None:
        """Take the highlighted reason, or leave it."""
        if self.reasons.has_focus:
            self.reasons.action_choose()

    @on(Choices.Chosen)
    def _toggled(self, message: Choices.Chosen) -> None:
        self._on ^= {self._toggles[message.index].kind}
        self._show_toggles()
        self._change()

    @on(Input.Changed)
    def _change(self) -> None:
        """Something else is wanted."""
        if self.retrying.answers is not None:
            self._prepare()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.options.focus()

    @work(exclusive=True, group="prepare")
    async def _prepare(self) -> None:
        """Work out what is wanted, and take it out of its file once nothing changes any more."""
        self.retrying.forget()
        self._plan = None
        self._show()
        try:
            wanted = self._wanted
            await asyncio.sleep(SETTLED)
            self._plan = plan = await self.retrying.plan(wanted)
            self._show()
            if plan.requests:
                await self.retrying.prepare(plan)
        except BatchtuiError as error:
            self._say(str(error), "$error")
            return
        self._show()

    # What is shown

    def _show(self) -> None:
        session, retrying = self.session, self.retrying
        rows = list(retry_rows(retrying.answers, self._plan, retrying.prepared, session.prices))
        self.says.show(lambda width: wrap(rows, width), stay=True)
        self._acts = acts(
            retrying.prepared,
            session.prices,
            may_send=not self._refusal,
            where=session.title.where,
        )
        # Never is something else under the highlight than what was there when a key was pressed.
        self.options.offer([each.option for each in self._acts], cursor=len(self._acts) - 1)
        self._say_keys()

    def _say_keys(self) -> None:
        refused = self._refusal
        self._say(refused or "space chooses · tab next · esc leaves", LOUD if refused else QUIET)

    @property
    def _refusal(self) -> str:
        """Why nothing can be sent; "" if it can."""
        session = self.session
        try:
            require_sent(self.retrying.subject.job)
        except BatchtuiError as error:
            return str(error)
        return unsendable(
            read_only=session.read_only,
            offline=session.account.offline,
            lacking=Operation.CREATE in session.lacks,
        )

    def _show_toggles(self) -> None:
        self.reasons.show([toggle_cell(each, on=each.kind in self._on) for each in self._toggles])

    def _say(self, words: str, style: str) -> None:
        self.say(Content.styled(safe_line(words), style))

    # What is done

    @on(Confirming.Typed)
    def _typed(self) -> None:
        self._say_keys()

    @on(Confirming.Refused)
    def _refused(self, message: Confirming.Refused) -> None:
        self._say(f"Type {message.number} to confirm.", LOUD)

    @on(Confirming.Confirmed)
    def _chosen(self, message: Confirming.Confirmed) -> None:
        word = self._acts[message.index].word
        if word == SEND:
            self._send()
        elif word == WRITE:
            self._write()
        else:
            self.action_back()

    @work
    async def _send(self) -> None:
        """Write the round down, and begin to send it."""
        session, prepared = self.session, self.retrying.prepared
        if prepared is None or self._sending:
            return
        self._sending = True
        try:
            job = await session.engine.get(lambda: begin_retry(session.account, prepared))
        except BatchtuiError as error:
            self._say(str(error), "$error")
            return
        finally:
            self._sending = False
        self.retrying.prepared = None  # its file is the job's from now on
        session.submissions.begin(job.key)
        requests = counted(prepared.checked.requests, "request")
        self.close(f"{requests} of {safe_line(job.name, 60)} are being sent again.")

    @work
    async def _write(self) -> None:
        """Write the requests where a person wants them."""
        try:
            await self._ask_and_write()
        except BatchtuiError as error:
            self._say(str(error), "$error")

    async def _ask_and_write(self) -> None:
        plan, answers, subject = self._plan, self.retrying.answers, self.retrying.subject
        if plan is None or answers is None:
            return
        proposed = file_name(f"{subject.name}-retry", 0, ".jsonl")
        question = PromptScreen(
            "Write the requests to", proposed, longest=LONGEST_PATH, ends=("writes", "leaves")
        )
        name = await self.app.push_screen_wait(question)
        if not name or not name.strip():
            return
        path = with_home(name.strip())
        write = partial(write_file, answers, plan, path)
        try:
            written = await asyncio.to_thread(write)
        except TakenError:
            if await self.app.push_screen_wait(AskScreen(taken_question(path))) != 0:
                return
            written = await asyncio.to_thread(partial(write, replace=True))
        self.close(written_notice(written.requests, path))

    def action_back(self) -> None:
        """Leave everything as it was."""
        self.close()


async def retry_from(page: Page, id_: str, custom_ids: Collection[str] = ()) -> None:
    """Ask what of a batch or a job is to be sent again, and say what came of it.

    Args:
        page: where it was asked for.
        id_: the id of the batch or the job.
        custom_ids: of the requests meant; none for the usual choice.
    """
    subject = subject_of(page.session, id_, custom_ids)
    if words := await page.app.push_screen_wait(RetryScreen(page.session, subject)):
        page.say(words)
