"""One fetch of results, and how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from batchtui.account.account import Account
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import long_duration
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched
from batchtui.ui.engine import Engine
from batchtui.ui.presenters.fetching import Arriving


class Fetch:
    """Fetches the results of a batch; cancelling `run` leaves what was there before.

    Args:
        on_change: called, on the loop of `run`, when `arriving` differs.
    """

    def __init__(
        self,
        engine: Engine,
        account: Account,
        batch_id: str,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.batch_id = batch_id
        self._engine = engine
        self._account = account
        self._on_change = on_change
        self._progress: Progress | None = None
        self._waiting = ""
        self._began: float | None = None

    async def run(self) -> Fetched:
        """Fetch them.

        Raises:
            BatchtuiError: if that fails for good.
        """
        loop = asyncio.get_running_loop()

        def arrived(progress: Progress) -> None:
            loop.call_soon_threadsafe(self._arrived, progress, loop.time())

        def waiting(error: BatchtuiError, seconds: float) -> None:
            words = f"{error.what}; next try in {long_duration(seconds)}"
            loop.call_soon_threadsafe(self._waits, words)

        return await self._engine.ask(
            self._account.fetch(self.batch_id, on_progress=arrived, on_wait=waiting)
        )

    def arriving(self) -> Arriving:
        """How far it is now."""
        now = asyncio.get_running_loop().time()
        seconds = now - self._began if self._began is not None else 0.0
        return Arriving(self._progress, seconds, self._waiting)

    def _arrived(self, progress: Progress, at: float) -> None:
        if self._progress is None or progress.bytes < self._progress.bytes:
            self._began = at
        self._progress, self._waiting = progress, ""
        self._on_change()

    def _waits(self, words: str) -> None:
        self._waiting = words
        self._on_change()
