"""Downloads of results in the background: one at a time, the others wait their turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeAlias

from batchtui.account.account import Account
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import count, crop_middle, long_duration, safe_line
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched
from batchtui.ui.engine import Engine

End: TypeAlias = Fetched | BatchtuiError | None
"""How a download ended: well, badly, or stopped by the person."""


class Downloads:
    """The downloads of a session; used on the screens' loop.

    Attributes:
        on_change: called when `summary` may read differently.
        on_end: called with the id of a batch whose download ended, and how it did.
    """

    def __init__(self, engine: Engine, account: Account) -> None:
        self._engine = engine
        self._account = account
        self._waiting: deque[str] = deque()
        self._task: asyncio.Task[None] | None = None
        self._doing = ""
        self._current: str | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.on_end: Callable[[str, End], None] = lambda batch_id, end: None

    @property
    def busy(self) -> bool:
        """Whether anything is being downloaded."""
        return self._current is not None

    @property
    def summary(self) -> str:
        """What is going on, in a few words; "" for nothing."""
        if self._current is None:
            return ""
        more = f", {len(self._waiting)} waiting" if self._waiting else ""
        name = crop_middle(safe_line(self._current), 16)
        return f"fetching {name} {self._doing}{more} · x stops"

    def add(self, batch_ids: Iterable[str]) -> None:
        """Download these too, each once."""
        for batch_id in batch_ids:
            if batch_id != self._current and batch_id not in self._waiting:
                self._waiting.append(batch_id)
        if self._task is None and self._waiting:
            self._task = asyncio.create_task(self._work())

    def stop(self) -> None:
        """Stop what is being downloaded, and forget what waits; nothing half is kept."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()

        def arrived(progress: Progress) -> None:
            loop.call_soon_threadsafe(self._say, _so_far(progress))

        def waiting(error: BatchtuiError, seconds: float) -> None:
            loop.call_soon_threadsafe(self._say, f"failed, next try in {long_duration(seconds)}")

        try:
            while self._waiting:
                self._current = self._waiting.popleft()
                self._say("…")
                end: End = None
                fetching = self._account.fetch(self._current, on_progress=arrived, on_wait=waiting)
                try:
                    end = await self._engine.ask(fetching)
                except BatchtuiError as error:
                    end = error
                finally:
                    ended, self._current = self._current, None
                    self.on_end(ended, end)
        finally:
            self._task = None
            self.on_change()

    def _say(self, doing: str) -> None:
        self._doing = doing
        self.on_change()


def _so_far(progress: Progress) -> str:
    if progress.expected_lines:
        return f"{count(progress.lines)} of {count(progress.expected_lines)}"
    return count(progress.lines)
