"""Signals to a command that waits: those that ask it to end, and the one by which it goes on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

import click

from batchtui.system import ENDING

CONTINUED: Final[signal.Signals | None] = getattr(signal, "SIGCONT", None)


@contextmanager
def minded(on_continued: Callable[[], object]) -> Iterator[None]:
    """End the task at hand in order when its process is asked to end, as `timeout` and `kill` do.

    Ctrl+C is asyncio's; a signal that is ignored, as with `nohup`, stays so.

    Args:
        on_continued: called when the process was stopped, as by Ctrl+Z, and goes on.

    Raises:
        Exit: with the code by which a shell knows the signal, when one has ended it.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    came: list[int] = []

    def end(number: int) -> None:
        if not came:  # again means the same: a terminal that is closed may send several
            task.cancel()
        came.append(number)

    minds: dict[int, Callable[[], object]] = {
        each: partial(end, each) for each in ENDING if each != signal.SIGINT
    }
    if CONTINUED:
        minds[CONTINUED] = on_continued
    minding = []
    for number, call in minds.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            continue
        # Loops of Windows leave signals to Python, as do those off the main thread.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, call)
            minding.append(number)
    try:
        yield
    except asyncio.CancelledError:
        if came:
            raise click.exceptions.Exit(128 + came[0]) from None
        raise
    finally:
        for number in minding:
            loop.remove_signal_handler(number)
