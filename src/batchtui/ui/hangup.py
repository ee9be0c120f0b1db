"""Notices that the terminal is gone, as a connection that breaks off leaves it.

Most often the system says so (SIGHUP). It cannot where the app does not lead its session, and is
not heard where the app waits for a terminal that takes no more: Textual's thread that writes would
end at the first fault, and what waits for it would wait for ever.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any, TextIO

from textual.driver import Driver

from batchtui.system import HAS_TERMINALS


class Hangup:
    """Puts the null device in place of a terminal that is gone, so that nobody waits for it.

    Args:
        on_gone: called once, on whichever thread notices it.

    Attributes:
        gone: whether the terminal is.
    """

    def __init__(self, on_gone: Callable[[], object]) -> None:
        self.gone = False
        self._on_gone = on_gone
        self._descriptors = [each for each in range(3) if _is_terminal(each)]

    def minded(self, driver: type[Driver]) -> type[Driver]:
        """The driver, with an eye on what it writes to."""
        hangup = self

        class MindedDriver(driver):  # type: ignore[valid-type, misc]
            _file: Any

            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                self._file = _Output(self._file, hangup)

        return MindedDriver if HAS_TERMINALS else driver

    def look(self) -> None:
        """See whether the terminal is still there."""
        if self.gone or not self._descriptors:
            return
        termios = import_module("termios")
        try:
            termios.tcgetattr(self._descriptors[0])
        except termios.error:
            self.lose()

    def lose(self) -> None:
        """Take the terminal for gone."""
        if self.gone:
            return
        self.gone = True
        nothing = os.open(os.devnull, os.O_RDWR)
        for each in self._descriptors:
            os.dup2(nothing, each)
        os.close(nothing)
        self._on_gone()


class _Output:
    """The file a driver writes to; writing to it never fails."""

    def __init__(self, file: TextIO, hangup: Hangup) -> None:
        self._file = file
        self._hangup = hangup

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, text: str) -> None:
        try:
            self._file.write(text)
        except OSError:
            self._hangup.lose()

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            self._hangup.lose()


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
