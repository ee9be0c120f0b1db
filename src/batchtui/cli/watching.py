"""Waits until the batches of a job have ended, with one line that says how they stand."""

from __future__ import annotations

import asyncio
from datetime import datetime

from batchtui.account.account import Account
from batchtui.account.patience import Patience
from batchtui.account.poller import Poller
from batchtui.account.schedule import interval
from batchtui.cli import diagnostics
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord, job_record
from batchtui.domain.text import clock, count, counted, in_zone


async def watch(account: Account, job: Job) -> int:
    """Look at the API now and then until all batches of the job have ended.

    Returns:
        The exit code: whether every request succeeded, in whichever round.

    Raises:
        BatchtuiError: what waiting does not help against.
    """
    poller = Poller(account)
    with diagnostics.Progress() as line:

        def waits(why: str, _: datetime) -> None:
            line.clear()
            diagnostics.say(why)

        patience = Patience(account, waits)
        try:
            while running := (record := _record(account, job)).in_progress:
                line.show(f"{_standing(account, record)} …")
                await asyncio.sleep(interval(running, account.past, account.clock()))
                await patience.call(poller.tick)
        except asyncio.CancelledError:
            line.clear()
            diagnostics.say(
                f"{_standing(account, _record(account, job))}. They go on by themselves."
            )
            raise
    diagnostics.say(f"{_standing(account, record)}: {_ends(record)}.")
    succeeded = record.batch.request_counts.succeeded
    return diagnostics.DONE if succeeded == job.requests else diagnostics.UNSUCCESSFUL


def _record(account: Account, job: Job) -> JobRecord:
    found = (account.record(each) for each in job.batch_ids)
    return job_record(job, {each.id: each for each in found if each})


def _standing(account: Account, record: JobRecord) -> str:
    counts = record.batch.request_counts
    at = clock(in_zone(account.clock(), None))
    return (
        f"{at} {count(record.ended)} of {counted(len(record.members), 'batch', 'batches')} ended,"
        f" {count(counts.finished)} of {counted(record.job.requests, 'request')} done"
    )


def _ends(record: JobRecord) -> str:
    """How all requests of the job stand, each once: as its last round left it."""
    counts = record.batch.request_counts
    numbers = {
        "succeeded": counts.succeeded,
        "errored": counts.errored,
        "canceled": counts.canceled,
        "expired": counts.expired,
    }
    return ", ".join(f"{count(number)} {name}" for name, number in numbers.items() if number)
