"""What became of many batches: the choice of days and measure, the tables, and the sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from textual.content import Content

from batchtui.domain.batch import Outcome
from batchtui.domain.insight import Figures, Insight, ModelFigures, Stretch
from batchtui.domain.insight_words import (
    UNKNOWN,
    cost,
    cut_words,
    days_words,
    span,
    succeeded,
    tokens,
    unknown_words,
    unpriced_words,
)
from batchtui.domain.text import (
    brief_money,
    count,
    counted,
    long_duration,
    money,
    short_count,
)
from batchtui.ui.presenters.flow import Row
from batchtui.ui.presenters.insight_models import name_of
from batchtui.ui.presenters.insight_plot import MEASURES, Measure, legend
from batchtui.ui.presenters.state import LOOKS, LOUD, QUIET
from batchtui.ui.presenters.tabs import TabLine
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.columns import Column
from batchtui.ui.widgets.confirming import Option, Question
from batchtui.ui.widgets.painting import Cell

RANGES: Final[tuple[int | None, ...]] = (7, 30, 90, None)
"""So many days, up to today; None for all."""

_FIGURES: Final = (
    Column("batches", "Batches", 7, align="right", priority=3),
    Column("requests", "Requests", 9, align="right"),
    Column("ok", "OK", 6, align="right"),
    Column("errored", "✗", 7, align="right", priority=7),
    Column("canceled", "⊘", 6, align="right", priority=9),
    Column("expired", "◷", 6, align="right", priority=8),
    Column("median", "Median", 7, align="right", priority=4),
    Column("p90", "p90", 7, align="right", priority=6),
    Column("input", "In", 6, align="right", priority=2),
    Column("output", "Out", 6, align="right", priority=2),
    Column("cost", "Cost", 9, align="right", priority=1),
)
MODEL_COLUMNS: Final = (Column("name", "Model", 14, most=36), *_FIGURES)
DAY_COLUMNS: Final = (Column("name", "From", 14, most=20), *_FIGURES)

_COUNTS: Final[Mapping[str, Callable[[Figures], int]]] = {
    "batches": lambda each: each.batches,
    "requests": lambda each: each.counts.total,
    "errored": lambda each: each.counts.errored,
    "canceled": lambda each: each.counts.canceled,
    "expired": lambda each: each.counts.expired,
}
_ALWAYS: Final = ("batches", "requests")
_CELLS: Final[Mapping[str, Callable[[Figures], str]]] = {
    "ok": succeeded,
    "median": lambda each: span(each.median),
    "p90": lambda each: span(each.p90),
    "input": lambda each: tokens(each, each.input_tokens),
    "output": lambda each: tokens(each, each.output_tokens),
    "cost": cost,
}


def choice_line(days: int | None, measure: Measure, width: int) -> TabLine:
    """The ranges with their keys, and at the right, if there is room, what can be plotted.

    Places are first those of `RANGES`, then those of `MEASURES`.
    """
    left = [
        _entry(str(place), _range(each), chosen=each == days)
        for place, each in enumerate(RANGES, start=1)
    ]
    right = [_entry("", each.title, chosen=each is measure) for each in MEASURES]
    used = sum(each.cell_length for each in (*left, *right))
    if used + 2 > width:
        right = []
    gap = width - used if right else 0
    parts: list[Content] = []
    places: list[tuple[range, int]] = []
    x = 0
    for place, entry in enumerate((*left, *right)):
        if place == len(left):
            parts.append(Content(" " * gap))
            x += gap
        parts.append(entry)
        places.append((range(x, x + entry.cell_length), place))
        x += entry.cell_length
    return TabLine(Content.assemble(*parts), tuple(places))


def _entry(key: str, words: str, *, chosen: bool) -> Content:
    if chosen:
        return Content.styled(f"▏{words}▕", "bold $accent")
    return Content.assemble((f" {key}: " if key else " ", QUIET), f"{words} ")


def _range(days: int | None) -> str:
    return "all" if days is None else f"{days} days"


def plot_titles(
    insight: Insight,
    measure: Measure,
    doing: str,
    *,
    by_model: bool = False,
    since_ever: bool = False,
) -> Titles:
    """What is plotted of which days, and what its signs mean.

    Args:
        insight: what there is.
        measure: what of it is plotted.
        doing: how far downloads are; "" if there are none.
        by_model: whether it is plotted by model, and not over time.
        since_ever: whether there is nothing before these days.
    """
    cut = "" if by_model else cut_words(insight.days, insight.unit, since_ever=since_ever)
    total = insight.total
    batches = counted(total.batches, "batch", "batches")
    return Titles(
        top=f"{measure.title} per {'model' if by_model else insight.unit}",
        top_right=Content.styled(f"{days_words(insight.days)} · {batches}", QUIET),
        bottom=Content.styled(doing or (cut and f"{cut} in part"), QUIET),
        bottom_right=legend(insight, measure),
    )


def table_titles(title: str, other: str) -> Titles:
    """What the table is by, and what the other one is by."""
    return Titles(top=title, bottom_right=Content.styled(f"⇥ {other}", QUIET))


def model_cells(each: ModelFigures, widths: Mapping[str, int]) -> Sequence[Cell]:
    """The cells of a model."""
    name = name_of(each.model, widths["name"])
    return [name if id_ == "name" else _cell(each.figures, id_, widths) for id_ in widths]


def stretch_cells(each: Stretch, words: str, widths: Mapping[str, int]) -> Sequence[Cell]:
    """The cells of a stretch of time, which has this name."""
    return [Content(words) if id_ == "name" else _cell(each.figures, id_, widths) for id_ in widths]


def _cell(figures: Figures, id_: str, widths: Mapping[str, int]) -> Cell:
    number = _COUNTS.get(id_)
    words = _number(number(figures), id_, widths[id_]) if number else _CELLS[id_](figures)
    if words == UNKNOWN:
        return Content.styled(words, QUIET)
    if id_ == "errored" and words:
        return Content.styled(words, "$error")
    return words


def _number(number: int, id_: str, width: int) -> str:
    """In full if there is room, else in short; a cut one would be another. None failed is blank."""
    if not number and id_ not in _ALWAYS:
        return ""
    words = count(number)
    return words if len(words) <= width else short_count(number)


def sums(insight: Insight, fetch_key: str, width: int, *, unread: str = "") -> list[Content]:
    """All batches summed up, and what of it is not known; in lines of that width.

    Args:
        insight: what became of them.
        fetch_key: downloads results.
        width: in cells.
        unread: what is to be said of batches that were not read yet; "" if there are none.
    """
    total = insight.total
    lines = Content.styled(unread, LOUD).wrap(max(width, 1)) if unread else []
    if not total.batches:
        return list(lines)
    lines = [*_fitting(_sizes, total, width), *_fitting(_outcomes, total, width), *lines]
    key = fetch_key if insight.fetchable else ""
    if words := unknown_words(total, key):
        lines += Content(words).wrap(max(width, 1))
    if words := unpriced_words(total):
        lines += Content.styled(words, LOUD).wrap(max(width, 1))
    return lines


Parts = Callable[[Figures, bool], list[Content]]
"""Figures in words, in full or in brief."""


def _sizes(total: Figures, brief: bool) -> list[Content]:
    say = short_count if brief else count
    requests = f"{say(total.counts.total)} request{'s' * (total.counts.total != 1)}"
    parts = [Content.styled(requests, "bold")]
    if (share := succeeded(total)) != UNKNOWN:
        parts.append(Content(f"{share} OK"))
    if total.median is not None and total.p90 is not None:
        tail = "" if brief else f", nine in ten {long_duration(total.p90)}"
        parts.append(Content(f"median {long_duration(total.median)}{tail}"))
    known = {
        "in" if brief else "tokens in": (tokens(total, total.input_tokens), ""),
        "out": (tokens(total, total.output_tokens), ""),
        "cost": (cost(total, brief_money if brief else money), "bold"),
    }
    # The sign of what is not known is the one that parts these words.
    parts += [
        Content.styled(f"{name} {figure}", style)
        for name, (figure, style) in known.items()
        if figure != UNKNOWN
    ]
    return parts


def _outcomes(total: Figures, brief: bool) -> list[Content]:
    parts = [Content.styled(counted(total.batches, "batch", "batches"), "bold")]
    for outcome in Outcome:
        if number := total.outcomes.get(outcome):
            look = LOOKS[outcome]
            words = look.glyph if brief else f"{look.glyph} {look.word}"
            parts.append(Content.assemble(f"{count(number)} ", (words, look.style)))
    return parts


def _fitting(parts: Parts, total: Figures, width: int) -> list[Content]:
    """In full if that fits into a line, else in brief."""
    full = _packed(parts(total, False), width)
    return full if len(full) == 1 else _packed(parts(total, True), width)


def _packed(parts: Sequence[Content], width: int) -> list[Content]:
    """The parts in as few lines as they fit into, none of them cut but by the width itself."""
    lines: list[Content] = []
    for part in parts:
        if lines and lines[-1].cell_length + 3 + part.cell_length <= width:
            lines[-1] = Content.assemble(lines[-1], (" · ", QUIET), part)
        else:
            lines.append(part)
    return lines


def unread_words(key: str, *, loading: bool) -> str:
    """That batches of these days may be missing, as the API's list is not read down to them yet.

    Args:
        key: reads on; "" if that cannot be done now.
        loading: whether that is under way.
    """
    if loading:
        return "Older batches are being read…"
    return f"Older batches are not read yet{f' ({key} reads on)' if key else ''}."


def fetch_question(batches: int, lines: int) -> Question:
    """Whether to download the results of so many batches; yes is the first answer."""
    which = counted(batches, "batch", "batches")
    return Question(
        f"Fetch the results of {which}",
        (
            Row(
                Content(f"They have {counted(lines, 'line')} together, and are kept on this disk.")
            ),
            Row(Content("Figures come in as they arrive; x stops.")),
        ),
        (Option(f"Fetch them all ({which})"), Option("Back")),
    )
