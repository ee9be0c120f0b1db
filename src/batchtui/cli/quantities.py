"""Numbers, times and sizes as they are typed on a command line: 0.5, 30d, 12h, 5GB, 300MB."""

from __future__ import annotations

import math
import re
from datetime import timedelta

import click

from batchtui.domain.quantities import SECONDS, parse_size

_LONGEST = timedelta(days=365_000)
"""As good as any longer time, and still within what the calendar can be counted back by."""

_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*([smhdw]?)", re.IGNORECASE)


class Number(click.FloatRange):
    """A number in a range, and finite: NaN would pass for one in any."""

    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read what was typed."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no number to count with.", param, ctx)
        return number


class Span(click.ParamType[timedelta]):
    """A time: a number and s, m, h, d or w.

    Args:
        unit: which of them is meant if none is given.
    """

    name = "time"

    def __init__(self, unit: str = "d") -> None:
        self._unit = unit

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read what was typed."""
        found = _SPAN.fullmatch(str(value).strip())
        if not found:
            self.fail("Expected a time such as 30d, 12h or 2w.", param, ctx)
        seconds = float(found[1]) * SECONDS[found[2].lower() or self._unit]
        return min(timedelta(seconds=seconds), _LONGEST)


class Volume(click.ParamType[int]):
    """A size in bytes: a number and kB, MB, GB or TB."""

    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read what was typed."""
        try:
            return parse_size(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
