"""CSV: a row for each line, safe to open in a spreadsheet.

RFC 4180, in UTF-8, with a heading. A cell with text that a spreadsheet would run as a formula gets
an apostrophe in front: one that begins with = + - or @ (also their wide forms, and also after
blanks, controls, invisible characters or apostrophes), with a tab or with a carriage return. To
take away the first apostrophe of what would be such a cell without it gives the text back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from batchtui.domain.pricing import PriceTable
from batchtui.results.export.pieces import Piece, batches, utf8
from batchtui.results.export.table import COLUMNS, TableRow, table_row
from batchtui.results.reader import ResultFile

_END = "\r\n"
_QUOTED = re.compile('[",\r\n]')
_FORMULA = re.compile(
    "(?:[\\s\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff']"
    "*[=+\\-@＝＋－＠﹦﹢﹣﹫])|'*[\t\r]"
)


def pieces(
    file: ResultFile, numbers: Iterable[int], prices: PriceTable | None = None
) -> Iterator[Piece]:
    """The heading and the lines with these numbers, in the order given."""
    yield Piece(0, utf8(",".join(COLUMNS) + _END))
    for batch in batches(file, numbers):
        text = "".join([_row(table_row(file, number, prices)) for number in batch])
        yield Piece(len(batch), utf8(text))


def inert(text: str) -> str:
    """Text that no spreadsheet runs."""
    return f"'{text}" if _FORMULA.match(text) else text


def _row(row: TableRow) -> str:
    custom_id, kind, stop_reason, error_type, message, model, tokens, cost, text = row
    cells = [
        _cell(custom_id),
        _name(kind),
        _name(stop_reason),
        _name(error_type),
        _cell(message),
        _name(model),
        *["" if count is None else str(count) for count in tokens],
        "" if cost is None else _decimal(cost),
        _cell(text),
    ]
    return ",".join(cells) + _END


def _cell(text: str) -> str:
    if not text:
        return ""
    text = inert(text)
    if _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


_name = lru_cache(maxsize=1000)(_cell)
"""The cell of a text that comes again and again."""


def _decimal(number: float) -> str:
    """A number as no program misreads it: no exponent, and nothing after what it is exact to."""
    return f"{number:.10f}".rstrip("0").rstrip(".")
