"""What a front end holds: everything known of an account's batches, and the verbs that act on them.

Lives on one event loop; what it returns are frozen values. Every verb raises a `BatchtuiError`
with the sentence to show.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from typing import TypeVar

import msgspec

from batchtui.account.events import Changed, Event, Listener, Reloaded
from batchtui.account.plans import Verb
from batchtui.api.client import Api
from batchtui.api.retry import with_retries
from batchtui.domain.batch import Record, ResultsState, Sighting
from batchtui.domain.changes import Change, change
from batchtui.domain.errors import (
    BatchtuiError,
    NotFoundError,
    ReadOnlyError,
    RefusedError,
    ResultsError,
    UsageError,
)
from batchtui.domain.forecast import Past
from batchtui.history.history import History
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched
from batchtui.results.download import download
from batchtui.results.reader import ResultFile
from batchtui.results.store import ResultStore

T = TypeVar("T")
Clock = Callable[[], datetime]
OnWait = Callable[[BatchtuiError, float], None]
"""Told of an error and of the seconds until the next attempt."""

PAGE = 500
"""So many records are read from the history in one go."""

PAUSE = 0.0005
"""Seconds for which other threads may have the interpreter then; enough to wake up in."""

ATTEMPTS = 4
LONGEST_WAIT = 60.0
"""A verb gives up rather than wait longer than this (seconds) for its next attempt."""

AT_ONCE = 4
"""So many batches are acted on at the same time."""

DOUBTS = (0.5, 2.0)
"""Pauses (seconds) after which a 404 is doubted: the API answers 404 now and then for batches that
exist (anthropic-sdk-python, issue 1432)."""


class Account:
    """One account at work.

    Args:
        api: the way to the server; None when offline.
        history: what is known; owned by this account from now on.
        results: the result files.
        clock: the present moment, aware of its zone.
    """

    def __init__(
        self,
        *,
        api: Api | None,
        history: History,
        results: ResultStore,
        clock: Clock,
        read_only: bool = False,
        rng: random.Random | None = None,
    ) -> None:
        self.history = history
        self.results = results
        self.clock = clock
        self.read_only = read_only
        self.rng = rng or random.Random()
        self._api = api
        self._here = results.here()
        self._past: Past | None = None
        self._listeners: list[Listener] = []

    # What is known

    def records(self, *, limit: int | None = None) -> list[Record]:
        """All known batches, or the newest of them; newest first.

        They are read a few hundred at a time, with a pause in between: SQLite lets go of the
        interpreter lock at every row and takes it back before anybody is awake, so that other
        threads would hardly move until the last of thousands.
        """
        found: list[Record] = []
        for offset in count(0, PAGE):
            size = PAGE if limit is None else min(PAGE, limit - offset)
            page = self.history.records(limit=size, offset=offset)
            found += map(self._complete, page)
            if size < PAGE or len(page) + self.history.unreadable < size:
                break
            time.sleep(PAUSE)
        return found

    def record(self, batch_id: str) -> Record | None:
        """What is known of one batch."""
        record = self.history.record(batch_id)
        return record and self._complete(record)

    def known(self, batch_id: str) -> Record:
        """What is known of one batch.

        Raises:
            UsageError: if nothing is.
        """
        record = self.record(batch_id)
        if record is None:
            raise UsageError("This batch has not been seen yet", todo="Refresh the list first")
        return record

    @property
    def past(self) -> Past:
        """How long past batches took."""
        if self._past is None:
            self._past = Past(self.history.durations())
        return self._past

    @property
    def offline(self) -> bool:
        """Whether there is no way to the server at all."""
        return self._api is None

    @property
    def api(self) -> Api:
        """The way to the server.

        Raises:
            UsageError: when offline.
        """
        if self._api is None:
            raise UsageError(
                "This needs the API, and batchtui is offline", todo="Leave out --offline"
            )
        return self._api

    def _complete(self, record: Record) -> Record:
        here = record.id in self._here
        return msgspec.structs.replace(record, results_here=True) if here else record

    # Who wants to know

    def listen(self, listener: Listener) -> None:
        """Have `listener` called with every event, on the account's own loop."""
        self._listeners.append(listener)

    def tell(self, event: Event) -> None:
        """Give an event to all listeners."""
        for listener in self._listeners:
            listener(event)

    # What the server says

    def observe(self, sightings: Sequence[Sighting]) -> tuple[Change, ...]:
        """Keep what was just received, and tell what of it is new."""
        differing = self.history.observe(sightings, at=self.clock())
        return self._changed((old and self._complete(old), new) for old, new in differing)

    def missed(self, batch_ids: Iterable[str]) -> tuple[Change, ...]:
        """Settle that the API no longer knows these batches."""
        before = {batch_id: self.record(batch_id) for batch_id in batch_ids}
        after = self.history.set_gone(list(before), at=self.clock())
        return self._changed((before[record.id], record) for record in after)

    def reload_if_changed(self) -> None:
        """Tell the listeners if another process wrote to the history or fetched results."""
        here = self.results.here()
        if self.history.changed_elsewhere() or here != self._here:
            self._here = here
            self._past = None
            self.tell(Reloaded())

    def _changed(self, pairs: Iterable[tuple[Record | None, Record]]) -> tuple[Change, ...]:
        found = (change(old, self._complete(new)) for old, new in pairs)
        changes = tuple(each for each in found if each)
        if changes:
            if any(not each.record.batch.running for each in changes):
                self._past = None
            self.tell(Changed(changes))
        return changes

    # Verbs on the server

    async def refresh(self, batch_id: str, *, on_wait: OnWait | None = None) -> Record:
        """Ask the API for one batch now."""
        sighting = await self._call(partial(self.api.retrieve, batch_id), on_wait)
        self.observe([sighting])
        return self.known(batch_id)

    async def cancel(self, batch_id: str, *, on_wait: OnWait | None = None) -> str:
        """Cancel a batch; returns what came of it, in words. Canceling twice does no harm."""
        self._writable()
        try:
            sighting = await self._call(partial(self.api.cancel, batch_id), on_wait)
        except RefusedError:
            record = await self.refresh(batch_id, on_wait=on_wait)
            if record.batch.running:
                raise
            return f"had ended already ({record.batch.outcome})"
        self.observe([sighting])
        return "is being canceled"

    async def delete(self, batch_id: str, *, on_wait: OnWait | None = None) -> str:
        """Delete an ended batch and its results from the server; returns what came of it.

        What is kept here (its history and its result file, if fetched) stays. Deleting twice does
        no harm.
        """
        self._writable()
        before = self.record(batch_id)
        if before and before.deleted_at:
            return "had been deleted already"
        try:
            await self._call(partial(self.api.delete, batch_id), on_wait)
        except NotFoundError:
            if before is None or not await self.is_gone(batch_id):
                raise
            self.missed([batch_id])
            return "was no longer on the server"
        if before:
            self._changed([(before, self.history.set_deleted(batch_id, at=self.clock()))])
        return "is deleted"

    async def is_gone(self, batch_id: str) -> bool:
        """Ask several times whether the API really no longer knows a batch."""
        try:
            await _doubting(partial(self.refresh, batch_id))
        except NotFoundError:
            return True
        return False

    async def each(
        self, verb: Verb, batch_ids: Sequence[str], *, on_wait: OnWait | None = None
    ) -> AsyncIterator[tuple[str, str | BatchtuiError]]:
        """Carry out a verb on several batches, a few at a time.

        Yields:
            The id of each batch when it is done, with what came of it or what went wrong.
        """
        act = self.cancel if verb is Verb.CANCEL else self.delete
        places = asyncio.Semaphore(AT_ONCE)

        async def one(batch_id: str) -> tuple[str, str | BatchtuiError]:
            async with places:
                try:
                    return batch_id, await act(batch_id, on_wait=on_wait)
                except BatchtuiError as error:
                    return batch_id, error

        tasks = [asyncio.ensure_future(one(batch_id)) for batch_id in batch_ids]
        try:
            for done in asyncio.as_completed(tasks):
                yield await done
        finally:
            for task in tasks:
                task.cancel()

    async def _call(self, call: Callable[[], Awaitable[T]], on_wait: OnWait | None) -> T:
        return await with_retries(
            call,
            attempts=ATTEMPTS,
            on_wait=on_wait or _ignore,
            rng=self.rng,
            max_wait=LONGEST_WAIT,
        )

    def _writable(self) -> None:
        if self.read_only:
            raise ReadOnlyError(
                "Nothing was changed: batchtui is in read-only mode",
                todo="Start it without --read-only",
            )

    # Verbs on what is kept here

    def annotate(
        self,
        batch_id: str,
        *,
        label: str | None = None,
        note: str | None = None,
        pinned: bool | None = None,
    ) -> Record:
        """Set the label, the note or the pin of a known batch."""
        before = self.known(batch_id)
        after = self.history.annotate(batch_id, label=label, note=note, pinned=pinned)
        self._changed([(before, after)])
        return self.known(batch_id)

    async def fetch(
        self,
        batch_id: str,
        *,
        on_progress: Callable[[Progress], None],
        on_wait: OnWait | None = None,
    ) -> Fetched:
        """Download the results of an ended batch into their file.

        Cancelling the task that runs this leaves what was there before.
        """
        before = self.record(batch_id)
        if before is None or before.batch.running:
            before = await self.refresh(batch_id, on_wait=on_wait)
        self._fetchable(before)
        expected = before.batch.request_counts

        async def attempt() -> Fetched:
            async with self.api.results(batch_id) as stream:
                return await download(
                    aiter(stream),
                    self.results.path(batch_id),
                    expected=expected,
                    total_bytes=stream.total_bytes,
                    on_progress=on_progress,
                )

        fetched = await self._call(partial(_doubting, attempt), on_wait)
        self._here = self._here | {batch_id}
        self._changed([(msgspec.structs.replace(before, results_here=False), before)])
        return fetched

    def _fetchable(self, record: Record) -> None:
        match record.results(self.clock()):
            case ResultsState.NONE if record.batch.running:
                raise ResultsError(
                    "This batch has not ended, so there are no results yet",
                    todo="They come all at once when it ends",
                )
            case ResultsState.GONE:
                raise ResultsError(
                    "The API no longer has the results of this batch",
                    kept="Its counts are kept here",
                )
            case _:
                time.sleep(PAUSE)

    def open_results(self, batch_id: str) -> ResultFile:
        """Open the result file of a batch whose results are here."""
        return self.results.open(batch_id)

    async def close(self) -> None:
        """Let go of the connection and of the history."""
        if self._api is not None:
            await self._api.aclose()
        self.history.close()


def _ignore(error: BatchtuiError, seconds: float) -> None:
    """Who does not ask to be told of waits is not."""


async def _doubting(call: Callable[[], Awaitable[T]]) -> T:
    """Call again after a 404, a few times."""
    for pause in DOUBTS:
        try:
            return await call()
        except NotFoundError:
            await asyncio.sleep(pause)
    return await call()
