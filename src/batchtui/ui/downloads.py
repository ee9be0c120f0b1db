"""The fetches of a session: one at a time, but what a person waits for begins at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from batchtui.account.account import Account
from batchtui.domain.errors import (
    BatchtuiError,
    CredentialsError,
    UnauthorizedError,
    UnsupportedError,
)
from batchtui.domain.text import crop_middle, safe_line
from batchtui.results.checks import Fetched
from batchtui.ui.engine import Engine
from batchtui.ui.fetch import End, Fetch
from batchtui.ui.presenters.fetching import arriving_briefly


class Downloads:
    """All fetches of a session, each batch's only once; used on the screens' loop.

    Args:
        on_crash: told of a fault in batchtui itself.

    Attributes:
        on_change: called when `summary` may read differently.
        on_end: called with the id of a batch whose fetch ended with something to be said, and how
            it did; not if somebody watches it.
        on_arrived: called with those that simply came, by id, once nothing is left to fetch:
            hundreds need one word, not hundreds.
    """

    def __init__(
        self, engine: Engine, account: Account, *, on_crash: Callable[[BaseException], None]
    ) -> None:
        self._engine = engine
        self._account = account
        self._on_crash = on_crash
        self._fetches: dict[str, Fetch] = {}
        self._tasks: dict[Fetch, asyncio.Task[Fetched]] = {}
        self._arrived: dict[str, Fetched] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.on_end: Callable[[str, End], None] = lambda batch_id, end: None
        self.on_arrived: Callable[[Mapping[str, Fetched]], None] = lambda arrived: None

    @property
    def busy(self) -> bool:
        """Whether anything is being fetched."""
        return bool(self._fetches)

    def __contains__(self, batch_id: str) -> bool:
        """Whether a batch is being fetched or waits for it."""
        return batch_id in self._fetches

    def of(self, batch_ids: Iterable[str]) -> list[Fetch]:
        """The fetches of these batches; those that are under way first, then those that wait."""
        found = [self._fetches[each] for each in batch_ids if each in self._fetches]
        return sorted(found, key=lambda fetch: not fetch.begun)

    @property
    def summary(self) -> str:
        """What is going on, in a few words; "" for nothing."""
        current = next((each for each in self._fetches.values() if each.begun), None)
        if current is None:
            return ""
        others = len(self._fetches) - 1
        more = f", {others} more" if others else ""
        name = crop_middle(safe_line(current.batch_id), 16)
        return f"fetching {name} {arriving_briefly(current.arriving())}{more} · x stops"

    def add(self, batch_ids: Iterable[str]) -> None:
        """Fetch these too, one after the other."""
        for batch_id in batch_ids:
            if batch_id not in self._fetches:
                self._queue(batch_id)
        self._go_on()

    def now(self, batch_id: str) -> Fetch:
        """Fetch this one at once; if it is under way already, that one is meant."""
        fetch = self._fetches.get(batch_id) or self._queue(batch_id)
        if not fetch.begun:
            self._begin(fetch)
        return fetch

    def stop(self, batch_id: str | None = None) -> None:
        """Stop the fetch of a batch, or all, also those that wait; nothing half is kept."""
        for each in [batch_id] if batch_id is not None else list(self._fetches):
            if fetch := self._fetches.get(each):
                self._end(fetch, None)
        self._go_on()

    def _queue(self, batch_id: str) -> Fetch:
        fetch = Fetch(self._engine, self._account, batch_id, lambda: self.on_change())
        self._fetches[batch_id] = fetch
        return fetch

    def _go_on(self) -> None:
        """Begin with the next if none is under way; when all are done, say what came."""
        waiting = next((each for each in self._fetches.values() if not each.begun), None)
        if waiting and not self._tasks:
            self._begin(waiting)
        if not self._fetches and self._arrived:
            arrived, self._arrived = self._arrived, {}
            self.on_arrived(arrived)
        self.on_change()

    def _begin(self, fetch: Fetch) -> None:
        fetch.begun = True
        self._tasks[fetch] = task = asyncio.create_task(fetch.run())
        task.add_done_callback(partial(self._done, fetch))

    def _done(self, fetch: Fetch, task: asyncio.Task[Fetched]) -> None:
        if fetch.over:
            return  # It was stopped, and that was said.
        end = self._end_of(task)
        self._end(fetch, end)
        if _concerns_all(end):
            # That is said once, and not of each.
            for each in [each for each in self._fetches.values() if not each.begun]:
                self._end(each, end)
        self._go_on()

    def _end_of(self, task: asyncio.Task[Fetched]) -> End:
        if task.cancelled():
            return None
        error = task.exception()
        if error is None:
            return task.result()
        if not isinstance(error, BatchtuiError):
            self._on_crash(error)
            return None
        return error

    def _end(self, fetch: Fetch, end: End) -> None:
        del self._fetches[fetch.batch_id]
        if task := self._tasks.pop(fetch, None):
            task.cancel()
        watched = fetch.watched
        fetch.settle(end)
        if isinstance(end, Fetched) and not end.differences:
            self._arrived |= {} if watched else {fetch.batch_id: end}
        elif not watched and fetch.begun:
            self.on_end(fetch.batch_id, end)


def _concerns_all(end: End) -> bool:
    """Whether every other fetch would end as this one did."""
    if isinstance(end, UnauthorizedError):
        return end.status == 401  # what is forbidden may be so for one batch
    return isinstance(end, CredentialsError | UnsupportedError)
