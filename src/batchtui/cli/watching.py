"""Waits until the batches of a job have ended, with one line that says how they stand."""

from __future__ import annotations

import asyncio

from batchtui.account.account import Account
from batchtui.account.patience import Patience
from batchtui.account.poller import Poller
from batchtui.account.schedule import interval
from batchtui.cli import diagnostics
from batchtui.domain.batch import Record
from batchtui.domain.job import Job
from batchtui.domain.text import clock, count, counted, in_zone


async def watch(account: Account, job: Job) -> int:
    """Look at the API now and then until all batches of the job have ended.

    Returns:
        The exit code: whether every request succeeded.

    Raises:
        BatchtuiError: what waiting does not help against.
    """
    poller = Poller(account)
    with diagnostics.Progress() as line:

        def waits(why: str, until: object) -> None:
            line.clear()
            diagnostics.say(why)

        patience = Patience(account, waits)
        try:
            while running := [each for each in _members(account, job) if each.running]:
                line.show(f"{_standing(account, job)} …")
                await asyncio.sleep(interval(running, account.past, account.clock()))
                await patience.call(poller.tick)
        except asyncio.CancelledError:
            line.clear()
            diagnostics.say(f"{_standing(account, job)}. They go on by themselves.")
            raise
    members = _members(account, job)
    diagnostics.say(f"{_standing(account, job)}: {_ends(members)}.")
    done = sum(each.batch.request_counts.succeeded for each in members)
    sent = sum(part.requests for part in job.parts if part.batch_id)
    return diagnostics.DONE if done == sent else diagnostics.UNSUCCESSFUL


def _members(account: Account, job: Job) -> list[Record]:
    return [record for each in job.batch_ids if (record := account.record(each))]


def _standing(account: Account, job: Job) -> str:
    members = _members(account, job)
    ended = sum(not each.running for each in members)
    finished = sum(each.batch.request_counts.finished for each in members)
    total = sum(each.batch.request_counts.total for each in members)
    at = clock(in_zone(account.clock(), None))
    return (
        f"{at} {count(ended)} of {counted(len(members), 'batch', 'batches')} ended,"
        f" {count(finished)} of {counted(total, 'request')} done"
    )


def _ends(members: list[Record]) -> str:
    names = ("succeeded", "errored", "canceled", "expired")
    sums = {
        name: sum(getattr(each.batch.request_counts, name) for each in members) for name in names
    }
    return ", ".join(f"{count(number)} {name}" for name, number in sums.items() if number)
