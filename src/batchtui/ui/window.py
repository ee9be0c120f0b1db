"""The terminal around the screens: its title, its bell, and its notifications."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

from textual.app import App

from batchtui.account.window_title import WindowTitle
from batchtui.domain import osc


class Window:
    """What the app writes to its terminal besides its screens.

    Args:
        app: the app; without a terminal nothing is ever written.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._title = WindowTitle(osc.abilities(os.environ), self.write)

    def write(self, sequences: str) -> None:
        """Write sequences that draw nothing; between two drawings of the app."""
        driver = self._app._driver
        if driver is None or driver.is_headless:
            return
        if self._app.is_running:
            driver.write(sequences)
            driver.flush()
        elif sys.__stderr__:
            with contextlib.suppress(OSError, ValueError):
                sys.__stderr__.write(sequences)
                sys.__stderr__.flush()

    def show_running(self, number: int) -> None:
        """Say in the title how many batches run."""
        self._title.show(number)

    def restore(self) -> None:
        """Give the title back that was there before; harmless if there is none to give back."""
        self._title.restore()
