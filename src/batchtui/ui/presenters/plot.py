"""Columns over time, drawn with block characters in the colours of the theme.

Drawn here, since a plotting library would take 90 ms to import and bring colours of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from textual.content import Content

from batchtui.domain.text import pad
from batchtui.ui.presenters.bars import apportion
from batchtui.ui.presenters.state import QUIET

Glyph = tuple[str, str]
"""One cell of a column: a character and its style."""

AXIS: Final = 7
"""Cells that the figures on the left take, with their line."""

LEAST: Final = 4
"""Rows of a plot with columns of any use: two of them, a line and the words beneath."""

UPWARDS: Final = "▁▂▃▄▅▆▇█"
"""Eighths of a cell that is filled from the bottom."""

ALONG: Final = "▏▎▍▌▋▊▉█"
"""Eighths of a cell that is filled from the left."""

_STEPS: Final = (1, 1.2, 1.6, 2, 2.4, 4, 6, 8, 10)
_WIDEST: Final = 24
_FEW: Final = 5
_SPANS: Final = (10, 20, 40, 60, 120, 240, 600, 1200, 2400, 3600, 7200, 14400, 28800, 43200)
_DAY: Final = 86_400


class Bar(msgspec.Struct, frozen=True):
    """What stands over one place of the axis.

    Attributes:
        cells: from the bottom up.
        words: what may stand beneath.
        sign: what stands on the axis instead of its line; "" for nothing.
        here: whether it is the one that is highlighted.
        figure: what stands above it; "" for nothing.
    """

    cells: Sequence[Glyph]
    words: str
    sign: str = ""
    here: bool = False
    figure: str = ""


def solid(
    value: float, top: float, height: int, style: str, eighths_of: str = UPWARDS
) -> list[Glyph]:
    """A column as tall as `value` is against `top`, to an eighth of a cell; something for a bit."""
    eighths = max(round(min(value / top, 1) * height * 8), 1) if value > 0 and top > 0 else 0
    full, rest = divmod(eighths, 8)
    return [("█", style)] * full + ([(eighths_of[rest - 1], style)] if rest else [])


def with_light(
    value: float, more: float, top: float, height: int, style: str, eighths_of: str = UPWARDS
) -> list[Glyph]:
    """The same, and above it light up to `more`; to a whole cell, where there is any light."""
    reach = round(min(more / top, 1) * height) if top > 0 else 0
    cells = round(min(value / top, 1) * height) if top > 0 else 0
    if reach <= max(cells, 1):
        return solid(value, top, height, style, eighths_of)
    return [("█", style)] * max(cells, 1) + [("░", style)] * (reach - max(cells, 1))


def stacked(parts: Sequence[tuple[int, str, str]], height: int) -> list[Glyph]:
    """A column of full height divided by numbers: each with its character and style."""
    shares = apportion([number for number, _, _ in parts], height)
    return [
        (sign, style)
        for rows, (_, sign, style) in zip(shares, parts, strict=True)
        for _ in range(rows)
    ]


def bar_rows(height: int) -> int:
    """How many rows the columns have in a plot of that height; if many an even number, to halve."""
    rows = max(height - 2, 0)
    return rows if rows <= _FEW else rows // 2 * 2


def round_up(value: float, *, least: float = 0) -> float:
    """The next figure above that is as round as its half: 2, 4, 6, 8, 10, 12, 16, 20 and so on."""
    value = max(value, least)
    if value <= 0:
        return least or 1
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _STEPS if step * power >= value * (1 - 1e-9))


def round_up_span(seconds: float) -> float:
    """The next span of time above that is as round as its half: 20s, 2m, 40m, 1h, 12h, 2d."""
    fitting = next((float(each) for each in _SPANS if each >= seconds), None)
    return fitting or float(math.ceil(seconds / (2 * _DAY)) * 2 * _DAY if seconds > _DAY else _DAY)


def have_room(figures: Sequence[str], width: int) -> bool:
    """Whether each of these could stand above a column of its own."""
    return max(map(len, figures), default=0) < _pitch(len(figures), width)


def _pitch(columns: int, width: int) -> int:
    return min(max(most_bars(width) // max(columns, 1), 1), _WIDEST)


def most_bars(width: int) -> int:
    """How many columns fit side by side."""
    return max(width - AXIS, 1)


def plot(
    bars: Sequence[Bar], top: float, say: Callable[[float], str], width: int, height: int
) -> list[Content]:
    """The columns with their axes, in `height` lines of at most `width` cells.

    Args:
        bars: from left to right; of too many the last ones.
        top: the figure that the full height stands for.
        say: makes words of a figure.
        width: cells there are.
        height: lines there are.
    """
    above = int(any(each.figure for each in bars))
    rows = bar_rows(height - above)
    if height < LEAST + above or width <= AXIS + 1:
        return []
    bars = bars[-most_bars(width) :]
    pitch = _pitch(len(bars), width)
    labels = {rows: say(top)}
    if rows > 2 and not rows % 2:
        labels[rows // 2] = say(top / 2)
    lines = [Content("")] * (height - 2 - rows - above)
    if above:
        lines.append(Content.assemble(" " * AXIS, *_row(bars, rows + 1, pitch)))
    for row in range(rows, 0, -1):
        label = labels.get(row, "")
        edge = f"{label:>{AXIS - 2}} {'┤' if label else '│'}"
        lines.append(Content.assemble((edge, QUIET), *_row(bars, row, pitch)))
    lines.append(_line(bars, pitch, say))
    lines.append(_words(bars, pitch, width - AXIS))
    return [line.truncate(width) for line in lines]


def _row(bars: Sequence[Bar], row: int, pitch: int) -> list[Glyph]:
    """One row of the columns and the gaps beside them; neighbours of one style are joined."""
    wide = max(pitch - 1, 1)
    runs: list[Glyph] = []
    for bar in bars:
        glyph, style = bar.cells[row - 1] if row <= len(bar.cells) else (" ", "")
        text = glyph * wide + " " * (pitch - wide)
        if row == len(bar.cells) + 1 and bar.figure:
            text = pad(f"{bar.figure:^{wide}}", pitch)
        if runs and (runs[-1][1] == style or not style):
            runs[-1] = (runs[-1][0] + text, runs[-1][1])
        else:
            runs.append((text, style))
    return runs


def _line(bars: Sequence[Bar], pitch: int, say: Callable[[float], str]) -> Content:
    axis: list[Glyph] = [(f"{say(0):>{AXIS - 2}} ┼", QUIET)]
    for each in bars:
        if each.here:
            axis.append(("▲", "bold $accent"))
        elif each.sign:
            axis.append((each.sign, "$warning"))
        dashes = pitch - bool(each.here or each.sign)
        axis.append(("─" * dashes, QUIET))
    return Content.assemble(*axis)


def _words(bars: Sequence[Bar], pitch: int, width: int) -> Content:
    """As many of the words as fit, at equal distances; always those of the last column."""
    longest = max((len(each.words) for each in bars), default=0) + 2
    every = -(-longest // pitch)
    found: list[tuple[int, str]] = []
    limit = width
    for place in range(len(bars) - 1, -1, -every):
        words = bars[place].words
        start = min(place * pitch, width - len(words))
        if 0 <= start <= limit - len(words):
            found.append((start, words))
            limit = start - 1
    line = ""
    for start, words in reversed(found):
        line = pad(line, start) + words
    return Content.assemble(" " * AXIS, (line, QUIET))
