"""What became of an account's batches: from records, and what the kept results say of each."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from functools import partial

import msgspec

from batchtui.account.costs import Billed
from batchtui.domain.batch import Record
from batchtui.domain.calendar import Days, Unit
from batchtui.domain.insight import Fact, Insight, Use, day_of, fact_of, study
from batchtui.domain.pricing import PriceTable
from batchtui.results.billing import Billing
from batchtui.results.store import ResultStore

Uses = Mapping[str, Use]


class Wanted(msgspec.Struct, frozen=True):
    """Of which days, and in which parts.

    Attributes:
        first: the first day; None for that of the oldest batch.
        unit: chooses what to sum the days up in.
    """

    first: date | None
    unit: Callable[[Days], Unit]

    @classmethod
    def fitting(cls, first: date | None, most: int) -> Wanted:
        """In days, or in the shortest stretches of which there are no more than `most`."""
        return cls(first, partial(Days.unit, most=most))


class Insights:
    """Sums up batches. For one thread at a time.

    Args:
        results: the result files.
        prices: what answers cost.
        zone: in which days begin and end; None for the system's own.
    """

    def __init__(
        self, results: ResultStore, prices: PriceTable, *, zone: tzinfo | None = None
    ) -> None:
        self._prices = prices
        self._zone = zone
        self._used = Billed(results, self._by_model)

    def today(self, now: datetime) -> date:
        """The day it is."""
        return now.astimezone(self._zone).date()

    def first_of(self, days: int, now: datetime) -> date:
        """The first of so many days, of which today is the last; the first day ever of too many."""
        today = self.today(now)
        return today - timedelta(days=min(days - 1, (today - date.min).days))

    def day_of(self, record: Record, now: datetime) -> date:
        """The day on which a batch counts."""
        return day_of(record, now, self._zone)

    def steps(
        self, records: Iterable[Record], wanted: Wanted, now: datetime
    ) -> Generator[None, None, Insight]:
        """Sum batches up, a little in each step.

        Args:
            records: all batches; jobs are none.
            wanted: of which days, and in which parts.
            now: the present.
        """
        dated: list[tuple[date, Record]] = []
        for record in records:
            dated.append((self.day_of(record, now), record))
            yield
        today = self.today(now)
        oldest = min((day for day, _ in dated), default=today)
        first = oldest if wanted.first is None else min(wanted.first, today)
        facts: list[Fact] = []
        for day, record in dated:
            if day >= first:
                facts.append(fact_of(record, day, self._uses(record), now))
                yield
        days = Days(first, today)
        return (yield from study(facts, days, wanted.unit(days)))

    def _uses(self, record: Record) -> Uses | None:
        """What a batch used; None if its results do not say, or are not here."""
        return self._used.of(record.id) if record.results_here and not record.running else None

    def _by_model(self, billing: Billing) -> Uses:
        return {
            model: Use(
                part.lines,
                part.usage.total_input_tokens,
                part.usage.output_tokens,
                part.cost(self._prices),
            )
            for model, part in billing.by_model().items()
        }
