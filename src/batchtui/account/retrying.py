"""Which requests of a batch or a job are to be sent again, and why; which would only fail again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from batchtui.account.alike import Group, groups
from batchtui.account.answers import Answers
from batchtui.domain.result import (
    CANCELED,
    ERRORED,
    EXPIRED,
    PAUSE_TURN,
    SUCCEEDED,
    account_at_fault,
    request_at_fault,
)
from batchtui.domain.text import count, counted, safe_line
from batchtui.results.index import Index
from batchtui.submissions.settings import Settings

MISSING: Final = "missing"
"""Stands for a type of results where there is no result at all."""

USUAL: Final = frozenset({ERRORED, EXPIRED, CANCELED, MISSING})
_NAMED: Final = 3
"""So many custom_ids are named of those kept apart for the same reason."""

_STEP: Final = 4096
NO_LINE: Final = -1
WITHOUT: Final = "without a result"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests a person wants to send again, and how.

    Attributes:
        types: of their results; None for all of them.
        stop_reasons: of answers; their requests come besides those of the types.
        error_types: if any are given, only these of those that errored, hopeless or not.
        custom_ids: if any are given, only these, hopeless or not.
        settings: params to set anew.
    """

    types: frozenset[str] | None = USUAL
    stop_reasons: frozenset[str] = frozenset()
    error_types: frozenset[str] = frozenset()
    custom_ids: frozenset[str] = frozenset()
    settings: Settings = {}

    def fits(self, group: Group) -> bool:
        """Whether requests with such results are meant, if there is any sense in it."""
        if group.type == SUCCEEDED and group.stop_reason in self.stop_reasons:
            return True
        if group.type == ERRORED and self.error_types:
            return group.error_type in self.error_types
        return self.types is None or group.type in self.types

    @property
    def missing(self) -> bool:
        """Whether requests without a result are meant."""
        return self.types is None or MISSING in self.types

    def names(self, custom_id: str) -> bool:
        """Whether the request of this id is meant, as far as that goes."""
        return not self.custom_ids or custom_id in self.custom_ids

    def hopeless(self, group: Group) -> bool:
        """Whether they would only fail again as they are."""
        if group.type != ERRORED or self.error_types or self.custom_ids:
            return False
        changed = bool(self.settings)
        return account_at_fault(group.error_type) or (
            request_at_fault(group.error_type) and not changed
        )


class Reason(msgspec.Struct, frozen=True):
    """Why requests are sent again.

    Attributes:
        kind: the type of their results, `missing`, or of answers the stop reason. Foreign text.
        why: in a word or two; safe.
        requests: how many there are.
    """

    kind: str
    why: str
    requests: int


class Apart(msgspec.Struct, frozen=True):
    """Requests that would only fail again. All text is foreign.

    Attributes:
        shape: of the error messages.
        first: some of the custom_ids.
    """

    error_type: str
    shape: str
    requests: int
    first: tuple[str, ...]

    @property
    def words(self) -> str:
        """The same in words; safe."""
        more = ", …" if self.requests > len(self.first) else ""
        names = ", ".join(safe_line(each, 64) for each in self.first)
        return (
            f"{count(self.requests)} {safe_line(self.error_type, 60)}:"
            f" {safe_line(self.shape, 200)} ({names}{more})"
        )


class Chosen(msgspec.Struct, frozen=True):
    """A request to be sent again.

    Attributes:
        number: the line of its result; `NO_LINE` if it has none.
        type: of its last result, whichever stands for it; "" if it has none.
        paused: whether the answer is to be gone on with.
    """

    number: int
    type: str
    paused: bool = False


