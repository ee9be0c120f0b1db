"""What an account tells those who listen. Frozen values, so they may cross threads."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

import msgspec

from batchtui.domain.batch import Instant
from batchtui.domain.changes import Change, What
from batchtui.domain.job import Job
from batchtui.domain.operation import Operation
from batchtui.domain.text import counted, size


class Phase(StrEnum):
    """What the poller is doing."""

    CONNECTING = "connecting"
    POLLING = "polling"
    WAITING = "waiting"
    BACKING_OFF = "backing off"
    PAUSED = "paused"
    STOPPED = "stopped"
    OFFLINE = "offline"


class Pulse(msgspec.Struct, frozen=True):
    """How the poller stands.

    Attributes:
        updated_at: when a whole tick last succeeded.
        next_at: when the next one is due; None if only a person can start it.
        reason: why it is backing off or stopped, or what it waits for all too long, as a sentence.
    """

    phase: Phase
    updated_at: Instant | None = None
    next_at: Instant | None = None
    reason: str = ""

    @property
    def resting(self) -> bool:
        """Whether a look is over, however it went."""
        return self.phase not in (Phase.CONNECTING, Phase.POLLING)


class Changed(msgspec.Struct, frozen=True):
    """These batches are no longer as they were."""

    changes: tuple[Change, ...]

    @property
    def tells_durations(self) -> bool:
        """Whether it adds to what is known of how long batches take."""
        return any(
            each.what in (What.APPEARED, What.ENDED) and not each.record.batch.running
            for each in self.changes
        )


class JobsChanged(msgspec.Struct, frozen=True):
    """These jobs are new, or no longer as they were; of their batches `Changed` tells."""

    jobs: tuple[Job, ...]


class Seen(msgspec.Struct, frozen=True):
    """The API still has these batches, changed or not."""

    batch_ids: tuple[str, ...]
    at: Instant


class Paging(msgspec.Struct, frozen=True):
    """How far down the API's list has been read since the start.

    Attributes:
        oldest: the id down to which it has been read without a hole, None before the first page.
        more: whether the API has older ones; None if that is not known.
    """

    oldest: str | None = None
    more: bool | None = None
    loading: bool = False


class Reloaded(msgspec.Struct, frozen=True):
    """Another process wrote to the history: read records and jobs anew."""


class Lacking(msgspec.Struct, frozen=True):
    """The server has turned out to lack one more operation; told once for each.

    Attributes:
        operations: all that it is known to lack by now.
        words: what that means, as a sentence.
    """

    operations: frozenset[Operation]
    words: str


class MadeRoom(msgspec.Struct, frozen=True):
    """Results were removed from this disk to keep within `cache_limit`.

    Attributes:
        files: how many, each of one batch.
        bytes: how much room that made.
    """

    files: int
    bytes: int

    @property
    def words(self) -> str:
        """That, as a sentence."""
        files = counted(self.files, "older result file")
        return f"{files} ({size(self.bytes)}) removed from this disk, to keep within cache_limit."


Event: TypeAlias = Pulse | Changed | JobsChanged | Seen | Paging | Reloaded | Lacking | MadeRoom
Listener: TypeAlias = Callable[[Event], None]
