"""Bars and shares that do not lie: exact widths, nothing lost to rounding, no early 100 %."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from batchtui.domain.batch import RequestCounts
from batchtui.domain.progress import Progress, time_bar

_SPARKS: Final = "▁▂▃▄▅▆▇█"


def apportion(parts: Sequence[int], width: int) -> list[int]:
    """Divide `width` cells among the parts by their size.

    Every part that is not zero gets at least one cell, as long as there are cells enough; the
    cells add up to `width` unless all parts are zero.
    """
    total = sum(parts)
    if not total or width <= 0:
        return [0] * len(parts)
    cells = [part * width // total for part in parts]
    cells = [max(got, 1) if part else 0 for got, part in zip(cells, parts, strict=True)]
    by_rest = sorted(range(len(parts)), key=lambda at: parts[at] * width % total, reverse=True)
    for at in by_rest:
        if sum(cells) < width and parts[at]:
            cells[at] += 1
    while sum(cells) > width:
        largest = max(range(len(cells)), key=lambda at: (cells[at], at))
        cells[largest] -= 1
    return cells


def counts_bar(counts: RequestCounts, width: int) -> Content:
    """The five counts, stacked: █ succeeded, ▓ errored, ▒ canceled and expired, ░ processing."""
    parts = (
        (counts.succeeded, "█", "$success 45%"),
        (counts.errored, "▓", "$error"),
        (counts.canceled + counts.expired, "▒", "$warning"),
        (counts.processing, "░", "$text-muted"),
    )
    cells = apportion([number for number, _, _ in parts], width)
    return Content.assemble(
        *((sign * got, style) for got, (_, sign, style) in zip(cells, parts, strict=True) if got)
    )


def progress_bar(done: Progress, width: int) -> Content:
    """The bar, exactly `width` cells; nothing if there is nothing to measure."""
    if done.counts is not None:
        return counts_bar(done.counts, width)
    if done.share is None:
        return Content()
    return Content.styled(time_bar(done.share, width), "$accent")


def sparkline(values: Sequence[float], width: int) -> str:
    """The last `width` values as little columns, the largest of them the tallest."""
    values = values[-width:] if width > 0 else ()
    most = max(values, default=0)
    if most <= 0:
        return _SPARKS[0] * len(values)
    return "".join(_SPARKS[min(int(max(each, 0) / most * 7 + 0.5), 7)] for each in values)
