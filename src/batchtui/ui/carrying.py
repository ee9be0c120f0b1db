"""Carries out what was chosen in a plan, batch by batch; goes on when its dialog is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from batchtui.account.plans import Plan, Verb
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import long_duration
from batchtui.results.checks import Fetched
from batchtui.ui.presenters.fetching import arriving_briefly
from batchtui.ui.presenters.plan import Came, Choice, Step
from batchtui.ui.session import Session


class Carrying:
    """One choice being carried out.

    Attributes:
        verb: what is done to the batches.
        came: what came of each batch so far, by id.
        waiting: why it waits, as a sentence without its full stop; "" if it does not.
        on_change: called, on the loop of `run`, when something of this changed.
    """

    def __init__(self, session: Session, plan: Plan, choice: Choice) -> None:
        self.verb = Verb.CANCEL if choice.step is Step.CANCEL_RUNNING else plan.verb
        self.came: dict[str, Came] = {}
        self.waiting = ""
        self.on_change: Callable[[], None] = lambda: None
        self.total = len(choice.records)
        self._session = session
        self._ids = [record.id for record in choice.records]
        self._download = (
            [record.id for record in plan.to_download] if choice.step is Step.DOWNLOAD_FIRST else []
        )

    async def run(self) -> None:
        """Do it; what goes wrong with one batch does not keep the others from being done.

        A batch whose results could not be downloaded first is left alone.
        """
        for batch_id in self._download:
            await self._fetch(batch_id)
        left = [each for each in self._ids if not self._failed(each)]
        for batch_id in left:
            self._note(batch_id, Came("waiting its turn", finished=False))
        await self._session.engine.ask(self._each(left, asyncio.get_running_loop()))

    def _failed(self, batch_id: str) -> bool:
        came = self.came.get(batch_id)
        return came is not None and came.failed

    async def _fetch(self, batch_id: str) -> None:
        fetch = self._session.downloads.now(batch_id)
        with fetch.watch() as news:
            while not fetch.over:
                words = f"downloading, {arriving_briefly(fetch.arriving())}"
                self._note(batch_id, Came(words, finished=False))
                await news.wait()
                news.clear()
        if isinstance(fetch.end, Fetched):
            self._note(batch_id, Came("downloaded", finished=False))
        else:
            why = fetch.end or "the download was stopped"
            self._note(batch_id, Came(f"not deleted: {why}", failed=True))

    async def _each(self, batch_ids: Sequence[str], loop: asyncio.AbstractEventLoop) -> None:
        """Runs on the account's loop, and tells `loop` of each end."""

        def wait(error: BatchtuiError, seconds: float) -> None:
            words = f"{error.what}; next try in {long_duration(seconds)}"
            loop.call_soon_threadsafe(self._waits, words)

        ends = self._session.account.each(self.verb, batch_ids, on_wait=wait)
        async for batch_id, end in ends:
            came = Came(str(end), failed=isinstance(end, BatchtuiError))
            loop.call_soon_threadsafe(self._note, batch_id, came)

    def _waits(self, words: str) -> None:
        self.waiting = words
        self.on_change()

    def _note(self, batch_id: str, came: Came) -> None:
        self.came[batch_id] = came
        self.waiting = ""
        self.on_change()
