"""What of many batches is plotted over time: one measure at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import msgspec
from textual.content import Content

from batchtui.domain.insight import Figures, Insight
from batchtui.domain.insight_words import AT_LEAST, UNKNOWN, axis_words, cost, succeeded, tokens
from batchtui.domain.text import count, duration, long_duration, short_count
from batchtui.ui.presenters.plot import (
    LEAST,
    UPWARDS,
    Bar,
    Glyph,
    bar_rows,
    have_room,
    plot,
    round_up,
    round_up_span,
    solid,
    stacked,
    with_light,
)
from batchtui.ui.presenters.state import QUIET

_STYLE: Final = "$accent"
_OUTCOMES: Final = (
    ("succeeded", "█", "$success 45%"),
    ("errored", "▓", "$error"),
    ("stopped", "▒", "$warning"),
    ("processing", "░", "$text-muted"),
)


class Measure(msgspec.Struct, frozen=True):
    """One thing to plot.

    Attributes:
        title: what it is.
        value: of the figures of a stretch of time; None if it is not known.
        more: what is drawn light above it, if anything.
        words: the figures in full, where one stands alone.
        say: makes words of a value.
        top: the round figure above a value.
        in_results: whether only results tell, so that it may be known in part.
    """

    title: str
    value: Callable[[Figures], float | None]
    words: Callable[[Figures], str]
    more: Callable[[Figures], float | None] | None = None
    say: Callable[[float], str] = lambda value: short_count(round(value))
    top: Callable[[float], float] = lambda value: round_up(value, least=2)
    in_results: bool = False


_LEAST_USD: Final = 0.0001
"""Less is not worth an axis of its own, nor room for its figures."""


def _dollars(usd: float) -> str:
    if usd >= 1000:
        return f"${short_count(round(usd))}"
    if 0 < usd < 0.1:
        return f"{usd * 100:.2g}¢".removeprefix("0")
    return f"${usd:.0f}" if usd == round(usd) or usd >= 100 else f"${usd:.2f}"


def _share(figures: Figures) -> str:
    if not figures.counts.finished:
        return UNKNOWN
    return f"{succeeded(figures)} OK{' so far' * bool(figures.counts.processing)}"


def _durations(figures: Figures) -> str:
    if figures.median is None or figures.p90 is None:
        return UNKNOWN
    return f"{long_duration(figures.median)}, nine in ten {long_duration(figures.p90)}"


def _known(number: Callable[[Figures], float]) -> Callable[[Figures], float | None]:
    return lambda figures: number(figures) if figures.known_at_all else None


OUTCOMES: Final = Measure(
    "Outcomes",
    lambda figures: 100.0 if figures.counts.total else 0.0,
    _share,
    say=lambda value: f"{value:.0f}%" if value else "0",
    top=lambda value: 100.0,
)
MEASURES: Final = (
    Measure(
        "Requests",
        lambda figures: figures.counts.total,
        lambda figures: count(figures.counts.total),
    ),
    Measure("Batches", lambda figures: figures.batches, lambda figures: count(figures.batches)),
    OUTCOMES,
    Measure(
        "Duration",
        lambda figures: figures.median or 0.0,
        _durations,
        lambda figures: figures.p90,
        say=lambda value: duration(value) if value else "0",
        top=round_up_span,
    ),
    Measure(
        "Tokens in",
        _known(lambda figures: figures.input_tokens),
        lambda figures: tokens(figures, figures.input_tokens),
        in_results=True,
    ),
    Measure(
        "Tokens out",
        _known(lambda figures: figures.output_tokens),
        lambda figures: tokens(figures, figures.output_tokens),
        in_results=True,
    ),
    Measure(
        "Cost",
        lambda figures: figures.usd,
        cost,
        say=_dollars,
        top=lambda value: round_up(value, least=_LEAST_USD),
        in_results=True,
    ),
)
"""What can be plotted, in the order in which one goes through them."""


def drawing(
    insight: Insight, measure: Measure, here: date | None, width: int, height: int
) -> list[Content]:
    """The plot; a sentence instead where nothing of it is known.

    Args:
        insight: what there is.
        measure: what of it to plot.
        here: the start of the stretch that is highlighted.
        width: cells there are.
        height: lines there are.
    """
    if why := why_empty(insight, measure):
        return in_the_middle(why, width, height)
    values = [highest(measure, each.figures) for each in insight.stretches]
    figures = [_figure(measure, each.figures) for each in insight.stretches]
    above = height > LEAST and have_room(figures, width)
    top, rows = measure.top(max(values)), bar_rows(height - above)
    bars = [
        Bar(
            cells(measure, each.figures, top, rows),
            axis_words(each.start, insight.unit, insight.days),
            _sign(measure, each.figures),
            each.start == here,
            figure if above else "",
        )
        for each, figure in zip(insight.stretches, figures, strict=True)
    ]
    return plot(bars, top, measure.say, width, height)


def legend(insight: Insight, measure: Measure) -> Content:
    """What the signs of the plot mean that do not explain themselves."""
    if measure is OUTCOMES:
        words = {"stopped": "canceled, expired"}
        signs = (
            Content.assemble((sign, style), f" {words.get(name, name)}")
            for name, sign, style in _OUTCOMES
        )
        return Content("  ").join(signs)
    if measure.more is not None:
        return Content.assemble(("█", _STYLE), " median  ", ("░", _STYLE), " nine in ten")
    partly = (_sign(measure, each.figures) for each in insight.stretches)
    if measure.in_results and any(partly):
        return Content.styled(f"{AT_LEAST} at least, {UNKNOWN} not known", QUIET)
    return Content("")


def in_the_middle(words: str, width: int, height: int) -> list[Content]:
    """A sentence where a plot would be."""
    lines = Content.styled(words, QUIET).wrap(max(width - 2, 1))
    return [Content("")] * max((height - len(lines)) // 2, 0) + [
        Content.assemble(" " * max((width - each.cell_length) // 2, 0), each) for each in lines
    ]


def highest(measure: Measure, figures: Figures) -> float:
    """How far what is drawn of figures reaches; 0 of what is not known."""
    return max(measure.value(figures) or 0.0, _more(measure, figures))


def _more(measure: Measure, figures: Figures) -> float:
    return (measure.more(figures) or 0.0) if measure.more else 0.0


def cells(
    measure: Measure, figures: Figures, top: float, length: int, eighths_of: str = UPWARDS
) -> list[Glyph]:
    """What is drawn of figures, from zero on.

    Args:
        measure: what of them.
        figures: of a stretch of time, or of a model.
        top: the value that takes the whole length.
        length: in cells.
        eighths_of: a cell, in the direction in which it is filled.
    """
    if measure is OUTCOMES:
        counts = figures.counts
        numbers = (
            counts.succeeded,
            counts.errored,
            counts.canceled + counts.expired,
            counts.processing,
        )
        return stacked(
            [
                (number, sign, style)
                for number, (_, sign, style) in zip(numbers, _OUTCOMES, strict=True)
            ],
            length,
        )
    value = measure.value(figures) or 0.0
    if measure.more is not None:
        return with_light(value, _more(measure, figures), top, length, _STYLE, eighths_of)
    return solid(value, top, length, _STYLE, eighths_of)


def _figure(measure: Measure, figures: Figures) -> str:
    """What may stand above a column; "" of nothing, and of what is not known at all."""
    if measure is OUTCOMES:
        return f"{succeeded(figures)} OK" if figures.counts.finished else ""
    value = measure.value(figures)
    if not value:
        return ""
    at_least = AT_LEAST * (_sign(measure, figures) == AT_LEAST)
    ends = dict.fromkeys((measure.say(value), measure.say(highest(measure, figures))))
    return at_least + "–".join(ends)


def _sign(measure: Measure, figures: Figures) -> str:
    """What tells that there is more to it than what is drawn."""
    if not measure.in_results or not figures.batches:
        return ""
    if measure.value(figures) is None:
        return UNKNOWN
    whole = figures.whole and not (measure.title == "Cost" and figures.unpriced)
    return "" if whole else AT_LEAST


def why_empty(insight: Insight, measure: Measure) -> str:
    """Why there is nothing to plot; "" if there is something."""
    total = insight.total
    if not total.batches:
        return "No batches were created in these days."
    if measure.value(total) is None:
        return "Not known: only results tell, and none of these batches' are here."
    if not any(measure.value(each.figures) for each in insight.stretches):
        return f"{measure.title}: nothing to plot."
    return ""
