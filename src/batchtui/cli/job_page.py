"""All that is known of a job, as lines of text for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from batchtui.cli.batch_table import state_word
from batchtui.cli.going_on import going_on
from batchtui.cli.page import aligned, forecast_words, results_words, times, when
from batchtui.domain.batch import Record
from batchtui.domain.forecast import Forecast
from batchtui.domain.job import Part
from batchtui.domain.job_record import JobRecord
from batchtui.domain.pricing import Cost
from batchtui.domain.text import cell_width, count, counted, pad, safe_line


def job_page(
    job: JobRecord,
    now: datetime,
    *,
    last: tuple[Record, Forecast | None] | None,
    cost: Cost | None = None,
) -> str:
    """The page.

    Args:
        job: the job.
        now: the present, in the time zone to speak in.
        last: the one of its running batches that will probably end last, and its forecast.
        cost: what the results cost; None if that cannot be told.
    """
    lines: list[tuple[str, str]] = [("job", job.name)]
    lines += [("state", line) for line in _state(job)]
    lines.append(("requests", _counts(job)))
    lines += [("batches", line) for line in _batches(job)]
    lines += times(job, now) if job.members else [("created", when(job.job.created_at, now))]
    if last and last[1]:
        lines.append(("forecast", f"the last of them: {forecast_words(last[0], last[1], now)}"))
    if job.members:
        lines.append(("results", results_words(job, now)))
    if cost and cost.words:
        lines.append(("cost", f"{cost.words}, at batch price"))
    lines += [("requests in", each.request_file) for each in job.job.rounds if each.request_file]
    lines += [("pinned", "yes")] if job.pinned else []
    lines += [("note", line) for line in job.note.splitlines()]
    return "\n".join(aligned(lines))


def _state(job: JobRecord) -> Iterator[str]:
    parts = counted(len(job.job.parts), "batch", "batches")
    if not job.job.unsent:
        yield f"{state_word(job)}: {count(job.ended)} of {parts} ended"
        return
    missing = counted(job.unsent_requests, "request")
    word = "unknown" if job.unsure else "sending" if job.sending else "stopped"
    yield f"{word}: {count(job.sent)} of {parts} sent, {missing} not"
    if not job.sending:
        yield f"to go on: {going_on(job.job)}"


def _counts(job: JobRecord) -> str:
    counts = job.batch.request_counts
    numbers = {
        "succeeded": counts.succeeded,
        "errored": counts.errored,
        "canceled": counts.canceled,
        "expired": counts.expired,
        "processing": job.processing,
        "not sent": job.unsent_requests,
    }
    parts = [f"{count(number)} {name}" for name, number in numbers.items() if number]
    return f"{count(counts.total)}: {', '.join(parts)}" if parts else count(counts.total)


def _batches(job: JobRecord) -> Iterator[str]:
    known = {each.id: each for each in job.members}
    titles = [job.job.title_of(part) for part in job.job.parts]
    widest = max(map(cell_width, titles), default=0)
    for part, title in zip(job.job.parts, titles, strict=True):
        yield f"{pad(title, widest)}  {_part(job, part, known.get(part.batch_id))}"


def _part(job: JobRecord, part: Part, record: Record | None) -> str:
    requests = counted(part.requests, "request")
    if record is not None:
        return f"{safe_line(record.id, 100)}  {state_word(record)}, {requests}"
    if part.batch_id:
        return f"{safe_line(part.batch_id, 100)}  not seen yet, {requests}"
    return f"{'not known whether sent' if part in job.unsure else 'not sent'}, {requests}"
