"""The columns in which batches are listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from batchtui.cli.table import Column, lay_out
from batchtui.domain.batch import Record, RequestCounts, ResultsState
from batchtui.domain.text import count, duration, in_zone

UNKNOWN_YET = "·"
"""Shown for counts that the API does not tell before the end."""


def state_word(record: Record) -> str:
    """How a batch stands, or why it stands no more."""
    if record.deleted_at:
        return "deleted"
    return "gone" if record.gone_at else record.batch.outcome.value


class InAccount(msgspec.Struct, frozen=True):
    """A batch with the name of the account it is in."""

    account: str
    record: Record


def for_people(records: Sequence[Record], now: datetime, width: int) -> list[str]:
    """The lines for a terminal of `width` cells: times as distances, as much as fits."""
    return lay_out(_short(now), records, width)


def for_programs(records: Sequence[Record], now: datetime) -> list[str]:
    """The lines for a pipe or a file: always the same columns, nothing cut, times in UTC."""
    return lay_out(_full(now), records)


def everywhere_for_people(rows: Sequence[InAccount], now: datetime, width: int) -> list[str]:
    """The lines of `for_people`, each with its account."""
    return lay_out(_with_account(_short(now)), rows, width)


def everywhere_for_programs(rows: Sequence[InAccount], now: datetime) -> list[str]:
    """The lines of `for_programs`, each with its account."""
    return lay_out(_with_account(_full(now)), rows)


def _short(now: datetime) -> tuple[Column[Record], ...]:
    return (
        Column("ID", lambda record: record.id, narrowest=18),
        Column("STATE", state_word),
        Column("AGE", lambda record: duration(now - record.batch.created_at), right=True),
        Column("REQUESTS", lambda r: count(r.batch.request_counts.total), right=True),
        Column("OK", lambda r: _known(r, "succeeded"), right=True, leaves=1),
        Column("ERRORED", lambda r: _known(r, "errored"), right=True, leaves=2),
        Column("CANCELED", lambda r: _known(r, "canceled"), right=True, leaves=6),
        Column("EXPIRED", lambda r: _known(r, "expired"), right=True, leaves=5),
        Column("NEXT", lambda record: _next(record, now), leaves=4),
        Column("LABEL", lambda record: record.label, leaves=3, narrowest=12, optional=True),
    )


def _full(now: datetime) -> tuple[Column[Record], ...]:
    return (
        Column("ID", lambda record: record.id),
        Column("STATE", state_word),
        Column("CREATED", lambda record: timestamp(record.batch.created_at)),
        *(_plain(name) for name in ("total", *RequestCounts.__struct_fields__)),
        Column("RESULTS", lambda record: record.results(now).value),
        Column("RESULTS_EXPIRE", lambda record: timestamp(record.batch.results_expire_at)),
        Column("LABEL", lambda record: record.label),
    )


def _with_account(columns: Sequence[Column[Record]]) -> tuple[Column[InAccount], ...]:
    """The columns with one before them; none of it leaves, for an id alone means nothing there."""
    return (
        Column("ACCOUNT", lambda row: row.account, narrowest=10),
        *map(_of_record, columns),
    )


def _of_record(column: Column[Record]) -> Column[InAccount]:
    return Column(
        column.title,
        lambda row: column.cell(row.record),
        right=column.right,
        leaves=column.leaves,
        narrowest=column.narrowest,
        optional=column.optional,
    )


def timestamp(moment: datetime) -> str:
    """2026-11-23T12:01:03Z."""
    at = in_zone(moment, UTC).replace(microsecond=0, tzinfo=None)
    return f"{at.isoformat()}Z"


def _plain(name: str) -> Column[Record]:
    title = "REQUESTS" if name == "total" else name.upper()
    return Column(title, lambda r: str(getattr(r.batch.request_counts, name)), right=True)


def _known(record: Record, name: str) -> str:
    if record.batch.running and not record.batch.counts_move:
        return UNKNOWN_YET
    return count(getattr(record.batch.request_counts, name))


def _next(record: Record, now: datetime) -> str:
    if record.running:
        return f"ends ≤ {duration(record.batch.deadline - now)}"
    state = record.results(now)
    if state is ResultsState.AVAILABLE:
        return f"results {duration(record.batch.results_expire_at - now)}"
    return "" if state is ResultsState.NONE else f"results {state}"
