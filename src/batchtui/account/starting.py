"""Jobs before anything of them is sent: written down from what a check found in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from batchtui.account.account import Account
from batchtui.account.events import Reloaded
from batchtui.account.locking import alone
from batchtui.domain.batch import RequestCounts
from batchtui.domain.errors import RequestFileError, StorageError, UsageError
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.text import safe_line

if TYPE_CHECKING:
    from batchtui.submissions.checked import Checked

LONGEST_NAME = 100


def start_job(account: Account, checked: Checked, name: str = "", *, again: bool = False) -> Job:
    """Write down what is going to be sent; sends nothing.

    Args:
        account: whose job it is to be.
        checked: what was found in the request file.
        name: what to call it; "" for the name of the file, with a number if that is taken.
        again: whether to take a file on that was submitted before.

    Raises:
        UsageError: if the file has problems, was submitted before, or the name is taken.
        StorageError: if it cannot be written down.
    """
    require_lasting(account)
    _require_good(checked)
    if not again:
        require_new(account, checked)
    now = account.clock()
    first = Round(0, str(checked.path), checked.size, checked.digest, checked.requests, now)
    name = name or free_name(account, checked.path.stem)
    jobs = account.history.jobs
    job = jobs.add(name, first, checked.parts, at=now, once=not again)
    return account.job_changed(job)


def require_new(account: Account, checked: Checked) -> None:
    """Refuse a file of which something was sent before.

    Raises:
        UsageError: with what is known of it.
    """
    for job in _submitted_before(account, checked.digest):
        todo = "Resume that job to send the rest" if job.unsent else "Its batches are there already"
        raise UsageError(
            f"{safe_line(checked.path.name, 100)} was submitted before: {standing(job)}",
            kept="Nothing was sent",
            todo=todo,
        )
    for job in account.history.jobs.of_file_elsewhere(checked.digest):
        if not _is_planned(job):
            raise UsageError(
                f"{safe_line(checked.path.name, 100)} was submitted before with other credentials:"
                f" {standing(job)}",
                kept="Nothing was sent",
                todo="Resume it if they are of the same workspace, which is looked at;"
                " else submit it with --again",
            )


def _submitted_before(account: Account, digest: bytes) -> list[Job]:
    """The jobs that sent a file, newest first; one of which nothing was sent gives way."""
    kept = []
    for job in account.history.jobs.of_file(digest):
        if _is_planned(job):
            forget_job(account, job)
        else:
            kept.append(job)
    return kept


def _is_planned(job: Job) -> bool:
    return all(part.state is PartState.PLANNED for part in job.parts)


def forget_job(account: Account, job: Job) -> None:
    """Forget a job of which nothing was sent.

    Raises:
        UsageError: if something was, or may have been, or somebody is at it.
    """
    with alone(account, job.key):
        account.history.jobs.remove(job.key)
    account.tell(Reloaded())


def resumable(account: Account, path: Path, digest: bytes, name: str = "") -> Job:
    """The job to go on with, for which a file is given; it need not be where it was.

    Args:
        account: whose job it is.
        path: the file; absolute.
        digest: BLAKE2b (16 bytes) of all of it.
        name: which job, if several may be meant.

    Raises:
        UsageError: if no job sends that file, or several do.
        RequestFileError: if the file is no longer what the job began to send.
    """
    jobs = account.history.jobs
    found = [job for job in jobs.of_file(digest) if name in ("", job.name)]
    unsent = [job for job in found if job.unsent]
    if len(unsent) > 1:
        names = ", ".join(f'"{safe_line(job.name, 60)}"' for job in unsent)
        raise UsageError(f"Several jobs send this file: {names}", todo="Give the name of one")
    for job in unsent or found:
        before = Path(job.rounds[0].request_file)
        # A copy of what came through a pipe is no better than the one that is there.
        if path != before and not (path.parent == account.requests and before.is_file()):
            job = account.job_changed(jobs.relocate(job.key, 0, str(path)))
        return job
    shown = safe_line(path.name, 100)
    for job in jobs.all():
        if name == job.name or (not name and job.rounds[0].request_file == str(path)):
            raise RequestFileError(
                f"{shown} is not the file that was submitted as {standing(job)}",
                kept="Nothing was sent",
                todo="Bring back the file as it was, or submit this one under another name",
            )
    raise UsageError(f"No job is known that sends {shown}", todo="Submit it without --resume")


def add_retry(account: Account, key: int, checked: Checked, instead_of: RequestCounts) -> Job:
    """Write down that requests of a job are going to be sent again; sends nothing.

    Args:
        account: whose job it is.
        key: the job.
        checked: what was found in the file that holds them.
        instead_of: which results they take the place of, by their type.

    Raises:
        UsageError: if the file has problems.
        StorageError: if it cannot be written down.
    """
    require_lasting(account)
    _require_good(checked)
    job = account.history.jobs.get(key)
    number = len(job.rounds)
    again = Round(
        number,
        str(checked.path),
        checked.size,
        checked.digest,
        checked.requests,
        account.clock(),
        instead_of,
    )
    parts = [
        msgspec.structs.replace(part, round=number, number=place)
        for place, part in enumerate(checked.parts, len(job.parts) + 1)
    ]
    return account.job_changed(account.history.jobs.add_round(key, again, parts))


def free_name(account: Account, wanted: str) -> str:
    """The name wanted, with a number behind it if another job has it."""
    wanted = wanted.strip()[:LONGEST_NAME] or "job"
    name, number = wanted, 1
    while account.history.jobs.named(name):
        number += 1
        name = f"{wanted} {number}"
    return name


def standing(job: Job) -> str:
    """How far a job is, in words: `job "x" of 2026-11-23, 3 of 10 batches sent`."""
    sent = len(job.parts) - len(job.unsent)
    doubt = f", of {len(unsettled(job))} it is not known" if unsettled(job) else ""
    batches = "1 batch" if len(job.parts) == 1 else f"{len(job.parts)} batches"
    return (
        f'job "{safe_line(job.name, 60)}" of {job.created_at:%Y-%m-%d %H:%M} UTC,'
        f" {sent} of {batches} sent{doubt}"
    )


def require_lasting(account: Account) -> None:
    """Refuse to send what cannot be written down first, or what may have been sent before.

    Raises:
        StorageError: if the history is one in memory, or was set aside just now.
    """
    if not account.history.lasts:
        raise StorageError(
            "Nothing is sent, because the history cannot be written",
            todo="Without it a batch might be sent twice: see to the config directory first",
        )
    if account.history.notice:
        raise StorageError(
            "Nothing is sent, because what was sent before is not known any more:"
            f" {account.history.notice}",
            todo="Bring the history back, or, if nothing of this was sent, start batchtui again",
        )


def _require_good(checked: Checked) -> None:
    if not checked.ok:
        raise UsageError(
            f"{safe_line(checked.path.name, 100)} has requests that the API would refuse",
            kept="Nothing was sent",
            todo="Look at them with `batchtui check`",
        )


def unsettled(job: Job) -> tuple[Part, ...]:
    """The parts of which it is not known whether they became batches, if nobody sends the job."""
    return tuple(part for part in job.parts if part.state in (PartState.SENDING, PartState.UNKNOWN))
