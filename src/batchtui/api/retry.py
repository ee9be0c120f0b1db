"""When to try again. A policy without a clock: `backoff` only says how long to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeVar

from batchtui.domain.errors import ApiError, BatchtuiError

FIRST_WAIT = 1.0
LONGEST_BACKOFF = 60.0
"""Seconds. What the server asks for is not cut to it."""

Result = TypeVar("Result")


def backoff(error: BatchtuiError, failures: int, rng: Random) -> float | None:
    """How many seconds to wait before the next try.

    Args:
        error: why the last try failed.
        failures: how many tries had failed in a row before this one.
        rng: source of the jitter.

    Returns:
        What the server asked for if it asked, however long: it is for the caller to show it and
        not to sit through a day. Else 1, 2, 4 ... 60 s less up to a quarter. None if trying again
        will not help (credentials, spend limits, refusals, not found).
    """
    if not error.transient:
        return None
    if isinstance(error, ApiError) and error.retry_after:
        return error.retry_after
    return min(FIRST_WAIT * 2.0 ** min(failures, 16), LONGEST_BACKOFF) * rng.uniform(0.75, 1.0)


async def with_retries(
    call: Callable[[], Awaitable[Result]],
    *,
    attempts: int,
    on_wait: Callable[[BatchtuiError, float], None],
    rng: Random,
    max_wait: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Result:
    """Call until it succeeds, is refused, or there is no sense in waiting.

    Only for calls that may be repeated. A repeated delete may find that the first one got through
    although its answer was lost: then "not found" means done, which is for the caller to settle.

    Args:
        call: what to try.
        attempts: how many tries at most, at least 1.
        on_wait: told why and for how many seconds, before each wait.
        rng: source of the jitter.
        max_wait: seconds; a longer wait is not begun.
        sleep: how to wait.

    Raises:
        BatchtuiError: the last one, when giving up.
    """
    failures = 0
    while True:
        try:
            return await call()
        except BatchtuiError as error:
            wait = backoff(error, failures, rng)
            failures += 1
            if wait is None or wait > max_wait or failures >= attempts:
                raise
            on_wait(error, wait)
        await sleep(wait)
