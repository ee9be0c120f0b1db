"""A few lines at the bottom of a terminal that are rewritten in place; what is said scrolls above.

Sends what differs and nothing else: a clock that moves costs the cells of the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from batchtui.domain.text import cell_width, crop

Write = Callable[[str], None]


class Block:
    """The lines.

    Args:
        write: writes to the terminal.
        size: columns and rows of the terminal as they are now.
    """

    def __init__(self, write: Write, size: Callable[[], tuple[int, int]]) -> None:
        self._write = write
        self._size = size
        self._shown: list[str] = []
        self._columns = 0

    def show(self, lines: Sequence[str]) -> None:
        """Show these safe lines instead of those before; what does not fit is cut."""
        columns, rows = self._size()
        fitting = [crop(line, columns - 1) for line in lines[: max(rows - 1, 1)]]
        if columns != self._columns or len(fitting) != len(self._shown):
            self.clear()
            self._columns = columns
            self._shown = fitting
            self._write("".join(f"{line}\n" for line in fitting))
            return
        changes = "".join(
            self._change(place, old, new)
            for place, (old, new) in enumerate(zip(self._shown, fitting, strict=True))
            if old != new
        )
        self._shown = fitting
        if changes:
            self._write(changes)

    def clear(self) -> None:
        """Take the lines away, for now or for good."""
        if self._shown:
            # A terminal that has become narrower has wrapped what was too wide for it.
            columns = max(self._size()[0], 1)
            up = sum(max(-(-cell_width(line) // columns), 1) for line in self._shown)
            self._write(f"\x1b[{up}A\r\x1b[J")
        self._shown = []

    def leave(self) -> None:
        """Leave the lines as they stand: others have written below them."""
        self._shown = []

    def _change(self, place: int, old: str, new: str) -> str:
        """From below the lines to the first cell that differs, and back."""
        up = len(self._shown) - place
        same = new[: _first_difference(old, new)]
        right = cell_width(same)
        move = f"\x1b[{right}C" if right else ""
        end = "\x1b[K" if cell_width(new) < cell_width(old) else ""
        return f"\x1b[{up}A{move}{new[len(same) :]}{end}\r\x1b[{up}B"


def _first_difference(old: str, new: str) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(old), len(new)))
