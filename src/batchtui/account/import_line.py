"""What one line of a file says of a batch or a job, and why another is of no use."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from batchtui.domain.batch import Instant, Sighting, decode_batch
from batchtui.domain.job import Job
from batchtui.domain.text import UNSAFE, count, safe_line
from batchtui.history.taking_in import Arrival

LONGEST_ID: Final = 200
_LARGEST: Final = 2**63 - 1
_LONGEST: Final = {"label": 500, "note": 20_000, "request_file": 4_096}

_BEHIND_ID = re.compile(r"[\s,;]+")
_YES, _NO = frozenset({"true", "yes", "y", "1", "x"}), frozenset({"", "false", "no", "n", "0"})


class Item(msgspec.Struct, frozen=True):
    """What a line says.

    Attributes:
        number: of the line, from 1.
        job: set if it is a job; then there is no arrival.
    """

    number: int
    arrival: Arrival | None = None
    job: Job | None = None


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


class LineError(Exception):
    """Why a line is of no use."""


_NONSENSE = (msgspec.MsgspecError, ValueError, RecursionError)
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_named = msgspec.json.Decoder(_Named).decode
_decode_ours = msgspec.json.Decoder(_Ours).decode
_decode_job = msgspec.json.Decoder(Job).decode


# JSON


def from_json(number: int, line: bytes) -> Item:
    """What a line of JSON says; raises `LineError` if it is of no use."""
    try:
        fields = _decode_object(line)
    except _NONSENSE:
        raise LineError("there is no JSON object") from None
    if "batchtui_job" in fields:
        return Item(number, job=_job(fields["batchtui_job"]))
    if "processing_status" in fields:
        return Item(number, _received(line, fields))
    try:
        named = _decode_named(line)
    except _NONSENSE as error:
        raise LineError(f"it is not as expected: {_why(error)}") from None
    return Item(number, _arrival(named))


def _job(raw: msgspec.Raw) -> Job:
    try:
        job = _decode_job(raw)
    except _NONSENSE as error:
        raise LineError(f"the job is not as expected: {_why(error)}") from None
    if not job.name or not job.batch_ids:
        raise LineError("the job has no name, or no batches")
    if not _is_whole(job):
        raise LineError("the rounds and parts of the job do not go together")
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
        raise LineError(f"it is no message batch: {_why(error)}") from None
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


# Rows and ids


def from_row(number: int, values: Mapping[str, str]) -> Item:
    """What a row of a table says.

    Args:
        number: of the line it begins in.
        values: by what the columns mean: id, label, note, request_file, pinned.

    Raises:
        LineError: if it is of no use.
    """
    said = {name: value.strip() for name, value in values.items()}
    pinned = said.pop("pinned", "").lower()
    if pinned not in _YES | _NO:
        raise LineError('"pinned" is neither true nor false')
    return Item(number, _arrival(_Named(**said, pinned=pinned in _YES)))


def from_plain(number: int, line: bytes) -> Item:
    """What an id with or without a label behind it says; raises `LineError` if it is none."""
    try:
        text = line.decode().strip()
    except UnicodeDecodeError:
        raise LineError("it is not UTF-8") from None
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
        raise LineError("there is no id")
    if len(batch_id) > LONGEST_ID:
        raise LineError(f"the id has more than {LONGEST_ID} characters")
    odd = UNSAFE.search(batch_id) or any(char.isspace() for char in batch_id)
    if odd or batch_id.startswith((".", ";")):
        raise LineError(f'"{safe_line(batch_id, 60)}" is not the id of a message batch')


def _check_lengths(said: _Named | _Ours) -> None:
    for name, longest in _LONGEST.items():
        if len(getattr(said, name) or "") > longest:
            words = name.replace("_", " ")
            raise LineError(f"the {words} has more than {count(longest)} characters")
    if "\x00" in (said.request_file or ""):
        raise LineError("no file can have the name of the request file")


def _why(error: Exception) -> str:
    return safe_line(str(error), 120)
