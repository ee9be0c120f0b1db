"""All that is known of one batch, as lines of text for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from batchtui.cli.batch_table import state_word
from batchtui.domain.batch import ENDED, Record, ResultsState
from batchtui.domain.forecast import Forecast
from batchtui.domain.pricing import Cost
from batchtui.domain.text import (
    cell_width,
    count,
    day_and_time,
    in_zone,
    long_duration,
    safe_line,
    size,
)

_OUTCOMES = {
    "running": "being processed",
    "canceling": "being canceled; requests in work may still succeed",
    "succeeded": "ended, every request succeeded",
    "partial": "ended, some requests failed",
    "failed": "ended, no request succeeded",
    "expired": "ended, some requests ran out of time",
    "canceled": "ended by being canceled",
    "empty": "ended, there were no requests",
    "unknown": "in a state this version does not know",
}


def batch_page(
    record: Record,
    now: datetime,
    *,
    forecast: Forecast | None,
    results_at: str,
    results_size: int | None,
    cost: Cost | None = None,
    job: str = "",
) -> str:
    """The page.

    Args:
        record: the batch.
        now: the present, in the time zone to speak in.
        forecast: when it will probably end, if it runs and there is a past to judge by.
        results_at: path of its result file, which need not exist.
        results_size: bytes of that file, None if it is not here.
        cost: what the results cost; None if that cannot be told.
        job: the job it belongs to, and its place there; "" if to none.
    """
    lines: list[tuple[str, str]] = [("id", record.id)]
    lines += [("label", record.label)] if record.label else []
    lines += [("job", job)] if job else []
    lines += [("state", _state(record, now)), ("requests", _counts(record))]
    lines += times(record, now)
    if forecast:
        lines.append(("forecast", forecast_words(record, forecast, now)))
    lines.append(("results", results_words(record, now)))
    if results_size is not None:
        lines.append(("file", f"{results_at} ({size(results_size)})"))
    if cost and cost.words:
        lines.append(("cost", f"{cost.words}, at batch price"))
    lines += [("requests in", record.request_file)] if record.request_file else []
    lines += [("pinned", "yes")] if record.pinned else []
    lines += [("note", line) for line in record.note.splitlines()]
    lines.append(("last seen", when(record.last_seen_at, now)))
    return "\n".join(aligned(lines))


def aligned(lines: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Names and words as lines, the words one below the other."""
    width = max(cell_width(name) for name, _ in lines)
    before = ""
    for name, words in lines:
        # A name is not said again for what follows under it.
        yield f"{name if name != before else '':<{width}}  {safe_line(words, 10_000)}"
        before = name


def _state(record: Record, now: datetime) -> str:
    word = state_word(record)
    if record.deleted_at:
        return f"{word} {when(record.deleted_at, now)}; was {record.batch.outcome}"
    if record.gone_at:
        return f"{word}: no longer on the server; was {record.batch.outcome}"
    status = record.batch.processing_status
    known = _OUTCOMES[word]
    return f"{word}: {known}" + (f" ({status})" if word == "unknown" else "")


def _counts(record: Record) -> str:
    counts = record.batch.request_counts
    if record.batch.running and not record.batch.counts_move:
        return f"{count(counts.total)} (how they fare is told when the batch has ended)"
    names = ("succeeded", "errored", "canceled", "expired", "processing")
    parts = [
        f"{count(number)} {name}"
        for name in names
        if (number := getattr(counts, name)) or name in ("succeeded", "errored")
    ]
    return f"{count(counts.total)}: {', '.join(parts)}"


def times(record: Record, now: datetime) -> Iterator[tuple[str, str]]:
    """When things happened and will happen."""
    batch = record.batch
    yield "created", when(batch.created_at, now)
    if batch.cancel_initiated_at:
        yield "cancel asked", when(batch.cancel_initiated_at, now)
    if batch.ended_at:
        took = long_duration(batch.elapsed(batch.ended_at))
        yield "ended", f"{when(batch.ended_at, now)}, took {took}"
    elif batch.processing_status != ENDED and record.on_server:
        yield "running for", long_duration(batch.elapsed(now))
        yield "expires", f"{when(batch.deadline, now)} (processing ends then at the latest)"
    if batch.archived_at:
        yield "archived", when(batch.archived_at, now)


def results_words(record: Record, now: datetime) -> str:
    """Where the results are."""
    until = when(record.results_expire_at, now)
    match record.results(now):
        case ResultsState.HERE:
            return "here"
        case ResultsState.AVAILABLE:
            return f"on the server until {until}"
        case ResultsState.GONE:
            return "gone"
        case _:
            return f"none yet; once there they are kept until {until}"


def forecast_words(record: Record, forecast: Forecast, now: datetime) -> str:
    """When it will probably end, and by what that is judged."""
    elapsed = record.batch.elapsed(now).total_seconds()
    past = (
        f"batches like this took {long_duration(forecast.low)} to {long_duration(forecast.high)}"
        if forecast.alike
        else f"past batches took {long_duration(forecast.low)} to {long_duration(forecast.high)}"
    )
    left = (
        f"probably {long_duration(forecast.end - elapsed)} left"
        if forecast.end is not None
        else "longer than 95 % of yours"
    )
    return f"{left}; {past} (n={forecast.n})"


def when(moment: datetime, now: datetime) -> str:
    """When, and how far away."""
    distance = moment - now
    said = day_and_time(in_zone(moment, now.tzinfo), now)
    if distance.total_seconds() > 0:
        return f"{said}, in {long_duration(distance)}"
    return f"{said}, {long_duration(-distance)} ago"
