"""A job: the batches that one request file became, and those that repaired them, as one thing.

A job has rounds. The first sends every request of a file; each later one sends some of them again.
A round has parts, each a stretch of the round's request file that becomes one message batch.
"""

from __future__ import annotations

from collections.abc import Mapping
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
)

COMMON_START = "job:"
"""What the id of every job begins with; no batch of the API has such an id."""


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
        return f"{COMMON_START}{self.key}"

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
        return len(self.parts) == 1 and self.parts[0].state is PartState.CREATED


class JobRecord(Record, frozen=True, kw_only=True):
    """A job in the shape of a batch, so that it can stand in a list of them.

    Its `batch` is no object of the API: counts are summed, dates are the widest.

    Attributes:
        job: the job.
        members: its batches as far as they are known, in the order of sending.
    """

    job: Job
    members: tuple[Record, ...]

    @property
    def unsent_requests(self) -> int:
        """How many requests are not known to be in any batch."""
        return sum(part.requests for part in self.job.unsent)


def job_record(job: Job, records: Mapping[str, Record]) -> JobRecord:
    """Sum a job up.

    Args:
        job: the job.
        records: what is known of batches, by id; those of the job that are missing are left out.
    """
    members = tuple(records[each] for each in job.batch_ids if each in records)
    status = _status(job, members)
    batch = Batch(
        id=job.id,
        processing_status=status,
        request_counts=_counts(job, members),
        created_at=job.created_at,
        expires_at=max((each.batch.deadline for each in members), default=None),
        ended_at=_latest([each.batch.ended_at for each in members]) if status == ENDED else None,
        cancel_initiated_at=_latest(
            [each.batch.cancel_initiated_at for each in members if each.batch.cancel_initiated_at]
        ),
        archived_at=_latest([each.batch.archived_at for each in members]),
        results_url=next((each.batch.results_url for each in members), None),
    )
    return JobRecord(
        batch,
        first_seen_at=job.created_at,
        last_seen_at=min((each.last_seen_at for each in members), default=job.created_at),
        deleted_at=_latest([each.deleted_at for each in members]),
        gone_at=_latest([each.gone_at or each.deleted_at for each in members]),
        label=job.name,
        note=job.note,
        pinned=job.pinned,
        results_here=bool(members) and all(each.results_here for each in members),
        request_file=job.rounds[0].request_file,
        job=job,
        members=members,
    )


def _status(job: Job, members: tuple[Record, ...]) -> str:
    running = [each.batch.processing_status for each in members if each.running]
    if not job.unsent and not running:
        return ENDED
    if running and all(status == CANCELING for status in running):
        return CANCELING
    return IN_PROGRESS


def _counts(job: Job, members: tuple[Record, ...]) -> RequestCounts:
    """Every request of the job once: what a round sends again no longer counts as it did."""
    processing = sum(part.requests for part in job.unsent)
    sums = dict.fromkeys(RequestCounts.__struct_fields__, 0) | {"processing": processing}
    for name in sums:
        sums[name] += sum(getattr(each.batch.request_counts, name) for each in members)
        sums[name] -= sum(getattr(each.instead_of, name) for each in job.rounds)
    return msgspec.convert({name: max(0, each) for name, each in sums.items()}, RequestCounts)


def _latest(moments: list[datetime | None]) -> datetime | None:
    """The last of the moments; None if there are none, or one is missing."""
    known = [each for each in moments if each is not None]
    return max(known) if known and len(known) == len(moments) else None
