"""The columns of an export with a row for each line, and the values in them."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from batchtui.domain.pricing import PriceTable
from batchtui.domain.result import SUCCEEDED, UNREADABLE, Usage, decode_line
from batchtui.results.head import HeadError
from batchtui.results.reader import ResultFile

TOKENS = Usage.__struct_fields__
"""The columns with counts of tokens (and of web searches)."""

_NO_TOKENS = (None,) * len(TOKENS)


class TableRow(NamedTuple):
    """One line. All its text is foreign.

    Attributes:
        error_message: of an errored line what the API says; why an unreadable one is.
        tokens: by the names in `TOKENS`; None if the line did not succeed.
        cost_usd: US dollars; None if no price is known.
        text: all text of the answer in a row.
    """

    custom_id: str
    type: str
    stop_reason: str
    error_type: str
    error_message: str
    model: str
    tokens: tuple[int | None, ...]
    cost_usd: float | None
    text: str


_BEFORE, _, _AFTER = ",".join(TableRow._fields).partition("tokens,")
COLUMNS = (*_BEFORE.rstrip(",").split(","), *TOKENS, *_AFTER.split(","))


class _Block(msgspec.Struct, gc=False):
    type: str
    text: str | None = None


class _Message(msgspec.Struct, gc=False):
    content: list[_Block] | None = None


class _Result(msgspec.Struct, gc=False):
    type: str
    message: _Message | None = None
    error: HeadError | None = None


class _Line(msgspec.Struct, gc=False):
    custom_id: str
    result: _Result


_decode = msgspec.json.Decoder(_Line).decode


def table_row(file: ResultFile, number: int, prices: PriceTable | None) -> TableRow:
    """The values of one line.

    Raises:
        ResultsError: if it cannot be read.
    """
    row = file.row(number)
    if row.type == UNREADABLE:
        message, text = row.shape, ""
    else:
        message, text = _words(file.line(number))
    return TableRow(
        row.custom_id,
        row.type,
        row.stop_reason,
        row.error_type,
        message,
        row.model,
        msgspec.structs.astuple(row.usage) if row.type == SUCCEEDED else _NO_TOKENS,
        row.cost(prices) if prices else None,
        text,
    )


def _words(line: bytes) -> tuple[str, str]:
    """The error message and the text of a line; decodes nothing else of it if it can."""
    try:
        result = _decode(line).result
    except (ValueError, RecursionError):
        return _words_of_odd(line)
    text = message = ""
    if result.message and result.message.content:
        text = "".join(
            [block.text or "" for block in result.message.content if block.type == "text"]
        )
    if result.error:
        message = (result.error.error or result.error).message or ""
    return message, text


def _words_of_odd(line: bytes) -> tuple[str, str]:
    found = decode_line(line)
    message = found.error.message if found.error else found.problem
    return message, found.message.text if found.message else ""
