"""Files in which other programs say what they know of batches, read line by line.

JSON lines (what `list --json` and `history export` print, message batches as the API sends them,
objects with an id), tables with a heading, or ids one a line with a label behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import PurePath
from typing import BinaryIO, Final, TypeAlias

import msgspec

from batchtui.account.import_line import Item, LineError, from_json, from_plain, from_row
from batchtui.domain.errors import UsageError
from batchtui.domain.text import safe_line, size

LONGEST_LINE: Final = 4_000_000
"""Bytes; the batches of the API take a few hundred."""

_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_TABLES = (".csv", ".tsv", ".tab")
_JSON = (".jsonl", ".ndjson", ".json")
_DELIMITERS = re.compile(r"[,;\t]")
_OTHER_JSON = {
    re.compile(r"\["): ("The file is one list of JSON", "'.[]'"),
    re.compile(r'\{\s*"data"\s*:\s*\['): ("The file is a page of the API's list", "'.data[]'"),
    re.compile(r"\{$"): ("The JSON of the file goes over several lines", "."),
}
"""How a file may begin that has no JSON object in a line, what it is, and how jq mends it."""

_COLUMNS = {
    "id": "id",
    "batch_id": "id",
    "label": "label",
    "name": "label",
    "note": "note",
    "request_file": "request_file",
    "pinned": "pinned",
}
"""What columns may be called, in small letters, and what they mean."""


class Problem(msgspec.Struct, frozen=True):
    """A line that says nothing of use, and why, as the end of "line 3: "."""

    number: int
    words: str


Found: TypeAlias = Item | Problem


def read_items(stream: BinaryIO, name: str) -> Iterator[Found]:
    """What a file says, line by line; of no more than one at a time in memory.

    Args:
        stream: its bytes, in UTF-8.
        name: of the file; how it ends says how it is written, else its first line does.

    Raises:
        UsageError: if it is no such file at all.
    """
    start = stream.tell()
    first = _first_line(stream)
    stream.seek(start)
    suffix = PurePath(name).suffix.lower()
    for beginning, (what, program) in _OTHER_JSON.items():
        if beginning.match(first):
            raise UsageError(what, todo=f"Make a line of each object: `jq -c {program}`")
    if suffix in _JSON or first.startswith("{"):
        return _of_lines(stream, from_json)
    if suffix in _TABLES or _is_heading(first):
        return _of_table(stream, suffix)
    return _of_lines(stream, from_plain)


def _first_line(stream: BinaryIO) -> str:
    """The first line that is not blank.

    Raises:
        UsageError: if there is none, or it is not UTF-8.
    """
    for number, line in _numbered(stream):
        if isinstance(line, Problem):
            return ""
        if number == 1 and line.startswith(_WIDE_BOMS):
            raise UsageError("The file is UTF-16", todo="Save it as UTF-8")
        if line.strip():
            return line.decode("utf-8", "replace").strip()
    raise UsageError("The file is empty")


def _is_heading(line: str) -> bool:
    names = [name.strip().strip('"').lower() for name in _DELIMITERS.split(line)]
    return any(_COLUMNS.get(name) == "id" for name in names)


def _numbered(stream: BinaryIO) -> Iterator[tuple[int, bytes | Problem]]:
    """Lines with their numbers; one that is too long is a problem, and is not kept."""
    number, inside = 0, False
    for line in iter(partial(stream.readline, LONGEST_LINE), b""):
        goes_on, inside = inside, not line.endswith(b"\n")
        if goes_on:
            continue
        number += 1
        if inside and len(line) == LONGEST_LINE:
            yield number, Problem(number, f"it is longer than {size(LONGEST_LINE)}")
        else:
            yield number, line.removeprefix(_BOM) if number == 1 else line


def _of_lines(stream: BinaryIO, read: Callable[[int, bytes], Item]) -> Iterator[Found]:
    for number, line in _numbered(stream):
        if isinstance(line, Problem):
            yield line
        elif line.strip():
            try:
                yield read(number, line)
            except LineError as error:
                yield Problem(number, str(error))


# Tables


def _of_table(stream: BinaryIO, suffix: str) -> Iterator[Found]:
    from batchtui.submissions.table import read_table

    table = read_table(stream, f"table{suffix if suffix in _TABLES else '.csv'}")
    meanings = _meanings(table.columns)
    for row in table.rows:
        if row.problem:
            yield Problem(row.number, row.problem)
            continue
        try:
            said = {meaning: row.values[name] for name, meaning in meanings.items()}
            yield from_row(row.number, said)
        except LineError as error:
            yield Problem(row.number, str(error))


def _meanings(columns: Sequence[str]) -> dict[str, str]:
    """What those columns mean that mean anything.

    Raises:
        UsageError: if none is an id, or two mean the same.
    """
    found = {name: meaning for name in columns if (meaning := _COLUMNS.get(name.strip().lower()))}
    meant = [_COLUMNS.get(name.strip().lower()) for name in columns]
    for meaning in found.values():
        if meant.count(meaning) > 1:
            raise UsageError(f"Two columns of the table say the {meaning}", todo="Leave one out")
    if "id" not in meant:
        raise UsageError(
            "No column of the table is called id or batch_id"
            f" (but {safe_line(', '.join(columns), 200)})",
            todo="Known columns are id, label, note, request_file and pinned",
        )
    return found
