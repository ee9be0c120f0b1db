"""What there is to say of a batch, a sentence or less at a time.

Times are given in the time zone of `now`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from batchtui.domain.batch import Outcome, Record, RequestCounts, ResultsState
from batchtui.domain.forecast import Forecast
from batchtui.domain.job_record import JobRecord
from batchtui.domain.pricing import Cost
from batchtui.domain.progress import (
    Observations,
    Progress,
    job_progress,
    progress,
    rate,
    stale,
)
from batchtui.domain.text import (
    count,
    day_and_time,
    duration,
    in_zone,
    long_duration,
    percent,
    safe_line,
    short_count,
)
from batchtui.ui.presenters import jobs

NO_PAST: Final = "no past batches of yours to compare with yet"

_SKEW: Final = timedelta(seconds=60)


class Subject(msgspec.Struct, frozen=True):
    """A batch or a job at a moment, with all that helps to judge how it is doing.

    Attributes:
        record: the batch or the job.
        now: the moment, in the zone times are shown in.
        forecast: when it will probably end; None if nothing is known or it is not running.
        last: of a running job the batch that will probably end last, which the forecast is of.
        observations: its counts as seen over time, oldest first.
        cost: what it cost; None unless its results are here.
    """

    record: Record
    now: datetime
    forecast: Forecast | None = None
    observations: Observations = ()
    cost: Cost | None = None
    last: Record | None = None

    @property
    def progress(self) -> Progress:
        """How far it is."""
        if isinstance(self.record, JobRecord) and self.record.running:
            return job_progress(self.record, self.now, self.forecast, self.observations, self.last)
        return progress(self.record, self.now, self.forecast, self.observations)

    def said(self, moment: datetime) -> str:
        """When a moment is, as one would say it now."""
        return day_and_time(in_zone(moment, self.now.tzinfo), self.now)


def explanation(subject: Subject) -> str:
    """What the bar of a batch means, or how the batch ended and why that is its outcome."""
    record = subject.record
    batch = record.batch
    if not record.on_server and batch.running:
        return f"was running when last seen {subject.said(record.last_seen_at)}; gone since"
    if not batch.running:
        return _ending(subject)
    if isinstance(record, JobRecord) and record.job.unsent:
        return jobs.sending(record)
    if stale(record, subject.now):
        return "it was not looked at since, and may have ended"
    if batch.outcome is Outcome.UNKNOWN:
        status = safe_line(batch.processing_status, 40)
        return f"the API calls its state “{status}”, which is not known here"
    if batch.outcome is Outcome.CANCELING:
        return "requests already running may still succeed; ends when they have"
    if isinstance(record, JobRecord) and record.ended:
        return "█ succeeded  ▓ errored  ▒ canceled or expired  ░ in batches that have not ended"
    if batch.counts_move:
        return "█ succeeded  ▓ errored  ▒ canceled or expired  ░ processing"
    whole = "a" if isinstance(record, JobRecord) else "the whole"
    past = "its deadline" if subject.forecast is None else "your past batches"
    return f"counts come when {whole} batch has ended; this bar is time against {past}"


def _ending(subject: Subject) -> str:
    counts = subject.record.batch.request_counts
    total = count(counts.total)
    match subject.record.batch.outcome:
        case Outcome.EMPTY:
            return "the batch had no requests"
        case Outcome.SUCCEEDED:
            return "every request was answered"
        case Outcome.FAILED:
            return f"not one of {total} requests was answered: {_shortfall(counts)}"
        case Outcome.EXPIRED:
            return f"the deadline came before all was done: {_shortfall(counts)} of {total}"
        case Outcome.CANCELED:
            return f"canceled before all was done: {_shortfall(counts)} of {total}"
        case _:
            return f"not all requests were answered: {_shortfall(counts)} of {total}"


def _shortfall(counts: RequestCounts) -> str:
    parts = {"errored": counts.errored, "canceled": counts.canceled, "expired": counts.expired}
    return ", ".join(f"{count(number)} {word}" for word, number in parts.items() if number)


def usual(forecast: Forecast | None) -> str:
    """How long batches like this one took: "14–52 min (n = 23, 10k–50k requests)"."""
    if forecast is None:
        return NO_PAST
    low, high = forecast.low, forecast.high
    if low >= 60 and high < 7200:
        span = f"{low / 60:.0f}–{high / 60:.0f} min"
    else:
        span = f"{long_duration(low)}–{long_duration(high)}"
    return f"{span} (n = {forecast.n}{_sizes(forecast)})"


def _sizes(forecast: Forecast) -> str:
    if forecast.alike is None:
        return ", all sizes"
    fewest, most = forecast.alike
    if most is None:
        return f", {short_count(fewest)} requests or more"
    return f", {short_count(fewest)}–{short_count(most)} requests"


def ended_by_now(subject: Subject) -> str:
    """How many of the past batches had ended at this age: "41% of yours had ended after 12m"."""
    forecast = subject.forecast
    if forecast is None:
        return ""
    share = percent(round(forecast.ended_by_now * forecast.n), forecast.n)
    age = long_duration((subject.last or subject.record).batch.elapsed(subject.now))
    return f"{share} of yours had ended after {age}"


def ends(subject: Subject) -> str:
    """When processing ends at the latest, or when and after how long it ended."""
    batch, now = subject.record.batch, subject.now
    if batch.ended_at and not batch.running:
        return f"took {long_duration(batch.elapsed(now))}, ended {subject.said(batch.ended_at)}"
    if not batch.running:
        return "ended"
    if not subject.record.on_server:
        return ""
    if isinstance(subject.record, JobRecord) and not subject.record.in_progress:
        return "nothing of it is running"
    if now >= batch.deadline:
        return f"should have ended {subject.said(batch.deadline)}"
    return f"ends by {subject.said(batch.deadline)}"


def created(subject: Subject) -> str:
    """When the batch was created; says so if by its server's clock that has yet to come."""
    moment = subject.record.batch.created_at
    ahead = " (clocks differ)" if moment - subject.now > _SKEW else ""
    return f"{subject.said(moment)}{ahead}"


