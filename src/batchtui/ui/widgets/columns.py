"""A table's columns as data, and which of them fit into a width, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

GAP = 1
"""Blank cells between two columns."""

Align = Literal["left", "right"]


class Column(msgspec.Struct, frozen=True):
    """One column.

    Attributes:
        id: its name; two columns with one id are two forms of it for different widths.
        title: what the header row says.
        width: cells it takes at least.
        most: cells it takes at most if there is room; None if it does not grow.
        align: where the cells and the title stand.
        priority: columns with a higher number are dropped first; those with 0 never are.
        from_width: only in tables at least so wide.
        to_width: only in tables narrower than this.
    """

    id: str
    title: str
    width: int
    most: int | None = None
    align: Align = "left"
    priority: int = 0
    from_width: int = 0
    to_width: int | None = None

    def suits(self, width: int) -> bool:
        """Whether the column belongs to a table of this width at all."""
        return self.from_width <= width and (self.to_width is None or width < self.to_width)


class Placed(msgspec.Struct, frozen=True):
    """A column that is shown, and the width it got."""

    column: Column
    width: int


def arrange(columns: Sequence[Column], width: int) -> tuple[Placed, ...]:
    """The columns that fit into `width` cells, in order.

    The least important are dropped until the rest fits; what is then left over goes to those that
    can grow, to the most important first, up to what each takes at most. If even those that are
    never dropped do not fit, they are given as they are and the table cuts them off.
    """
    shown = [column for column in columns if column.suits(width)]
    while _needed(shown) > width:
        least = max(shown, key=lambda column: column.priority, default=None)
        if least is None or not least.priority:
            break
        shown.remove(least)
    widths = _grow(shown, max(width - _needed(shown), 0))
    return tuple(Placed(column, got) for column, got in zip(shown, widths, strict=True))


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + GAP * max(len(columns) - 1, 0)


def _grow(columns: Sequence[Column], spare: int) -> list[int]:
    widths = [column.width for column in columns]
    for at in sorted(range(len(columns)), key=lambda at: columns[at].priority):
        more = min((columns[at].most or widths[at]) - widths[at], spare)
        widths[at] += more
        spare -= more
    return widths
