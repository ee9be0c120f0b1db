"""One fetch of results: how far it is, what is here by now, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from batchtui.account.account import Account
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import long_duration
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched
from batchtui.results.reader import ResultFile
from batchtui.ui.engine import Engine
from batchtui.ui.presenters.fetching import Arriving

End: TypeAlias = Fetched | BatchtuiError | None
"""How a fetch ended: well, badly, or stopped by the person."""


class Fetch:
    """A fetch that `Downloads` carries out; used on the screens' loop.

    Args:
        on_change: called when it is different in any way.

    Attributes:
        rows: the rows that are here by now, until it ends. There may be fewer than before: after
            a cut it begins anew.
        begun: whether it no longer waits its turn.
        over: whether it ended, see `end`.
        end: how it ended.
    """

    def __init__(
        self,
        engine: Engine,
        account: Account,
        batch_id: str,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.batch_id = batch_id
        self.rows: ResultFile | None = None
        self.begun = False
        self.over = False
        self.end: End = None
        self._engine = engine
        self._account = account
        self._on_change = on_change
        self._watchers: list[asyncio.Event] = []
        self._progress: Progress | None = None
        self._waiting = ""
        self._began: float | None = None

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever the fetch is different, until the block ends."""
        news = asyncio.Event()
        self._watchers.append(news)
        try:
            yield news
        finally:
            self._watchers.remove(news)

    @property
    def watched(self) -> bool:
        """Whether anybody will see how it ends."""
        return bool(self._watchers)

    async def run(self) -> Fetched:
        """Fetch them; cancelling this leaves what was there before.

        Raises:
            BatchtuiError: if that fails for good.
        """
        loop = asyncio.get_running_loop()

        def arrived(progress: Progress) -> None:
            loop.call_soon_threadsafe(self._arrived, progress, loop.time())

        def rows(file: ResultFile) -> None:
            loop.call_soon_threadsafe(self._take, file)

        def waiting(error: BatchtuiError, seconds: float) -> None:
            words = f"{error.what}; next try in {long_duration(seconds)}"
            loop.call_soon_threadsafe(self._waits, words)

        return await self._engine.ask(
            self._account.fetch(self.batch_id, on_progress=arrived, on_rows=rows, on_wait=waiting)
        )

    def settle(self, end: End) -> None:
        """Note how it ended; what comes after that is too late."""
        self.over, self.end, self.rows = True, end, None
        self._changed()

    def arriving(self) -> Arriving:
        """How far it is now."""
        now = asyncio.get_running_loop().time()
        seconds = now - self._began if self._began is not None else 0.0
        return Arriving(self._progress, seconds, self._waiting, queued=not self.begun)

    def _arrived(self, progress: Progress, at: float) -> None:
        if self._progress is None or progress.bytes < self._progress.bytes:
            self._began = at
        self._progress, self._waiting = progress, ""
        self._changed()

    def _take(self, rows: ResultFile) -> None:
        if not self.over:
            self.rows = rows
            self._changed()

    def _waits(self, words: str) -> None:
        self._waiting = words
        self._changed()

    def _changed(self) -> None:
        for news in self._watchers:
            news.set()
        self._on_change()
