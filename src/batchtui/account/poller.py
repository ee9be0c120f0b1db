"""Looks at the API again and again, and brings what it sees into the history.

One list request a tick however many batches run: newest first, down to the oldest that is running.
A server that cannot list is asked for the running ones, one by one.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from batchtui.account.account import Account
from batchtui.account.events import Paging, Phase, Pulse
from batchtui.account.one_by_one import ask_each
from batchtui.account.schedule import interval
from batchtui.api.replies import LARGEST_PAGE, Page
from batchtui.api.retry import backoff
from batchtui.domain.batch import Sighting
from batchtui.domain.errors import ApiError, BatchtuiError, StorageError, UnsupportedError

PAGE = 100
"""Batches asked for at first, and the fewest of any later page."""

SPARE = 20
"""Room in a tick's page for batches created since the last one."""

DEEPEST = 5
"""The most pages of one tick."""

DOUBTED_LOOKS = 3
DOUBTED_FOR = timedelta(minutes=1)
"""A batch missing from so many lists over so long is asked for by itself."""

DOUBTS_SETTLED = 5
"""So many missing batches are asked for in one tick at the most."""

STORAGE_PAUSE = 30.0
"""Seconds until the next try when the history could not be written."""

NAP = 5.0
"""Seconds after which a wait looks whether time has jumped: timers stand still in a machine that
sleeps."""

LONG_WAIT = 3.0
"""Seconds of a tick after which it is said that it waits for the program that prints the key."""

JUMP = 5.0
"""Seconds by which a nap is over-slept if the machine or the process was stopped meanwhile."""


