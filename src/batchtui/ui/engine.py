"""Runs an account on a thread and a loop of its own, so that nothing it does can hold up a screen.

Questions go in as coroutines, answers come back as frozen values.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from batchtui.account.account import Account
from batchtui.account.poller import Poller

T = TypeVar("T")

FAREWELL = 2.0
"""Seconds the account gets to close its connection and its history when the app ends."""


class Engine:
    """One account and its poller, at work in the background.

    Args:
        account: used by this thread alone once `start` was called.
        poller: the account's poller.
        on_crash: told, on the engine's thread, of a fault in batchtui itself.

    Attributes:
        at_end: what else is to be done on the engine's loop before the account is closed.
    """

    def __init__(
        self, account: Account, poller: Poller, *, on_crash: Callable[[BaseException], None]
    ) -> None:
        self.account = account
        self.poller = poller
        self._on_crash = on_crash
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self.at_end: Callable[[], Awaitable[None]] = _nothing
        self._thread = threading.Thread(target=self._run, name="account", daemon=True)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def leave(self) -> None:
        """Begin to stop: cancel what is under way and close the account. Harmless a second time."""
        if self._thread.ident is None:
            if not self._loop.is_closed():
                self._loop.close()
                self.account.history.close()
            return
        with suppress(RuntimeError):  # it has ended already
            self.call(self._stopping.set)

    def stop(self) -> None:
        """Stop, and wait for that a moment, never for the network."""
        self.leave()
        if self._thread.ident is not None:
            self._thread.join(FAREWELL)

    def call(self, function: Callable[[], object]) -> None:
        """Have a function called on the engine's loop, without waiting for it."""
        self._loop.call_soon_threadsafe(function)

    async def ask(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the engine's loop and wait for its answer on this one.

        Cancelling this cancels it there.
        """
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    async def get(self, function: Callable[[], T]) -> T:
        """Have a function of the account called on the engine's thread, and wait for its answer."""

        async def call() -> T:
            return function()

        return await self.ask(call())

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._work())
        except Exception as error:
            self._on_crash(error)

    async def _work(self) -> None:
        """Poll until it is time to stop; then cancel whatever else is under way, and clean up."""
        polling = asyncio.create_task(self.poller.run())
        polling.add_done_callback(lambda _: self._stopping.set())
        await self._stopping.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.at_end()
        await self.account.close()
        if not polling.cancelled():
            await polling  # raises what ended it


async def _nothing() -> None:
    """There is nothing to do."""
