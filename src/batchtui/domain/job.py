"""A job: the batches that one request file became, and those that repaired them, as one thing.

A job has rounds. The first sends every request of a file; each later one sends some of them again.
A round has parts, each a stretch of the round's request file that becomes one message batch.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from batchtui.domain.batch import Instant, RequestCounts

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
