"""What a person is told of without having asked: an end, or what soon will be too late.

A row is what stands in a list at its top level: a job as a whole, or a batch that is in none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from batchtui.domain.batch import CANCELING, Record, ResultsState
from batchtui.domain.job_record import JobRecord, members_of
from batchtui.domain.text import count, counted, duration, safe_line

SOON = timedelta(hours=1)
"""A batch that has no more than this until its 24 hours are over is expiring."""

VANISHING_WITHIN = timedelta(days=1)
"""Results that are not here, and that the API drops within this, are vanishing."""

_NAME = 60


class Event(StrEnum):
    """What may happen to a row."""

    END = "end"
    PARTIAL = "partial"
    EXPIRING = "expiring"
    VANISHING = "vanishing"


class Happening(msgspec.Struct, frozen=True):
    """Something that happened to a row.

    Attributes:
        event: what happened; of an end with requests that did not succeed `PARTIAL` only.
        record: the row, as it was then.
        key: what tells it from whatever else happens to the row: the same for all who see it,
            another one when the like happens again (a retry has ended, another day has come).
        words: one sentence, safe to show.
        since: from when on a warning was due; None of an end, which is told when it is noticed.
    """

    event: Event
    record: Record
    key: str
    words: str
    since: datetime | None = None

    @property
    def id(self) -> tuple[str, str]:
        """What tells it from every other happening: the id of the row, and the key."""
        return self.record.id, self.key

    @property
    def ended(self) -> bool:
        """Whether it is that the row has ended, however it did."""
        return self.event in (Event.END, Event.PARTIAL)


def end_key(record: Record) -> str:
    """The key of the end that a row comes or came to; each round of a job has its own."""
    if isinstance(record, JobRecord):
        return f"{Event.END} {record.job.rounds[-1].number}"
    return Event.END.value


def end_of(record: Record) -> Happening:
    """That a row, which no longer runs, has ended."""
    counts = record.batch.request_counts
    event = Event.PARTIAL if counts.unsuccessful else Event.END
    answered = f"{count(counts.succeeded)} of {count(counts.total)} succeeded"
    words = f"{_name(record)} ended: {record.batch.outcome}, {answered}."
    return Happening(event, record, end_key(record), words)


def warnings_of(record: Record, now: datetime) -> Iterator[Happening]:
    """What of a row will soon be too late.

    Of a job each is told no more than once for batches due in the same hour (expiring) or on the
    same day (vanishing).
    """
    members = members_of(record)
    if expiring := [each for each in members if _is_expiring(each, now)]:
        yield _expiring(record, expiring, now)
    if vanishing := [each for each in members if _is_vanishing(each, now)]:
        yield _vanishing(record, vanishing, now)


def summary(happenings: Sequence[Happening]) -> str:
    """Several happenings as one text: one in full, of more their numbers."""
    if len(happenings) == 1:
        return happenings[0].words
    ended = [each.record for each in happenings if each.ended]
    expiring = [each for each in happenings if each.event is Event.EXPIRING]
    vanishing = [each for each in happenings if each.event is Event.VANISHING]
    sentences = []
    if ended:
        tally = Counter(record.batch.outcome for record in ended)
        parts = ", ".join(f"{number} {outcome}" for outcome, number in tally.most_common())
        sentences.append(f"{_rows(ended)} ended: {parts}.")
    if expiring:
        rows = [each.record for each in expiring]
        sentences.append(f"{_rows(rows)} {_verb(rows, 'expire')} within the hour.")
    if vanishing:
        rows = [each.record for each in vanishing]
        sentences.append(
            f"The results of {_rows(rows)} will be gone within a day and are not here."
        )
    return " ".join(sentences)


def _is_expiring(batch: Record, now: datetime) -> bool:
    """Whether it was seen running within its last hour: what was known before may be long over."""
    left = batch.batch.deadline - now
    return (
        batch.running
        and timedelta(0) < left <= SOON
        and batch.batch.deadline - batch.last_seen_at <= SOON
        and batch.batch.processing_status != CANCELING
    )


def _is_vanishing(batch: Record, now: datetime) -> bool:
    return (
        batch.results_expire_at - now <= VANISHING_WITHIN
        and batch.results(now) is ResultsState.AVAILABLE
    )


def _expiring(record: Record, due: Sequence[Record], now: datetime) -> Happening:
    first = min(each.batch.deadline for each in due)
    left = sum(each.batch.request_counts.processing for each in due)
    words = (
        f"{_name(record)} expires in {duration(first - now)}:"
        f" {counted(left, 'request')} {'is' if left == 1 else 'are'} still being processed."
    )
    key = f"{Event.EXPIRING} {first.astimezone(UTC):%Y-%m-%dT%H}"
    return Happening(Event.EXPIRING, record, key, words, first - SOON)


def _vanishing(record: Record, due: Sequence[Record], now: datetime) -> Happening:
    first = min(each.results_expire_at for each in due)
    lines = sum(each.batch.request_counts.total for each in due)
    words = (
        f"The results of {_name(record)} will be gone in {duration(first - now)}"
        f" and are not here: {counted(lines, 'line')}."
    )
    key = f"{Event.VANISHING} {first.astimezone(UTC):%Y-%m-%d}"
    return Happening(Event.VANISHING, record, key, words, first - VANISHING_WITHIN)


def _name(record: Record) -> str:
    return safe_line(record.name, _NAME)


def _rows(records: Sequence[Record]) -> str:
    """2 batches, 1 job, 3 batches and jobs."""
    jobs = sum(isinstance(each, JobRecord) for each in records)
    if jobs == len(records):
        return counted(jobs, "job")
    return counted(len(records), "batch", "batches and jobs" if jobs else "batches")


def _verb(records: Sequence[Record], verb: str) -> str:
    return f"{verb}s" if len(records) == 1 else verb
