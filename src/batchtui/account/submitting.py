"""Sends a job: its parts one after the other, each as one message batch, none of them twice.

That a part is about to be sent is on the disk before the first byte of it leaves. Whatever happens
then, the job can be sent on from where it stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from batchtui.account.account import Account
from batchtui.account.locking import alone
from batchtui.account.patience import Patience
from batchtui.account.reconciling import (
    Adopt,
    Decide,
    Doubt,
    Leave,
    SendAgain,
    candidates,
    note_what_is_there,
    rivals,
)
from batchtui.account.starting import require_lasting, unsettled
from batchtui.domain.batch import Instant, Record, Sighting
from batchtui.domain.errors import (
    ApiError,
    BatchtuiError,
    NotFoundError,
    StorageError,
    UnsupportedError,
    UsageError,
)
from batchtui.domain.job import Job, Part, PartState
from batchtui.domain.text import safe_line, size
from batchtui.submissions.body import Body

_TOO_LARGE = 413

POLL_SECONDS = 10.0
"""Between two looks whether a batch has ended, when no more may be processed at once."""


class Step(msgspec.Struct, frozen=True):
    """How far a submission is.

    Attributes:
        job: as it is now.
        part: the one at hand; None when there is none left.
        sent_bytes: how many bytes of its body have been sent.
        total_bytes: how many it has.
        waiting: why nothing is sent just now, as a sentence; empty if something is.
        until: when it goes on.
    """

    job: Job
    part: Part | None = None
    sent_bytes: int = 0
    total_bytes: int = 0
    waiting: str = ""
    until: Instant | None = None


OnStep = Callable[[Step], None]


async def submit(
    account: Account,
    job_key: int,
    *,
    on_step: OnStep,
    decide: Decide,
    max_in_flight: int | None = None,
) -> Job:
    """Send every part of a job that is not known to be a batch.

    Waits out rate limits, a full queue, an overloaded or unreachable API, however long. Where an
    answer got lost it looks for the batch, and has it decided what to make of what it found.
    Cancelling the task that runs this leaves a job that can be sent on.

    Args:
        account: whose job it is.
        job_key: which job.
        on_step: told how far it is.
        decide: asked what became of a part; on `Leave` nothing more is sent.
        max_in_flight: how many batches of the job may be processed at once.

    Returns:
        The job: sent to its end, unless something was left undecided.

    Raises:
        ReadOnlyError: in read-only mode.
        UsageError: when offline, if another process is sending the job, or the batch decided for
            cannot be it.
        RequestFileError: if the file cannot be read or has changed.
        StorageError: if what is done cannot be written down.
        ApiError: what waiting does not help against.
    """
    account.require_writable()
    account.api  # noqa: B018 - raises when offline
    require_lasting(account)
    with alone(account, job_key):
        submission = _Submission(account, job_key, on_step, decide, max_in_flight)
        try:
            return await submission.run()
        except BatchtuiError as error:
            error.kept = error.kept or submission.standing
            error.todo = submission.way_on(error)
            raise


class _Submission:
    """One run of `submit`: what it knows in between."""

    def __init__(
        self,
        account: Account,
        key: int,
        on_step: OnStep,
        decide: Decide,
        max_in_flight: int | None,
    ) -> None:
        self._account = account
        self._jobs = account.history.jobs
        self._job = self._jobs.get(key)
        self._on_step = on_step
        self._decide = decide
        self._max_in_flight = max_in_flight
        self._part: Part | None = None
        self._patience = Patience(account, lambda why, until: self._tell(waiting=why, until=until))
        self._failures = 0
        self._why = ""

    @property
    def standing(self) -> str:
        """How far the job is, as a sentence."""
        job = self._job
        sent = len(job.parts) - len(job.unsent)
        if unsettled(job):
            return f"{sent} of {len(job.parts)} batches were created; of one it is not known"
        return f"{sent} of {len(job.parts)} batches were created" if sent else "Nothing was sent"

    def way_on(self, error: BatchtuiError) -> str:
        """What a person can do about an error, as a sentence."""
        if not isinstance(error, ApiError) or error.status != _TOO_LARGE or not self._job.unsent:
            return f"{error.todo or 'See to that'}; then resume the job"
        if all(part.state is PartState.PLANNED for part in self._job.parts):
            return "Submit the file anew in smaller batches, with --max-bytes"
        # Parts are known by their digests, and are not cut anew once others were sent.
        part = self._job.unsent[0]
        return (
            f"Have whatever stands before the API take {size(part.size)}, then resume the job; or"
            f" submit the lines from {part.first_line:,} on as a file of their own, in smaller"
            " batches"
        )

    async def run(self) -> Job:
        """Send one part after the other until none is left, or one is left undecided."""
        for part in unsettled(self._job):
            # Nobody else sends: what was being sent was interrupted.
            self._now(self._jobs.doubt(self._job.key, part.number))
        for part in self._job.parts:
            self._dress(part)
        while unsent := self._job.unsent:
            self._part = unsent[0]
            if self._part.state is PartState.UNKNOWN:
                if not await self._settle(self._part):
                    return self._job
                continue
            await self._until_there_is_room()
            await self._patience.call(partial(note_what_is_there, self._account))
            await self._send(self._part)
        self._part = None
        self._tell()
        return self._job

    # One part

    async def _send(self, part: Part) -> None:
        """Try once to make a batch of a part; how it stands afterwards is written down."""
        source = Path(self._job.rounds[part.round].request_file)
        body = Body(source, part, on_sent=self._tell)
        self._now(self._jobs.begin(self._job.key, part.number, at=self._account.clock()))
        self._tell()
        began = time.monotonic()
        try:
            sighting = await self._account.create(body, size=body.size)
        except ApiError as error:
            if error.unsure:
                self._why = str(error)
                self._now(self._jobs.doubt(self._job.key, part.number))
                return
            self._now(self._jobs.withdraw(self._job.key, part.number))
            # Who took long to send what is not wanted yet does not do nothing else.
            took = time.monotonic() - began
            await self._patience.wait_out(error, self._failures, at_least=took)
            self._failures += 1
        except BatchtuiError:
            self._now(self._jobs.withdraw(self._job.key, part.number))
            raise
        except asyncio.CancelledError:
            move = self._jobs.doubt if body.sent >= body.size else self._jobs.withdraw
            self._now(move(self._job.key, part.number))
            raise
        else:
            self._failures = 0
            self._take(part, sighting)

    async def _settle(self, part: Part) -> bool:
        """Have it decided what became of a part; False if it is left."""
        self._tell(waiting="Looking whether a batch came of it")
        found: tuple[Record, ...] = ()
        why, blind = self._why, False
        try:
            found = await candidates(
                self._account, self._job, part, patience=self._patience, just_now=bool(self._why)
            )
        except UnsupportedError as error:
            why, blind = f"{why} {error}".strip(), True
        others = rivals(self._account, self._job, part)
        decision = await self._decide(Doubt(self._job, part, found, why, others, blind))
        self._why = ""
        match decision:
            case Adopt(batch_id):
                sighting = await self._patience.call(partial(self._account.api.retrieve, batch_id))
                self._require_fit(part, sighting)
                self._take(part, sighting)
            case SendAgain():
                self._now(self._jobs.withdraw(self._job.key, part.number))
            case Leave():
                return False
        return True

    def _require_fit(self, part: Part, sighting: Sighting) -> None:
        shown = safe_line(sighting.batch.id, 100)
        total = sighting.batch.request_counts.total
        if total != part.requests:
            raise UsageError(
                f"{shown} has {total:,} requests, and part {part.number} has {part.requests:,}"
            )
        if self._jobs.of_batch(sighting.batch.id):
            raise UsageError(f"{shown} belongs to a job already")

    def _take(self, part: Part, sighting: Sighting) -> None:
        """Write down that a part became this batch: that before anything else."""
        batch_id = sighting.batch.id
        try:
            self._now(self._jobs.created(self._job.key, part.number, batch_id))
        except StorageError as error:
            error.kept = f"{safe_line(batch_id, 100)} was created, which could not be written down"
            raise
        self._account.observe([sighting])
        self._dress(self._job.parts[part.number - 1])
        self._tell(part.size)

    def _dress(self, part: Part) -> None:
        """Give the batch that a part became a label and its request file, unless it has one."""
        record = self._account.record(part.batch_id) if part.batch_id else None
        if record is None or record.request_file:
            return
        job = self._job
        label = job.label_of(part)
        source = job.rounds[part.round].request_file
        self._account.annotate(part.batch_id, label=record.label or label, request_file=source)

    # Waiting

    async def _until_there_is_room(self) -> None:
        """Wait until so few batches of the job are being processed that one more may be."""
        while self._max_in_flight is not None:
            running = [each for each in self._job.batch_ids if self._may_run(each)]
            if len(running) < self._max_in_flight:
                return
            for batch_id in running:
                await self._patience.call(partial(self._look_at, batch_id))
            if sum(map(self._may_run, running)) == len(running):
                verb = "is" if len(running) == 1 else "are"
                why = f"{len(running)} of its batches {verb} being processed, which is the limit"
                await self._patience.pause(why, POLL_SECONDS)

    def _may_run(self, batch_id: str) -> bool:
        record = self._account.record(batch_id)
        return record is None or record.running

    async def _look_at(self, batch_id: str) -> None:
        try:
            await self._account.refresh(batch_id)
        except NotFoundError:
            if await self._account.is_gone(batch_id):
                self._account.missed([batch_id])

    # Who wants to know

    def _now(self, job: Job) -> None:
        self._job = self._account.job_changed(job)
        if self._part is not None:
            self._part = job.parts[self._part.number - 1]

    def _tell(self, sent: int = 0, *, waiting: str = "", until: Instant | None = None) -> None:
        size = self._part.size if self._part else 0
        self._on_step(Step(self._job, self._part, sent, size, waiting, until))
