"""Stops computations that Python itself cannot be talked out of, such as hopeless matches."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TookTooLongError(Exception):
    """It took too long."""


@contextmanager
def timeout(seconds: float) -> Iterator[None]:
    """Raise `TookTooLongError` in the block after so many seconds.

    It rests on a signal of the system's timer, which the `re` module looks out for while it
    matches. Only the main thread gets signals: in other threads there is no limit, nor on
    Windows, which has no such timer. There is one in a process, so blocks cannot be nested, and
    nothing else may use it meanwhile.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)


def _stop(number: int, frame: FrameType | None) -> None:
    raise TookTooLongError
