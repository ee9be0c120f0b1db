"""Which batches and jobs of a list are shown, and in what order, as values.

A filter is words, all of which must hold. A word is text to be found in the id, label or note; a
state (`running`, `partial`, `attention` ...), which matches by state or text; a state after `is:`,
which matches by state alone; an age (`<2d`, `>12h`); or any of these after `!`, which turns it
round. A job is shown if it or one of its batches matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from batchtui.domain.batch import UNSUCCESSFUL, Outcome, Record, ResultsState
from batchtui.domain.job_record import JobRecord
from batchtui.domain.quantities import SECONDS

EXPIRING: Final = timedelta(days=3)
"""Results that will be gone sooner than this, and are not here, are "expiring"."""

CLOSE: Final = timedelta(hours=1)
"""What runs, and will be cut off sooner than this, needs attention."""

IS: Final = "is:"
"""Before a state, so that text which happens to be the same does not count."""

_AGE: Final = re.compile(r"([<>])(\d+(?:\.\d+)?)([smhdw])")


def is_expiring(record: Record, now: datetime) -> bool:
    """Whether the results can still be fetched, are not here, and will soon be gone."""
    left = record.results_expire_at - now
    return record.results(now) is ResultsState.AVAILABLE and left < EXPIRING


def needs_attention(record: Record, now: datetime) -> bool:
    """Whether a person has something to do, or to decide.

    That is: results that will soon be gone or tell what went wrong, and are not here; a deadline
    of processing that is close or past; a job that stopped, or of which it is not known what
    became of a part.
    """
    if isinstance(record, JobRecord) and (record.unsure or _is_stopped(record)):
        return True
    if record.running:
        return record.batch.deadline - now < CLOSE
    fetchable = record.results(now) is ResultsState.AVAILABLE
    return fetchable and (
        record.batch.outcome in UNSUCCESSFUL or record.results_expire_at - now < EXPIRING
    )


def is_mine(record: Record, now: datetime) -> bool:
    """Whether it was sent from here, or a person left something on it: a label, a note, a pin."""
    own = record.label or record.note or record.pinned or record.request_file
    return bool(own) or isinstance(record, JobRecord)


def _is_stopped(job: JobRecord) -> bool:
    return bool(job.job.unsent) and not job.sending


def _outcome(outcome: Outcome) -> Callable[[Record, datetime], bool]:
    return lambda record, now: record.on_server and record.batch.outcome is outcome


def _results(state: ResultsState) -> Callable[[Record, datetime], bool]:
    return lambda record, now: record.results(now) is state


def _job(holds: Callable[[JobRecord], bool]) -> Callable[[Record, datetime], bool]:
    return lambda record, now: isinstance(record, JobRecord) and holds(record)


_STATES: Final[dict[str, Callable[[Record, datetime], bool]]] = {
    **{outcome.value: _outcome(outcome) for outcome in Outcome},
    **{state.value: _results(state) for state in ResultsState if state is not ResultsState.NONE},
    "in_progress": _outcome(Outcome.RUNNING),
    "ended": lambda record, now: not record.batch.running,
    "expiring": is_expiring,
    "archived": lambda record, now: record.batch.archived_at is not None,
    "deleted": lambda record, now: record.deleted_at is not None,
    "pinned": lambda record, now: record.pinned,
    "noted": lambda record, now: bool(record.note),
    "labeled": lambda record, now: bool(record.label),
    "job": _job(lambda job: True),
    "unsent": _job(lambda job: bool(job.job.unsent)),
    "sending": _job(lambda job: job.sending),
    "stopped": _job(_is_stopped),
    "unsure": _job(lambda job: bool(job.unsure)),
    "attention": needs_attention,
    "mine": is_mine,
}

STATE_WORDS: Final = tuple(_STATES)
"""The words a filter understands as states."""


class Word(msgspec.Struct, frozen=True):
    """One word of a filter."""

    text: str
    negated: bool = False

    def matches(self, record: Record, now: datetime) -> bool:
        """Whether the record has what the word asks for."""
        return self._holds(record, now) is not self.negated

    def _holds(self, record: Record, now: datetime) -> bool:
        if age := _AGE.fullmatch(self.text):
            seconds = float(age[2]) * SECONDS[age[3]]
            older = (now - record.batch.created_at).total_seconds() > seconds
            return older if age[1] == ">" else not older
        state = _STATES.get(self.text.removeprefix(IS))
        if state is not None and state(record, now):
            return True
        if state is not None and self.text.startswith(IS):
            return False
        haystack = f"{record.batch.id}\n{record.label}\n{record.note}".casefold()
        return self.text in haystack


class Filter(msgspec.Struct, frozen=True):
    """Words that must all hold; without words it lets everything through."""

    words: tuple[Word, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read a filter as typed. Every text is a filter: nothing a person types is an error."""
        words = (Word(raw.lstrip("!"), raw.startswith("!")) for raw in text.casefold().split())
        return cls(tuple(word for word in words if word.text))

    @property
    def unheard_of(self) -> tuple[str, ...]:
        """Words that ask for a state there is not, as is:runing, and hardly stand in any text."""
        words = (word.text for word in self.words if word.text.startswith(IS))
        return tuple(word for word in words if word.removeprefix(IS) not in _STATES)

    def also(self, other: Filter) -> Filter:
        """A filter that lets through what both of them do."""
        return Filter((*self.words, *other.words))

    def matches(self, record: Record, now: datetime) -> bool:
        """Whether the record itself, of a job not its batches, has what is asked for."""
        return all(word.matches(record, now) for word in self.words)

    def shows(self, record: Record, now: datetime) -> bool:
        """Whether the record is to be shown, be it for one of its batches."""
        return self.matches(record, now) or (
            isinstance(record, JobRecord)
            and any(self.matches(each, now) for each in record.members)
        )


