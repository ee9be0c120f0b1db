"""A job that is being sent, in words: how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from batchtui.domain.errors import BatchtuiError
from batchtui.domain.job import Job, PartState
from batchtui.domain.text import (
    clock,
    count,
    counted,
    crop_middle,
    day_and_time,
    percent,
    safe_line,
)
from batchtui.ui.presenters.notices import Severity

if TYPE_CHECKING:
    from batchtui.account.submitting import Step

_NAME = 24
_NEAR = timedelta(hours=1)


def sending_briefly(step: Step, now: datetime) -> str:
    """How far a job is, such as "sending tickets-fr 2/3 41%", or what it waits for."""
    job, part = step.job, step.part
    words = f"sending {crop_middle(safe_line(job.name), _NAME)}"
    if part is not None and len(job.parts) > 1:
        words += f" {part.number}/{len(job.parts)}"
    if step.waiting:
        why = safe_line(step.waiting, 60).partition(" (")[0].rstrip(".")  # no id of a request
        if step.until is None:
            return f"{words} · {why}"
        return f"{words} · waits until {_at(step.until.astimezone(now.tzinfo), now)}: {why}"
    share = percent(step.sent_bytes, step.total_bytes, tenths=False)
    return f"{words} {share}".rstrip()


def _at(moment: datetime, now: datetime) -> str:
    """A moment to come, to the second if it is near."""
    return clock(moment) if moment - now < _NEAR else day_and_time(moment, now)


def sent_notice(job: Job, end: Job | BatchtuiError | None) -> tuple[Severity, str]:
    """How loud to say how a submission ended, and the sentence.

    Args:
        job: as it is now.
        end: the job; what went wrong; or None if it was stopped.
    """
    name = safe_line(job.name, 60)
    total = counted(len(job.parts), "batch", "batches")
    there = len(job.batch_ids)
    if isinstance(end, BatchtuiError):
        return "error", f"{name}: {end}"
    if not job.unsent:
        last = job.rounds[-1]
        if not last.number:
            return "information", f"{name} was sent: {total}."
        requests = counted(last.requests, "request")
        return "information", f"Retry {count(last.number)} of {name} was sent: {requests}."
    if end is not None and any(part.state is PartState.UNKNOWN for part in job.unsent):
        return "warning", f"{name}: whether a batch came of a part is still open; u asks again."
    return "warning", f"Sending {name} was stopped at {there} of {total}; u goes on with it."


def interrupted_notice(jobs: Sequence[Job]) -> str:
    """That jobs are not wholly sent, and nobody is at it."""
    if len(jobs) > 1:
        names = ", ".join(safe_line(job.name, 30) for job in jobs[:3])
        return f"{counted(len(jobs), 'job')} were interrupted ({names}); u goes on with each."
    job = jobs[0]
    total = counted(len(job.parts), "batch", "batches")
    there = f"{len(job.batch_ids)} of {total} sent"
    return f"{safe_line(job.name, 60)} was interrupted: {there}; u goes on with it."
