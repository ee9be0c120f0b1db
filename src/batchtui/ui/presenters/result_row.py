"""One result as a row of the list: the columns as data, and a cell for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from textual.content import Content

from batchtui.domain.result import (
    CANCELED,
    ERRORED,
    EXPIRED,
    SUCCEEDED,
    UNREADABLE,
    stopped_short,
    worth_retrying,
)
from batchtui.domain.text import (
    count,
    crop,
    crop_middle,
    money,
    safe_line,
    short_count,
    size,
)
from batchtui.results.index import Row
from batchtui.results.order import By
from batchtui.ui.presenters.state import LOUD, QUIET, Look
from batchtui.ui.widgets.columns import Column
from batchtui.ui.widgets.painting import Cell

_NARROW: Final = 60
_WIDE: Final = 100
_WIDEST: Final = 140

COLUMNS: Final = (
    Column("hit", "", 1, from_width=_NARROW),
    Column("line", "Line", 7, align="right", priority=7, from_width=_WIDE),
    Column("custom_id", "custom_id", 8, most=28, to_width=_WIDE),
    Column("custom_id", "custom_id", 24, most=64, from_width=_WIDE),
    Column("result", "Result", 11, priority=1, from_width=_NARROW),
    Column("result", "", 1, to_width=_NARROW),
    Column("why", "Stop", 15, most=22, priority=2),
    Column("in", "In", 6, align="right", priority=5),
    Column("out", "Out", 6, align="right", priority=3),
    Column("cost", "Cost", 9, align="right", priority=4),
    Column("size", "Size", 6, align="right", priority=8, from_width=_WIDEST),
    Column("model", "Model", 20, most=28, priority=6, from_width=_WIDE),
    Column("edge", "", 0),  # keeps numbers off the frame
)

SORTS: Final = {
    "line": By.LINE,
    "custom_id": By.CUSTOM_ID,
    "result": By.TYPE,
    "why": By.STOP,
    "in": By.INPUT,
    "out": By.OUTPUT,
    "cost": By.COST,
    "size": By.SIZE,
    "model": By.MODEL,
}
"""What the rows can be sorted by, by the column it stands in."""

HIT: Final = Content.styled("•", "bold $accent")
"""Stands before a line in which a search found something."""

LOOKS: Final = {
    SUCCEEDED: Look("✓", "succeeded", "$success"),
    ERRORED: Look("✗", "errored", "$error"),
    CANCELED: Look("⊘", "canceled", QUIET),
    EXPIRED: Look("◷", "expired", "$warning"),
    UNREADABLE: Look("?", "unreadable", LOUD),
}


def result_look(kind: str) -> Look:
    """What a type of result looks like, whatever the API may call it one day."""
    return LOOKS.get(kind) or Look("◇", safe_line(kind, 40) or "unknown", "$warning")


class Listed(msgspec.Struct, frozen=True):
    """A line of the list.

    Attributes:
        usd: what it cost in US dollars; None if no price is known.
        hit: whether a search found something in it.
    """

    row: Row
    usd: float | None = None
    hit: bool = False


def result_cells(listed: Listed, widths: Mapping[str, int]) -> tuple[Cell, ...]:
    """The cells of a line for the columns of these ids and widths, in their order."""
    return tuple(_cell(listed, column, width) for column, width in widths.items())


def _cell(listed: Listed, column: str, width: int) -> Cell:
    if column == "hit":
        return HIT if listed.hit else ""
    if column == "edge":
        return ""
    if column == "cost":
        return _cost(listed, width)
    cell = _CELLS[column](listed.row, width)
    if column == "custom_id" and listed.hit:
        return Content.styled(cell if isinstance(cell, str) else cell.plain, "bold $accent")
    return cell


def result_title(row: Row) -> Content:
    """How one result ended, for the frame around it."""
    look = result_look(row.type)
    return Content.assemble(look.content, *((" · ", _why(row, 60)) if _why(row, 60) else ()))


def _line(row: Row, width: int) -> Cell:
    return Content.styled(count(row.number + 1), QUIET)


def _custom_id(row: Row, width: int) -> Cell:
    if not row.custom_id:
        return Content.styled("none", QUIET)
    return crop_middle(safe_line(row.custom_id), width)


def _result(row: Row, width: int) -> Cell:
    look = result_look(row.type)
    return look.content if width > 1 else Content.styled(look.glyph, look.style)


def _why(row: Row, width: int) -> Content:
    """How the answer stopped, or why there is none."""
    if row.stop_reason:
        loud = stopped_short(row.stop_reason)
        words = safe_line(row.stop_reason, 60)
        return Content.styled(_loud(words, width), LOUD) if loud else Content(crop(words, width))
    if row.error_type:
        style = QUIET if worth_retrying(row.error_type) else "$error"
        words = safe_line(row.error_type, 60)
        if len(words) > width:  # beside "errored" the rest says it all
            words = words.removesuffix("_error")
        return Content.styled(crop(words, width), style)
    return Content.styled(crop(safe_line(row.shape, 60), width), QUIET)


def _loud(words: str, width: int) -> str:
    """With a "!" that stays however short the words have to be cut."""
    return f"! {crop(words, max(width - 2, 1))}"


def _in(row: Row, width: int) -> Cell:
    return _tokens(row, row.usage.total_input_tokens, width)


def _out(row: Row, width: int) -> Cell:
    return _tokens(row, row.usage.output_tokens, width)


def _tokens(row: Row, tokens: int, width: int) -> Cell:
    if row.type != SUCCEEDED:
        return ""
    full = count(tokens)
    return full if len(full) <= width else short_count(tokens)


def _cost(listed: Listed, width: int) -> Cell:
    """Dollars; "?" if no price is known, nothing for what is not billed."""
    if listed.row.type != SUCCEEDED:
        return ""
    if listed.usd is None:
        return Content.styled("?", QUIET)
    return crop(money(listed.usd), width)


def _size(row: Row, width: int) -> Cell:
    return Content.styled(size(row.size), QUIET)


def _model(row: Row, width: int) -> Cell:
    return Content.styled(crop_middle(safe_line(row.model), width), QUIET)


_CELLS: Final[Mapping[str, Callable[[Row, int], Cell]]] = {
    "line": _line,
    "custom_id": _custom_id,
    "result": _result,
    "why": _why,
    "in": _in,
    "out": _out,
    "size": _size,
    "model": _model,
}