class SortKey(msgspec.Struct, frozen=True):
    """One way to order the list.

    Attributes:
        id: its name in settings.
        title: its name on screen, for its own and for the reverse direction.
        key: what to compare.
        descending: whether its own direction is from large to small.
    """

    id: str
    title: tuple[str, str]
    key: Callable[[Record], Any]
    descending: bool = False


_STATE_ORDER: Final = {outcome: place for place, outcome in enumerate(Outcome)}
_FAR: Final = timedelta(days=36500)


def _next_deadline(record: Record) -> datetime:
    """What runs out next: processing, then results not yet here, then nothing."""
    if isinstance(record, JobRecord) and not record.in_progress:
        due = [_next_deadline(each) for each in record.members if not each.results_here]
        return min(due, default=record.batch.created_at + _FAR)
    if record.running:
        return record.batch.deadline
    if record.results_here or not record.on_server or record.batch.archived_at:
        return record.batch.created_at + _FAR
    return record.results_expire_at


SORT_KEYS: Final = (
    SortKey(
        "created", ("newest first", "oldest first"), lambda r: (r.batch.created_at, r.id), True
    ),
    SortKey("state", ("by state", "by state, reversed"), lambda r: _STATE_ORDER[r.batch.outcome]),
    SortKey("name", ("by name", "by name, reversed"), lambda r: r.name.casefold()),
    SortKey(
        "requests",
        ("largest first", "smallest first"),
        lambda r: r.batch.request_counts.total,
        True,
    ),
    SortKey(
        "unsuccessful",
        ("most unsuccessful first", "fewest unsuccessful first"),
        lambda r: r.batch.request_counts.unsuccessful,
        True,
    ),
    SortKey("deadline", ("next deadline first", "next deadline last"), _next_deadline),
)


class View(msgspec.Struct, frozen=True):
    """A filter and an order."""

    filter: Filter = Filter()
    sort: SortKey = SORT_KEYS[0]
    reverse: bool = False

    @property
    def title(self) -> str:
        """The order in words."""
        return self.sort.title[self.reverse]

    def next_sort(self) -> View:
        """The same filter under the next order."""
        place = SORT_KEYS.index(self.sort)
        following = SORT_KEYS[(place + 1) % len(SORT_KEYS)]
        return msgspec.structs.replace(self, sort=following, reverse=False)

    def apply(self, records: Iterable[Record], now: datetime) -> Sequence[Record]:
        """The records to show, in order; equal ones newest first."""
        shown = [each for each in records if self.filter.shows(each, now)]
        shown.sort(key=SORT_KEYS[0].key, reverse=True)
        if self.sort is not SORT_KEYS[0] or self.reverse:
            shown.sort(key=self.sort.key, reverse=self.sort.descending is not self.reverse)
        return shown

    def unfold(
        self, rows: Iterable[Record], opened: Container[str], now: datetime
    ) -> Iterator[Record]:
        """Rows, and beneath each opened job its batches.

        A job that is shown for the sake of some of its batches shows those even if it is not
        opened: else one would look for what matches in vain.
        """
        for row in rows:
            yield row
            if not isinstance(row, JobRecord):
                continue
            if row.id in opened:
                yield from row.members
            elif not self.filter.matches(row, now):
                yield from (each for each in row.members if self.filter.matches(each, now))
