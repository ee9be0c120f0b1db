"""How an account stands, as the fields that `status` fills its template with.

A fact is looked up when it is asked for: a template pays for what stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, TypeAlias

import msgspec

from batchtui.domain.batch import CANCELING, Outcome, Record
from batchtui.domain.forecast import Past
from batchtui.history.glance import Glance
from batchtui.results.store import Here

Value: TypeAlias = int | str | timedelta | None

STALE: Final = timedelta(minutes=10)
"""What was last heard of longer ago may no longer be so."""


class Standing:
    """How an account stands, as far as the history knows.

    Every property raises `StorageError` if the history cannot be read.

    Args:
        glance: the history; None if it holds nothing of the account.
        account: what a person calls the account.
        now: the present, in the time zone that days are counted in.
        here: finds out of which batches the results are here.
    """

    def __init__(
        self,
        glance: Glance | None,
        *,
        account: str,
        now: datetime,
        here: Callable[[], Here],
    ) -> None:
        self.account = account
        self._glance = glance
        self._now = now
        self._here = here

    @cached_property
    def running(self) -> Sequence[Record]:
        """The batches that are being processed, newest first."""
        return self._glance.running() if self._glance else ()

    @cached_property
    def ended_today(self) -> Sequence[Record]:
        """The batches that have ended since midnight."""
        midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0)
        return self._glance.ended_since(midnight) if self._glance else ()

    @cached_property
    def expiring(self) -> Collection[str]:
        """The ids of the batches whose results will soon be gone and are not here."""
        from batchtui.domain.view import EXPIRING

        if self._glance is None:
            return ()
        found = self._glance.losing_results(self._now, self._now + EXPIRING)
        here = self._here() if found else Here()
        return [each for each in found if each not in here]

    @cached_property
    def attention(self) -> int:
        """How many of these three kinds need a person."""
        from batchtui.domain.view import needs_attention

        others = (*self.running, *self._absent(self.ended_today))
        found = {each.id for each in others if needs_attention(each, self._now)}
        return len(found.union(self.expiring))

    @cached_property
    def next(self) -> tuple[Record | None, timedelta | None]:
        """The batch that will probably end first, and in what time.

        Without past ones to judge by it is the oldest, and the time is not known.
        """
        if self._glance is None or not self.running:
            return None, None
        past = Past(self._glance.durations())
        foreseen = [
            (forecast.end - each.batch.elapsed(self._now).total_seconds(), place)
            for place, each in enumerate(self.running)
            if (forecast := past.forecast_of(each, self._now)) and forecast.end is not None
        ]
        if not foreseen:
            return self.running[-1], None
        seconds, place = min(foreseen)
        return self.running[place], timedelta(seconds=seconds)

    @property
    def updated_age(self) -> timedelta | None:
        """How long ago the API was last heard of."""
        if self._glance is None:
            return None
        return max(self._now - self._glance.updated_at, timedelta())

    @property
    def stale(self) -> timedelta | None:
        """The same if that is too long ago for what runs."""
        age = self.updated_age
        return age if age and age > STALE and self.running else None

    @property
    def oldest_age(self) -> timedelta | None:
        """How long the oldest running batch has been running."""
        return self.running[-1].batch.elapsed(self._now) if self.running else None

    def ended(self, *outcomes: Outcome) -> int:
        """How many batches ended today in one of these ways."""
        return sum(each.batch.outcome in outcomes for each in self.ended_today)

    def _absent(self, records: Sequence[Record]) -> Sequence[Record]:
        """Those of the records whose results are not here."""
        here = self._here() if records else Here()
        return [each for each in records if each.id not in here]

    def requests(self, which: str) -> int:
        """How many requests the running batches have: in `total`, or `finished` ones."""
        return sum(getattr(each.batch.request_counts, which) for each in self.running)


class Field(msgspec.Struct, frozen=True):
    """One field: what it says, for the help, and how it is found out."""

    says: str
    read: Callable[[Standing], Value]


def _ended(says: str, *outcomes: Outcome) -> Field:
    return Field(f"batches that {says} today", lambda standing: standing.ended(*outcomes))


FIELDS: Final[Mapping[str, Field]] = {
    "account": Field("the account", lambda standing: standing.account),
    "running": Field("batches being processed", lambda standing: len(standing.running)),
    "canceling": Field(
        "those of them that are being canceled",
        lambda standing: sum(e.batch.processing_status == CANCELING for e in standing.running),
    ),
    "requests": Field("requests in them", lambda standing: standing.requests("total")),
    "done": Field(
        "requests of these that are done, where the server tells",
        lambda standing: standing.requests("finished"),
    ),
    "oldest_age": Field("how long the oldest of them runs", lambda s: s.oldest_age),
    "next_name": Field(
        "the one that will probably end first",
        lambda standing: record.name if (record := standing.next[0]) else None,
    ),
    "next_eta": Field("when, judged by past ones", lambda standing: standing.next[1]),
    "ended_today": Field("batches that ended today", lambda s: len(s.ended_today)),
    "succeeded": _ended("succeeded", Outcome.SUCCEEDED),
    "partial": _ended("ended with requests that failed", Outcome.PARTIAL),
    "failed": _ended("failed", Outcome.FAILED),
    "expired": _ended("ran out of time", Outcome.EXPIRED),
    "canceled": _ended("were canceled", Outcome.CANCELED),
    "expiring": Field(
        "batches whose results will soon be gone and are not here", lambda s: len(s.expiring)
    ),
    "attention": Field(
        "failures of today, expiring, and what will soon be cut off",
        lambda standing: standing.attention,
    ),
    "updated_age": Field("how long ago the API was last heard of", lambda s: s.updated_age),
    "stale": Field("the same if it is long ago for what runs", lambda standing: standing.stale),
}
"""The fields by name, in the order of the help."""
