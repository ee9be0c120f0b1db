"""The life of a batch as a pure function of its plan and the moment; nothing here ticks."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal, Protocol
from urllib.parse import quote

import msgspec

Counting = Literal["api", "live"]
"""`api`: requests stay in `processing` until the whole batch ends. `live`: counts move."""
Leftover = Literal["canceled", "expired"]

PROCESSING_WINDOW = timedelta(hours=24)
RETENTION = timedelta(days=29)


class Work(Protocol):
    """The requests of one batch. A request's turn is its place in the order of processing."""

    @property
    def total(self) -> int:
        """How many requests."""

    def errored_before(self, turn: int) -> int:
        """How many of the first `turn` requests in processing order come back errored."""

    def expired_before(self, turn: int) -> int:
        """How many of them expire as if their time had run out."""

    def lines(self, processed: int, leftover: Leftover) -> Iterator[bytes]:
        """The result file in pieces, when `processed` turns were done and the rest is `leftover`.

        The same arguments give the same bytes every time.
        """


class Counts(msgspec.Struct, frozen=True):
    """`request_counts` of the wire; the sum is the number of requests at any time."""

    processing: int = 0
    succeeded: int = 0
    errored: int = 0
    canceled: int = 0
    expired: int = 0


class Plan(msgspec.Struct, frozen=True):
    """What will become of a batch.

    Attributes:
        takes: How long processing lasts when nobody interferes; past 24 h the batch expires.
        canceled_at: When cancellation was initiated, if it was.
        cancel_takes: How long a cancellation lasts.
        overlay: Fields laid over the wire object as they are, known to the API or not.
        label: What its maker calls it. The API knows no names: it is never on the wire.
        job: What its maker calls the job it belongs to; never on the wire either.
        round: Which round of that job; 0 for the first.
    """

    id: str
    created_at: datetime
    takes: timedelta
    work: Work
    canceled_at: datetime | None = None
    cancel_takes: timedelta = timedelta(seconds=8)
    overlay: Mapping[str, object] = {}
    label: str = ""
    job: str = ""
    round: int = 0

    @property
    def expires_at(self) -> datetime:
        """When processing is given up."""
        return self.created_at + PROCESSING_WINDOW

    @property
    def archives_at(self) -> datetime:
        """When the results are gone."""
        return self.created_at + RETENTION

    @property
    def ends_at(self) -> datetime:
        """When processing ends, as things stand."""
        end = min(self.created_at + self.takes, self.expires_at)
        if self.canceled_at is not None:
            end = min(end, self.canceled_at + self.cancel_takes)
        return end

    @property
    def leftover(self) -> Leftover:
        """What becomes of requests that were not processed by the end."""
        return "expired" if self.ends_at == self.expires_at else "canceled"

    def processed(self, now: datetime) -> int:
        """How many requests have had their turn by `now`; it never falls, and stops at the end."""
        until = min(now, self.ends_at)
        if self.canceled_at is not None:
            until = min(until, self.canceled_at)
        elapsed = max(until - self.created_at, timedelta())
        if elapsed >= self.takes:
            return self.work.total
        return int(self.work.total * (elapsed / self.takes))

    def counts(self, now: datetime, counting: Counting) -> Counts:
        """`request_counts` at `now`."""
        total = self.work.total
        ended = now >= self.ends_at
        if not ended and counting == "api":
            return Counts(processing=total)
        processed = self.processed(now)
        errored = self.work.errored_before(processed)
        expired = self.work.expired_before(processed)
        rest = total - processed
        return Counts(
            processing=0 if ended else rest,
            succeeded=processed - errored - expired,
            errored=errored,
            canceled=rest if ended and self.leftover == "canceled" else 0,
            expired=expired + (rest if ended and self.leftover == "expired" else 0),
        )

    def status(self, now: datetime) -> str:
        """`processing_status` at `now`."""
        if now >= self.ends_at:
            return "ended"
        return "in_progress" if self.canceled_at is None or now < self.canceled_at else "canceling"

    def has_results(self, now: datetime) -> bool:
        """Whether results can be read at `now`."""
        return self.ends_at <= now < self.archives_at

    def lines(self) -> Iterator[bytes]:
        """The result file in pieces."""
        return self.work.lines(self.processed(self.ends_at), self.leftover)

    def wire(self, now: datetime, counting: Counting, base_url: str) -> dict[str, object]:
        """The `message_batch` object at `now`; `base_url` leads the `results_url`."""
        ended = now >= self.ends_at
        canceled_at = self.canceled_at if self.canceled_at and self.canceled_at <= now else None
        url = f"{base_url}/v1/messages/batches/{quote(self.id, safe='')}/results"
        return {
            "id": self.id,
            "type": "message_batch",
            "processing_status": self.status(now),
            "request_counts": msgspec.structs.asdict(self.counts(now, counting)),
            "ended_at": timestamp(self.ends_at) if ended else None,
            "created_at": timestamp(self.created_at),
            "expires_at": timestamp(self.expires_at),
            "archived_at": timestamp(self.archives_at) if now >= self.archives_at else None,
            "cancel_initiated_at": timestamp(canceled_at) if canceled_at else None,
            "results_url": url if self.has_results(now) else None,
            **self.overlay,
        }


def timestamp(moment: datetime) -> str:
    """A date as the API writes it: microseconds and `+00:00`."""
    return moment.isoformat(timespec="microseconds")
