"""What `watch` says of a row: how far it is, and how it ended. All of it is safe to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from batchtui.cli.batch_table import state_word
from batchtui.domain.batch import Record, RequestCounts
from batchtui.domain.forecast import Past, last_to_end
from batchtui.domain.job_record import JobRecord, members_of
from batchtui.domain.progress import Progress, job_progress, progress, time_bar
from batchtui.domain.text import (
    cell_width,
    clock,
    count,
    counted,
    crop_middle,
    in_zone,
    long_duration,
    pad,
    safe_line,
)

_LONGEST_NAME: Final = 60
_WIDEST_NAME: Final = 40
_BAR: Final = 12
_STATE: Final = 9


def at(moment: datetime) -> str:
    """The time of day in the zone of this machine."""
    return clock(in_zone(moment, None))


def name_of(row: Record, width: int = _LONGEST_NAME) -> str:
    """What to call a row."""
    return crop_middle(safe_line(row.name), width)


def how_far(row: Record, now: datetime, past: Past) -> Progress:
    """How far a row is, against the forecast as long as its counts stand still."""
    if isinstance(row, JobRecord):
        last = last_to_end(row.in_progress, past, now)
        record, forecast = last or (None, None)
        return job_progress(row, now, forecast, (), record)
    return progress(row, now, past.forecast_of(row, now))


def started(row: Record, now: datetime, past: Past) -> str:
    """One line for a row that is begun to be watched while it runs."""
    requests = counted(row.batch.request_counts.total, "request")
    far = how_far(row, now, past).sentence
    return f"{name_of(row)}: {state_word(row)}, {requests}{far and ', '}{far}"


def moved(row: Record) -> str:
    """One line for a row that still runs, but not as it did."""
    if isinstance(row, JobRecord):
        of = counted(len(row.job.parts), "batch", "batches")
        return f"{name_of(row)}: {state_word(row)}, {count(row.ended)} of {of} ended"
    return f"{name_of(row)}: {state_word(row)}"


def ended(row: Record) -> str:
    """One line for a row that no longer runs."""
    if not row.on_server and row.batch.running:
        return f"{name_of(row)}: no longer on the server; how it ended is not known"
    if isinstance(row, JobRecord) and row.job.unsent:
        of = counted(len(row.job.parts), "batch", "batches")
        return f"{name_of(row)}: {count(row.sent)} of {of} sent, and nobody is sending the rest"
    end = row.batch.ended_at
    took = f", after {long_duration(row.batch.elapsed(end))}" if end else ""
    counts = row.batch.request_counts
    whole = counts.succeeded == counts.total > 0
    became = f"all {counted(counts.total, 'request')}" if whole else tally([row])
    return f"{name_of(row)}: {state_word(row)}, {became}{took}"


def tally(rows: Iterable[Record]) -> str:
    """What became of the requests of rows: "990 succeeded, 10 errored"."""
    sums = dict.fromkeys(RequestCounts.__struct_fields__, 0)
    for row in rows:
        for name in sums:
            sums[name] += getattr(row.batch.request_counts, name)
    unknown = sums.pop("processing")
    words = [f"{count(number)} {name}" for name, number in sums.items() if number]
    return ", ".join(words) or ("what became of them is not known" if unknown else "no requests")


def standing(rows: Sequence[Record]) -> str:
    """How all that is watched stands: "1 of 3 batches ended, 4 of 10 requests done"."""
    members = [member for row in rows for member in members_of(row)]
    over = [each for each in members if not each.running]
    gone = sum(each.batch.running for each in over)
    vanished = f", {count(gone)} no longer on the server" if gone else ""
    counts = [row.batch.request_counts for row in rows]
    done, total = (sum(getattr(each, name) for each in counts) for name in ("finished", "total"))
    return (
        f"{count(len(over) - gone)} of {counted(len(members), 'batch', 'batches')} ended"
        f"{vanished}, {count(done)} of {counted(total, 'request')} done"
    )


def table(rows: Sequence[Record], now: datetime, past: Past, width: int) -> Iterable[str]:
    """A line for each row, in columns fit for `width` cells; its end may have to be cut."""
    names = [name_of(row, min(_WIDEST_NAME, max(width // 3, 8))) for row in rows]
    widest = max(map(cell_width, names), default=0)
    for row, name in zip(rows, names, strict=True):
        far = how_far(row, now, past)
        yield f"{pad(name, widest)}  {pad(state_word(row), _STATE)}  {_bar(far)}  {far.sentence}"


def _bar(far: Progress) -> str:
    if far.counts is not None:
        share = far.counts.finished / max(far.counts.total, 1)
        return time_bar(share, _BAR)
    return time_bar(far.share, _BAR) if far.share is not None else " " * _BAR
