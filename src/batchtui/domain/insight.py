"""What became of many batches: sums by day and by model, of what is known and of no more.

A batch counts on the day it was created. Models, tokens and cost stand in results alone, so that
of batches whose results cannot be looked at they stay unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from datetime import date, datetime, tzinfo
from enum import StrEnum

import msgspec

from batchtui.domain.batch import Outcome, Record, RequestCounts, ResultsState
from batchtui.domain.calendar import Days, Unit, start_of
from batchtui.domain.forecast import quantile
from batchtui.domain.pricing import Cost, total
from batchtui.domain.text import in_zone

_STEP = 100
"""Batches that are summed up in a step: well under two milliseconds."""


class Told(StrEnum):
    """Whether it is known what the answers of a batch took, or why it is not."""

    KNOWN = "known"
    RUNNING = "running"
    FETCHABLE = "fetchable"
    GONE = "gone"
    UNREAD = "unread"


class Use(msgspec.Struct, frozen=True):
    """What the answers of one model in one batch took.

    Attributes:
        answers: succeeded requests.
        input_tokens: all of the prompts, cached or not.
    """

    answers: int
    input_tokens: int
    output_tokens: int
    cost: Cost


class Fact(msgspec.Struct, frozen=True):
    """A batch as far as it counts.

    Attributes:
        day: on which it was created.
        seconds: how long it took to its own end; None if it did not come to one.
        told: whether `uses` are all there are.
        uses: by the model that answered. Models are foreign text.
    """

    id: str
    day: date
    outcome: Outcome
    counts: RequestCounts
    seconds: float | None
    told: Told
    uses: Mapping[str, Use] = {}


class Figures(msgspec.Struct, frozen=True):
    """Sums over batches.

    Attributes:
        outcomes: how many batches stand how.
        counts: of requests.
        median: seconds in which half of those that ran to their own end did; None of none.
        p90: seconds in which nine in ten did.
        told: of how many batches tokens and cost are known, or why not.
        cost: of the answers that are known.
    """

    batches: int = 0
    outcomes: Mapping[Outcome, int] = {}
    counts: RequestCounts = RequestCounts()
    median: float | None = None
    p90: float | None = None
    told: Mapping[Told, int] = {}
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Cost = Cost()

    @property
    def known(self) -> int:
        """Of how many batches it is known what their answers took."""
        return self.told.get(Told.KNOWN, 0)

    @property
    def whole(self) -> bool:
        """Whether tokens are those of all batches."""
        return self.known == self.batches

    @property
    def known_at_all(self) -> bool:
        """Whether anything is known of what answers took."""
        return self.whole or self.input_tokens + self.output_tokens > 0

    @property
    def usd(self) -> float | None:
        """US dollars, as far as known; None if nothing is."""
        known = self.known_at_all and (self.cost.priced or not self.unpriced)
        return self.cost.usd if known else None

    @property
    def unpriced(self) -> int:
        """Answers of models without a known price."""
        return sum(self.cost.unpriced.values())


class Stretch(msgspec.Struct, frozen=True):
    """The batches of a stretch of days."""

    start: date
    figures: Figures


class ModelFigures(msgspec.Struct, frozen=True):
    """The batches in which a model answered.

    Its requests are all of those in which it alone did, and its answers in others.

    Attributes:
        model: foreign text; None for requests of which no result names the model.
    """

    model: str | None
    figures: Figures


class Insight(msgspec.Struct, frozen=True):
    """What became of the batches of some days.

    Attributes:
        stretches: all there are in these days, empty ones too, oldest first.
        models: the one that cost most first, then by requests; those without a model last.
        fetchable: ids of batches whose results are not here and can be fetched.
    """

    days: Days
    unit: Unit
    stretches: tuple[Stretch, ...]
    models: tuple[ModelFigures, ...]
    total: Figures
    fetchable: tuple[str, ...] = ()


def day_of(record: Record, now: datetime, zone: tzinfo | None) -> date:
    """The day a batch was created on in a time zone; no later than `now`, as clocks differ."""
    return in_zone(min(record.batch.created_at, now), zone).date()


def fact_of(record: Record, day: date, uses: Mapping[str, Use] | None, now: datetime) -> Fact:
    """A batch as far as it counts.

    Args:
        record: the batch.
        day: on which it counts.
        uses: what the results say that are here; None if they are not, or do not say.
        now: the present.
    """
    batch, counts = record.batch, record.batch.request_counts
    known = uses is not None and sum(use.answers for use in uses.values()) >= counts.succeeded
    told = Told.KNOWN if known and not record.running else _told(record, now)
    lost = batch.running and not record.on_server
    return Fact(
        record.id,
        day,
        Outcome.UNKNOWN if lost else batch.outcome,
        counts,
        batch.own_seconds,
        told,
        (uses or {}) if told is Told.KNOWN else {},
    )


def _told(record: Record, now: datetime) -> Told:
    """Why it is not known what a batch used; without answers it used nothing."""
    if record.running:
        return Told.RUNNING
    if not record.batch.running and not record.batch.request_counts.succeeded:
        return Told.KNOWN
    if record.results_here:
        return Told.UNREAD
    available = record.results_on_server(now) is ResultsState.AVAILABLE
    return Told.FETCHABLE if available else Told.GONE


def study(facts: Iterable[Fact], days: Days, unit: Unit) -> Generator[None, None, Insight]:
    """Sum up the batches of some days, a few in each step.

    Args:
        facts: batches of these days.
        days: the days.
        unit: what to sum them up in.
    """
    everything = _Sum()
    by_start: dict[date, _Sum] = {}
    by_model: dict[str | None, _Sum] = {}
    fetchable = []
    for number, fact in enumerate(facts):
        everything.add(fact)
        by_start.setdefault(start_of(fact.day, unit), _Sum()).add(fact)
        for model, part in _parts(fact):
            by_model.setdefault(model, _Sum()).add(part)
        if fact.told is Told.FETCHABLE:
            fetchable.append(fact.id)
        if not number % _STEP:
            yield
    starts = days.starts(unit)
    stretches = [Stretch(each, _figures(by_start.get(each))) for each in starts]
    yield
    models = [ModelFigures(model, each.figures()) for model, each in by_model.items()]
    yield
    return Insight(
        days,
        unit,
        tuple(stretches),
        tuple(sorted(models, key=_rank)),
        everything.figures(),
        tuple(fetchable),
    )


def _parts(fact: Fact) -> Iterable[tuple[str | None, Fact]]:
    """A batch by its models; what failed names none, so that it is the model's if it is alone."""
    if not fact.uses:
        return [(None, fact)]
    if len(fact.uses) == 1:
        return [(model, fact) for model in fact.uses]
    replace = msgspec.structs.replace
    parts: list[tuple[str | None, Fact]] = [
        (model, replace(fact, counts=RequestCounts(succeeded=use.answers), uses={model: use}))
        for model, use in fact.uses.items()
    ]
    rest = replace(fact.counts, succeeded=0)
    return [*parts, (None, replace(fact, counts=rest, uses={}))] if rest.total else parts


