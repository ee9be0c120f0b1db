"""What a front end holds: everything known of an account's batches, and the verbs that act on them.

Lives on one event loop; what it returns are frozen values. Every verb raises a `BatchtuiError`
with the sentence to show.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from batchtui.account.knowledge import Clock, Knowledge
from batchtui.account.lacking import Lacks, seems_lacking
from batchtui.account.limiting import make_room
from batchtui.account.plans import Verb
from batchtui.api.client import Api
from batchtui.api.errors import no_list
from batchtui.api.replies import Page
from batchtui.api.retry import with_retries
from batchtui.domain.batch import Record, ResultsState, Sighting
from batchtui.domain.errors import (
    ApiError,
    BatchtuiError,
    NotFoundError,
    RefusedError,
    ResultsError,
    UnsupportedError,
    UsageError,
)
from batchtui.domain.operation import Operation
from batchtui.history.history import History
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched
from batchtui.results.download import download
from batchtui.results.growing import OnRows
from batchtui.results.store import ResultStore
from batchtui.settings.accounts import read_only_error

T = TypeVar("T")
OnWait = Callable[[BatchtuiError, float], None]
"""Told of an error and of the seconds until the next attempt."""

ATTEMPTS = 4
LONGEST_WAIT = 60.0
"""A verb gives up rather than wait longer than this (seconds) for its next attempt."""

AT_ONCE = 4
"""So many batches are acted on at the same time."""

RECENT = 20
"""Among so many of the newest batches one is looked for that is still on the server."""

DOUBTS = (0.5, 2.0)
"""Pauses (seconds) after which a 404 is doubted: the API answers 404 now and then for batches that
exist (anthropic-sdk-python, issue 1432)."""


class Account(Knowledge):
    """One account at work.

    Args:
        api: the way to the server; None when offline.
        history: what is known; owned by this account from now on.
        results: the result files.
        requests: a directory for request files that nobody else keeps; it need not exist.
        clock: the present moment, aware of its zone.
        read_only: whether verbs that change the server are refused.
        rng: source of the jitter between attempts.
        name: what a person calls the account; what is refused names it.
        cache_limit: most bytes of results to keep, which `fetch` sees to; None for no limit.
    """

    def __init__(
        self,
        *,
        api: Api | None,
        history: History,
        results: ResultStore,
        requests: Path,
        clock: Clock,
        read_only: bool = False,
        rng: random.Random | None = None,
        name: str = "",
        cache_limit: int | None = None,
    ) -> None:
        super().__init__(history=history, results=results, clock=clock)
        self.requests = requests
        self.read_only = read_only
        self.name = name
        self.cache_limit = cache_limit
        self.rng = rng or random.Random()
        self._api = api
        self._lacks = Lacks(self.tell)

    @property
    def lacks(self) -> frozenset[Operation]:
        """What the server has turned out to lack; `Lacking` is told when that becomes more."""
        return self._lacks.operations

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

    # Verbs on the server

    async def page(self, *, limit: int, after_id: str | None = None) -> Page:
        """Read a page of the API's list once, without keeping it; see `Api.list`.

        Raises:
            UnsupportedError: if the server cannot list.
            ApiError: what else went wrong.
        """
        read = partial(self.api.list, limit=limit, after_id=after_id)
        try:
            return await self._lacks.call(Operation.LIST, read, is_there=self._has_any)
        except ApiError as error:
            if isinstance(error, UnsupportedError) or not seems_lacking(error):
                raise
        # There is always a list, be it empty: who answers so need not be an API at all.
        raise no_list()

    async def create(self, body: AsyncIterable[bytes], *, size: int) -> Sighting:
        """Send a batch, once; see `Api.create`."""
        create = partial(self.api.create, body, size=size)
        return await self._lacks.call(Operation.CREATE, create, is_there=self._has_any)

    async def _has_any(self) -> bool:
        """Whether the server has the newest batch that it is known to have had."""
        newest = next((each.id for each in self.records(limit=RECENT) if each.on_server), None)
        return newest is not None and await self._has(newest)

    async def _has(self, batch_id: str) -> bool:
        try:
            self.observe([await self.api.retrieve(batch_id)])
        except ApiError:
            return False
        return True

    async def refresh(self, batch_id: str, *, on_wait: OnWait | None = None) -> Record:
        """Ask the API for one batch now."""
        self.observe([await self._call(partial(self.api.retrieve, batch_id), on_wait)])
        return self.known(batch_id)

    async def cancel(self, batch_id: str, *, on_wait: OnWait | None = None) -> str:
        """Cancel a batch; returns what came of it, in words. Canceling twice does no harm."""
        self.require_writable()
        cancel = partial(_doubting, partial(self.api.cancel, batch_id))
        try:
            sighting = await self._call_one(Operation.CANCEL, cancel, batch_id, on_wait)
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
        self.require_writable()
        before = self.record(batch_id)
        if before and before.deleted_at:
            return "had been deleted already"
        try:
            delete = partial(self.api.delete, batch_id)
            await self._call_one(Operation.DELETE, delete, batch_id, on_wait)
        except NotFoundError:
            gone = partial(self.is_gone, batch_id)
            if before is None or not await self._call(gone, on_wait):
                raise
            self.missed([batch_id])
            return "was no longer on the server"
        if before:
            self.changed([(before, self.history.set_deleted(batch_id, at=self.clock()))])
        return "is deleted"

    async def is_gone(self, batch_id: str) -> bool:
        """Ask several times whether the API really no longer knows a batch; waits for no more.

        Raises:
            ApiError: if it could not be asked, or answered something else.
        """
        try:
            sighting = await _doubting(partial(self.api.retrieve, batch_id))
        except NotFoundError:
            return True
        self.observe([sighting])
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

    async def _call_one(
        self,
        operation: Operation,
        call: Callable[[], Awaitable[T]],
        batch_id: str,
        on_wait: OnWait | None,
    ) -> T:
        """Do something with one batch, unless the server turns out to lack the way to."""
        return await self._call(
            partial(self._lacks.call, operation, call, is_there=partial(self._has, batch_id)),
            on_wait,
        )

    def require_writable(self) -> None:
        """Refuse to change anything on the server in read-only mode.

        Raises:
            ReadOnlyError: in that mode.
        """
        if self.read_only:
            raise read_only_error(self.name)

    async def fetch(
        self,
        batch_id: str,
        *,
        on_progress: Callable[[Progress], None],
        on_rows: OnRows | None = None,
        on_wait: OnWait | None = None,
    ) -> Fetched:
        """Download the results of an ended batch into their file.

        Cancelling the task that runs this leaves what was there before.

        Args:
            batch_id: whose.
            on_progress: told how far it is, see `download`.
            on_rows: given what is here by now, see `download`; after a cut it begins anew, with
                fewer rows than before.
            on_wait: told why it waits.
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
                    on_rows=on_rows,
                )

        fetch = partial(_doubting, attempt)
        fetched = await self._call_one(Operation.RESULTS, fetch, batch_id, on_wait)
        self.here = self.results.here()
        # It took its time, in which the batch may have been deleted or got a name.
        after = self.known(batch_id)
        self.changed([(msgspec.structs.replace(after, results_here=False), after)])
        make_room(self, self.cache_limit)
        return fetched

    def _fetchable(self, record: Record) -> None:
        match record.results_on_server(self.clock()):
            case ResultsState.NONE if record.batch.running:
                raise ResultsError(
                    "This batch has not ended, so there are no results yet",
                    todo="They come all at once when it ends",
                )
            case ResultsState.GONE:
                kept = "The copy fetched earlier is" if record.results_here else "Its counts are"
                raise ResultsError(
                    "The API no longer has the results of this batch", kept=f"{kept} kept here"
                )
            case _:
                pass

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
