"""The title of the terminal's window while batchtui is at work: how many batches run."""

from __future__ import annotations

from collections.abc import Callable

from batchtui.domain import osc
from batchtui.domain.text import count


class WindowTitle:
    """Shows how many run, and puts back what was there before.

    Args:
        known: what the terminal understands; without titles nothing is ever written.
        write: writes to the terminal as it is.
    """

    def __init__(self, known: osc.Abilities, write: Callable[[str], None]) -> None:
        self._known = known
        self._write = write
        self._shown = ""

    def show(self, running: int) -> None:
        """Say how many run; the first time, what was there before is put aside."""
        words = f"batchtui: {count(running)} running" if running else "batchtui"
        if not self._known.titles or words == self._shown:
            return
        self._write(("" if self._shown else osc.SAVE_TITLE) + osc.title(words))
        self._shown = words

    def restore(self) -> None:
        """Put back what was there before; a terminal that keeps no titles gets none."""
        if self._shown:
            self._write(osc.title("") + osc.RESTORE_TITLE)
            self._shown = ""
