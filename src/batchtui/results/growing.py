"""Shows a result file while it arrives: now and then, all whole lines there are by then."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from batchtui.results.builder import IndexBuilder
from batchtui.results.reader import Descriptor, ResultFile

OnRows = Callable[[ResultFile], None]
"""Told of the rows that are here by now."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
"""Seconds between two looks: at first, while few lines fill a screen, and when there are many."""


class Growing:
    """What has arrived of a result file so far.

    Args:
        target: the result file to be.
        fd: the open file the bytes are in by now.
        builder: what was fed with them.
        tell: called with the rows, each time more of them.
        clock: seconds, from any start.
    """

    def __init__(
        self,
        target: Path,
        fd: int,
        builder: IndexBuilder,
        tell: OnRows,
        clock: Callable[[], float],
    ) -> None:
        self._target, self._builder, self._tell, self._clock = target, builder, tell, clock
        self._file = Descriptor(os.dup(fd))
        self._told = 0
        self._pause, self._due = _FIRST_PAUSE, 0.0

    def maybe(self) -> None:
        """Tell of the rows if there are new ones, and enough time has passed."""
        now = self._clock()
        if now < self._due or len(self._builder) == self._told:
            return
        self._told = len(self._builder)
        self._due = now + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        self._tell(ResultFile(self._target, self._file, self._builder.snapshot()))
