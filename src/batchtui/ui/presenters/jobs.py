"""What there is to say of a job beyond what is said of a batch: its batches, and what is unsent."""

from __future__ import annotations

from typing import Final

from batchtui.domain.batch import Outcome, Record
from batchtui.domain.job import Part
from batchtui.domain.job_record import JobRecord
from batchtui.domain.progress import so_many
from batchtui.domain.text import count, counted

GO_ON: Final = "u goes on with it"
"""How to go on with a job of which parts are unsent and nobody is sending them."""


def batches_of(job: JobRecord) -> str:
    """How many batches it is or will be: "3 batches"."""
    return counted(len(job.job.parts), "batch", "batches")


def standing(job: JobRecord) -> str:
    """How its batches stand, such as "1 of 3 ended, 1 running, 1 not sent (50,000 requests)".

    How many ended is left out if others are yet to be sent and none has.
    """
    canceling = sum(each.batch.outcome is Outcome.CANCELING for each in job.in_progress)
    running = len(job.in_progress) - canceling
    quiet = job.job.unsent and not job.ended
    parts = [] if quiet else [f"{so_many(job.ended, job)} ended"]
    parts += [f"{count(running)} running"] if running else []
    parts += [f"{count(canceling)} canceling"] if canceling else []
    parts += [unsent(job)] if job.job.unsent else []
    return ", ".join(parts)


def unsent(job: JobRecord) -> str:
    """How much is not sent: "1 not sent (50,000 requests)"."""
    requests = counted(job.unsent_requests, "request")
    return f"{count(len(job.job.unsent))} not sent ({requests})"


def processing(record: Record) -> int:
    """How many requests of a batch or a job are being processed."""
    return (
        record.processing
        if isinstance(record, JobRecord)
        else record.batch.request_counts.processing
    )


def sending(job: JobRecord) -> str:
    """Why parts of it are unsent, and how to go on."""
    if job.unsure:
        which = _numbers(job.unsure)
        return f"whether {which} became a batch is not known: {GO_ON}, and looks for it"
    if job.sending:
        return "the others are sent one after the other, as the API takes them"
    if not job.sent:
        return f"nothing of it was sent yet · {GO_ON}"
    return f"interrupted: the rest was not sent · {GO_ON}"


def _numbers(parts: tuple[Part, ...]) -> str:
    shown = ", ".join(str(part.number) for part in parts[:3])
    more = f" and {len(parts) - 3} more" if len(parts) > 3 else ""
    return f"part{'s' if len(parts) > 1 else ''} {shown}{more}"
