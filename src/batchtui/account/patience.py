"""Waits out what passes by itself, however long it takes, and always says why and until when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from batchtui.account.account import ATTEMPTS, Account
from batchtui.api.retry import backoff
from batchtui.domain.errors import (
    BatchtuiError,
    RateLimitedError,
    ServerFaultError,
    UnreachableError,
)

OnPause: TypeAlias = Callable[[str, datetime], None]
"""Told why nothing happens, as a sentence, and until when."""

_PASSING = (RateLimitedError, ServerFaultError, UnreachableError)
"""What may last for hours and then be over; anything else is tried a few times."""

T = TypeVar("T")


class Patience:
    """The waiting of somebody who has all the time there is.

    Args:
        account: gives the time, and the jitter.
        on_pause: told of every wait before it begins.
    """

    def __init__(self, account: Account, on_pause: OnPause) -> None:
        self._account = account
        self._on_pause = on_pause

    async def call(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call until it succeeds; only for what may be repeated.

        Raises:
            BatchtuiError: what waiting does not help against.
        """
        failures = 0
        while True:
            try:
                return await call()
            except BatchtuiError as error:
                failure = error
            await self.wait_out(failure, failures)
            failures += 1

    async def wait_out(self, error: BatchtuiError, failures: int, *, at_least: float = 0.0) -> None:
        """Wait until there is sense in trying again.

        Args:
            error: why the last try failed.
            failures: how many tries had failed in a row before it.
            at_least: seconds to wait in any case.

        Raises:
            BatchtuiError: the error, if there will never be sense in it.
        """
        wait = backoff(error, failures, self._account.rng)
        if wait is None or (not isinstance(error, _PASSING) and failures + 1 >= ATTEMPTS):
            raise error
        await self.pause(str(error), max(wait, at_least))

    async def pause(self, why: str, seconds: float) -> None:
        """Wait, and say why."""
        self._on_pause(why, self._account.clock() + timedelta(seconds=seconds))
        await asyncio.sleep(seconds)
