"""Jobs that nobody sends any more, though not all of them was sent."""

from __future__ import annotations

from batchtui.account.account import Account
from batchtui.account.locking import alone
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.job import Job, PartState


def note_interrupted(account: Account) -> tuple[Job, ...]:
    """Find the jobs that were interrupted, and write down what of them is not known, newest first.

    A part whose sending was begun by a process that is gone may or may not have become a batch.
    Jobs that another process is sending are left alone, and so are those that cannot be looked at.
    """
    return tuple(
        job
        for each in account.jobs()
        if each.unsent and (job := _settled(account, each)) is not None
    )


def _settled(account: Account, job: Job) -> Job | None:
    """The job with nothing in it that seems to be under way; None if it is."""
    try:
        with alone(account, job.key):
            for part in job.unsent:
                if part.state is PartState.SENDING:
                    job = account.job_changed(account.history.jobs.doubt(job.key, part.number))
    except BatchtuiError:
        return None
    return job
