"""Gives the terminal back to the shell on Ctrl+Z, and takes it again when the app goes on (`fg`).

Takes the place of what Textual does on SIGTSTP and SIGCONT. That would happen in the middle of
whatever runs, would stop this process alone and not the script around it, and would take the end of
a stop that it has not made (SIGSTOP) for one that it has, and lose how the terminal was before.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.driver import Driver


class Suspension:
    """Suspends an app and brings it back.

    Args:
        app: the app.
        before: called while the terminal is still the app's.
        after: called when it is so again.
    """

    def __init__(
        self, app: App[Any], *, before: Callable[[], None], after: Callable[[], None]
    ) -> None:
        self._app = app
        self._before = before
        self._after = after

    def install(self) -> None:
        """Have the signals that suspend a process suspend the app; on the app's loop."""
        if self._driver:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGTSTP, self.suspend)
            loop.add_signal_handler(signal.SIGCONT, self._continued)

    def suspend(self) -> bool:
        """Stop until the shell lets the app go on; False if there is no shell to go to."""
        driver = self._driver
        # Nobody could ever wake up what is the one program of its terminal.
        if driver is None or os.getsid(0) == os.getpid():
            return False
        self._app.app_suspend_signal.publish(self._app)
        self._before()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTSTP, signal.SIGCONT):
            loop.remove_signal_handler(number)
        driver.suspend_application_mode()
        os.kill(0, signal.SIGTSTP)
        self._take_terminal(driver)
        return True

    def _continued(self) -> None:
        """Somebody else has stopped and continued the app; the terminal may be as it may."""
        if driver := self._driver:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTSTP, signal.SIGCONT):
                loop.remove_signal_handler(number)
            driver.suspend_application_mode()
            self._take_terminal(driver)

    def _take_terminal(self, driver: Driver) -> None:
        # Continued by `bg`, it is not ours to draw on. There may be no such terminal any more.
        with contextlib.suppress(OSError), open(os.ctermid(), "rb", buffering=0) as terminal:
            while os.tcgetpgrp(terminal.fileno()) != os.getpgrp():
                os.kill(0, signal.SIGTSTP)
        driver.resume_application_mode()
        self.install()
        self._app.app_resume_signal.publish(self._app)
        self._app.refresh(layout=True)
        self._after()

    @property
    def _driver(self) -> Driver | None:
        """What draws; None if it cannot be suspended: without a terminal, and on Windows."""
        driver = self._app._driver
        return driver if driver and driver.can_suspend and sys.platform != "win32" else None
