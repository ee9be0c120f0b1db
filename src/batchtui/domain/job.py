"""A job: the batches that one request file became, and those that repaired them, as one thing.

A job has rounds. The first sends every request of a file; each later one sends some of them again.
A round has parts, each a stretch of the round's request file that becomes one message batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from batchtui.domain.batch import (
    CANCELING,
    ENDED,
    IN_PROGRESS,
    Batch,
    Instant,
    Record,
    RequestCounts,
    ResultsState,
)

COMMON_START = "job:"
"""What the id of every job begins with; no batch of the API has such an id."""


def id_of(key: int) -> str:
    """What stands for the job with this number where batches have their id."""
    return f"{COMMON_START}{key}"


class PartState(StrEnum):
    """How far a part is.

    `sending` is written down before anything is sent: whoever finds it later, and is not the one
    who sends, has to take it for `unknown`.
    """

    PLANNED = "planned"
    SENDING = "sending"
    UNKNOWN = "unknown"
    CREATED = "created"


class Part(msgspec.Struct, frozen=True):
    """A stretch of a request file that becomes one message batch.

    Attributes:
        number: its place among all parts of the job, from 1.
        round: the number of its round.
        start: offset in bytes of its first line in the request file of its round.
        stop: offset in bytes behind its last line.
        first_line: the number of its first line, from 1.
        requests: how many.
        size: bytes of the body of the create request.
        digest: BLAKE2b (16 bytes) of the bytes from `start` to `stop`; empty if never looked at.
        verbatim: whether every line goes to the API as it stands; else some are translated.
        batch_id: the batch it became; "" until that is known.
        attempted_at: when it was last begun to be sent.
    """

    number: int
    round: int
    start: int
    stop: int
    first_line: int
    requests: int
    size: int
    digest: bytes = b""
    verbatim: bool = True
    state: PartState = PartState.PLANNED
    batch_id: str = ""
    attempted_at: Instant | None = None


class Round(msgspec.Struct, frozen=True):
    """One sending of requests.

    Attributes:
        number: 0 for the first.
        request_file: absolute path of the file its requests stand in; "" if none is known.
        size: bytes of that file.
        digest: BLAKE2b (16 bytes) of that file; empty if never looked at.
        requests: how many it sends.
        instead_of: how many results of earlier rounds it takes the place of, by their type.
    """

    number: int
    request_file: str
    size: int
    digest: bytes
    requests: int
    created_at: Instant
    instead_of: RequestCounts = RequestCounts()


class Job(msgspec.Struct, frozen=True):
    """A job as it is known here; the API knows only its batches.

    Attributes:
        key: its number in the history.
        name: unique within an account; foreign text.
        rounds: at least one, in the order of sending.
        parts: of all rounds, by number.
    """

    key: int
    name: str
    created_at: Instant
    rounds: tuple[Round, ...]
    parts: tuple[Part, ...]
    note: str = ""
    pinned: bool = False

    @property
    def id(self) -> str:
        """What stands for it where batches have their id."""
        return id_of(self.key)

    @property
    def requests(self) -> int:
        """How many requests it is to have answered."""
        return self.rounds[0].requests

    @property
    def batch_ids(self) -> tuple[str, ...]:
        """The batches known to be its, in the order of sending."""
        return tuple(part.batch_id for part in self.parts if part.batch_id)

    @property
    def unsent(self) -> tuple[Part, ...]:
        """The parts that are not known to be batches, in the order of sending."""
        return tuple(part for part in self.parts if part.state is not PartState.CREATED)

    @property
    def is_one_batch(self) -> bool:
        """Whether it is one batch and nothing else: then that batch stands for itself."""
        return len(self.parts) == 1 and len(self.batch_ids) == 1 and not self.unsent

    def part_of(self, batch_id: str) -> Part | None:
        """The part that became this batch."""
        return next((part for part in self.parts if part.batch_id == batch_id), None)

    def title_of(self, part: Part) -> str:
        """What a part is called within the job: "2/3", "retry 1", "retry 2 1/4"."""
        alike = [each.number for each in self.parts if each.round == part.round]
        place = f"{alike.index(part.number) + 1}/{len(alike)}"
        if not part.round:
            return place
        return f"retry {part.round}" if len(alike) == 1 else f"retry {part.round} {place}"

    def label_of(self, part: Part) -> str:
        """What the batch that a part becomes is called outside of the job."""
        return self.name if len(self.parts) == 1 else f"{self.name} {self.title_of(part)}"


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
