"""Sends requests again: their lines become a file, and the file a further round of a job."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from batchtui.account.account import Account
from batchtui.account.answers import Answers
from batchtui.account.retrying import NO_LINE, Chosen, RetryPlan
from batchtui.account.starting import add_retry, alone, free_name, require_lasting
from batchtui.domain.batch import RequestCounts
from batchtui.domain.errors import RequestFileError, UsageError
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.text import counted, safe_line
from batchtui.results import files
from batchtui.results.export.pieces import Piece
from batchtui.results.export.targets import NewFile
from batchtui.submissions.body import BLOCK
from batchtui.submissions.check import check
from batchtui.submissions.checked import Checked, Limits, OnProgress
from batchtui.submissions.cutting import DIGEST_SIZE
from batchtui.submissions.extracting import continued, extract, with_settings
from batchtui.submissions.lines import opened

_BLOCK = 256 * 1024
_NAME = "retry-{}.jsonl"
_FORGOTTEN = 86_400
"""Seconds after which what was prepared, and belongs to no job, is left over from a crash."""


class Target(Protocol):
    """What the lines are written to."""

    def write(self, data: bytes) -> None:
        """Take the next bytes; raises a `BatchtuiError` if they cannot be written."""


class Written(msgspec.Struct, frozen=True):
    """What was written.

    Attributes:
        lost: the custom_ids of those that are not in the request file, by its path.
        instead_of: which results the requests take the place of, by their type.
    """

    requests: int
    size: int
    lost: Mapping[str, tuple[str, ...]]
    instead_of: RequestCounts

    @property
    def words(self) -> tuple[str, ...]:
        """What of the plan could not be had, as sentences."""
        return tuple(
            f"{len(ids):,} of them {'is' if len(ids) == 1 else 'are'} not in"
            f" {safe_line(path, 200)}: {_some(ids)}."
            for path, ids in self.lost.items()
        )


class Prepared(msgspec.Struct, frozen=True):
    """A file of requests that are to be sent again, and what was found in it.

    Attributes:
        source: of a batch in no job the size and digest of the file its requests stand in.
    """

    answers: Answers
    written: Written
    checked: Checked
    source: tuple[int, bytes] = (0, b"")


def write_requests(answers: Answers, plan: RetryPlan, target: Target) -> Written:
    """Write the requests of a plan, one a line, in the order of their files; for a thread.

    Raises:
        UsageError: if the request file of a round is not known.
        RequestFileError: if one cannot be read, or none of the requests is in any.
        BatchtuiError: what the target raises.
    """
    lost: dict[str, tuple[str, ...]] = {}
    done: list[Chosen] = []
    size = 0
    pending = bytearray()
    for number, chosen in sorted(plan.rounds.items()):
        if not chosen:
            continue
        source = answers.sources.get(number)
        if source is None:
            raise _unlinked(answers)
        left = dict(chosen)
        for found in extract(source.path, left.keys(), source.stretches):
            each = left.pop(found.custom_id)
            pending += _line(answers, plan, each, found.line) + b"\n"
            done.append(each)
            if len(pending) > _BLOCK:
                size += len(pending)
                target.write(bytes(pending))
                pending.clear()
        if left:
            lost[str(source.path)] = tuple(left)
    target.write(bytes(pending))
    if plan.requests and not done:
        raise RequestFileError(
            f"Not one of the requests is in {', '.join(safe_line(path, 200) for path in lost)}",
            todo="Is it the right file? `batchtui link` says which one it is",
        )
    return Written(len(done), size + len(pending), lost, _instead_of(answers, done))


def write_file(answers: Answers, plan: RetryPlan, path: Path, *, replace: bool = False) -> Written:
    """Write the requests of a plan to a file that a person names; for a thread.

    Args:
        answers: what came back, and where the requests stand.
        plan: which requests.
        path: the file; it appears whole or not at all.
        replace: whether it may take the name from another file.

    Raises:
        TakenError: if a file has the name, and may not be replaced.
        BatchtuiError: what `write_requests` raises, and if it cannot be written.
    """
    with NewFile(path, replace=replace) as target:
        written = write_requests(answers, plan, _Pieces(target))
        target.publish()
    return written


class _Pieces:
    """Gives bytes on as pieces of an export."""

    def __init__(self, target: NewFile) -> None:
        self._target = target

    def write(self, data: bytes) -> None:
        self._target.write(Piece(0, data))


def _line(answers: Answers, plan: RetryPlan, chosen: Chosen, line: bytes) -> bytes:
    if chosen.paused:
        try:
            line = continued(line, answers.file.line(chosen.number))
        except ValueError:
            raise RequestFileError(
                "An answer that paused cannot be gone on with, because it or its request"
                f" makes no sense: line {chosen.number + 1:,} of the results"
            ) from None
    try:
        return with_settings(line, plan.wanted.settings)
    except ValueError:
        raise RequestFileError("A request in the request file has no params to set") from None


def _instead_of(answers: Answers, done: list[Chosen]) -> RequestCounts:
    """Which results these take the place of; without a result, of what the API counted."""
    types = Counter(each.type for each in done if each.type)
    silent = sum(each.number == NO_LINE for each in done)
    for kind, number in answers.lost.items():
        taken = min(number, silent)
        types[kind] += taken
        silent -= taken
    known = RequestCounts.__struct_fields__
    return RequestCounts(**{kind: number for kind, number in types.items() if kind in known})


def _unlinked(answers: Answers) -> UsageError:
    which = safe_line(answers.batch_id or answers.name, 60)
    return UsageError(
        f"It is not known in which file the requests of {which} stand",
        todo="`batchtui link ID FILE` says so" if answers.batch_id else "",
    )


def _some(ids: tuple[str, ...]) -> str:
    more = ", …" if len(ids) > 5 else ""
    return ", ".join(safe_line(each, 64) for each in ids[:5]) + more


# A round


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
    files.make_private(account.requests)
    path = account.requests / _NAME.format(secrets.token_hex(8))
    with files.Scratch(path) as scratch:
        written = write_requests(answers, plan, scratch)
        scratch.sync()
        scratch.publish()
    try:
        checked = check(path, limits, on_progress=on_progress)
        if answers.job is not None:
            return Prepared(answers, written, checked)
        return Prepared(answers, written, checked, _measured(answers.sources[0].path))
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
    _sweep(account)
    answers = prepared.answers
    job = answers.job or _adopt(account, prepared)
    with alone(account, job.key):
        now = account.history.jobs.get(job.key)
        require_sent(now)
        if len(now.rounds) != len(job.rounds):
            raise UsageError(
                "Requests of this job were sent again meanwhile", todo="Look at it anew"
            )
        return add_retry(account, job.key, prepared.checked, prepared.written.instead_of)


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


def _measured(path: Path) -> tuple[int, bytes]:
    """The size of a file, and its digest, by which it is known again."""
    digest, size = hashlib.blake2b(digest_size=DIGEST_SIZE), 0
    with opened(path) as fd:
        while block := os.pread(fd, BLOCK, size):
            digest.update(block)
            size += len(block)
    return size, digest.digest()


def _sweep(account: Account) -> None:
    """Remove what was prepared long ago, and never sent by anybody."""
    used = {each.request_file for job in account.jobs() for each in job.rounds}
    now = account.clock().timestamp()
    for path in account.requests.glob(_NAME.format("*")):
        with suppress(OSError):
            if str(path) not in used and now - path.stat().st_mtime > _FORGOTTEN:
                path.unlink()


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
