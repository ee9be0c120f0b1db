"""The `demo` world: five weeks of a small team's batches, and new ones arriving all day."""

from datetime import datetime, timedelta
from math import sqrt

import msgspec

from batchtui.simulator.chance import identifier, key_of, rng_of
from batchtui.simulator.jobs import jobs
from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.prose import CATALOG, EVALS, PAPERS, REVIEWS, SURVEY, THEMES, TICKETS, Theme
from batchtui.simulator.scripted import Scripted


class Entry(msgspec.Struct, frozen=True):
    """One batch of the demo; ages and lengths in minutes.

    Attributes:
        takes: How long it needs if left alone; None for what a batch of its size usually needs.
        errors: The kinds its errored lines show, as in `scripted.ERRORS`; empty for any.
        canceled: When it was canceled, counted from its creation.
        label: What the demo's person calls it.
    """

    age: float
    theme: Theme
    total: int
    errored: int = 0
    takes: float | None = None
    errors: tuple[int, ...] = ()
    canceled: float | None = None
    cancel_takes: float = 0.2
    label: str = ""


HOUR, DAY = 60.0, 24 * 60.0

ENTRIES = (
    # Running: some end while one watches, one needs hours, one will not make it.
    Entry(0.2, SURVEY, 6, takes=1.1, label="smoke-test"),
    Entry(5.6, TICKETS, 480, takes=6.9, errored=4, label="tickets-triage-fr"),
    Entry(7.5, REVIEWS, 220, takes=9.9),
    Entry(2.1, CATALOG, 5_000, takes=16, errored=25, label="catalog-descriptions"),
    Entry(13, TICKETS, 1_800, takes=16.2, label="tickets-triage-de"),
    Entry(41, EVALS, 12_000, takes=58, errored=180, label="nightly-eval"),
    Entry(3.1 * HOUR, PAPERS, 40_000, takes=5 * HOUR, errored=300, label="papers-2026-summaries"),
    Entry(DAY - 11, EVALS, 9_000, takes=30 * HOUR, errored=40, label="long-outputs"),
    Entry(
        24, CATALOG, 3_000, takes=90, canceled=23.5, cancel_takes=4, label="catalog-wrong-prompt"
    ),
    # Ended, each in its own way.
    Entry(1.2 * HOUR, TICKETS, 600, errored=12, label="tickets-triage-it"),
    Entry(2.5 * HOUR, SURVEY, 120, errored=120, errors=(7,), label="bad-model-name"),
    Entry(4 * HOUR, REVIEWS, 1),
    Entry(6 * HOUR, PAPERS, 340, errored=9, errors=(5, 3), label="papers-with-figures"),
    Entry(1.1 * DAY, CATALOG, 2_400, canceled=0.4, label="catalog-too-many"),
    Entry(1.4 * DAY, TICKETS, 4_000, errored=30, takes=40, canceled=17, cancel_takes=0.4),
    Entry(2.2 * DAY, EVALS, 6_000, takes=29 * HOUR, errored=55, label="eval-max-effort"),
    Entry(3.2 * DAY, PAPERS, 700, takes=500 * HOUR),
    Entry(5 * DAY, TICKETS, 1_500, errored=1_490, errors=(1,)),
    # What runs every night, so that tonight's end can be foreseen.
    *(
        Entry(night * DAY + 45, EVALS, 12_000, 60 * night, takes, label="nightly-eval")
        for night, takes in enumerate((52, 47, 71, 55, 49, 64), start=1)
    ),
    # The results of these are about to go, or gone.
    Entry(27.1 * DAY, REVIEWS, 450, errored=2, label="reviews-october"),
    Entry(28.3 * DAY, SURVEY, 2_000, errored=7, label="survey-autumn"),
    Entry(28.9 * DAY, TICKETS, 900, label="glossary-fr"),
    Entry(29.6 * DAY, CATALOG, 1_200, errored=40),
    Entry(30.8 * DAY, PAPERS, 60),
    Entry(32.3 * DAY, EVALS, 3_500, errored=20),
    Entry(33.2 * DAY, TICKETS, 800, errored=800, errors=(8,)),
    Entry(34.6 * DAY, SURVEY, 150, canceled=1.2),
)

ROUTINE = 30
"""How many ordinary batches lie between those above."""
ARRIVALS = timedelta(hours=12)
"""How long new batches keep coming."""


def usual_minutes(total: int) -> float:
    """What a batch of `total` requests usually needs; four times as many take twice as long."""
    return 1.2 + 0.16 * sqrt(total)


def demo(start: datetime, seed: int, size: int) -> list[Plan]:
    """About 60 batches of the past five weeks, and one more every few minutes from now on."""
    entries = [*ENTRIES, *_routine(seed), *_arrivals(seed)]
    plans = [_plan(entry, start, seed, number) for number, entry in enumerate(entries)]
    return plans + jobs(start, seed)


def _plan(entry: Entry, start: datetime, seed: int, number: int) -> Plan:
    chance = rng_of(seed, "demo", number)
    batch_id = identifier("msgbatch_", seed, "demo", number)
    takes = entry.takes or usual_minutes(entry.total) * chance.lognormvariate(0, 0.3)
    # Nobody presses a button on the full second.
    created = start - timedelta(minutes=entry.age, microseconds=chance.randrange(1_000_000))
    canceled = None if entry.canceled is None else created + timedelta(minutes=entry.canceled)
    return Plan(
        id=batch_id,
        created_at=created,
        takes=timedelta(minutes=takes),
        work=Scripted(key_of(batch_id), entry.theme, entry.total, entry.errored, entry.errors),
        canceled_at=canceled,
        cancel_takes=timedelta(minutes=entry.cancel_takes),
        label=entry.label,
    )


def _routine(seed: int) -> list[Entry]:
    """The batches of ordinary days, more of them lately."""
    chance = rng_of(seed, "routine")
    ages = (chance.uniform(0.12, 1) ** 2 * 28 * DAY for _ in range(ROUTINE))
    return [_ordinary(seed, number, age) for number, age in enumerate(ages)]


def _arrivals(seed: int) -> list[Entry]:
    """The batches still to come; the first within a minute and a half."""
    chance = rng_of(seed, "arrivals")
    entries: list[Entry] = []
    minutes = 1.3
    while minutes < ARRIVALS / timedelta(minutes=1):
        entries.append(_ordinary(seed, ROUTINE + len(entries), -minutes))
        minutes += chance.uniform(1.5, 6)
    return entries


def _ordinary(seed: int, number: int, age: float) -> Entry:
    chance = rng_of(seed, "ordinary", number)
    total = int(20 * 10 ** chance.uniform(0, 2.3))
    errored = total * chance.choice((0, 0, 0, 0, 1, 2, 6)) // 100
    return Entry(age, THEMES[number % len(THEMES)], total, errored)
