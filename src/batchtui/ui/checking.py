"""One look at a request file, in a thread of its own."""

from __future__ import annotations

import time
from pathlib import Path

from batchtui.submissions.checked import Checked, Limits, Progress

_ASIDE = 0.0004
"""Seconds for which the screens have the interpreter; enough to wake up in."""


class StoppedError(Exception):
    """Nobody wants to know any more."""


class Check:
    """A look at a request file.

    Args:
        path: where it is.
        limits: how large a batch may become.

    Attributes:
        progress: how far it is; to be read from any thread.
        stopped: set this to end it.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self._limits = path, limits
        self.progress: Progress | None = None
        self.stopped = False

    def run(self) -> Checked:
        """Look at all of it.

        Raises:
            BatchtuiError: if it cannot be read, or holds no requests.
            StoppedError: if it was stopped.
        """
        # Imported when needed: the first paint takes none of it.
        from batchtui.submissions.check import check

        return check(self.path, self._limits, on_progress=self._take)

    def _take(self, progress: Progress) -> None:
        self.progress = progress
        if self.stopped:
            raise StoppedError
        time.sleep(_ASIDE)
