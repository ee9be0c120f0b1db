"""Looks through a file of batches before anything is asked or written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from batchtui.account.import_file import Found, Problem
from batchtui.account.import_line import Item
from batchtui.domain.text import count, safe_line
from batchtui.history.history import History
from batchtui.history.taking_in import Arrival

CHUNK = 200
"""So many lines are seen to in one go; no more of them are in memory."""

MOST_NAMED = 20
"""So many bad lines are named; of more the number tells enough."""

_WORDS = ("label", "note", "request_file")


class Looked(msgspec.Struct):
    """What a file holds.

    Attributes:
        batches: how many, each once.
        known: how many of them are in the history.
        to_ask: how many have to be asked of the API.
        annotated: how many come with a label, a note, a pin or a request file.
        repeated: how many lines name a batch that one before them named.
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


def look_through(found: Iterable[Found], history: History, *, overwrite: bool) -> Looked:
    """Look at every line, and write nothing.

    Args:
        found: what the file says.
        history: where it is to go.
        overwrite: whether of two lines that contradict one another the later one counts.
    """
    looked, said = Looked(), _Said()
    for chunk in chunks(_sound(found, looked)):
        looked.jobs += sum(item.job is not None for item in chunk)
        fresh = {}
        for number, arrival in ((item.number, item.arrival) for item in chunk if item.arrival):
            if said.is_new(arrival.batch_id):
                fresh[arrival.batch_id] = arrival
            else:
                looked.repeated += 1
            words = said.take(number, arrival)
            if words and not overwrite:
                _note(looked, Problem(number, words))
        known = history.known(list(fresh))
        looked.batches += len(fresh)
        looked.known += len(known)
        looked.to_ask += sum(has_to_be_asked(each, known) for each in fresh.values())
        looked.annotated += sum(map(_is_annotated, fresh.values()))
    return looked


def has_to_be_asked(arrival: Arrival, known: frozenset[str]) -> bool:
    """Whether only the API can say how the batch stands: what has ended does not change.

    Args:
        arrival: what the file says of it.
        known: the ids of batches that the history has.
    """
    sighting = arrival.sighting
    if sighting is None:
        return arrival.batch_id not in known
    off_server = arrival.deleted_at or arrival.gone_at
    return arrival.batch_id not in known and sighting.batch.running and not off_server


def chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    """The items, some at a time."""
    while chunk := list(islice(items, CHUNK)):
        yield chunk


class _Said:
    """What was said so far of each batch; of words just a digest, since there may be many."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[int, list[bytes]]] = {}

    def is_new(self, batch_id: str) -> bool:
        """Whether the batch was not named before."""
        return batch_id not in self._said

    def take(self, number: int, arrival: Arrival) -> str:
        """Take in a line; returns how it contradicts one before it, "" if it does not."""
        digests = [_digest(getattr(arrival, name)) for name in _WORDS]
        first, before = self._said.setdefault(arrival.batch_id, (number, digests))
        differs = [
            name.replace("_", " ")
            for name, old, new in zip(_WORDS, before, digests, strict=True)
            if old and new and old != new
        ]
        before[:] = [old or new for old, new in zip(before, digests, strict=True)]
        if not differs:
            return ""
        name = safe_line(arrival.batch_id, 100)
        return f"{name} has another {' and '.join(differs)} since line {count(first)}"


def _digest(words: str) -> bytes:
    """Short, and empty for no words. The way to a file may have bytes that are no text."""
    octets = words.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(octets, digest_size=8).digest() if words else b""


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


def _is_annotated(arrival: Arrival) -> bool:
    return bool(arrival.label or arrival.note or arrival.pinned or arrival.request_file)