def results(subject: Subject) -> str:
    """Where the results are or will be, and until when."""
    record, now = subject.record, subject.now
    until = record.results_expire_at
    if record.running:
        return f"would be kept until {subject.said(until)}"
    match record.results(now):
        case ResultsState.HERE:
            paid = subject.cost.words if subject.cost else ""
            return f"on this disk{paid and ' · '}{paid}"
        case ResultsState.AVAILABLE:
            return f"on the server until {subject.said(until)} ({duration(until - now)})"
        case ResultsState.NONE:
            return "none"
        case ResultsState.GONE:
            return _gone(subject, until)


def _gone(subject: Subject, until: datetime) -> str:
    record = subject.record
    if record.deleted_at:
        return f"gone: the batch was deleted {subject.said(record.deleted_at)}"
    if record.gone_at:
        return f"gone: not on the server since {subject.said(record.gone_at)}"
    gone = min(until, record.batch.archived_at or until)
    return f"gone since {subject.said(gone)}"


def canceling_since(subject: Subject) -> str:
    """Since when the batch is canceling: "canceling since 11:57"."""
    since = subject.record.batch.cancel_initiated_at
    return f"canceling since {subject.said(since)}" if since else "canceling"


def pace(subject: Subject) -> str:
    """Requests finished in a time one can picture: "18/min"; "" if that cannot be said."""
    speed = rate(subject.observations)
    if speed is None:
        return ""
    for seconds, unit in ((1, "s"), (60, "min"), (3600, "h")):
        if speed * seconds >= 10 or unit == "h":
            return f"{short_count(round(speed * seconds))}/{unit}"
    return ""


def age(subject: Subject) -> str:
    """How long it runs or ran, or for how long it is canceling."""
    batch = subject.record.batch
    since = batch.cancel_initiated_at
    if batch.outcome is Outcome.CANCELING and since:
        return duration(max(subject.now - since, timedelta(0)))
    return duration(batch.elapsed(subject.now))
