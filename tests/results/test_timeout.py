from __future__ import annotations

import asyncio
import re
import signal

import pytest

from batchtui.results.timeout import TookTooLongError, timeout


def test_what_takes_too_long_is_stopped_and_nothing_is_left_behind() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TookTooLongError), timeout(0.01):
        re.search("(a+)+$", "a" * 50 + "b")
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    with timeout(60):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


async def test_an_event_loop_is_not_disturbed() -> None:
    with pytest.raises(TookTooLongError), timeout(0.01):
        re.search("(a+)+$", "a" * 50 + "b")
    await asyncio.sleep(0.01)


async def test_other_threads_have_no_limit() -> None:
    def search() -> bool:
        with timeout(0):
            return re.search("a", "a") is not None

    assert await asyncio.to_thread(search)
