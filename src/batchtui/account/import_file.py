"""Files in which other programs say what they know of batches, read line by line.

JSON lines (what `list --json` and `history export` print, message batches as the API sends them,
objects with an id), tables with a heading, or ids one a line with a label behind them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import PurePath
from typing import BinaryIO, Final, TypeAlias

import msgspec

from batchtui.domain.batch import Instant, Sighting, decode_batch
from batchtui.domain.errors import UsageError
from batchtui.domain.job import Job
from batchtui.domain.text import UNSAFE, count, safe_line, size
from batchtui.history.taking_in import Arrival

LONGEST_LINE: Final = 4_000_000
"""Bytes; the batches of the API take a few hundred."""

LONGEST_ID: Final = 200
_LARGEST: Final = 2**63 - 1
_LONGEST: Final = {"label": 500, "note": 20_000, "request_file": 4_096}

_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_TABLES = (".csv", ".tsv", ".tab")
_JSON = (".jsonl", ".ndjson", ".json")
_DELIMITERS = re.compile(r"[,;\t]")
_BEHIND_ID = re.compile(r"[\s,;]+")
_YES, _NO = frozenset({"true", "yes", "y", "1", "x"}), frozenset({"", "false", "no", "n", "0"})
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


class Item(msgspec.Struct, frozen=True):
    """What a line says.

    Attributes:
        number: of the line, from 1.
        job: set if it is a job; then there is no arrival.
    """

    number: int
    arrival: Arrival | None = None
    job: Job | None = None


class Problem(msgspec.Struct, frozen=True):
    """A line that says nothing of use, and why, as the end of "line 3: "."""

    number: int
    words: str


Found: TypeAlias = Item | Problem


class _Named(msgspec.Struct, frozen=True):
    """What a person says of a batch: in a line of JSON or a row."""

    id: str = ""
    batch_id: str = ""
    label: str | None = None
    note: str | None = None
    request_file: str | None = None
    pinned: bool | None = None


class _Ours(msgspec.Struct, frozen=True):
    """What batchtui added to an object of the API."""

    label: str = ""
    note: str = ""
    request_file: str = ""
    pinned: bool = False
    first_seen_at: Instant | None = None
    last_seen_at: Instant | None = None
    deleted_at: Instant | None = None
    gone_at: Instant | None = None


class _LineError(Exception):
    """Why a line is of no use."""


_NONSENSE = (msgspec.MsgspecError, ValueError, RecursionError)
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_named = msgspec.json.Decoder(_Named).decode
_decode_ours = msgspec.json.Decoder(_Ours).decode
_decode_job = msgspec.json.Decoder(Job).decode


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
    if suffix in _JSON or first.startswith("{"):
        return _of_lines(stream, _from_json)
    if suffix in _TABLES or _is_heading(first):
        return _of_table(stream, suffix)
    return _of_lines(stream, _from_plain)


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
            except _LineError as error:
                yield Problem(number, str(error))


# JSON


def _from_json(number: int, line: bytes) -> Item:
    try:
        fields = _decode_object(line)
    except _NONSENSE:
        raise _LineError("there is no JSON object") from None
    if "batchtui_job" in fields:
        return Item(number, job=_job(fields["batchtui_job"]))
    if "processing_status" in fields:
        return Item(number, _received(line, fields))
    try:
        named = _decode_named(line)
    except _NONSENSE as error:
        raise _LineError(f"it is not as expected: {_why(error)}") from None
    return Item(number, _arrival(named))


def _job(raw: msgspec.Raw) -> Job:
    try:
        job = _decode_job(raw)
    except _NONSENSE as error:
        raise _LineError(f"the job is not as expected: {_why(error)}") from None
    if not job.name or not job.batch_ids:
        raise _LineError("the job has no name, or no batches")
    if not _is_whole(job):
        raise _LineError("the rounds and parts of the job do not go together")
    for batch_id in job.batch_ids:
        _check_id(batch_id)
    return job


def _is_whole(job: Job) -> bool:
    """Whether each round, part and batch is there once, and each number is one to be stored."""
    rounds = [each.number for each in job.rounds]
    parts = [each.number for each in job.parts]
    numbers = (
        value
        for each in (*job.rounds, *job.parts)
        for value in msgspec.structs.astuple(each)
        if isinstance(value, int)
    )
    return (
        rounds[:1] == [0]
        and all(len(set(each)) == len(each) for each in (rounds, parts, job.batch_ids))
        and {each.round for each in job.parts} <= set(rounds)
        and all(0 <= number <= _LARGEST for number in numbers)
    )


def _received(line: bytes, fields: Mapping[str, msgspec.Raw]) -> Arrival:
    """A batch as the API describes it, perhaps with what batchtui adds to it."""
    try:
        ours = _decode_ours(fields["batchtui"]) if "batchtui" in fields else _Ours()
        body = _without_ours(line.strip(), fields)
        batch = decode_batch(body)
    except _NONSENSE as error:
        raise _LineError(f"it is no message batch: {_why(error)}") from None
    _check_id(batch.id)
    _check_lengths(ours)
    return Arrival(
        batch_id=batch.id, sighting=Sighting(batch, body), **msgspec.structs.asdict(ours)
    )


def _without_ours(line: bytes, fields: Mapping[str, msgspec.Raw]) -> bytes:
    """The object of the API to the letter, if ours is its last field as we write it."""
    if "batchtui" not in fields:
        return line
    tail = b',"batchtui":' + bytes(fields["batchtui"]) + b"}"
    if line.endswith(tail):
        return line.removesuffix(tail) + b"}"
    return msgspec.json.encode({name: fields[name] for name in fields if name != "batchtui"})


# Tables


def _of_table(stream: BinaryIO, suffix: str) -> Iterator[Found]:
    from batchtui.submissions.table import read_table

    table = read_table(stream, f"table{suffix if suffix in _TABLES else '.csv'}")
    meanings = {name: _COLUMNS.get(name.strip().lower(), "") for name in table.columns}
    if "id" not in meanings.values():
        shown = safe_line(", ".join(table.columns), 200)
        raise UsageError(
            f"No column of the table is called id or batch_id (but {shown})",
            todo="Known columns are id, label, note, request_file and pinned",
        )
    for row in table.rows:
        if row.problem:
            yield Problem(row.number, row.problem)
            continue
        try:
            yield Item(row.number, _arrival(_from_row(row.values, meanings)))
        except _LineError as error:
            yield Problem(row.number, str(error))


def _from_row(values: Mapping[str, str], meanings: Mapping[str, str]) -> _Named:
    said = {meanings[name]: value.strip() for name, value in values.items() if meanings[name]}
    pinned = said.pop("pinned", "").lower()
    if pinned not in _YES | _NO:
        raise _LineError('"pinned" is neither true nor false')
    return _Named(**said, pinned=pinned in _YES)


# Ids


def _from_plain(number: int, line: bytes) -> Item:
    try:
        text = line.decode().strip()
    except UnicodeDecodeError:
        raise _LineError("it is not UTF-8") from None
    batch_id, _, label = _BEHIND_ID.sub("\n", text, count=1).partition("\n")
    return Item(number, _arrival(_Named(id=batch_id, label=label)))


def _arrival(named: _Named) -> Arrival:
    batch_id = named.id or named.batch_id
    _check_id(batch_id)
    _check_lengths(named)
    path = named.request_file
    return Arrival(
        batch_id=batch_id,
        label=(named.label or "").strip(),
        note=(named.note or "").strip(),
        request_file=os.path.abspath(path) if path else "",
        pinned=bool(named.pinned),
    )


def _check_id(batch_id: str) -> None:
    if not batch_id:
        raise _LineError("there is no id")
    if len(batch_id) > LONGEST_ID:
        raise _LineError(f"the id has more than {LONGEST_ID} characters")
    odd = UNSAFE.search(batch_id) or any(char.isspace() for char in batch_id)
    if odd or batch_id.startswith((".", ";")):
        raise _LineError(f'"{safe_line(batch_id, 60)}" is not the id of a message batch')


def _check_lengths(said: _Named | _Ours) -> None:
    for name, longest in _LONGEST.items():
        if len(getattr(said, name) or "") > longest:
            words = name.replace("_", " ")
            raise _LineError(f"the {words} has more than {count(longest)} characters")
    if "\x00" in (said.request_file or ""):
        raise _LineError("no file can have the name of the request file")


def _why(error: Exception) -> str:
    return safe_line(str(error), 120)
