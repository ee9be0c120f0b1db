"""What became of batches as a table for other programs: flat rows, as CSV or as JSON objects.

What is not known is empty in CSV and null in JSON; sums of what is known in part say of how many
batches they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from batchtui.domain.batch import Outcome
from batchtui.domain.insight import Figures, Insight
from batchtui.domain.text import unicode_text
from batchtui.results.export.pieces import Piece, utf8
from batchtui.results.export.spreadsheet import inert
from batchtui.results.export.targets import NewFile

Row = Mapping[str, str | int | float | None]


class By(StrEnum):
    """What a row stands for."""

    TIME = "time"
    MODEL = "model"
    TOTAL = "total"


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSON = "json"


def rows(insight: Insight, by: By) -> list[Row]:
    """The rows, without stretches of time that have no batches.

    Those by time begin with the first day of the stretch under the name of its unit, those by
    model with the model: null where no result names it.
    """
    if by is By.TOTAL:
        days = {"first": insight.days.first.isoformat(), "last": insight.days.last.isoformat()}
        return [days | _figures(insight.total)]
    if by is By.MODEL:
        return [
            {"model": each.model and unicode_text(each.model)} | _figures(each.figures)
            for each in insight.models
        ]
    return [
        {insight.unit.value: each.start.isoformat()} | _figures(each.figures)
        for each in insight.stretches
        if each.figures.batches
    ]


def _figures(figures: Figures) -> dict[str, str | int | float | None]:
    known = figures.known_at_all
    return {
        "batches": figures.batches,
        **{f"batches_{each}": figures.outcomes.get(each, 0) for each in Outcome},
        "requests": figures.counts.total,
        **msgspec.structs.asdict(figures.counts),
        "median_seconds": figures.median,
        "p90_seconds": figures.p90,
        "batches_with_usage": figures.known,
        "input_tokens": figures.input_tokens if known else None,
        "output_tokens": figures.output_tokens if known else None,
        "cost_usd": figures.usd,
        "answers_without_price": figures.unpriced,
    }


def encoded(rows: Iterable[Row], format_: Format) -> bytes:
    """The rows: as JSON objects, one a line, or as CSV with a heading (RFC 4180, in UTF-8).

    An apostrophe comes before a name that a spreadsheet would run as a formula.
    """
    if format_ is Format.JSON:
        return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    for number, row in enumerate(rows):
        if not number:
            writer.writerow(row)
        writer.writerow(map(_cell, row.values()))
    return utf8(file.getvalue())


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    return inert(value) if isinstance(value, str) else str(value)


def save(data: bytes, path: Path, *, replace: bool) -> None:
    """Write a file that appears whole.

    Args:
        data: what is in it.
        path: its name.
        replace: whether it may take the name from another file.

    Raises:
        TakenError: if it may not, and there is one.
        BatchtuiError: if it cannot be written.
    """
    with NewFile(path, replace=replace) as target:
        target.write(Piece(0, data))
        target.publish()
