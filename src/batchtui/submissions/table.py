"""Rows of a table, read streaming: CSV with any of the usual delimiters, or JSON objects."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO, Final

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.domain.text import size
from batchtui.submissions.lines import BOM

LONGEST_VALUE: Final = 32 * 1024 * 1024
"""Characters of a value; more than a request may have is a quotation mark that nobody closed."""

LONGEST_LINE: Final = 2 * LONGEST_VALUE
"""Bytes of a line; what has no line breaks is no table, and might never end."""

_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t"


class Form(StrEnum):
    """How rows are written; the first line of a CSV has the names of the columns."""

    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"


_FORMS = {
    ".csv": Form.CSV,
    ".tsv": Form.TSV,
    ".tab": Form.TSV,
    ".jsonl": Form.JSONL,
    ".ndjson": Form.JSONL,
}


class Row(msgspec.Struct, frozen=True):
    """A row.

    Attributes:
        number: the line it begins in, from 1.
        values: by column.
        problem: why it is no row of this table, else empty.
    """

    number: int
    values: Mapping[str, str]
    problem: str = ""


class Table(msgspec.Struct, frozen=True):
    """A table that is being read.

    Attributes:
        columns: their names in order; of JSON objects those of the first.
        rows: to be gone through once.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]


def read_table(stream: BinaryIO, name: str) -> Table:
    """Begin to read a table.

    Args:
        stream: its bytes, in UTF-8.
        name: of its file; how it ends says how rows are written, else the first line does.

    Raises:
        UsageError: if it is empty, or no table; also from the rows, if nothing can be read on.
    """
    lines = _decoded(stream)
    blank = 0
    for first in lines:
        if first.strip():
            break
        blank += 1
    else:
        raise UsageError("The data is empty")
    rest = chain((first,), lines)
    form = _FORMS.get(PurePath(name).suffix.lower()) or _guessed(first)
    if form is Form.JSONL:
        return _read_objects(rest, blank)
    return _read_csv(rest, blank, "\t" if form is Form.TSV else _delimiter(first))


def _decoded(stream: BinaryIO) -> Iterator[str]:
    lines = iter(partial(stream.readline, LONGEST_LINE + 1), b"")
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise UsageError(f"Line {number:,} of the data is longer than {size(LONGEST_LINE)}")
        if number == 1:
            if line.startswith(_WIDE_BOMS):
                raise UsageError("The data is UTF-16", todo="Save it as UTF-8")
            line = line.removeprefix(BOM)
        try:
            yield line.decode()
        except UnicodeDecodeError:
            raise UsageError(
                f"Line {number:,} of the data is not UTF-8", todo="Save it as UTF-8"
            ) from None


def _guessed(line: str) -> Form:
    return Form.JSONL if line.lstrip().startswith("{") else Form.CSV


def _delimiter(header: str) -> str:
    """What stands between names most often, outside of quotation marks; a comma if nothing does."""
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


# CSV


def _read_csv(lines: Iterable[str], before: int, delimiter: str) -> Table:
    csv.field_size_limit(LONGEST_VALUE)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)

    def following(number: int) -> list[str] | None:
        try:
            return next(reader, None)
        except csv.Error as error:
            raise UsageError(
                f"The data cannot be read beyond the row in line {number:,}: {error}",
                todo="Is a quotation mark missing, or one too many?",
            ) from None

    columns = tuple(name.strip() for name in following(before + 1) or ())
    width = len(columns)

    def rows() -> Iterator[Row]:
        while True:
            number = before + reader.line_num + 1
            values = following(number)
            if values is None:
                return
            if len(values) == width:
                yield Row(number, dict(zip(columns, values, strict=True)))
            elif values:
                yield Row(number, {}, f"there are {len(values):,} values for {width:,} columns")

    return Table(columns, rows())


# JSON objects

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _read_objects(lines: Iterable[str], before: int) -> Table:
    rows = _object_rows(lines, before)
    first = next(rows)
    if first.problem:
        raise UsageError(f"In line {first.number:,} {first.problem}")
    return Table(tuple(first.values), chain((first,), rows))


def _object_rows(lines: Iterable[str], before: int) -> Iterator[Row]:
    for number, line in enumerate(lines, before + 1):
        if not line.strip():
            continue
        try:
            yield Row(number, {name: _text(value) for name, value in _decode(line).items()})
        except (ValueError, RecursionError):
            yield Row(number, {}, "there is no JSON object")


def _text(value: msgspec.Raw) -> str:
    """A string as it is, nothing for null, and everything else as the JSON it is."""
    data = bytes(value)
    if data.startswith(b'"'):
        text: str = msgspec.json.decode(data)
        return text
    return "" if data == b"null" else data.decode()
