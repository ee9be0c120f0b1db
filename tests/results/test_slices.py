from __future__ import annotations

import asyncio
from collections.abc import Generator
from itertools import count

import pytest

from batchtui.results.slices import LONGEST_WAY, SLICE, Steps, in_slices, now, paced


def counting(steps: int, left: list[str] | None = None) -> Steps[int]:
    try:
        for _ in range(steps):
            yield
    finally:
        if left is not None:
            left.append("left")
    return steps


def failing() -> Steps[int]:
    yield
    raise LookupError("no")


async def turns(of: list[int]) -> None:
    while True:
        of[0] += 1
        await asyncio.sleep(0)


async def test_steps_are_taken_at_once_or_between_turns() -> None:
    assert now(counting(5)) == 5
    assert await in_slices(counting(5)) == 5
    with pytest.raises(LookupError):
        now(failing())
    with pytest.raises(LookupError):
        await in_slices(failing())


async def test_the_loop_gets_a_turn_whenever_a_slice_is_over() -> None:
    ticks = count()
    taken = [0]
    other = asyncio.create_task(turns(taken))
    await in_slices(counting(100), clock=lambda: next(ticks) * SLICE / 10)
    other.cancel()
    assert 9 <= taken[0] <= 11


async def test_a_busy_loop_gets_more_turns_but_not_all_there_are() -> None:
    def findings() -> Generator[int, None, None]:
        yield from range(10)

    ticks = count()
    taken = [0]
    other = asyncio.create_task(turns(taken))
    clock = lambda: next(ticks) * SLICE  # noqa: E731 - every turn takes so long
    assert [each async for each in paced(findings(), clock=clock)] == list(range(10))
    other.cancel()
    assert 20 < taken[0] <= 10 * (LONGEST_WAY / SLICE + 2)


async def test_steps_end_with_their_task() -> None:
    left: list[str] = []
    task = asyncio.create_task(in_slices(counting(10**9, left), clock=count().__next__))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left == ["left"]


async def test_findings_come_one_by_one_between_turns() -> None:
    def findings() -> Generator[int, None, None]:
        yield from range(1000)

    taken = [0]
    other = asyncio.create_task(turns(taken))
    ticks = count()
    found = [each async for each in paced(findings(), clock=lambda: next(ticks) * SLICE / 100)]
    other.cancel()
    assert found == list(range(1000))
    assert 9 <= taken[0] <= 11
