"""What of many batches is plotted by model: a bar for each, and its figure in words beside it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from textual.content import Content

from batchtui.domain.insight import Insight, ModelFigures
from batchtui.domain.insight_words import UNKNOWN
from batchtui.domain.text import crop_middle, safe_line
from batchtui.ui.presenters.insight_plot import (
    Measure,
    cells,
    highest,
    in_the_middle,
    why_empty,
)
from batchtui.ui.presenters.plot import ALONG, Glyph
from batchtui.ui.presenters.state import QUIET

NO_MODEL: Final = "not known"
"""Where requests stand of which no result names the model."""

_EDGE: Final = 2
_LONGEST_NAME: Final = 36
_LEAST_BAR: Final = 4


def name_of(model: str | None, width: int) -> Content:
    """The name of a model, which is foreign text."""
    if model is None:
        return Content.styled(NO_MODEL, QUIET)
    return Content(crop_middle(safe_line(model, 200) or "no name", width))


def drawing_by_model(insight: Insight, measure: Measure, width: int, height: int) -> list[Content]:
    """The bars, the longest first; a sentence instead where nothing is known.

    Args:
        insight: what there is.
        measure: what of it to plot.
        width: cells there are.
        height: lines there are.
    """
    if why := why_empty(insight, measure):
        return in_the_middle(why, width, height)
    models = _ordered(insight.models, measure)
    shown = models if len(models) <= height else models[: max(height - 1, 0)]
    names = [name_of(each.model, min(_LONGEST_NAME, width // 3)) for each in shown]
    words = [measure.words(each.figures) for each in shown]
    wide = max((each.cell_length for each in names), default=0)
    length = width - 2 * _EDGE - wide - 2 - max(map(len, words), default=0) - 1
    top = max((highest(measure, each.figures) for each in models), default=0)
    lines: list[Content] = []
    for each, name, figure in zip(shown, names, words, strict=True):
        bar = cells(measure, each.figures, top, max(length, _LEAST_BAR), ALONG)
        gap = " " * (wide - name.cell_length + 2)
        said = (f"{' ' * bool(bar)}{figure}", QUIET if figure == UNKNOWN else "")
        line = Content.assemble(" " * _EDGE, name, gap, *_joined(bar), said)
        lines.append(line.truncate(width))
    if len(shown) < len(models):
        more = Content.styled(f"{' ' * _EDGE}and {len(models) - len(shown)} more", QUIET)
        lines.append(more.truncate(width))
    return _spread(lines[:height], height)


def _ordered(models: Sequence[ModelFigures], measure: Measure) -> list[ModelFigures]:
    """The largest first; what is not known of a model, and what no model is known of, last."""
    return sorted(models, key=lambda each: (each.model is None, -highest(measure, each.figures)))


def _joined(bar: Sequence[Glyph]) -> list[Glyph]:
    """Neighbours that look the same, joined."""
    runs = [list(run) for _, run in groupby(bar)]
    return [(run[0][0] * len(run), run[0][1]) for run in runs]


def _spread(lines: Sequence[Content], height: int) -> list[Content]:
    """The lines from the top down, with blank ones between them if there is room for these."""
    blank = Content("")
    if 2 * len(lines) + 1 > height:
        return [*([blank] if len(lines) < height else []), *lines]
    return [each for line in lines for each in (blank, line)]
