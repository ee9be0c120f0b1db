"""What a benchmark found, and the table of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Literal

import msgspec

Unit = Literal["s", "ms", "%", "B", "B/s", "MB", "modules", "requests"]

HEAD = ("benchmark", "measured", "baseline", "ratio", "goal", "met")
_LEFT = {0, 5}


class Goal(msgspec.Struct, frozen=True):
    """The most a figure may be: the measured one, or its ratio to the baseline."""

    most: float
    of: Literal["measured", "ratio"] = "measured"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure.

    Attributes:
        measured: in `unit`.
        baseline: what the same run measured of something else, in `unit`; None if there is none.
        goal: None if the figure is there to be looked at.
    """

    name: str
    measured: float
    unit: Unit
    baseline: float | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Measured to baseline."""
        return self.measured / self.baseline if self.baseline else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None if there is none."""
        if self.goal is None:
            return None
        figure = self.measured if self.goal.of == "measured" else self.ratio
        return figure is not None and figure <= self.goal.most

    def cells(self) -> tuple[str, ...]:
        """The row as text, in the order of `HEAD`."""
        return (
            self.name,
            _figure(self.measured, self.unit),
            "" if self.baseline is None else _figure(self.baseline, self.unit),
            "" if self.ratio is None else f"{self.ratio:.2f}x",
            self._goal(),
            {None: "", True: "yes", False: "NO"}[self.met],
        )

    def _goal(self) -> str:
        if self.goal is None:
            return ""
        if self.goal.of == "ratio":
            return f"≤ {self.goal.most:g}x"
        return f"≤ {_figure(self.goal.most, self.unit)}"


def _figure(value: float, unit: Unit) -> str:
    digits = {"s": 3, "ms": 1, "%": 2, "requests": 2}.get(unit, 0)
    return f"{value:,.{digits}f} {unit}"


def lines(rows: Sequence[Row]) -> Iterator[str]:
    """The table, line by line."""
    table = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for number, cells in enumerate(table):
        padded = (
            cell.ljust(width) if at in _LEFT else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        yield "  ".join(padded).rstrip()
        if not number:
            yield "  ".join("-" * width for width in widths)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


__all__ = ["HEAD", "Goal", "Row", "Unit", "lines", "median", "percentile"]
