"""Jobs, their rounds and parts as rows of the history, in both directions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import msgspec

from batchtui.domain.batch import RequestCounts
from batchtui.domain.job import Job, Part, Round
from batchtui.history.rows import Micros, from_micros, storable, to_micros

_UNREADABLE = (msgspec.MsgspecError, ValueError, OverflowError)
_PARTS = (
    "number, round, start, stop, first_line, requests, size, digest, verbatim, state, batch_id,"
    " attempted_at"
)
_ROUNDS = "number, request_file, size, digest, requests, created_at, instead_of"

Rows: TypeAlias = Callable[[str, Sequence[object]], list[Any]]
"""Carries out a query with its parameters; raises `StorageError` if it cannot be."""


class _JobRow(msgspec.Struct, frozen=True, array_like=True):
    key: int
    name: str
    created_at: Micros
    note: str | None
    pinned: int


def read_jobs(rows: Rows, condition: str, values: Sequence[object]) -> Iterator[Job]:
    """The jobs for which a condition of SQL holds, newest first; none that makes no sense.

    Raises:
        StorageError: if the history cannot be read.
    """
    sql = (
        "SELECT job.key, job.name, job.created_at, job.note, job.pinned FROM job"
        f" WHERE {condition} ORDER BY job.created_at DESC, job.key DESC"
    )
    for raw in rows(sql, values):
        try:
            row = msgspec.convert(raw, _JobRow)
            yield Job(
                row.key,
                row.name,
                from_micros(row.created_at),
                tuple(_rounds(rows, row.key)),
                tuple(_parts(rows, row.key)),
                row.note or "",
                row.pinned != 0,
            )
        except _UNREADABLE:
            continue


def put_job(connection: sqlite3.Connection, account: int, job: Job) -> int:
    """Write a job down, with its rounds and parts; returns the key that it has here."""
    sql = "INSERT INTO job (account, name, created_at, note, pinned) VALUES (?, ?, ?, ?, ?)"
    texts = storable(job.name), to_micros(job.created_at), storable(job.note) or None
    key = connection.execute(sql, (account, *texts, job.pinned)).lastrowid or 0
    for round_ in job.rounds:
        put_round(connection, key, round_)
    put_parts(connection, key, job.parts)
    return key


def drop_job(connection: sqlite3.Connection, key: int) -> None:
    """Take a job out, with its rounds and parts."""
    for table in ("part", "round"):
        connection.execute(f"DELETE FROM {table} WHERE job = ?", (key,))
    connection.execute("DELETE FROM job WHERE key = ?", (key,))


def put_round(connection: sqlite3.Connection, key: int, each: Round) -> None:
    """Write a round of a job down."""
    values = (each.number, storable(each.request_file), each.size, each.digest, each.requests)
    counts = msgspec.json.encode(each.instead_of).decode()
    sql = f"INSERT INTO round (job, {_ROUNDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    connection.execute(sql, (key, *values, to_micros(each.created_at), counts))


def put_parts(connection: sqlite3.Connection, key: int, parts: Sequence[Part]) -> None:
    """Write parts of a job down."""
    sql = f"INSERT INTO part (job, {_PARTS}) VALUES (?{', ?' * len(Part.__struct_fields__)})"
    connection.executemany(sql, [(key, *_part_values(part)) for part in parts])


def _rounds(rows: Rows, key: int) -> list[Round]:
    sql = f"SELECT {_ROUNDS} FROM round WHERE job = ? ORDER BY number"
    found = [_to_round(raw) for raw in rows(sql, (key,))]
    if not found:
        raise ValueError("a job without rounds")
    return found


def _parts(rows: Rows, key: int) -> list[Part]:
    sql = f"SELECT {_PARTS} FROM part WHERE job = ? ORDER BY number"
    return [_to_part(raw) for raw in rows(sql, (key,))]


def _to_round(raw: Sequence[Any]) -> Round:
    value = dict(zip(Round.__struct_fields__[:5], raw, strict=False))
    counts = msgspec.json.decode(raw[6], type=RequestCounts)
    value |= {"created_at": from_micros(raw[5]), "instead_of": counts}
    return msgspec.convert(value, Round)


def _to_part(raw: Sequence[Any]) -> Part:
    value = dict(zip(Part.__struct_fields__, raw, strict=True))
    value["verbatim"] = bool(value["verbatim"])
    attempted = value["attempted_at"]
    value["attempted_at"] = None if attempted is None else from_micros(attempted)
    return msgspec.convert(value, Part)


def _part_values(part: Part) -> tuple[object, ...]:
    values: dict[str, Any] = msgspec.structs.asdict(part)
    attempted = part.attempted_at
    values["attempted_at"] = None if attempted is None else to_micros(attempted)
    values["state"] = part.state.value
    return tuple(values.values())
