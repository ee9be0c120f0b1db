"""From a request file to a job: pick the file, see what is in it and what it may cost, send it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from batchtui.account.starting import LONGEST_NAME, free_name, start_job
from batchtui.domain.errors import BatchtuiError, UsageError
from batchtui.domain.job import Job
from batchtui.domain.operation import Operation
from batchtui.domain.request import MOST_REQUESTS
from batchtui.domain.text import count, safe_line, unicode_text
from batchtui.settings.directory import with_home
from batchtui.submissions.checked import Checked, Limits
from batchtui.ui.checking import Check, StoppedError
from batchtui.ui.commands import Command, bindings
from batchtui.ui.presenters.check import check_lines, check_titles, checking_lines
from batchtui.ui.presenters.help import OF_NEW_BATCH
from batchtui.ui.presenters.offers import Act, Offer, first_offer, offers, refusal
from batchtui.ui.presenters.state import LOUD
from batchtui.ui.screens.page import Page
from batchtui.ui.session import Session
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.confirming import Confirming
from batchtui.ui.widgets.file_picker import FilePicker
from batchtui.ui.widgets.form_line import FormLine
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.reader import Reader

PAINT_EVERY = 0.1
"""Seconds between two looks at how far the check is."""


class Stage(StrEnum):
    """How far the person is."""

    PICKING = "picking"
    CHECKING = "checking"
    CHECKED = "checked"


class NewBatchScreen(Page):
    """Takes a person from a file to a job that is being sent.

    Args:
        on_started: told of the job once it is being sent.
    """

    CSS_PATH = "new_batch.tcss"
    LEGEND = OF_NEW_BATCH
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("back", "escape", "back", "Go back by a step", 9, "New batch"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(VERBS),
        Binding("down", "app.focus_next", "Next", show=False, id="new.down"),
        Binding("up", "app.focus_previous", "Previous", show=False, id="new.up"),
        Binding("pagedown", "scroll(1)", "Scroll", show=False, priority=True, id="new.page_down"),
        Binding("pageup", "scroll(-1)", "Scroll back", show=False, priority=True, id="new.page_up"),
    ]

    picker = getters.query_one(FilePicker)
    progress = getters.query_one("#progress", Lines)
    report = getters.query_one("#report", Reader)
    name_line = getters.query_one("#name", FormLine)
    size_line = getters.query_one("#size", FormLine)
    flight_line = getters.query_one("#flight", FormLine)
    options = getters.query_one(Confirming)
    foot = getters.query_one("#foot", Lines)

    def __init__(self, session: Session, on_started: Callable[[Job], None]) -> None:
        super().__init__(session)
        self.stage = Stage.PICKING
        self._on_started = on_started
        self._path = Path()
        self._limits = Limits()
        self._check: Check | None = None
        self._checked: Checked | None = None
        self._before: list[Job] = []
        self._offers: tuple[Offer, ...] = ()
        self._proposed = ""
        self._starting = False
        self._named = False  # the person has seen the name, and goes on from there

    def compose_body(self) -> ComposeResult:
        """What the three stages show."""
        yield FilePicker(_used(self.session), self.session.now)
        yield Lines(framed=True, id="progress")
        yield Reader(framed=True, id="report")
        with Vertical(id="form"):
            yield FormLine("Name", "of the job", longest=LONGEST_NAME, id="name")
            yield FormLine("Batch size", "requests at most", longest=9, digits=True, id="size")
            yield FormLine("At once", "", longest=5, digits=True, id="flight")
        yield Confirming(id="options")
        yield Lines(id="foot")

    def on_mount(self) -> None:
        """Begin with the file."""
        self.report.can_focus = False
        self.flight_line.field.placeholder = "any number of batches"
        self._enter(Stage.PICKING)
        self.set_interval(PAINT_EVERY, self._paint)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        for each in Stage:
            self.set_class(each is stage, f"-{each.value}")
        match stage:
            case Stage.PICKING:
                self.set_focus(self.picker.field)
            case Stage.CHECKING:
                self.set_focus(None)
                self._paint()
            case Stage.CHECKED:
                first = self._offers[0].act is Act.SEND and not self._before and not self._named
                self.set_focus(self.name_line.field if first else self.options)
        self.refresh_bindings()
        self.show_hints()

    # The file

    @on(FilePicker.Picked)
    def _picked(self, message: FilePicker.Picked) -> None:
        self._path = with_home(message.path).absolute()
        self._proposed = ""
        self._named = False
        self._limits = Limits()
        self.name_line.fill("")
        self.flight_line.fill("")
        self._look()

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        """Look at the file, and show what was found."""
        self._check = check = Check(self._path, self._limits)
        self._checked, self._before, trouble = None, [], ""
        self._enter(Stage.CHECKING)
        try:
            checked = await asyncio.to_thread(check.run)
            before, proposed = await self.session.engine.get(lambda: self._known(checked))
        except StoppedError:
            return
        except BatchtuiError as error:
            trouble = str(error)
        except asyncio.CancelledError:
            check.stopped = True
            raise
        if check.stopped:
            return  # it was done before it heard of it
        if not trouble:
            self._checked, self._before = checked, before
            self._propose(proposed)
        self._show_checked(trouble)
        self._enter(Stage.CHECKED)

    def _propose(self, name: str) -> None:
        """Fill in a name, unless the person has written one."""
        if self.name_line.text == self._proposed:
            self._proposed = name
            self.name_line.fill(name)

    def _known(self, checked: Checked) -> tuple[list[Job], str]:
        """The jobs that were made of the file, and a name for another; on the engine's thread."""
        account = self.session.account
        wanted = unicode_text(checked.path.stem)
        return account.history.jobs.of_file(checked.digest), free_name(account, wanted)

    def _paint(self) -> None:
        if self.stage is Stage.CHECKING and (check := self._check):
            name = check.path.name
            self.progress.show(
                lambda size: checking_lines(name, check.progress, max(size.width - 2, 1))
            )

    def _show_checked(self, trouble: str) -> None:
        session, checked, before = self.session, self._checked, self._before
        refused = refusal(
            read_only=session.read_only,
            offline=session.account.offline,
            lacking=Operation.CREATE in session.lacks,
        )
        self._offers = offers(
            checked,
            before,
            session.prices,
            may_send=not refused,
            where=session.title.where,
            under_way=session.submissions.keys,
        )
        cursor = first_offer(self._offers, before)
        self.options.offer([each.option for each in self._offers], cursor=cursor)
        self.set_class(self._offered(Act.SEND), "-sendable")
        self._say(refused)
        if checked is None:
            words = Content.styled(safe_line(trouble), "$error")
            self.report.titles = Titles(top=safe_line(self._path.name, 60))
            self.report.show(lambda width: iter(words.wrap(max(width, 1))))
            return
        self.size_line.fill(count(self._limits.requests))
        self.report.titles = check_titles(checked, before)
        self.report.show(
            lambda width: check_lines(checked, before, session.prices, session.now(), width)
        )

    def _offered(self, act: Act) -> bool:
        return any(each.act is act for each in self._offers)

    def _say(self, words: str) -> None:
        content = Content.styled(safe_line(words), LOUD)
        self.foot.show(lambda size: content.wrap(max(size.width, 1)) if words else ())

    # The form

    @on(Input.Submitted)
    def _entered(self) -> None:
        """Enter in a field goes on to what there is to choose."""
        if not self._cut_anew():
            self.options.focus()

    def _cut_anew(self) -> bool:
        """Look at the file again if another size of a batch was asked for."""
        wanted = Limits(requests=min(self.size_line.number or MOST_REQUESTS, MOST_REQUESTS))
        if wanted == self._limits or self._checked is None:
            return False
        self._limits = wanted
        self._named = True
        self._look()
        return True

    @on(Confirming.Typed)
    def _typed(self) -> None:
        self._say("")

    @on(Confirming.Refused)
    def _refused(self, message: Confirming.Refused) -> None:
        self._say(f"Type {message.number} to confirm.")

    @on(Confirming.Confirmed)
    def _chosen(self, message: Confirming.Confirmed) -> None:
        offer = self._offers[message.index]
        match offer.act:
            case Act.SEND if not self._starting and not self._cut_anew():
                self._starting = True
                self._start()
            case Act.GO_ON if offer.job:
                self._begin(offer.job)
            case Act.CHECK_AGAIN:
                self._look()
            case Act.OTHER_FILE:
                self._enter(Stage.PICKING)

    @work
    async def _start(self) -> None:
        """Write the job down, and begin to send it."""
        account, checked, name = self.session.account, self._checked, self.name_line.text
        again = bool(self._before)
        try:
            if checked is None or not name:
                raise UsageError("The job needs a name")
            job = await self.session.engine.get(
                lambda: start_job(account, checked, name, again=again)
            )
        except BatchtuiError as error:
            self._say(str(error))
        else:
            self._begin(job)
        finally:
            self._starting = False

    def _begin(self, job: Job) -> None:
        self.session.submissions.begin(job.key, max_in_flight=self.flight_line.number)
        self._on_started(job)
        self.close()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what was found is scrolled by the page keys."""
        return self.stage is Stage.CHECKED if action == "scroll" else True

    def hinted(self, keys: Mapping[str, str]) -> list[tuple[str, str]]:
        """What helps at this stage."""
        back = keys.get("back", "esc")
        match self.stage:
            case Stage.PICKING:
                return [("tab", "complete"), ("↑↓", "choose"), ("⏎", "check"), (back, "list")]
            case Stage.CHECKING:
                return [(back, "stop")]
            case Stage.CHECKED:
                scroll = [("pgup pgdn", "scroll")] if self.report.place else []
                return [("⏎", "choose"), ("tab", "next"), *scroll, (back, "another file")]

    @on(Reader.Moved)
    def _scrolled(self) -> None:
        self.show_hints()

    def action_scroll(self, pages: int) -> None:
        """Scroll what was found."""
        self.report.action_scroll_pages(pages)

    def action_back(self) -> None:
        """Stop the look at the file; go back to the files; go back to the list."""
        if self._check:
            self._check.stopped = True
        if self.stage is Stage.PICKING:
            self.close()
        else:
            self._enter(Stage.PICKING)


def _used(session: Session) -> dict[str, str]:
    """The request files of jobs and batches, the last one first, and what they became."""
    own = session.account.requests
    found = [
        (job.created_at, job.rounds[0].request_file, job.name) for job in session.jobs.values()
    ]
    found += [
        (record.batch.created_at, record.request_file, record.name)
        for record in session.records.values()
        if record.request_file and session.job_of(record.id) is None
    ]
    used: dict[str, str] = {}
    for _, path, name in sorted(found, reverse=True):
        if own not in Path(path).parents:  # those are copies, made for batchtui itself
            used.setdefault(path, name)
    return used
