"""A message batch as the API describes it, and what its fields mean together.

Field names and states are the API's (anthropic SDK, types/messages/message_batch.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec

PROCESSING_WINDOW = timedelta(hours=24)
"""A batch that has not ended this long after `created_at` expires."""

RESULTS_WINDOW = timedelta(days=29)
"""Results can be read until this long after `created_at` (not `ended_at`)."""

STALE = timedelta(minutes=10)
"""What was last seen longer ago may well have ended."""

IN_PROGRESS = "in_progress"
CANCELING = "canceling"
ENDED = "ended"

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Tally = Annotated[int, msgspec.Meta(ge=0)]


class Outcome(StrEnum):
    """How a batch stands, in one word; "ended" alone says nothing of success."""

    RUNNING = "running"
    CANCELING = "canceling"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELED = "canceled"
    EMPTY = "empty"
    UNKNOWN = "unknown"


UNSUCCESSFUL = frozenset((Outcome.PARTIAL, Outcome.FAILED, Outcome.EXPIRED))
"""How batches end that nobody wanted to end so."""


class ResultsState(StrEnum):
    """Where the results of a batch are."""

    NONE = "none"
    AVAILABLE = "available"
    HERE = "here"
    GONE = "gone"


class RequestCounts(msgspec.Struct, frozen=True):
    """How many requests of a batch are in each of the five states; their sum is the batch's size.

    While a batch runs the API keeps every request in `processing`; the other four stay zero until
    the whole batch has ended.
    """

    processing: Tally = 0
    succeeded: Tally = 0
    errored: Tally = 0
    canceled: Tally = 0
    expired: Tally = 0

    @property
    def total(self) -> int:
        """All requests of the batch."""
        return self.processing + self.finished

    @property
    def finished(self) -> int:
        """Requests that are no longer processing."""
        return self.succeeded + self.errored + self.canceled + self.expired

    @property
    def unsuccessful(self) -> int:
        """Requests that finished without an answer."""
        return self.errored + self.canceled + self.expired


class Batch(msgspec.Struct, frozen=True):
    """One MessageBatch object. Unknown fields are ignored, unknown statuses kept as they are."""

    id: Annotated[str, msgspec.Meta(min_length=1)]
    processing_status: str
    request_counts: RequestCounts
    created_at: Instant
    expires_at: Instant | None = None
    ended_at: Instant | None = None
    cancel_initiated_at: Instant | None = None
    archived_at: Instant | None = None
    results_url: str | None = None

    @property
    def running(self) -> bool:
        """Whether the batch can still change by itself."""
        return self.processing_status != ENDED

    @property
    def deadline(self) -> datetime:
        """When processing ends at the latest."""
        return self.expires_at or _later(self.created_at, PROCESSING_WINDOW)

    @property
    def results_expire_at(self) -> datetime:
        """When the API drops the results."""
        return _later(self.created_at, RESULTS_WINDOW)

    @property
    def counts_move(self) -> bool:
        """Whether this server reports counts before the end (the documented API does not)."""
        return self.running and self.request_counts.finished > 0

    @property
    def outcome(self) -> Outcome:
        """How the batch stands or how it ended.

        An ended batch is `expired` or `canceled` if any request was, since that is what ended it;
        else `failed` if nothing succeeded, `partial` if something did not.
        """
        if self.processing_status == IN_PROGRESS:
            return Outcome.RUNNING
        if self.processing_status == CANCELING:
            return Outcome.CANCELING
        if self.processing_status != ENDED:
            return Outcome.UNKNOWN
        counts = self.request_counts
        if counts.total == 0:
            return Outcome.EMPTY
        if counts.expired:
            return Outcome.EXPIRED
        if counts.canceled:
            return Outcome.CANCELED
        if not counts.succeeded:
            return Outcome.FAILED
        return Outcome.PARTIAL if counts.errored else Outcome.SUCCEEDED

    @property
    def tells_what_failed(self) -> bool:
        """Whether it ended as nobody wanted, and the API has results that say why."""
        offered = bool(self.results_url) and self.archived_at is None
        return offered and self.outcome in UNSUCCESSFUL

    def elapsed(self, now: datetime) -> timedelta:
        """How long the batch has been or was processed; never negative, whatever the clocks say."""
        return max((self.ended_at or now) - self.created_at, timedelta(0))

    @property
    def own_seconds(self) -> float | None:
        """How long it took to its own end; None if it did not end, was stopped, or is empty."""
        counts = self.request_counts
        if self.ended_at is None or not counts.total or counts.canceled or counts.expired:
            return None
        return self.elapsed(self.ended_at).total_seconds()


def _later(moment: datetime, span: timedelta) -> datetime:
    """`moment + span`, or the end of time if there is no such moment."""
    try:
        return moment + span
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


class Sighting(msgspec.Struct, frozen=True):
    """A batch as it was just received, with the JSON object it was read from.

    The object is kept because it may hold fields this version does not know.
    """

    batch: Batch
    body: bytes


_decoder = msgspec.json.Decoder(Batch)

_MOST_REQUESTS = 10**100
"""More than there can be; a share or a rate of what is far beyond is no number any more."""


def decode_batch(body: bytes | msgspec.Raw) -> Batch:
    """Validate a MessageBatch object.

    Raises:
        msgspec.MsgspecError: if it is not JSON or lacks what makes it a batch.
    """
    try:
        batch = _decoder.decode(body)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(type(error).__name__) from None
    if batch.request_counts.total > _MOST_REQUESTS:
        raise msgspec.ValidationError("request_counts are beyond all bounds")
    return batch


class Record(msgspec.Struct, frozen=True):
    """What is known of a batch: the API's last word on it, and what the person added.

    Attributes:
        first_seen_at: when it was first received.
        last_seen_at: when it was last received.
        deleted_at: when it was deleted from here.
        gone_at: when it was settled that the API no longer knows it.
        results_here: whether its result file is on this disk.
        request_file: absolute path of the file its requests stand in; "" if none is linked.
    """

    batch: Batch
    first_seen_at: Instant
    last_seen_at: Instant
    deleted_at: Instant | None = None
    gone_at: Instant | None = None
    label: str = ""
    note: str = ""
    pinned: bool = False
    results_here: bool = False
    request_file: str = ""

    @property
    def id(self) -> str:
        """The id of the batch."""
        return self.batch.id

    @property
    def name(self) -> str:
        """What to call it: its label, else its id. Foreign text."""
        return self.label or self.batch.id

    @property
    def on_server(self) -> bool:
        """Whether the API still has the batch, as far as known."""
        return self.deleted_at is None and self.gone_at is None

    @property
    def running(self) -> bool:
        """Whether it is being processed, as far as known."""
        return self.batch.running and self.on_server

    @property
    def results_expire_at(self) -> datetime:
        """When the API drops the results."""
        return self.batch.results_expire_at

    def results(self, now: datetime) -> ResultsState:
        """Where the results are at `now`."""
        if self.results_here:
            return ResultsState.HERE
        return self.results_on_server(now)

    def results_on_server(self, now: datetime) -> ResultsState:
        """Whether the API has the results at `now`, be they here or not; as far as known."""
        if self.batch.running:
            return ResultsState.NONE if self.on_server else ResultsState.GONE
        if not self.on_server or self.batch.archived_at or now >= self.batch.results_expire_at:
            return ResultsState.GONE
        return ResultsState.AVAILABLE if self.batch.results_url else ResultsState.NONE

    def annotations(self, now: datetime) -> Mapping[str, object]:
        """What batchtui adds to the API's object in JSON output, by field name."""
        return {
            "outcome": self.batch.outcome,
            "label": self.label,
            "note": self.note,
            "pinned": self.pinned,
            "request_file": self.request_file,
            "results": self.results(now),
            "results_expire_at": self.results_expire_at,
            "first_seen_at": self.first_seen_at,
            "last_seen_at": self.last_seen_at,
            "deleted_at": self.deleted_at,
            "gone_at": self.gone_at,
        }