class RetryPlan(msgspec.Struct, frozen=True):
    """Which requests are sent again.

    Attributes:
        rounds: the requests by custom_id, by the round whose request file they stand in.
        reasons: why; what concerns most of them first.
        apart: which would only fail again.
        underway: how many are left out because they are being sent again already, or what came
            of that cannot be read.
        nameless: how many have no result, and it cannot be told which they are.
    """

    wanted: Wanted
    rounds: Mapping[int, Mapping[str, Chosen]]
    reasons: tuple[Reason, ...]
    apart: tuple[Apart, ...] = ()
    underway: int = 0
    nameless: int = 0

    @property
    def requests(self) -> int:
        """How many there are."""
        return sum(map(len, self.rounds.values()))

    @property
    def words(self) -> tuple[str, ...]:
        """What would be done, as sentences."""
        found = []
        if self.requests:
            reasons = ", ".join(f"{count(each.requests)} {each.why}" for each in self.reasons)
            found.append(f"To be sent again: {counted(self.requests, 'request')} ({reasons}).")
        else:
            found.append("There is nothing to be sent again.")
        if any(each.paused for chosen in self.rounds.values() for each in chosen.values()):
            found.append(
                "Of an answer that is gone on with only what follows the pause comes back;"
                " what came before it stays in the results of its own batch."
            )
        if self.apart:
            kept = counted(sum(each.requests for each in self.apart), "request")
            found.append(f"Kept apart, because they would fail again: {kept}.")
        if self.underway:
            found.append(f"Left out, because they were sent again already: {count(self.underway)}.")
        if self.nameless:
            found.append(
                f"{counted(self.nameless, 'request')} without a result cannot be named, because"
                " the request file does not hold those of this batch alone."
            )
        return tuple(found)


def plan_retry(answers: Answers, wanted: Wanted) -> RetryPlan:
    """Work out which requests are sent again; for a thread, as it may read request files.

    Raises:
        RequestFileError: if a request file cannot be read.
    """
    choosing = _Choosing(answers)
    apart: list[Apart] = []
    for group in groups(answers.file.index, answers.span):
        if not wanted.fits(group):
            continue
        members = list(_identified(answers.file.index, group.numbers, wanted))
        if not wanted.hopeless(group):
            choosing.take(group, members)
        elif members:
            first = tuple(custom_id for _, custom_id in members[:_NAMED])
            apart.append(Apart(group.error_type, group.shape, len(members), first))
    nameless = 0
    if wanted.missing:
        missing = answers.missing()
        nameless = max(sum(answers.lost.values()) - len(missing), 0)
        choosing.take_missing(each for each in missing if wanted.names(each))
    return RetryPlan(
        wanted,
        choosing.rounds,
        tuple(Reason(*what, number) for what, number in choosing.reasons.most_common()),
        tuple(apart),
        choosing.underway,
        nameless,
    )


class _Choosing:
    """Takes requests, but for those that are being sent again already."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._flying = answers.underway()
        self.rounds: dict[int, dict[str, Chosen]] = {}
        self.reasons = Counter[tuple[str, str]]()
        self.underway = 0

    def take(self, group: Group, members: Iterable[tuple[int, str]]) -> None:
        """Take requests by the numbers of their results."""
        newest, paused = self._answers.newest, group.stop_reason == PAUSE_TURN
        for number, custom_id in members:
            chosen = Chosen(number, newest.get(custom_id, group.type), paused)
            self._take(custom_id, self._answers.round_of(number), chosen, (group.kind, group.why))

    def take_missing(self, custom_ids: Iterable[str]) -> None:
        """Take requests without a result."""
        for custom_id in custom_ids:
            self._take(custom_id, 0, Chosen(NO_LINE, ""), (MISSING, WITHOUT))

    def _take(self, custom_id: str, round_: int, chosen: Chosen, why: tuple[str, str]) -> None:
        if custom_id in self._flying:
            self.underway += 1
        elif custom_id not in self.rounds.setdefault(round_, {}):
            self.rounds[round_][custom_id] = chosen
            self.reasons[why] += 1


def _identified(index: Index, numbers: Sequence[int], wanted: Wanted) -> Iterator[tuple[int, str]]:
    """Those of the lines that are meant by their custom_id, with it; the nameless never are."""
    place = 0
    while place < len(numbers):
        start = numbers[place]
        stop = min(start + _STEP, len(index))
        names = index.custom_ids(start, stop)
        while place < len(numbers) and numbers[place] < stop:
            custom_id = names[numbers[place] - start].decode("utf-8", "surrogatepass")
            if custom_id and wanted.names(custom_id):
                yield numbers[place], custom_id
            place += 1
