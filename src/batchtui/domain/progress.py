"""How far a batch is, as honestly as it can be said.

While the API keeps every request in `processing`, all there is to show is time: against the
person's own past batches, or without those against the deadline, and never as a share of work
done. Once counts move or the batch has ended, the counts speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import msgspec

from batchtui.domain.batch import STALE, Outcome, Record, RequestCounts
from batchtui.domain.forecast import Forecast
from batchtui.domain.job_record import JobRecord
from batchtui.domain.text import count, duration, long_duration, percent

Observations = Sequence[tuple[datetime, RequestCounts]]
"""Counts as they were seen over time, oldest first."""

RECENT: Final = timedelta(minutes=15)
"""A rate is taken over the observations of so long at most."""


class Progress(msgspec.Struct, frozen=True):
    """How far a batch is.

    Attributes:
        share: time passed as a share of the time expected, 0 to 1; None if counts are shown.
        counts: the counts to show; None if time is.
        brief: in a word or two, such as "~19m", "61%".
        words: the same with a little more room, such as "~19m left", "61% 3m left".
        sentence: the same in full, such as "12m of about 31m".
    """

    brief: str
    words: str
    sentence: str
    share: float | None = None
    counts: RequestCounts | None = None


def progress(
    record: Record,
    now: datetime,
    forecast: Forecast | None,
    observations: Observations = (),
) -> Progress:
    """How far a batch is at `now`."""
    batch = record.batch
    counts = batch.request_counts
    if not record.running:
        return _at_the_end(record)
    if stale(record, now):
        ago = now - record.last_seen_at
        return Progress(
            f"{duration(ago)} ago",
            f"seen {duration(ago)} ago",
            f"running when last seen, {long_duration(ago)} ago",
        )
    if batch.outcome is Outcome.CANCELING:
        return _canceling(record, now)
    if batch.counts_move:
        return _counted(counts, time_left(observations))
    if now >= batch.deadline:
        return Progress("late", "overdue", "past its deadline", share=1.0)
    elapsed = batch.elapsed(now).total_seconds()
    if forecast is None:
        return _against_deadline(elapsed, (batch.deadline - batch.created_at).total_seconds())
    return _against_past(elapsed, forecast)


def job_progress(
    job: JobRecord,
    now: datetime,
    forecast: Forecast | None,
    observations: Observations,
    last: Record | None,
) -> Progress:
    """How far a running job is at `now`: how much of it is sent, how many of its batches ended.

    Args:
        job: the job.
        now: the moment.
        forecast: of `last`.
        observations: its counts as they were seen over time; empty unless counts move.
        last: the one of its running batches that will probably end last; None if none runs.
    """
    counts = job.batch.request_counts if job.ended else None
    of = len(job.job.parts)
    if job.job.unsent:
        words = f"{so_many(job.sent, job)} sent"
        sentence = f"{so_many(job.sent, job, 'batches')} sent"
        return Progress(f"{job.sent}/{of} sent", words, sentence, counts=counts)
    moving = any(each.batch.counts_move for each in job.in_progress)
    if last is None or moving or stale(job, now) or job.batch.outcome is Outcome.CANCELING:
        return progress(job, now, forecast, observations)
    if counts is None:
        return progress(last, now, forecast)
    left = _left(last, now, forecast)
    words = f"{so_many(job.ended, job)} ended"
    sentence = f"{so_many(job.ended, job, 'batches')} ended{left}"
    return Progress(f"{job.ended}/{of}", words, sentence, counts=counts)


def _left(record: Record, now: datetime, forecast: Forecast | None) -> str:
    if forecast is None or forecast.end is None:
        return ""
    left = forecast.end - record.batch.elapsed(now).total_seconds()
    return f", about {long_duration(left)} left"


def so_many(number: int, job: JobRecord, noun: str = "") -> str:
    """So many of its batches: "2 of 3", "2 of 3 batches"."""
    return f"{count(number)} of {count(len(job.job.parts))}{noun and ' '}{noun}"


def time_bar(share: float, width: int) -> str:
    """Time passed (▰) of the time something takes (▱); full only once `share` is 1."""
    if width <= 0:
        return ""
    passed = width if share >= 1 else min(max(int(share * width), 0), width - 1)
    return "▰" * passed + "▱" * (width - passed)


def stale(record: Record, now: datetime) -> bool:
    """Whether a running batch was not looked at for so long that nothing can be said of it now."""
    return record.running and now - record.last_seen_at > STALE


def _against_past(elapsed: float, forecast: Forecast) -> Progress:
    if forecast.end is None:
        return Progress(
            ">p95",
            f">p95 of {forecast.n}",
            f"{long_duration(elapsed)}, longer than 95% of yours",
            share=1.0,
        )
    left = duration(forecast.end - elapsed)
    return Progress(
        f"~{left}",
        f"~{left} left",
        f"{long_duration(elapsed)} of about {long_duration(forecast.end)}",
        share=forecast.progress(elapsed),
    )


def _against_deadline(elapsed: float, allowed: float) -> Progress:
    passed, most = duration(elapsed), duration(allowed)
    return Progress(
        f"<{most}",
        f"{passed} of {most}",
        f"{long_duration(elapsed)} of at most {long_duration(allowed)}",
        share=elapsed / allowed if allowed > 0 else 1.0,
    )


def _counted(counts: RequestCounts, left: float | None) -> Progress:
    done = percent(counts.finished, counts.total)
    brief = percent(counts.finished, counts.total, tenths=False)
    if left is None:
        return Progress(brief, done, done, counts=counts)
    return Progress(
        brief,
        f"{done} {duration(left)} left",
        f"{done}  about {long_duration(left)} left",
        counts=counts,
    )


def _canceling(record: Record, now: datetime) -> Progress:
    since = record.batch.cancel_initiated_at
    ago = f" {duration(now - since)}" if since else ""
    words = f"since{ago}" if ago else "canceling"
    return Progress(words, words, f"canceling{' for' if ago else ''}{ago}")


def _at_the_end(record: Record) -> Progress:
    counts = record.batch.request_counts
    if record.batch.running or not counts.total:
        word = "" if record.batch.running else "no requests"
        return Progress("", word, "")
    share = percent(counts.succeeded, counts.total)
    brief = percent(counts.succeeded, counts.total, tenths=False)
    return Progress(brief, share, f"{share} succeeded", counts=counts)


def rate(observations: Observations) -> float | None:
    """Requests finished a second lately; None if that cannot be said."""
    if len(observations) < 2:
        return None
    until, last = observations[-1]
    since, first = next(each for each in observations if until - each[0] <= RECENT)
    if since == until:
        since, first = observations[-2]
    seconds = (until - since).total_seconds()
    finished = last.finished - first.finished
    return finished / seconds if seconds > 0 and finished >= 0 else None


def time_left(observations: Observations) -> float | None:
    """Seconds until all requests are done at the present rate; None if that cannot be said."""
    speed = rate(observations)
    return observations[-1][1].processing / speed if speed else None


def rates(observations: Observations, width: int) -> list[float]:
    """Requests finished a second in each of `width` equal slices of the time observed."""
    if len(observations) < 2 or width <= 0:
        return []
    start, end = observations[0][0], observations[-1][0]
    slice_ = (end - start).total_seconds() / width
    if slice_ <= 0:
        return []
    done = [
        _finished_by(observations, start + timedelta(seconds=slice_ * at))
        for at in range(width + 1)
    ]
    return [max(after - before, 0.0) / slice_ for before, after in pairwise(done)]


def _finished_by(observations: Observations, moment: datetime) -> float:
    """How many were finished at a moment, drawn straight between the observations around it."""
    before = observations[0]
    for at, counts in observations:
        if at >= moment:
            span = (at - before[0]).total_seconds()
            share = (moment - before[0]).total_seconds() / span if span else 1.0
            return before[1].finished + share * (counts.finished - before[1].finished)
        before = (at, counts)
    return before[1].finished
