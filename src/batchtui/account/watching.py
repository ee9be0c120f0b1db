"""Watches jobs and batches until none of them runs, however long that takes.

Whatever passes by itself is waited out: no network, rate limits, faults of the server, a full disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from batchtui.account.account import Account
from batchtui.account.poller import STORAGE_PAUSE, Poller
from batchtui.account.schedule import interval
from batchtui.account.watched import Watched
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
from batchtui.domain.job_record import members_of
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
    """Looks at the API until no row runs any more. Lives on the account's loop.

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
        self._sleep = sleep
        self._poller = Poller(account, knows=True)
        self._failures = 0
        self._answered = False
        self._refused_since: datetime | None = None
        self._unknown: dict[str, None] = {}
        self._watched = Watched(account, grows=grows)
        if everything:
            self._watched.add_running()

    # What is watched

    @property
    def rows(self) -> Sequence[Record]:
        """All rows as they are now, in the order in which they were added."""
        return self._watched.rows

    @property
    def running(self) -> Sequence[Record]:
        """The rows that still run."""
        return self._watched.running

    @property
    def over(self) -> bool:
        """Whether nothing that is watched runs any more."""
        return not (self._everything or self._unknown or self.running)

    def take_changed(self) -> Sequence[Record]:
        """The rows that are new or may differ from when this was last asked."""
        return self._watched.take_changed()

    def add_job(self, job: Job) -> None:
        """Watch a job: all batches that it has and will have."""
        for batch_id in job.batch_ids:
            if self._account.record(batch_id) is None:
                self._unknown[batch_id] = None
        self._watched.add_job(job)

    def add_batch(self, batch_id: str) -> None:
        """Watch a batch. If it is not known here, the next look tells whether there is one."""
        record = self._account.record(batch_id)
        if record is None:
            self._unknown[batch_id] = None
        else:
            self._watched.add_batch(record)

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
            self._watched.add_running()
        self._watched.look_who_sends()
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
            in_job = batch_id in self._watched
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
