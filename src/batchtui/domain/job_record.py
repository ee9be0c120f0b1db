"""A job in the shape of a batch, so that whatever shows batches can show jobs, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from batchtui.domain.batch import (
    CANCELING,
    ENDED,
    IN_PROGRESS,
    Batch,
    Record,
    RequestCounts,
    ResultsState,
)
from batchtui.domain.job import Job, Part, PartState


class JobRecord(Record, frozen=True, kw_only=True):
    """A job in the shape of a batch, so that it can stand in a list of them.

    Its `batch` is no object of the API: counts are summed, and of dates it has those that say how
    long the job took and what is due first. Requests not known to be in a batch that is known
    count as processing.

    Attributes:
        job: the job.
        members: its batches as far as they are known, in the order of sending.
        sending: whether somebody is at work on sending the parts that are not sent.
    """

    job: Job
    members: tuple[Record, ...]
    sending: bool = False

    @property
    def sent(self) -> int:
        """How many of its parts are known to be batches."""
        return len(self.job.parts) - len(self.job.unsent)

    @property
    def unsent_requests(self) -> int:
        """How many requests are not known to be in any batch."""
        return sum(part.requests for part in self.job.unsent)

    @property
    def processing(self) -> int:
        """How many requests are being processed; those that are not sent are not."""
        return max(self.batch.request_counts.processing - self.unsent_requests, 0)

    @property
    def unsure(self) -> tuple[Part, ...]:
        """The parts that were begun, and nobody knows whether they became batches."""
        begun = (PartState.UNKNOWN,) if self.sending else (PartState.UNKNOWN, PartState.SENDING)
        return tuple(part for part in self.job.unsent if part.state in begun)

    @property
    def ended(self) -> int:
        """How many of its batches have ended."""
        return sum(not each.batch.running for each in self.members)

    @property
    def in_progress(self) -> tuple[Record, ...]:
        """Its batches that are being processed."""
        return tuple(each for each in self.members if each.running)

    @property
    def results_expire_at(self) -> datetime:
        """When the API drops the first of the results that are not here."""
        members = [each for each in self.members if not each.results_here] or self.members
        every = (each.results_expire_at for each in members)
        return min(every, default=self.batch.results_expire_at)

    def results(self, now: datetime) -> ResultsState:
        """Where the results are at `now`: available if some are, here or gone if the others are."""
        return _together([each.results(now) for each in self.members])

    def results_on_server(self, now: datetime) -> ResultsState:
        """Whether the API has results of it at `now`, be they here or not; as far as known."""
        return _together([each.results_on_server(now) for each in self.members])


def members_of(record: Record) -> tuple[Record, ...]:
    """The batches that a record stands for: those of a job, or the one batch."""
    return record.members if isinstance(record, JobRecord) else (record,)


def batch_ids_of(record: Record) -> tuple[str, ...]:
    """The ids of the batches that a record stands for."""
    return tuple(each.id for each in members_of(record))


def job_record(job: Job, records: Mapping[str, Record], *, sending: bool = False) -> JobRecord:
    """Sum a job up.

    Args:
        job: the job.
        records: what is known of batches, by id; it need not hold all of the job.
        sending: whether somebody is at work on sending it.
    """
    members = tuple(records[each] for each in job.batch_ids if each in records)
    # Of what is not known it cannot be said that it ended, nor that it is gone.
    unknown = [part for part in job.parts if part.batch_id not in records]
    running = [each for each in members if each.running]
    ended = not unknown and not running
    status = _status(unknown, running)
    cancels = [each.batch.cancel_initiated_at for each in running or members]
    gone = [] if unknown else members
    batch = Batch(
        id=job.id,
        processing_status=status,
        request_counts=_counts(job, members, unknown),
        created_at=job.created_at,
        expires_at=min((each.batch.deadline for each in running or members), default=None),
        ended_at=_latest([each.batch.ended_at for each in members]) if ended else None,
        cancel_initiated_at=_latest(cancels) if status == CANCELING or ended else None,
        archived_at=_latest([each.batch.archived_at for each in members]),
        results_url=next((url for each in members if (url := each.batch.results_url)), None),
    )
    return JobRecord(
        batch,
        first_seen_at=job.created_at,
        last_seen_at=min(
            (each.last_seen_at for each in running or members), default=job.created_at
        ),
        deleted_at=_latest([each.deleted_at for each in gone]),
        gone_at=_latest([each.gone_at or each.deleted_at for each in gone]),
        label=job.name,
        note=job.note,
        pinned=job.pinned,
        results_here=bool(members) and not unknown and all(each.results_here for each in members),
        request_file=job.rounds[0].request_file,
        job=job,
        members=members,
        sending=sending,
    )


def _status(unknown: Sequence[Part], running: Sequence[Record]) -> str:
    if not running:
        return IN_PROGRESS if unknown else ENDED
    canceling = all(each.batch.processing_status == CANCELING for each in running)
    return CANCELING if canceling else IN_PROGRESS


def _counts(job: Job, members: Sequence[Record], unknown: Sequence[Part]) -> RequestCounts:
    """Every request of the job once: what a round sends again no longer counts as it did."""
    known = [each.batch.request_counts for each in members]
    again = [each.instead_of for each in job.rounds]
    sums = {
        name: sum(getattr(each, name) for each in known)
        - sum(getattr(each, name) for each in again)
        for name in RequestCounts.__struct_fields__
    }
    sums["processing"] += sum(part.requests for part in unknown)
    return RequestCounts(**{name: max(0, each) for name, each in sums.items()})


def _together(states: Sequence[ResultsState]) -> ResultsState:
    """Where results of several batches are: in the first of these states that one of them has."""
    order = (ResultsState.AVAILABLE, ResultsState.GONE, ResultsState.NONE, ResultsState.HERE)
    return next((state for state in order if state in states), ResultsState.NONE)


def _latest(moments: Sequence[datetime | None]) -> datetime | None:
    """The last of the moments; None if there are none, or one is missing."""
    known = [each for each in moments if each is not None]
    return max(known) if known and len(known) == len(moments) else None
