"""Takes in what a file says of batches: looked through first, then asked for, then written down."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from batchtui.account.account import AT_ONCE, Account, OnWait
from batchtui.account.import_file import Found, Problem
from batchtui.account.import_line import Item
from batchtui.domain.errors import (
    ApiError,
    BatchtuiError,
    CredentialsError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from batchtui.domain.job import Job
from batchtui.domain.text import count, safe_line
from batchtui.history.history import History
from batchtui.history.taking_in import Arrival, Taken

_CHUNK = 200
"""So many lines are seen to in one go; no more of them are in memory."""

MOST_NAMED = 20
"""So many bad lines are named; of more the number tells enough."""


class Looked(msgspec.Struct):
    """What a file holds.

    Attributes:
        batches: how many, each once.
        known: how many of them are in the history.
        to_ask: how many have to be asked of the API.
        annotated: how many come with a label, a note, a pin or a request file.
        repeated: how many lines say no more than one before them.
        bad: how many lines are of no use; `problems` are the first of them.
    """

    batches: int = 0
    known: int = 0
    to_ask: int = 0
    annotated: int = 0
    jobs: int = 0
    repeated: int = 0
    bad: int = 0
    problems: list[Problem] = []


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


# Looking


def look_through(found: Iterable[Found], history: History, *, overwrite: bool) -> Looked:
    """Look at every line, and write nothing.

    Args:
        found: what the file says.
        history: where it is to go.
        overwrite: whether of two lines that contradict one another the later one counts.
    """
    looked = Looked()
    said: dict[str, tuple[int, bytes]] = {}
    for chunk in _chunks(_sound(found, looked)):
        fresh: dict[str, Arrival] = {}
        for item in chunk:
            if item.job is not None:
                looked.jobs += 1
            elif item.arrival is not None and _is_first(
                item, item.arrival, said, looked, overwrite
            ):
                fresh[item.arrival.batch_id] = item.arrival
        known = history.known(list(fresh))
        looked.batches += len(fresh)
        looked.known += len(known)
        looked.to_ask += sum(_has_to_be_asked(each, known) for each in fresh.values())
        looked.annotated += sum(map(_is_annotated, fresh.values()))
    return looked


def _sound(found: Iterable[Found], looked: Looked) -> Iterator[Item]:
    for each in found:
        if isinstance(each, Item):
            yield each
        else:
            _note(looked, each)


def _note(looked: Looked, problem: Problem) -> None:
    looked.bad += 1
    if len(looked.problems) < MOST_NAMED:
        looked.problems.append(problem)


def _is_first(
    item: Item,
    arrival: Arrival,
    said: dict[str, tuple[int, bytes]],
    looked: Looked,
    overwrite: bool,
) -> bool:
    """Whether the batch was not named before; a contradiction is noted as a problem."""
    words = (arrival.label, arrival.note, arrival.request_file)
    digest = hashlib.blake2b(msgspec.msgpack.encode(words), digest_size=16).digest()
    before = said.get(arrival.batch_id)
    if before is None:
        said[arrival.batch_id] = (item.number, digest)
        return True
    if before[1] == digest or overwrite:
        looked.repeated += 1
    else:
        name = safe_line(arrival.batch_id, 100)
        words_ = f"{name} stands in line {count(before[0])} too, and there with other words"
        _note(looked, Problem(item.number, words_))
    return False


def _has_to_be_asked(arrival: Arrival, known: frozenset[str]) -> bool:
    """Whether only the API can say how the batch stands: what has ended does not change."""
    sighting = arrival.sighting
    if sighting is None:
        return arrival.batch_id not in known
    off_server = arrival.deleted_at or arrival.gone_at
    return arrival.batch_id not in known and sighting.batch.running and not off_server


def _is_annotated(arrival: Arrival) -> bool:
    return bool(arrival.label or arrival.note or arrival.pinned or arrival.request_file)


# Taking in


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
    for chunk in _chunks(_unchanged(found)):
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
        if not _has_to_be_asked(arrival, known):
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


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    while chunk := list(islice(items, _CHUNK)):
        yield chunk
