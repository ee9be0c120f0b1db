"""How an account stands, as the fields that `status` fills its template with.

A fact is looked up when it is asked for: a template pays for what stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from batchtui.domain.batch import CANCELING, STALE, Outcome, Record
from batchtui.domain.forecast import Past
from batchtui.history.glance import Glance
from batchtui.results.store import Here, ResultStore

Value: TypeAlias = int | str | timedelta | None


class Standing:
    """How an account stands, as far as the history knows.

    Every property raises `StorageError` if the history cannot be read.

    Args:
        glance: the history; None if it holds nothing of the account.
        account: what a person calls the account.
        now: the present, in the time zone of this machine.
        results: the result files.
        requests: the directory in which jobs that are being sent are locked.
    """

    def __init__(
        self,
        glance: Glance | None,
        *,
        account: str,
        now: datetime,
        results: ResultStore,
        requests: Path,
    ) -> None:
        self.account = account
        self._glance = glance
        self._now = now
        self._results = results
        self._requests = requests

    @cached_property
    def running(self) -> Sequence[Record]:
        """The batches that are being processed, newest first."""
        return self._glance.running() if self._glance else ()

    @cached_property
    def ended_today(self) -> Sequence[Record]:
        """The batches that have ended since midnight."""
        midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        # With the offset of that moment: clocks may have been put forward or back since.
        return self._glance.ended_since(midnight.astimezone()) if self._glance else ()

    @property
    def expiring(self) -> int:
        """How many batches have results that will soon be gone, and are not here."""
        return sum(each not in self._here for each in self._losing_results)

    @property
    def attention(self) -> int:
        """How many rows of the list need a person, jobs as one."""
        from batchtui.account.attention import count_attention

        if self._glance is None:
            return 0
        return count_attention(
            self._glance,
            running=self.running,
            expiring=self._losing_results,
            here=self._here,
            requests=self._requests,
            now=self._now,
        )

    @cached_property
    def _losing_results(self) -> Sequence[str]:
        from batchtui.domain.view import EXPIRING

        if self._glance is None:
            return ()
        return self._glance.losing_results(self._now, self._now + EXPIRING)

    @cached_property
    def _here(self) -> Here:
        return self._results.here()

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
        "batches whose results will soon be gone and are not here", lambda s: s.expiring
    ),
    "attention": Field(
        "jobs and batches that need a person, as in the list",
        lambda standing: standing.attention,
    ),
    "updated_age": Field("how long ago the API was last heard of", lambda s: s.updated_age),
    "stale": Field("the same if it is long ago for what runs", lambda standing: standing.stale),
}
"""The fields by name, in the order of the help."""
