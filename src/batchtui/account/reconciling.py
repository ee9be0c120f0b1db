"""Finds out whether a part of a job became a batch, when no answer came that says so.

Nothing in a batch names what it was made of, so it is told by when it appeared and by its size; a
person decides.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeAlias

import msgspec

from batchtui.account.account import Account
from batchtui.account.lacking import seems_lacking, unsupported
from batchtui.account.patience import Patience
from batchtui.api.replies import Page
from batchtui.domain.batch import Record
from batchtui.domain.errors import ApiError
from batchtui.domain.job import Job, Part, PartState
from batchtui.domain.operation import Operation

PAGE = 100
"""Batches asked for at once."""

PAUSES = (1.0, 3.0, 6.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds between looks: a batch that is being checked, or has just been made, may show up late."""

SETTLED = timedelta(hours=1)
"""So long after an attempt was begun, which may take its time, one look tells as much as many."""

SKEW = timedelta(minutes=1)
"""By so much the clocks of the API's servers may differ."""


class Adopt(msgspec.Struct, frozen=True):
    """It became this batch."""

    batch_id: str


class SendAgain(msgspec.Struct, frozen=True):
    """It became none: send it again."""


class Leave(msgspec.Struct, frozen=True):
    """It stays unknown, and nothing more is sent for now."""


Decision: TypeAlias = Adopt | SendAgain | Leave


class Doubt(msgspec.Struct, frozen=True):
    """A part that was sent, and of which it is not known whether it became a batch.

    Attributes:
        job: the job.
        part: which of its parts.
        candidates: the batches it may have become, newest first: as many requests, not there
            before the attempt, and no other part's.
        why: what happened, as a sentence; empty if batchtui ended in the middle of it.
        rivals: how many other parts, of other jobs, a candidate may as well have come of.
        blind: whether nobody could look, because the server cannot list.
    """

    job: Job
    part: Part
    candidates: tuple[Record, ...]
    why: str = ""
    rivals: int = 0
    blind: bool = False

    @property
    def plain(self) -> Decision | None:
        """What to do if nobody is to be asked; None if that is not plain."""
        if not self.candidates:
            return None if self.blind else SendAgain()
        if len(self.candidates) == 1 and not self.rivals:
            return Adopt(self.candidates[0].id)
        return None


Decide: TypeAlias = Callable[[Doubt], Awaitable[Decision]]


async def note_what_is_there(account: Account) -> None:
    """Look at the newest batches, so that those which are there can be told from those to come.

    A server that cannot list leaves no way to.
    """
    try:
        page = await account.page(limit=PAGE)
    except ApiError as error:
        if not seems_lacking(error):
            raise
        return
    account.observe(page.sightings)


async def candidates(
    account: Account, job: Job, part: Part, *, patience: Patience, just_now: bool = False
) -> tuple[Record, ...]:
    """The batches that a part may have become, newest first.

    Args:
        account: whose batches.
        job: whose part it is.
        part: which was sent, and is not known to be a batch.
        patience: waits between looks, of which there are several while nothing is found.
        just_now: whether it has only just been sent, however long that took.

    Raises:
        UnsupportedError: if the server cannot list, so that nobody can look.
        BatchtuiError: what waiting does not help against.
    """
    begun = part.attempted_at or job.created_at
    recent = just_now or account.clock() - begun < SETTLED
    for seconds in (*(PAUSES if recent else ()), None):
        found = await _look(account, job, part, patience)
        if found or seconds is None:
            return found
        await patience.pause(f"Looking whether a batch came of part {part.number}", seconds)
    return ()


def rivals(account: Account, job: Job, part: Part) -> int:
    """How many parts of other jobs, of as many requests, may be batches that are not known yet."""
    return sum(
        other.requests == part.requests and other.state in (PartState.SENDING, PartState.UNKNOWN)
        for each in account.jobs()
        if each.key != job.key
        for other in each.parts
    )


async def _look(account: Account, job: Job, part: Part, patience: Patience) -> tuple[Record, ...]:
    jobs = account.history.jobs
    newest = jobs.newest_before(job.key, part.number)
    found: list[Record] = []
    async for record in _newest(account, patience):
        # The server's own dates are compared with one another: its clock need not be ours.
        if newest is not None and newest - record.batch.created_at > SKEW:
            break
        # Not by when it was first seen here, since our clock may have been set meanwhile.
        if record.batch.request_counts.total == part.requests and jobs.is_new(
            job.key, part.number, record.id
        ):
            found.append(record)
    return tuple(found)


async def _newest(account: Account, patience: Patience) -> AsyncIterator[Record]:
    """The batches of the API's list, newest first, as they are known once they were seen."""
    after: str | None = None
    while True:
        page = await patience.call(partial(_page, account, after))
        account.observe(page.sightings)
        for sighting in page.sightings:
            if record := account.record(sighting.batch.id):
                yield record
        after = page.next_after(after)
        if after is None:
            return


async def _page(account: Account, after: str | None) -> Page:
    try:
        return await account.page(limit=PAGE, after_id=after)
    except ApiError as error:
        failure = error
    # One that knows of no batch yet cannot tell a server without a list from one without anything.
    raise unsupported(Operation.LIST) if seems_lacking(failure) else failure