def _rank(each: ModelFigures) -> tuple[bool, float, int]:
    return each.model is None, -each.figures.cost.usd, -each.figures.counts.total


def _figures(sums: _Sum | None) -> Figures:
    return sums.figures() if sums else Figures()


class _Sum:
    """Sums up batches as they come."""

    def __init__(self) -> None:
        self._batches = 0
        self._outcomes = Counter[Outcome]()
        self._counts = [0] * len(RequestCounts.__struct_fields__)
        self._seconds: list[float] = []
        self._told = Counter[Told]()
        self._tokens = [0, 0]
        self._costs: list[Cost] = []

    def add(self, fact: Fact) -> None:
        """Take one more."""
        self._batches += 1
        self._outcomes[fact.outcome] += 1
        self._told[fact.told] += 1
        for place, number in enumerate(msgspec.structs.astuple(fact.counts)):
            self._counts[place] += number
        if fact.seconds is not None:
            self._seconds.append(fact.seconds)
        for use in fact.uses.values():
            self._tokens[0] += use.input_tokens
            self._tokens[1] += use.output_tokens
            self._costs.append(use.cost)

    def figures(self) -> Figures:
        """The sums."""
        ordered = sorted(self._seconds)
        return Figures(
            self._batches,
            dict(self._outcomes),
            RequestCounts(*self._counts),
            quantile(ordered, 0.5) if ordered else None,
            quantile(ordered, 0.9) if ordered else None,
            dict(self._told),
            self._tokens[0],
            self._tokens[1],
            total(self._costs),
        )
