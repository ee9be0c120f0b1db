"""Downloads of results in the background: one at a time, the others wait their turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from batchtui.account.account import Account
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import crop_middle, safe_line
from batchtui.results.checks import Fetched
from batchtui.ui.engine import Engine
from batchtui.ui.fetch import Fetch
from batchtui.ui.presenters.fetching import arriving_briefly

End: TypeAlias = Fetched | BatchtuiError | None
"""How a download ended: well, badly, or stopped by the person."""


class Downloads:
    """The downloads of a session; used on the screens' loop.

    Args:
        on_crash: told of a fault in batchtui itself.

    Attributes:
        on_change: called when `summary` may read differently.
        on_end: called with the id of a batch whose download ended with something to be said, and
            how it did.
        on_arrived: called with those that simply came, by id, once nothing is left to download:
            hundreds need one word, not hundreds.
    """

    def __init__(
        self, engine: Engine, account: Account, *, on_crash: Callable[[BaseException], None]
    ) -> None:
        self._engine = engine
        self._account = account
        self._on_crash = on_crash
        self._stopping = False
        self._waiting: deque[str] = deque()
        self._task: asyncio.Task[None] | None = None
        self._fetch: Fetch | None = None
        self._arrived: dict[str, Fetched] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.on_end: Callable[[str, End], None] = lambda batch_id, end: None
        self.on_arrived: Callable[[Mapping[str, Fetched]], None] = lambda arrived: None

    @property
    def busy(self) -> bool:
        """Whether anything is being downloaded."""
        return self._fetch is not None

    def __contains__(self, batch_id: str) -> bool:
        """Whether a batch is being downloaded or waits for it."""
        current = self._fetch is not None and self._fetch.batch_id == batch_id
        return current or batch_id in self._waiting

    @property
    def summary(self) -> str:
        """What is going on, in a few words; "" for nothing."""
        if self._fetch is None:
            return ""
        more = f", {len(self._waiting)} waiting" if self._waiting else ""
        name = crop_middle(safe_line(self._fetch.batch_id), 16)
        return f"fetching {name} {arriving_briefly(self._fetch.arriving())}{more} · x stops"

    def add(self, batch_ids: Iterable[str]) -> None:
        """Download these too, each once."""
        self._waiting += [each for each in dict.fromkeys(batch_ids) if each not in self]
        if self._task is None and self._waiting:
            self._task = asyncio.create_task(self._work())

    def stop(self) -> None:
        """Stop what is being downloaded, and forget what waits; nothing half is kept."""
        self._waiting.clear()
        if self._task is not None:
            self._stopping = True
            self._task.cancel()

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._next(self._waiting.popleft())
        except Exception as error:
            self._on_crash(error)
        finally:
            # What was added while a stop was under way is not what was to be stopped.
            again, self._stopping = self._stopping and bool(self._waiting), False
            self._task = asyncio.create_task(self._work()) if again else None
            self.on_change()
            arrived, self._arrived = self._arrived, {}
            if arrived:
                self.on_arrived(arrived)

    async def _next(self, batch_id: str) -> None:
        self._fetch = Fetch(self._engine, self._account, batch_id, lambda: self.on_change())
        self.on_change()
        end: End
        try:
            end = await self._fetch.run()
        except BatchtuiError as error:
            end = error
        except asyncio.CancelledError:
            self.on_end(batch_id, None)
            raise
        finally:
            self._fetch = None
        if isinstance(end, Fetched) and not end.differences:
            self._arrived[batch_id] = end
        else:
            self.on_end(batch_id, end)
