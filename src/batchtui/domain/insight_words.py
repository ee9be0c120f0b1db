"""Figures of many batches as people read them, with a sign where they are not the whole truth.

"·" is not known, "≥" is so much at least: what is not known comes on top.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from batchtui.domain.calendar import Days, Unit, start_of
from batchtui.domain.insight import Figures, Told
from batchtui.domain.text import (
    brief_money,
    count,
    counted,
    long_duration,
    percent,
    safe_line,
    short_count,
)

UNKNOWN = "·"
AT_LEAST = "≥"

_MOST_NAMES = 3
_YEAR = timedelta(days=365)


def tokens(figures: Figures, number: int, say: Callable[[int], str] = short_count) -> str:
    """Tokens of the answers of batches.

    Args:
        figures: of the batches.
        number: how many of these tokens are known.
        say: makes words of a number.
    """
    if not figures.batches:
        return ""
    if not figures.known_at_all:
        return UNKNOWN
    return say(number) if figures.whole else f"{AT_LEAST}{say(number)}"


def cost(figures: Figures, say: Callable[[float], str] = brief_money) -> str:
    """US dollars for the answers of batches."""
    if not figures.batches:
        return ""
    if figures.usd is None:
        return UNKNOWN
    whole = figures.whole and not figures.unpriced
    return say(figures.usd) if whole else f"{AT_LEAST}{say(figures.usd)}"


def some(number: int) -> str:
    """How many; "" of none, where zeros would hide the others."""
    return count(number) if number else ""


def span(seconds: float | None) -> str:
    """How long; "" if that is not known."""
    return "" if seconds is None else long_duration(seconds)


def succeeded(figures: Figures) -> str:
    """The share of requests that succeeded, of those that are no longer processing."""
    counts = figures.counts
    return percent(counts.succeeded, counts.finished) or (UNKNOWN if counts.total else "")


def day_words(start: date, unit: Unit) -> str:
    """The name of a stretch of time, without what goes without saying beside others: 23 Nov."""
    if unit in (Unit.DAY, Unit.WEEK):
        return f"{start.day} {start:%b}"
    return f"{start:%b} {start.year}" if unit is Unit.MONTH else str(start.year)


def axis_words(start: date, unit: Unit, days: Days) -> str:
    """The same on an axis: of more than a year the month of a week with its year, Nov 2025."""
    long = unit is Unit.WEEK and days.last - days.first >= _YEAR
    return day_words(start, Unit.MONTH if long else unit)


def stretch_words(start: date, unit: Unit, last: date) -> str:
    """The same where it stands alone: Mon 23 Nov, week of 23 Nov 2025.

    Args:
        start: the first day of the stretch.
        unit: how long it is.
        last: the last day of all there are: the year of others is said.
    """
    words = day_words(start, unit)
    prefix = {Unit.DAY: f"{start:%a} ", Unit.WEEK: "week of "}.get(unit, "")
    year = f" {start.year}" if prefix and start.year != last.year else ""
    return f"{prefix}{words}{year}"


def days_words(days: Days) -> str:
    """From when to when: 25 Oct – 23 Nov, 30 Dec 2025 – 5 Jan 2026."""
    first, last = days.first, days.last
    year = "" if first.year == last.year else f" {first.year}"
    begin = f"{first.day} {first:%b}{year}"
    end = f"{last.day} {last:%b}" + (f" {last.year}" if year else "")
    return end if first == last else f"{begin} – {end}"


def cut_words(days: Days, unit: Unit, *, since_ever: bool) -> str:
    """Which stretches are not whole, so that they look like less than they are; "" if none.

    Args:
        days: all there are, up to today.
        unit: what they are summed up in; of a day it goes without saying.
        since_ever: whether there is nothing before the first of these days.
    """
    first, last = start_of(days.first, unit), start_of(days.last, unit)
    if unit is Unit.DAY or first == last:
        return ""
    begins = [] if since_ever or first == days.first else ["first"]
    ends = [] if start_of(days.last + timedelta(days=1), unit) > last else ["last"]
    return f"{' and '.join(begins + ends)} {unit}" if begins or ends else ""


def unknown_words(figures: Figures, fetch: str) -> str:
    """Of how many batches tokens and cost are not known, and why, as a sentence; "" of none.

    Args:
        figures: the sums.
        fetch: what gets the results that can be fetched, in a word or two; "" if nothing does.
    """
    if figures.whole:
        return ""
    told, by = figures.told, f" ({fetch})" if fetch else ""
    reasons = (
        (Told.FETCHABLE, f"can be fetched{by}"),
        (Told.GONE, "are gone"),
        (Told.UNREAD, "are here, but not whole or not indexed yet"),
    )
    whys = [f"of {count(told[each])} {words}" for each, words in reasons if told.get(each)]
    running = told.get(Told.RUNNING, 0)
    clauses = [f"results {', '.join(whys)}"] if whys else []
    if running:
        clauses.append(f"{count(running)} still {'runs' if running == 1 else 'run'}")
    of = f"those of {count(figures.known)} of {counted(figures.batches, 'batch', 'batches')}"
    known = of if figures.known_at_all else "not known"
    return f"Tokens and cost are {known}: {'; '.join(clauses)}."


def unpriced_words(figures: Figures) -> str:
    """How many answers have no price, and of which models, as a sentence; "" if all have one."""
    if not figures.unpriced:
        return ""
    names = [safe_line(each, 60) or "a model without a name" for each in figures.cost.unpriced]
    more = f" and {counted(len(names) - _MOST_NAMES, 'other')}" if len(names) > _MOST_NAMES else ""
    answers = counted(figures.unpriced, "answer")
    return f"No price is known for {answers} of {', '.join(names[:_MOST_NAMES])}{more}."
