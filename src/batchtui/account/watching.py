"""Watches jobs and batches until none of them runs, however long that takes.

Whatever passes by itself is waited out: no network, rate limits, faults of the server, a full disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from batchtui.account.account import Account
from batchtui.account.events import Changed, Event, JobsChanged, Reloaded
from batchtui.account.locking import being_sent
from batchtui.account.poller import STORAGE_PAUSE, Poller
from batchtui.account.schedule import interval
from batchtui.api.replies import LARGEST_PAGE
from batchtui.api.retry import LONGEST_BACKOFF, backoff
from batchtui.domain.batch import PROCESSING_WINDOW, Record
from batchtui.domain.errors import (
    ApiError,
    BatchtuiError,
    NotFoundError,
    StorageError,
    UnsupportedError,
)
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord, job_record, members_of
from batchtui.domain.text import safe_line

Sleep: TypeAlias = Callable[[float], Awaitable[None]]

NAP = 1.0
"""Seconds after which a wait looks at the clock: timers stand still in a machine that sleeps."""

LONGEST_WAIT = 1800.0
"""Seconds after which the API is tried again even if it asked for more."""

DOUBTED_FOR = timedelta(hours=1)
"""For so long it is not believed that there is no list any more, nor a refusal that does not look
like the API's: it may be of a proxy."""

_LATE = timedelta(hours=1)
"""A batch may be seen to run so long after its time was over."""


class Trouble(msgspec.Struct, frozen=True):
    """Why a look at the API saw nothing.

    Attributes:
        kind: of the error; the same as long as the same is in the way.
        why: as a sentence.
        until: when the next try is due.
    """

    kind: str
    why: str
    until: datetime


