"""Compares results with the request file they may be answers to, custom_id by custom_id."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.domain.text import count, counted, safe_line
from batchtui.results.index import Index
from batchtui.settings.directory import with_home
from batchtui.submissions.extracting import custom_ids
from batchtui.submissions.request_file import RequestFile

MOST_NAMED = 3
"""So many custom_ids of a kind are named."""

_AT_ONCE = 4096


class Ids(msgspec.Struct, frozen=True):
    """Some custom_ids.

    Attributes:
        number: how many.
        first: the first few of them. Foreign text.
    """

    number: int = 0
    first: tuple[str, ...] = ()

    @property
    def names(self) -> str:
        """The first few by name, and how many more there are; safe to show."""
        names = ", ".join(safe_line(each, 64) or '""' for each in self.first)
        more = self.number - len(self.first)
        return f"{names} and {count(more)} more" if more else names


class Linked(msgspec.Struct, frozen=True):
    """How well a file fits results.

    Attributes:
        path: the absolute path of the file.
        requests: how many requests are in it.
        results: how many results it was compared with; None if none are here.
        missing: custom_ids of requests that have no result.
        unexpected: custom_ids of results that have no request.
        twice: custom_ids of requests that an earlier request has.
        repeated: custom_ids of results that an earlier result has.
    """

    path: Path
    requests: int
    results: int | None
    missing: Ids = Ids()
    unexpected: Ids = Ids()
    twice: Ids = Ids()
    repeated: Ids = Ids()

    @property
    def found(self) -> int:
        """How many results have their request in the file."""
        return (self.results or 0) - self.unexpected.number

    @property
    def fits(self) -> bool:
        """Whether each result has its one request, and each request its one result."""
        odd = (self.missing, self.unexpected, self.twice, self.repeated)
        return self.results is not None and not any(each.number for each in odd)

    @property
    def words(self) -> tuple[str, ...]:
        """What was found, as sentences without their full stop."""
        requests = counted(self.requests, "request")
        if self.results is None:
            first = f"It has {requests}; whether they fit can be told when the results are here"
        elif self.fits:
            results = counted(self.results, "result")
            first = f"It has the requests of all {results}, and no others"
        else:
            results = counted(self.results, "result")
            first = f"It has {requests}, among them those of {count(self.found)} of {results}"
        return first, *self._odd()

    def _odd(self) -> Iterator[str]:
        for ids, what in (
            (self.missing, "Requests without a result"),
            (self.unexpected, "Results without a request"),
            (self.twice, "Requests that repeat a custom_id"),
            (self.repeated, "Results that repeat a custom_id"),
        ):
            if ids.number:
                yield f"{what}: {count(ids.number)} ({ids.names})"


def check_link(path: Path, results: Index | None) -> Linked:
    """Compare all requests of a file with results; reads all of it, for a thread.

    Args:
        path: where it is; "~" stands for the home directory.
        results: the index of the results; None if they are not here.

    Raises:
        RequestFileError: if the file cannot be read.
        UsageError: if it holds no requests, or none of these.
    """
    try:
        path = with_home(path).absolute()
        str(path).encode()
    except ValueError as error:
        raise UsageError("That is no path that could be kept") from error
    file = RequestFile(path)
    file.check()
    linked = _compare(path, results)
    if linked.results and not linked.found:
        raise UsageError(
            f"Not one request of these results is in {file.name}",
            todo="Is it the file of another batch?",
        )
    return linked


def _compare(path: Path, results: Index | None) -> Linked:
    unanswered, twice = _Ids(), _Ids()
    unexpected = dict.fromkeys(_ids(results)) if results else {}
    found: set[str] = set()
    requests = 0
    for custom_id in custom_ids(path, also_unsendable=True):
        requests += 1
        if custom_id in unexpected:
            del unexpected[custom_id]
            found.add(custom_id)
        elif custom_id in found or not unanswered.add(custom_id):
            twice.note(custom_id)
    return Linked(
        path,
        requests,
        results=None if results is None else len(found) + len(unexpected),
        missing=unanswered.noted if results is not None else Ids(),
        unexpected=Ids(len(unexpected), tuple(islice(unexpected, MOST_NAMED))),
        twice=twice.noted,
        repeated=_repeated(results) if results else Ids(),
    )


def _ids(index: Index) -> Iterator[str]:
    """The custom_ids of all results that have one."""
    for start in range(0, len(index), _AT_ONCE):
        for custom_id in index.custom_ids(start, min(start + _AT_ONCE, len(index))):
            if custom_id:
                yield custom_id.decode("utf-8", "surrogatepass")


def _repeated(index: Index) -> Ids:
    numbers = index.duplicates()
    first = tuple(index.row(number).custom_id for number in numbers[:MOST_NAMED])
    return Ids(len(numbers), first)


class _Ids:
    """Counts custom_ids, and keeps the first few by name."""

    def __init__(self) -> None:
        self._number = 0
        self._first: list[str] = []
        self._seen: set[str] = set()

    def add(self, custom_id: str) -> bool:
        """Note one unless it was added before; returns whether it was noted."""
        if custom_id in self._seen:
            return False
        self._seen.add(custom_id)
        self.note(custom_id)
        return True

    def note(self, custom_id: str) -> None:
        self._number += 1
        if len(self._first) < MOST_NAMED:
            self._first.append(custom_id)

    @property
    def noted(self) -> Ids:
        return Ids(self._number, tuple(self._first))
