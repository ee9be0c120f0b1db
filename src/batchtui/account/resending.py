"""Sends requests again: a file of them becomes a further round of a job."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

import msgspec

from batchtui.account.account import Account
from batchtui.account.answers import Answers
from batchtui.account.locking import alone
from batchtui.account.own_files import requests_directory, sweep
from batchtui.account.retrying import RetryPlan
from batchtui.account.rewriting import Written, write_requests
from batchtui.account.starting import add_retry, free_name, require_lasting
from batchtui.domain.errors import StorageError, UsageError
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.text import counted
from batchtui.results import files
from batchtui.submissions.body import measured
from batchtui.submissions.check import check
from batchtui.submissions.checked import Checked, Limits, OnProgress


class Prepared(msgspec.Struct, frozen=True):
    """A file of requests that are to be sent again, and what was found in it.

    Attributes:
        source: of a batch in no job the size and digest of the file its requests stand in.
    """

    answers: Answers
    written: Written
    checked: Checked
    source: tuple[int, bytes] = (0, b"")


def prepare(
    account: Account,
    answers: Answers,
    plan: RetryPlan,
    *,
    limits: Limits = Limits(),  # noqa: B008
    on_progress: OnProgress = lambda _: None,
) -> Prepared:
    """Write the requests of a plan to a file of our own, and look at it; for a thread.

    What is not sent in the end is to be dropped with `discard`.

    Raises:
        UsageError: if there is nothing to send, or it is not known where requests stand.
        BatchtuiError: if files cannot be read or written.
    """
    if not plan.requests:
        raise UsageError("There is nothing to be sent again")
    path = _new_path(requests_directory(account))
    with files.Scratch(path) as scratch:
        written = write_requests(answers, plan, scratch)
        scratch.sync()
        scratch.publish()
    try:
        checked = check(path, limits, on_progress=on_progress)
        if answers.job is not None:
            return Prepared(answers, written, checked)
        return Prepared(answers, written, checked, measured(answers.sources[0].path))
    except BaseException:
        _remove(path)
        raise


def discard(prepared: Prepared) -> None:
    """Remove the file of what is not sent after all."""
    _remove(prepared.checked.path)


def require_sent(job: Job | None) -> None:
    """Refuse to add to a job of which not everything was sent: that would be sent, too.

    Raises:
        UsageError: if so.
    """
    if job is not None and job.unsent:
        raise UsageError(
            f"{counted(len(job.unsent), 'batch', 'batches')} of this job"
            f" {'is' if len(job.unsent) == 1 else 'are'} not sent yet",
            todo=f"Go on with it first: `batchtui retry {job.id} --resume`, or `u` in the list",
        )


def begin_retry(account: Account, prepared: Prepared) -> Job:
    """Write down that what was prepared is going to be sent; sends nothing.

    A batch that is in no job becomes the first round of one.

    Raises:
        ReadOnlyError: in read-only mode.
        UsageError: if it would be refused, or was sent again by somebody else meanwhile.
        StorageError: if it cannot be written down.
    """
    account.require_writable()
    require_lasting(account)
    sweep(account)
    answers = prepared.answers
    job = answers.job or _adopt(account, prepared)
    with alone(account, job.key):
        now = account.history.jobs.get(job.key)
        require_sent(now)
        if len(now.rounds) != len(job.rounds):
            raise UsageError(
                "Requests of this job were sent again meanwhile", todo="Look at it anew"
            )
        # Under a name of its own, so that whoever discards what was prepared, because they were
        # interrupted before they heard that it is going to be sent, does not take it from the job.
        kept = _linked(prepared.checked.path)
        checked = msgspec.structs.replace(prepared.checked, path=kept)
        job = add_retry(account, job.key, checked, prepared.written.instead_of)
    discard(prepared)
    return job


def _adopt(account: Account, prepared: Prepared) -> Job:
    """Make a job of a batch that was sent by other means."""
    record = account.known(prepared.answers.batch_id)
    jobs = account.history.jobs
    if jobs.of_batch(record.id):
        raise UsageError("This batch became part of a job meanwhile", todo="Look at it anew")
    path = prepared.answers.sources[0].path
    size, digest = prepared.source
    requests = record.batch.request_counts.total
    first = Round(0, str(path), size, digest, requests, record.batch.created_at)
    part = Part(1, 0, 0, size, 1, requests, size, state=PartState.CREATED, batch_id=record.id)
    name = free_name(account, record.label or record.id)
    return account.job_changed(jobs.add(name, first, [part], at=record.batch.created_at))


def _new_path(directory: Path) -> Path:
    return directory / f"retry-{secrets.token_hex(8)}.jsonl"


def _linked(path: Path) -> Path:
    """The same file under another name; without the one it had if it cannot have two.

    Raises:
        StorageError: if it is not there any more, or cannot be named.
    """
    other = _new_path(path.parent)
    try:
        try:
            other.hardlink_to(path)
        except OSError:
            path.rename(other)
    except OSError as error:
        raise StorageError(f"What was prepared cannot be kept: {error.strerror}") from None
    return other


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
