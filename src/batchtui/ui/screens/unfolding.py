"""A list of batches and jobs, in which each job opens in place into its batches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec
from textual import work

from batchtui.domain.batch import Record
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord
from batchtui.domain.view import View
from batchtui.ui.commands import Command
from batchtui.ui.presenters.batch_row import batch_cells
from batchtui.ui.screens.acting import ActingPage
from batchtui.ui.session import Session
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.painting import Cell

FEW = 1000
"""Up to so many rows a view is applied on the spot; more are left to a thread."""

UNFOLDING = (
    Command("unfold", "o", "open job", "List the batches of the job, or no longer", 1, "List"),
    Command("open_job", "right", "open job", "List the batches of the job", None, "List"),
    Command("close_job", "left", "close job", "List them no longer", None, "List"),
)

_UNFOLDING = frozenset(each.id for each in UNFOLDING)


class Arranged(msgspec.Struct, frozen=True):
    """What a view makes of the rows.

    Attributes:
        keys: of the rows to list, in order, the batches of opened jobs among them.
        shown: how many of them are no batch of an opened job.
        counts: how many rows each tab has, if there are tabs.
    """

    keys: list[str]
    shown: int
    counts: tuple[int, ...] = ()


class UnfoldingPage(ActingPage):
    """A page with such a list; a subclass yields the `LineTable` with the id "batches"."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.view = View()
        self._opened: set[str] = set()
        self._awaited = ""

    @property
    def table(self) -> LineTable[str]:
        """The list."""
        return self.query_one("#batches", LineTable)

    @property
    def current(self) -> Record | None:
        """The highlighted batch or job."""
        key = self.table.cursor_key
        return self.session.record(key) if key is not None else None

    @property
    def targets(self) -> Sequence[Record]:
        """What a verb acts on: what is marked, or what is highlighted."""
        marked = self.session.of(self.table.marks)
        return marked or ([self.current] if self.current else [])

    def cells(self, key: str, widths: Mapping[str, int]) -> Sequence[Cell]:
        """The cells of a row; blank ones of a job that was forgotten a moment ago."""
        record = self.session.record(key)
        if record is None:
            return [""] * len(widths)
        opened, part = key in self._opened, self._part(key)
        return batch_cells(self.session.subject(record), widths, part=part, opened=opened)

    def _part(self, key: str) -> str:
        within = self.session.job_of(key)
        part = within and within.job.part_of(key)
        return within.job.title_of(part) if within and part else ""

    # What is listed

    def rearrange(self) -> None:
        """Apply the view to all rows, off the loop if there are many."""
        if len(self.session.rows) <= FEW:
            self._show(self.arrange_rows(list(self.session.rows.values())))
        else:
            self._rearrange_many()

    @property
    def arranging(self) -> bool:
        """Whether many rows are being arranged."""
        return any(each.group == "arrange" and each.is_running for each in self.workers)

    @work(exclusive=True, group="arrange")
    async def _rearrange_many(self) -> None:
        rows = list(self.session.rows.values())
        self._show(await asyncio.to_thread(self.arrange_rows, rows))

    def arrange_rows(self, rows: Sequence[Record]) -> Arranged:
        """Apply the view to rows; on any thread."""
        view, now = self.view, self.session.now()
        shown = view.apply(rows, now)
        return Arranged([each.id for each in view.unfold(shown, self._opened, now)], len(shown))

    def _show(self, arranged: Arranged) -> None:
        before = self.table.cursor_key
        self.table.set_rows(arranged.keys)
        if before is not None and before != self.table.cursor_key:
            self._follow(before)
        self._go_to_awaited()
        self.rows_shown(arranged)

    def _follow(self, key: str) -> None:
        """Put the cursor on what stands for a row that is no longer listed.

        That is the job of a batch, or the batch that is all there is of a job.
        """
        stands = self.session.job_of(key) or self.session.record(key)
        if stands is None:
            self._awaited = key  # it has just been sent, and what became of it is not known yet
        else:
            self.table.move_to(stands.id)

    def started(self, job: Job) -> None:
        """Put the cursor on the job, at the latest when it is listed."""
        self._awaited = job.id
        self._go_to_awaited()

    def go_to(self, row: str) -> None:
        """Put the cursor on a batch or a job, or on the job of that batch, once it is listed."""
        self._awaited = row
        if self.is_mounted:
            self._go_to_awaited()

    def _go_to_awaited(self) -> None:
        awaited = self._awaited
        for found in (self.session.record(awaited), self.session.job_of(awaited)):
            if found is not None and self.table.move_to(found.id):
                self._awaited = ""
                return

    def rows_shown(self, arranged: Arranged) -> None:
        """React to other rows."""
        raise NotImplementedError

    # Opening and closing

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether there is a job to open or to close."""
        if action not in _UNFOLDING:
            return super().check_action(action, parameters)
        job = self._job
        if job is None or not job.members:
            return False
        opened = job.id in self._opened
        return action == "unfold" or opened is (action == "close_job")

    @property
    def _job(self) -> JobRecord | None:
        """The highlighted job, or the one of the highlighted batch."""
        current = self.current
        if current is None or isinstance(current, JobRecord):
            return current
        return self.session.job_of(current.id)

    def action_unfold(self) -> None:
        """Open the job, or close it."""
        if (job := self._job) and job.id in self._opened:
            self.action_close_job()
        else:
            self.action_open_job()

    def action_open_job(self) -> None:
        """List the batches of the job beneath it."""
        if job := self._job:
            self._opened.add(job.id)
            self._turned(job)
            self.table.reveal(self.table.cursor_index + len(job.members))

    def action_close_job(self) -> None:
        """List the batches of the job no longer, and go to its row."""
        if job := self._job:
            self._opened.discard(job.id)
            self.table.move_to(job.id)
            self._turned(job)

    def _turned(self, job: JobRecord) -> None:
        self.rearrange()
        self.table.refresh_rows([job.id])
