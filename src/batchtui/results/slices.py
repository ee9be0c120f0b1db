"""Long work in small steps: done at once, or between the turns of an event loop.

Steps are generators that yield often, at least every 2 ms and as often as is convenient; they
know nothing of clocks. Who runs them decides at which of these points others get their turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Generator
from typing import TypeVar

T = TypeVar("T")

Steps = Generator[None, None, T]
"""Work that yields between its steps and returns a `T`."""

SLICE = 0.002
"""Seconds after which the event loop gets its turn."""


IDLE_TURN = 0.0001
"""A turn of the loop that took no longer (seconds) had nothing to do."""

LONGEST_WAY = 0.01
"""Seconds after which work goes on though the loop is busy."""


def now(steps: Steps[T]) -> T:
    """Take all steps at once; raises whatever they raise."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


async def in_slices(
    steps: Steps[T], *, pause: float = 0, clock: Callable[[], float] = time.perf_counter
) -> T:
    """Take the steps without holding up the event loop; raises whatever they raise.

    Steps are not taken to their end if the task is canceled.

    Args:
        steps: what to do.
        pause: seconds between slices; more than 0 lets other threads have the interpreter.
        clock: seconds, from any start.
    """
    with contextlib.closing(steps):
        resumed = clock()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                result: T = end.value
                return result
            if clock() - resumed >= SLICE:
                await asyncio.sleep(pause)
                resumed = clock()


async def paced(
    findings: Generator[T, None, object], *, clock: Callable[[], float] = time.perf_counter
) -> AsyncIterator[T]:
    """What a generator of the same kind yields, without holding up the event loop.

    It may go on for seconds, so that unlike steps it waits for the loop to have nothing to do.
    Use it within `contextlib.aclosing` where the loop over it may be left early.
    """
    with contextlib.closing(findings):
        resumed = clock()
        for finding in findings:
            yield finding
            if clock() - resumed >= SLICE:
                resumed = await _give_way(clock)


async def _give_way(clock: Callable[[], float]) -> float:
    """Give the loop turns until it has nothing left to do; returns the time then.

    What a key press sets off takes a dozen turns. With a slice between any two of them it would
    take a dozen slices longer.
    """
    began = turned = clock()
    while True:
        before = turned
        await asyncio.sleep(0)
        turned = clock()
        if turned - before <= IDLE_TURN or turned - began > LONGEST_WAY:
            return turned
