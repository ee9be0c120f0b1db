"""From styled text to lines of cells, and from two such lines to the cells that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from rich.cells import split_graphemes
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content, Span
from textual.strip import Strip
from textual.style import Style

from batchtui.ui.widgets.columns import Align

Cell = Content | str
"""What stands in one place; a str is taken literally, never as markup."""

ParseStyle = Callable[[str | Style], Style]

NEAR = 8
"""Spans of differing cells closer than this are joined: moving the cursor costs as much."""


class Line:
    """One line of cells under construction.

    Neighbours of one look are joined, and blanks join whatever is before them as long as the
    background agrees, so that a line needs few changes of colour on its way to the terminal.

    Args:
        base: the style under everything.
        parse: turns a style's text into a style; resolves theme variables.
    """

    def __init__(self, base: Style, parse: ParseStyle) -> None:
        self._base = base
        self._parse = parse
        self._runs: list[tuple[str, Style]] = []
        self._length = 0

    def blank(self, width: int) -> Line:
        """Add blank cells."""
        if width > 0:
            self._add(" " * width, self._base)
            self._length += width
        return self

    def add(self, cell: Cell, width: int, align: Align = "left") -> Line:
        """Add a cell of exactly `width`, cut with "…" or filled up."""
        if width <= 0:
            return self
        content = cell if isinstance(cell, Content) else Content(cell)
        if content.cell_length > width:
            content = content.truncate(width, ellipsis=True)
        fill = width - content.cell_length
        if align == "right":
            self.blank(fill)
        for text, style in content.render(self._base, end="", parse_style=self._parse):
            if text:
                self._add(text, style)
        self._length += width - fill
        if align == "left":
            self.blank(fill)
        return self

    def strip(self, width: int) -> Strip:
        """The line, cut or filled to exactly `width` cells."""
        self.blank(width - self._length)
        strip = Strip([Segment(text, style.rich_style) for text, style in self._runs])
        return strip.adjust_cell_length(width, self._base.rich_style)

    def _add(self, text: str, style: Style) -> None:
        if self._runs:
            before, same = self._runs[-1]
            if style == same or (text.isspace() and _blanks_alike(style, same)):
                self._runs[-1] = (before + text, same)
                return
        self._runs.append((text, style))


def _blanks_alike(one: Style, other: Style) -> bool:
    lines = (other.underline, other.underline2, other.strike, other.reverse)
    return one.background == other.background and not any(lines) and not one.reverse


def differing(old: Strip, new: Strip) -> list[tuple[int, int]]:
    """The spans (first cell, cell after the last) in which two lines look different."""
    if old is new or old == new:
        return []
    before, after = list(_cells(old)), list(_cells(new))
    length = max(len(before), len(after))
    before += [None] * (length - len(before))
    after += [None] * (length - len(after))
    changed = [at for at in range(length) if before[at] != after[at]]
    if not changed:
        return []
    ends = [at for at, following in pairwise(changed) if following - at > NEAR]
    starts = [following for at, following in pairwise(changed) if following - at > NEAR]
    return [
        (start, end + 1)
        for start, end in zip([changed[0], *starts], [*ends, changed[-1]], strict=True)
    ]


def _cells(strip: Strip) -> Iterator[tuple[str, RichStyle | None] | None]:
    """What stands in each cell; the second half of a wide character says so itself."""
    for text, style, _ in strip:
        for cluster, width in _clusters(text):
            for half in range(width):
                yield (f"{cluster}{half}" if half else cluster), style


def _clusters(text: str) -> Iterable[tuple[str, int]]:
    if text.isascii():
        return ((char, 1) for char in text)
    spans, _ = split_graphemes(text)
    return ((text[start:end], width) for start, end, width in spans)


def alike(some: Sequence[Cell], others: Sequence[Cell]) -> bool:
    """Whether cells look the same; `Content` itself compares no styles."""
    return list(map(_look, some)) == list(map(_look, others))


def _look(cell: Cell) -> tuple[str, Sequence[Span]]:
    return (cell, []) if isinstance(cell, str) else (cell.plain, cell.spans)
