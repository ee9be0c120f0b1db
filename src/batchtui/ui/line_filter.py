"""The last gate before the terminal: nothing passes that a terminal could obey."""

from __future__ import annotations

import re
from re import Match
from typing import Final

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from batchtui.domain.text import UNSAFE

_DROPPED: Final = re.compile(f"{UNSAFE.pattern}|[\\t\\n]")


class SafeFilter(LineFilter):
    """Drops controls, and whatever reorders or hides text, from every line that is drawn.

    What is dropped leaves as many blanks as the cells it was measured to take, which is none for
    all but a few, so lines stay as wide as they were. Return it from `App.get_line_filters`, last.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without unsafe characters; the very same list if there were none."""
        if all(text.isprintable() or not _DROPPED.search(text) for text, _, _ in segments):
            return segments
        return [Segment(_DROPPED.sub(_room, text), style) for text, style, _ in segments]


def _room(found: Match[str]) -> str:
    return " " * get_character_cell_size(found[0])
