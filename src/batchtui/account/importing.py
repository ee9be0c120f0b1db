"""Takes in what a file says of batches that was looked through: asks the API, writes it down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from batchtui.account.account import AT_ONCE, Account, OnWait
from batchtui.account.import_file import Found, Problem
from batchtui.account.import_line import Item
from batchtui.account.import_look import chunks, has_to_be_asked
from batchtui.domain.errors import (
    ApiError,
    BatchtuiError,
    CredentialsError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from batchtui.domain.job import Job
from batchtui.history.taking_in import Arrival, Taken


class Imported(msgspec.Struct):
    """What came of an import.

    Attributes:
        new: how many batches were not known.
        known: how many were.
        changed: how many of those are no longer as they were.
        kept: how many labels, notes and links stay though the file says something else.
        jobs: how many are new.
        failed: what is not taken in and why, by the id of the batch or the name of the job.
        left: how many batches were not asked for, because something stood in the way of all.
        stopped: what that was.
    """

    new: int = 0
    known: int = 0
    changed: int = 0
    kept: int = 0
    jobs: int = 0
    failed: dict[str, BatchtuiError] = {}
    left: int = 0
    stopped: BatchtuiError | None = None


async def take_in(
    account: Account,
    found: Iterable[Found],
    *,
    overwrite: bool,
    on_wait: OnWait,
    on_progress: Callable[[int], object],
) -> Imported:
    """Bring in what was looked through, and ask the API for what only it can say.

    What was brought in stays, whatever happens later; doing it again goes on.

    Args:
        account: whose history; offline, nothing is asked.
        found: what the file says, as before.
        overwrite: whether its labels, notes and links win over those that are here.
        on_wait: told why it waits.
        on_progress: told how many lines are done.

    Raises:
        UsageError: if the file was changed since it was looked through.
        StorageError: if the history cannot be written.
    """
    imported = Imported()
    done = 0
    for chunk in chunks(_unchanged(found)):
        for arrivals in _rounds([each.arrival for each in chunk if each.arrival]):
            await _take_arrivals(account, arrivals, imported, overwrite, on_wait)
        for item in chunk:
            if item.job is not None:
                _take_job(account, item.job, imported)
        done += len(chunk)
        on_progress(done)
    return imported


def _unchanged(found: Iterable[Found]) -> Iterator[Item]:
    for each in found:
        if isinstance(each, Problem):
            raise UsageError("The file was changed while it was read", todo="Import it once more")
        yield each


def _rounds(arrivals: Sequence[Arrival]) -> list[list[Arrival]]:
    """The arrivals in lists in which each batch is once: what a later line says comes later."""
    rounds: list[dict[str, Arrival]] = []
    for arrival in arrivals:
        free = next((each for each in rounds if arrival.batch_id not in each), None)
        if free is None:
            rounds.append(free := {})
        free[arrival.batch_id] = arrival
    return [list(each.values()) for each in rounds]


async def _take_arrivals(
    account: Account,
    arrivals: Sequence[Arrival],
    imported: Imported,
    overwrite: bool,
    on_wait: OnWait,
) -> None:
    known = account.history.known([each.batch_id for each in arrivals])
    places = asyncio.Semaphore(AT_ONCE)

    async def ready(arrival: Arrival) -> Arrival | None:
        if not has_to_be_asked(arrival, known):
            return arrival
        async with places:
            return await _ask(account, arrival, imported, on_wait)

    answers = await asyncio.gather(*map(ready, arrivals))
    taken = account.history.take_in(
        [each for each in answers if each], at=account.clock(), overwrite=overwrite
    )
    _count(imported, taken, known)


async def _ask(
    account: Account, arrival: Arrival, imported: Imported, on_wait: OnWait
) -> Arrival | None:
    """The arrival, once the history knows what the API says of it; None if it cannot be had."""
    if imported.stopped is not None:
        imported.left += 1
        return None
    if account.offline and arrival.sighting is not None:
        return arrival
    try:
        if account.offline:
            raise _offline()
        await account.refresh(arrival.batch_id, on_wait=on_wait)
    except NotFoundError as error:
        if arrival.sighting is not None:
            return msgspec.structs.replace(arrival, gone_at=account.clock())
        imported.failed[arrival.batch_id] = error
    except (RefusedError, UsageError) as error:
        imported.failed[arrival.batch_id] = error
    except (ApiError, CredentialsError) as error:
        # It would be the same with every other one.
        imported.stopped = error
        imported.left += 1
    else:
        return arrival
    return None


def _offline() -> UsageError:
    return UsageError("It is not in the history", todo="Leave out --offline to ask the API for it")


def _count(imported: Imported, taken: Sequence[Taken], known: frozenset[str]) -> None:
    for each in taken:
        if each.after.id in known:
            imported.known += 1
            imported.changed += each.before != each.after
        else:
            imported.new += 1
        imported.kept += len(each.kept)


def _take_job(account: Account, job: Job, imported: Imported) -> None:
    try:
        imported.jobs += account.history.jobs.take_in(job)
    except UsageError as error:
        imported.failed[job.name] = error