class Poller:
    """The account's eye on the API.

    Args:
        account: whose batches.
        every: seconds between ticks; 0 for only by hand; None to let the batches decide.
        knows: whether all that runs is known already, so that the first tick can ask for just that.
        wall: seconds of a clock that goes on while the machine sleeps.
    """

    def __init__(
        self,
        account: Account,
        *,
        every: float | None = None,
        knows: bool = False,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._account = account
        self._every = every
        self._knows = knows
        self._wall = wall
        self._poke = asyncio.Event()
        self._failures = 0
        self._missing: dict[str, tuple[int, datetime]] = {}
        self._last_seen: frozenset[str] = frozenset()
        self._went_deeper = False
        self._older_failed = False
        self.paused = False
        self.pulse = Pulse(Phase.CONNECTING)
        self.paging = Paging()

    # What a person can ask of it

    def refresh(self) -> None:
        """Look now, whatever the schedule says; also when paused or stopped."""
        self._poke.set()

    def wake(self) -> None:
        """Look now, unless it is paused: time has passed in which nobody could look."""
        if not self.paused:
            self.refresh()

    def set_every(self, every: float | None) -> None:
        """Have other pauses between ticks, see `Poller`; begins with a look at once."""
        self._every = every
        self.wake()

    def set_paused(self, paused: bool) -> None:
        """Stop looking by schedule, or start again with a look at once."""
        self.paused = paused
        if paused:
            self._say(Phase.PAUSED)
        else:
            self.refresh()

    async def load_older(self, after: str | None = None) -> None:
        """Read the next older page of the API's list.

        Does nothing if there is none, if one is being read, or while the API is to be left alone:
        after a failure that is until the next tick that succeeds.

        Args:
            after: the oldest batch the caller knows to have been read; if the list was read
                further already, that is as good.

        Raises:
            BatchtuiError: what went wrong.
        """
        resting = self.pulse.phase in (Phase.BACKING_OFF, Phase.STOPPED, Phase.OFFLINE)
        if resting or self._older_failed or self.paging.loading or not self.paging.more:
            return
        oldest = self.paging.oldest
        if after not in (None, oldest):
            return
        limit = LARGEST_PAGE if self._went_deeper else PAGE
        self._turn(loading=True)
        try:
            page = await self._list(limit, oldest)
            self._account.observe(page.sightings)
            self._went_deeper = True
            # A tick in the meantime may have begun to read the list from its top again.
            if self.paging.oldest == oldest:
                more = page.next_after(oldest) is not None
                self._turn(oldest=page.last_id or oldest, more=more)
        except BatchtuiError:
            self._older_failed = True
            raise
        finally:
            self._turn(loading=False)

    # The loop

    async def run(self) -> None:
        """Look until cancelled. Errors of the API never end it; they are told in the pulse."""
        look = self._offline_look if self._account.offline else self._tick_or_reason
        while True:
            self._poke.clear()
            await self._rest(await look())

    async def _offline_look(self) -> float:
        """What other processes wrote is all there is to see; returns seconds until the next."""
        reason = ""
        try:
            self._account.reload_if_changed()
        except StorageError as error:
            reason = str(error)
        self._say(Phase.OFFLINE, reason=reason)
        return STORAGE_PAUSE

    async def _tick_or_reason(self) -> float | None:
        """One tick; returns seconds until the next, None if only a person can start it."""
        phase = Phase.POLLING if self.pulse.updated_at else Phase.CONNECTING
        self._say(phase, reason=self.pulse.reason)  # until it is known to be over
        slow = asyncio.get_running_loop().call_later(LONG_WAIT, self._tell_wait)
        try:
            await self.tick()
            return self._settle()
        except ApiError as error:
            wait = backoff(error, self._failures, self._account.rng)
            self._failures += 1
            self._say(Phase.STOPPED if wait is None else Phase.BACKING_OFF, wait, str(error))
            return wait
        except StorageError as error:
            self._say(Phase.BACKING_OFF, STORAGE_PAUSE, str(error))
            return STORAGE_PAUSE
        except BatchtuiError as error:
            self._say(Phase.STOPPED, reason=str(error))
            return None
        finally:
            slow.cancel()

    def _tell_wait(self) -> None:
        """Say that a person may have to unlock something, if that is what is waited for."""
        if words := self._account.api.awaited:
            self._say(self.pulse.phase, reason=words)

    def _settle(self) -> float | None:
        """All is well; returns seconds until the next tick, None if only a person can start it."""
        now = self._account.clock()
        self._failures = 0
        if self._older_failed:
            self._older_failed = False
            self._turn(loading=False)
        self.pulse = msgspec.structs.replace(self.pulse, updated_at=now)
        wait = self._every
        if wait is None:
            wait = interval(self._account.history.running(), self._account.past, now)
        self._say(Phase.WAITING, wait or None)
        return wait or None

    async def _rest(self, seconds: float | None) -> None:
        """Wait for so long, or for ever; less if somebody wants a look, or time jumps."""
        if seconds is None:
            await self._poke.wait()
        else:
            while seconds > 0 and not await self._is_time(nap := min(seconds, NAP)):
                seconds -= nap
        if self.paused:
            await self._poke.wait()

    async def _is_time(self, nap: float) -> bool:
        """Whether, within so many seconds, somebody wants a look or time jumps."""
        begun = self._wall()
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self._poke.wait(), nap)
        return self._wall() - begun > nap + JUMP

    def _say(self, phase: Phase, wait: float | None = None, reason: str = "") -> None:
        if self.paused and phase in (Phase.WAITING, Phase.BACKING_OFF, Phase.STOPPED):
            phase, wait = Phase.PAUSED, None
        due = self._account.clock() + timedelta(seconds=wait) if wait is not None else None
        self.pulse = msgspec.structs.replace(self.pulse, phase=phase, next_at=due, reason=reason)
        self._account.tell(self.pulse)

    def _turn(self, **fields: object) -> None:
        self.paging = msgspec.structs.replace(self.paging, **fields)
        self._account.tell(self.paging)

    # One tick

    async def tick(self) -> None:
        """Read the list from its newest batch down to the oldest running one, and keep it.

        Raises:
            BatchtuiError: what went wrong; what was known stays known.
        """
        account = self._account
        account.reload_if_changed()
        running = account.history.running_since()
        oldest = min(running.values(), default=None)
        try:
            pages = await self._pages(oldest)
        except UnsupportedError:
            self._turn(oldest=None, more=None)
            await self._doubt(await ask_each(account, list(running)))
            return
        sightings = [each for page in pages for each in page.sightings]
        account.observe(sightings)
        account.reload_if_changed()  # another instance may have written the same a moment before
        self._advance(pages[-1], frozenset(each.batch.id for each in sightings))
        await self._doubt_missing(sightings, whole=not pages[-1].has_more)

    async def _pages(self, oldest: datetime | None) -> list[Page]:
        """The newest pages of the list, down to `oldest`."""
        limit = PAGE
        if self._last_seen or self._knows:
            newer = len(self._account.history.ids_since(oldest)) if oldest else 0
            limit = min(newer + SPARE, LARGEST_PAGE)
        pages = [await self._list(limit)]
        while len(pages) < DEEPEST and _stops_short(pages[-1], oldest):
            pages.append(await self._list(LARGEST_PAGE, pages[-1].last_id))
        return pages

    async def _list(self, limit: int, after_id: str | None = None) -> Page:
        return await self._account.page(limit=limit, after_id=after_id)

    def _advance(self, last: Page, seen: frozenset[str]) -> None:
        """Keep track of how far down the list is known without a hole.

        If nothing of the last tick was seen again, more was created in between than a tick reads,
        and the reading down starts anew from here.
        """
        if not last.has_more:
            self._turn(oldest=last.last_id, more=False)
        elif not seen & self._last_seen:
            self._turn(oldest=last.last_id, more=True)
        self._last_seen = seen

    async def _doubt_missing(self, sightings: Sequence[Sighting], *, whole: bool) -> None:
        """Find out about batches that should have been in what was just read, and were not.

        So are running ones that are further down than a tick reads: asking is how to watch them.
        """
        if not sightings and not whole:
            return  # Nothing tells how far down it was read.
        seen = {each.batch.id for each in sightings}
        floor = None if whole else min(each.batch.created_at for each in sightings)
        history = self._account.history
        wanted = [*history.ids_since(floor), *history.running_since()]
        await self._doubt([each for each in wanted if each not in seen])

    async def _doubt(self, missing: Sequence[str]) -> None:
        """Count how often these were missing now, and ask for those that were often enough."""
        account = self._account
        now = account.clock()
        doubts = {each: self._missing.get(each, (0, now)) for each in missing}
        self._missing = {each: (looks + 1, since) for each, (looks, since) in doubts.items()}
        ripe = (
            each
            for each, (looks, since) in self._missing.items()
            if looks >= DOUBTED_LOOKS and now - since >= DOUBTED_FOR
        )
        for batch_id in list(islice(ripe, DOUBTS_SETTLED)):
            try:
                gone = await account.is_gone(batch_id)
            except ApiError:
                # The list could be read, so this is no trouble but of one batch, such as an
                # answer that makes no sense. It is doubted anew.
                gone = False
            if gone:
                account.missed([batch_id])
            del self._missing[batch_id]


def _stops_short(page: Page, oldest: datetime | None) -> bool:
    """Whether a batch created at `oldest` must be further down than this page."""
    if oldest is None or not page.has_more or not page.sightings:
        return False
    return page.sightings[-1].batch.created_at > oldest
