"""The seam between stored rows and domain values: what does not fit is left out, never cast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

import msgspec

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Instant, Record, RequestCounts, decode_batch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

SELECT = """
    SELECT batch.key, batch.id, batch.body, batch.first_seen_at,
           coalesce(seen.at, batch.first_seen_at), batch.deleted_at, batch.gone_at,
           batch.label, batch.note, batch.pinned, batch.request_file
    FROM batch LEFT JOIN seen ON seen.batch = batch.key
"""
"""The columns of a `Row`, in its order."""


Micros = Annotated[int, msgspec.Meta(ge=-62_135_596_800_000_000, le=253_402_300_799_999_999)]
"""Microseconds since 1970, within the years 1 to 9999."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A batch as it is stored."""

    key: int
    id: str
    body: bytes
    first_seen_at: Micros
    last_seen_at: Micros
    deleted_at: Micros | None
    gone_at: Micros | None
    label: str | None
    note: str | None
    pinned: int
    request_file: str | None


class Observation(msgspec.Struct, frozen=True):
    """How a batch stood at one time; kept only when it differs from the one before."""

    at: Instant
    processing_status: str
    request_counts: RequestCounts


Statement: TypeAlias = tuple[str, tuple[str, ...]]
"""SQL, and its parameters."""


def account_queries(
    account: AccountKey, columns: str, *, has_names: bool = True
) -> Iterator[Statement]:
    """The statements that find the row of an account: that of the first that finds any.

    Who has a name is who was last called so, if the key is not there, or the workspace is given:
    a key that was replaced opens the same batches. An account without a fingerprint stands for
    whoever used its endpoint (and its workspace, if given) last.

    Args:
        account: whose.
        columns: of the table `account`.
        has_names: whether the file has a table for names, as those of older versions have not.
    """
    sql = f"SELECT {columns} FROM account WHERE"
    where: tuple[str, ...] = (account.endpoint, account.workspace)
    keyless = account.fingerprint == f"account:{account.name}"
    if has_names and account.name and (keyless or account.workspace):
        named = "SELECT account FROM name WHERE name = ? AND endpoint = ? AND workspace = ?"
        yield f"{sql} key = ({named})", (storable(account.name), *where)
    if account.fingerprint:
        condition = "endpoint = ? AND workspace = ? AND fingerprint = ?"
        where = (*where, account.fingerprint)
    else:
        condition = "endpoint = ? AND ? IN (workspace, '')"
    yield f"{sql} {condition} ORDER BY last_used_at DESC LIMIT 1", where


_UNREADABLE = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)


def storable(text: str) -> str:
    """Text without the lone surrogates that a command line may hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=4096)  # whole pages of rows were seen at one moment
def from_micros(micros: int) -> datetime:
    """The instant of so many microseconds since 1970, in UTC.

    Raises:
        OverflowError: if it is beyond the years 1 to 9999.
    """
    return _EPOCH + timedelta(microseconds=micros)


def _maybe(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def to_row(raw: Sequence[Any]) -> Row | None:
    """One fetched row, or None if its columns make no sense."""
    try:
        return msgspec.convert(raw, Row)
    except _UNREADABLE:
        return None


def to_rows(raw: list[Any]) -> list[Row]:
    """Fetched rows, without those whose columns make no sense."""
    try:
        return msgspec.convert(raw, list[Row])
    except _UNREADABLE:
        return [row for one in raw if (row := to_row(one)) is not None]


def to_record(row: Row) -> Record | None:
    """The record in a row, or None if it cannot be read."""
    try:
        batch = decode_batch(row.body)
        if batch.id != row.id:
            return None
        return Record(
            batch,
            from_micros(row.first_seen_at),
            from_micros(row.last_seen_at),
            _maybe(row.deleted_at),
            _maybe(row.gone_at),
            row.label or "",
            row.note or "",
            row.pinned != 0,
            request_file=row.request_file or "",
        )
    except _UNREADABLE:
        return None


def annotated_as(row: Row, record: Record) -> Record:
    """The record with what a person added to a row that cannot be read itself."""
    return msgspec.structs.replace(
        record,
        label=row.label or "",
        note=row.note or "",
        pinned=row.pinned != 0,
        request_file=row.request_file or "",
    )


TELLS_WHAT_FAILED = "tells_what_failed"
"""What `tells_what_failed` is called in SQL."""


def tells_what_failed(body: bytes) -> bool:
    """Whether the API's object has results that tell what failed; see `Batch`."""
    try:
        return decode_batch(body).tells_what_failed
    except msgspec.MsgspecError:
        return False


def readable(raw: list[Any]) -> Iterator[tuple[Row, Record]]:
    """Fetched rows with their records, without those that cannot be read."""
    for row in to_rows(raw):
        record = to_record(row)
        if record is not None:
            yield row, record


def to_observations(raw: list[Any]) -> list[Observation]:
    """Fetched observations (at, status, five counts), without those that make no sense."""
    found = []
    for at, status, *counts in raw:
        try:
            named = dict(zip(RequestCounts.__struct_fields__, counts, strict=True))
            value = {"at": from_micros(at), "processing_status": status, "request_counts": named}
            found.append(msgspec.convert(value, Observation))
        except (*_UNREADABLE, TypeError):
            continue
    return found