class Watch:
    """The rows that are watched: jobs, and batches by themselves. Lives on the account's loop.

    Args:
        account: whose.
        every: seconds between two looks; None to let the batches decide.
        everything: whether what runs at the first look is watched, and what ran at the last one
            that anybody had: of what has ended since nobody was told.
        grows: whether what begins to run later is watched, too.
        sleep: how to wait.
    """

    def __init__(
        self,
        account: Account,
        *,
        every: float | None = None,
        everything: bool = False,
        grows: bool = False,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._account = account
        self._every = every
        self._everything = everything
        self._grows = grows
        self._sleep = sleep
        self._poller = Poller(account, knows=True)
        self._failures = 0
        self._answered = False
        self._refused_since: datetime | None = None
        self._unknown: dict[str, None] = {}
        self._jobs: dict[str, Job] = {}
        self._records: dict[str, Record] = {}
        self._row_of: dict[str, str] = {}
        self._rows: dict[str, Record] = {}
        self._running: dict[str, Record] = {}
        self._unsummed: dict[str, None] = {}
        self._untold: dict[str, None] = {}
        account.listen(self._heard)
        if everything:
            self._add_running()

    # What is watched

    @property
    def rows(self) -> Sequence[Record]:
        """All rows as they are now, in the order in which they were added."""
        self._sum_up()
        return list(self._rows.values())

    @property
    def running(self) -> Sequence[Record]:
        """The rows that still run."""
        self._sum_up()
        return list(self._running.values())

    @property
    def over(self) -> bool:
        """Whether nothing that is watched runs any more."""
        return not (self._everything or self._unknown or self.running)

    def take_changed(self) -> Sequence[Record]:
        """The rows that are new or may differ from when this was last asked."""
        self._sum_up()
        changed, self._untold = self._untold, {}
        return [self._rows[each] for each in changed if each in self._rows]

    def add_job(self, job: Job) -> None:
        """Watch a job: all batches that it has and will have."""
        for batch_id in job.batch_ids:
            if self._account.record(batch_id) is None:
                self._unknown[batch_id] = None
        self._put_job(job)

    def add_batch(self, batch_id: str) -> None:
        """Watch a batch. If it is not known here, the next look tells whether there is one."""
        record = self._account.record(batch_id)
        if record is None:
            self._unknown[batch_id] = None
        elif batch_id not in self._row_of:
            self._add(record)

    def _add_running(self) -> None:
        """Watch all that runs as far as known: for a batch in a job the job."""
        running = [each for each in self._account.history.running() if each.id not in self._row_of]
        job_of = {id_: job for job in self._account.jobs() for id_ in job.batch_ids}
        for record in reversed(running):
            job = job_of.get(record.id)
            if record.id in self._row_of:
                continue  # came with its job
            if job is None:
                self._add(record)
            else:
                self._put_job(job)

    def _put_job(self, job: Job) -> None:
        self._jobs[job.id] = job
        for batch_id in job.batch_ids:
            # It may have been watched by itself before it was known to be in the job.
            self._rows.pop(batch_id, None)
            self._running.pop(batch_id, None)
            self._row_of[batch_id] = job.id
            if record := self._account.record(batch_id):
                self._records[batch_id] = record
        self._touch(job.id)

    def _add(self, record: Record) -> None:
        self._row_of[record.id] = record.id
        self._records[record.id] = record
        self._touch(record.id)

    # What is heard of it

    def _heard(self, event: Event) -> None:
        match event:
            case Changed():
                self._take_in([each.record for each in event.changes])
            case JobsChanged():
                for job in event.jobs:
                    if job.id in self._jobs:
                        self._put_job(job)
            case Reloaded():
                self._read_anew()
            case _:
                pass

    def _take_in(self, records: Iterable[Record]) -> None:
        new = False
        for record in records:
            row_id = self._row_of.get(record.id)
            if row_id is None:
                new = new or record.running
            else:
                self._records[record.id] = record
                self._touch(row_id)
        if new and self._grows:
            self._add_running()

    def _read_anew(self) -> None:
        for job in self._account.jobs() if self._jobs else ():
            if job.id in self._jobs:
                self._put_job(job)
        known = (self._account.record(each) for each in self._row_of)
        self._take_in([each for each in known if each and each != self._records.get(each.id)])
        if self._grows:
            self._add_running()

    def _touch(self, row_id: str) -> None:
        self._unsummed[row_id] = self._untold[row_id] = None

    def _sum_up(self) -> None:
        touched, self._unsummed = self._unsummed, {}
        for row_id in touched:
            row = self._sum(row_id)
            if row is None:
                continue
            self._rows[row_id] = row
            if is_running(row):
                self._running[row_id] = row
            else:
                self._running.pop(row_id, None)

    def _sum(self, row_id: str) -> Record | None:
        job = self._jobs.get(row_id)
        if job is None or job.is_one_batch:
            return self._records.get(job.batch_ids[0] if job else row_id)
        sending = bool(job.unsent) and being_sent(self._account.requests, job.key)
        return job_record(job, self._records, sending=sending)

    # Looking

    async def look(self) -> Trouble | None:
        """Look at the API once; returns what was in the way, if it passes by itself.

        Raises:
            NotFoundError: if there is no such batch.
            BatchtuiError: whatever else waiting does not help against.
        """
        try:
            await self._ask_for_unknown()
            if self._everything:
                await self._read_all_that_may_run()
            else:
                await self._poller.tick()
        except BatchtuiError as error:
            wait = self._wait_after(error)
            self._failures += 1
            until = self._account.clock() + timedelta(seconds=wait)
            return Trouble(type(error).__name__, str(error), until)
        self._failures = 0
        self._answered = True
        self._refused_since = None
        if self._everything:
            self._everything = False
            self._add_running()
        self._look_who_sends()
        return None

    async def _read_all_that_may_run(self) -> None:
        """Read the list down to where everything is older than processing may last."""
        account = self._account
        account.reload_if_changed()
        oldest_that_may = account.clock() - PROCESSING_WINDOW - _LATE
        after: str | None = None
        while True:
            try:
                page = await account.page(limit=LARGEST_PAGE, after_id=after)
            except UnsupportedError:
                return  # what is known to run is all there is
            account.observe(page.sightings)
            oldest = min((each.batch.created_at for each in page.sightings), default=None)
            after = page.next_after(after)
            if after is None or oldest is None or oldest < oldest_that_may:
                return

    async def _ask_for_unknown(self) -> None:
        for batch_id in list(self._unknown):
            gone = await self._account.is_gone(batch_id)
            in_job = batch_id in self._row_of
            if gone and not in_job:
                raise NotFoundError(
                    f"There is no batch or job {safe_line(batch_id, 100)}", status=404
                )
            del self._unknown[batch_id]
            if not gone and not in_job:
                self.add_batch(batch_id)

    def _wait_after(self, error: BatchtuiError) -> float:
        if isinstance(error, StorageError):
            return STORAGE_PAUSE
        wait = backoff(error, self._failures, self._account.rng)
        if wait is None:
            if not self._is_doubtful(error):
                raise error
            wait = LONGEST_BACKOFF
        return min(wait, LONGEST_WAIT)

    def _is_doubtful(self, error: BatchtuiError) -> bool:
        """Whether an API that did answer may do so again, although it is said that it will not."""
        if not self._answered or not isinstance(error, ApiError) or error.status == 401:
            return False
        # As long as one is unknown, a 404 is of that, and was doubted when it was asked for.
        no_list = isinstance(error, NotFoundError) and not self._unknown
        if not error.foreign and not no_list:
            return False
        now = self._account.clock()
        self._refused_since = self._refused_since or now
        return now - self._refused_since < DOUBTED_FOR

    def _look_who_sends(self) -> None:
        """A job may get more batches as long as somebody is at work on sending it."""
        for job_id, job in self._jobs.items():
            if job.unsent:
                self._touch(job_id)

    def pause(self) -> float:
        """Seconds until the next look is due, if all is well."""
        if self._every:
            return self._every
        members = (member for row in self.running for member in members_of(row))
        running = (each for each in members if each.running)
        return interval(running, self._account.past, self._account.clock())

    async def rest(self, seconds: float, *, on_nap: Callable[[], None]) -> float:
        """Wait so long by the clock on the wall, which goes on while the machine sleeps.

        Should that clock be set back, it is so long by the timer.

        Args:
            seconds: how long.
            on_nap: called now and then meanwhile.

        Returns:
            How many seconds that were by the timer.
        """
        until = self._account.clock() + timedelta(seconds=seconds)
        rested = 0.0
        while rested < seconds and self._account.clock() < until:
            nap = min(NAP, seconds - rested)
            await self._sleep(nap)
            rested += nap
            on_nap()
        return rested


def is_running(row: Record) -> bool:
    """Whether a row can still change by itself: of a job also while somebody is sending it."""
    if isinstance(row, JobRecord):
        return bool(row.in_progress) or row.sending
    return row.running


def is_success(row: Record) -> bool:
    """Whether all requests of a row are known to have succeeded."""
    counts = row.batch.request_counts
    return counts.succeeded == counts.total
