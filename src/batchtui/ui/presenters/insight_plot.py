"""What of many batches is plotted over time: one measure at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import msgspec
from textual.content import Content

from batchtui.domain.insight import Figures, Insight
from batchtui.domain.insight_words import AT_LEAST, UNKNOWN, axis_words
from batchtui.domain.text import duration, short_count
from batchtui.ui.presenters.plot import (
    Bar,
    Glyph,
    bar_rows,
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
        say: makes words of a value.
        top: the round figure above a value.
        in_results: whether only results tell, so that it may be known in part.
    """

    title: str
    value: Callable[[Figures], float | None]
    more: Callable[[Figures], float | None] | None = None
    say: Callable[[float], str] = lambda value: short_count(round(value))
    top: Callable[[float], float] = lambda value: round_up(value, least=2)
    in_results: bool = False


def _dollars(usd: float) -> str:
    if usd >= 1000:
        return f"${short_count(round(usd))}"
    return f"${usd:.0f}" if usd == round(usd) else f"${usd:.2f}" if usd >= 0.01 else f"${usd:.3f}"


def _known(number: Callable[[Figures], float]) -> Callable[[Figures], float | None]:
    return lambda figures: number(figures) if figures.known_at_all else None


OUTCOMES: Final = Measure(
    "Outcomes",
    lambda figures: 100.0 if figures.counts.total else 0.0,
    say=lambda value: f"{value:.0f}%" if value else "0",
    top=lambda value: 100.0,
)
MEASURES: Final = (
    Measure("Requests", lambda figures: figures.counts.total),
    Measure("Batches", lambda figures: figures.batches),
    OUTCOMES,
    Measure(
        "Duration",
        lambda figures: figures.median or 0.0,
        lambda figures: figures.p90,
        say=lambda value: duration(value) if value else "0",
        top=round_up_span,
    ),
    Measure("Tokens in", _known(lambda figures: figures.input_tokens), in_results=True),
    Measure("Tokens out", _known(lambda figures: figures.output_tokens), in_results=True),
    Measure("Cost", lambda figures: figures.usd, say=_dollars, top=round_up, in_results=True),
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
    if why := _why_empty(insight, measure):
        words = Content.styled(why, QUIET).wrap(max(width - 2, 1))
        return [Content("")] * max((height - len(words)) // 2, 0) + [
            Content.assemble(" " * max((width - each.cell_length) // 2, 0), each) for each in words
        ]
    all_figures = [each.figures for each in insight.stretches]
    values = [max(measure.value(each) or 0, _more(measure, each)) for each in all_figures]
    top, rows = measure.top(max(values)), bar_rows(height)
    bars = [
        Bar(
            _cells(measure, each.figures, top, rows),
            axis_words(each.start, insight.unit, insight.days),
            _sign(measure, each.figures),
            each.start == here,
        )
        for each in insight.stretches
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


def _more(measure: Measure, figures: Figures) -> float:
    return (measure.more(figures) or 0.0) if measure.more else 0.0


def _cells(measure: Measure, figures: Figures, top: float, rows: int) -> list[Glyph]:
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
            rows,
        )
    value = measure.value(figures) or 0.0
    if measure.more is not None:
        return with_light(value, _more(measure, figures), top, rows, _STYLE)
    return solid(value, top, rows, _STYLE)


def _sign(measure: Measure, figures: Figures) -> str:
    """What tells that there is more to it than what is drawn."""
    if not measure.in_results or not figures.batches:
        return ""
    if measure.value(figures) is None:
        return UNKNOWN
    whole = figures.whole and not (measure.title == "Cost" and figures.unpriced)
    return "" if whole else AT_LEAST


def _why_empty(insight: Insight, measure: Measure) -> str:
    total = insight.total
    if not total.batches:
        return "No batches were created in these days."
    if measure.value(total) is None:
        return "Not known: only results tell, and none of these batches' are here."
    if not any(measure.value(each.figures) for each in insight.stretches):
        return f"{measure.title}: nothing to plot."
    return ""
