"""Days, and the longer stretches of time they are summed up in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

import msgspec


class Unit(StrEnum):
    """A stretch of the calendar; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    CENTURY = "century"


_YEARS = {Unit.YEAR: 1, Unit.CENTURY: 100}


class Days(msgspec.Struct, frozen=True):
    """All days from the first to the last, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def starts(self, unit: Unit) -> Iterator[date]:
        """The first days of the stretches they lie in, oldest first."""
        start: date | None = start_of(self.first, unit)
        while start is not None and start <= self.last:
            yield start
            start = _next(start, unit)

    def unit(self, most: int) -> Unit:
        """The shortest unit of which they are no more than `most`; else the longest."""
        for unit in Unit:
            if sum(1 for _, _ in zip(self.starts(unit), range(most + 1), strict=False)) <= most:
                return unit
        return Unit.CENTURY


def start_of(day: date, unit: Unit) -> date:
    """The first day of the stretch a day lies in, as far back as there are dates."""
    if unit is Unit.DAY:
        return day
    if unit is Unit.WEEK:
        return day - timedelta(days=min(day.weekday(), (day - date.min).days))
    if unit is Unit.MONTH:
        return day.replace(day=1)
    return date(max(day.year - day.year % _YEARS[unit], 1), 1, 1)


def _next(start: date, unit: Unit) -> date | None:
    """The first day of the next stretch; None if there are no such dates."""
    try:
        if unit is Unit.DAY:
            return start + timedelta(days=1)
        if unit is Unit.WEEK:
            return start_of(start + timedelta(days=7), unit)
        if unit is Unit.MONTH:
            return (start + timedelta(days=31)).replace(day=1)
        years = _YEARS[unit]
        return date(start.year - start.year % years + years, 1, 1)
    except (OverflowError, ValueError):
        return None
