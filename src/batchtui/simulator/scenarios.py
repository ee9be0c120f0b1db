"""The worlds to choose from: functions from (start, seed, size) to the plans of their batches."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.simulator.chance import identifier, key_of, rng_of
from batchtui.simulator.demo import demo
from batchtui.simulator.hostile import hostile
from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.prose import EVALS, THEMES
from batchtui.simulator.scripted import Scripted


class Scenario(msgspec.Struct, frozen=True):
    """How a world begins.

    Attributes:
        size: What a number after the name means when it is left out; 0 where it means nothing.
    """

    plans: Callable[[datetime, int, int], list[Plan]]
    size: int
    says: str


def empty(start: datetime, seed: int, size: int) -> list[Plan]:
    """No batches."""
    return []


def crowd(start: datetime, seed: int, size: int) -> list[Plan]:
    """`size` batches over four weeks, the newest few still running."""
    chance = rng_of(seed, "crowd")
    gap = timedelta(days=28) / max(size, 1)
    plans = []
    for number in range(size):
        batch_id = identifier("msgbatch_", seed, "crowd", number)
        total = chance.randint(1, 900)
        errored = total * chance.choice((0, 0, 0, 1, 3)) // 40
        work = Scripted(key_of(batch_id), chance.choice(THEMES), total, errored)
        takes = timedelta(seconds=chance.uniform(90, 5400))
        plans.append(Plan(batch_id, start - gap * (number + 1), takes, work))
    return plans


def big(start: datetime, seed: int, size: int) -> list[Plan]:
    """One ended batch of `size` lines, about 2.4 KB each."""
    batch_id = identifier("msgbatch_", seed, "big")
    work = Scripted(key_of(batch_id), EVALS, size, size // 50)
    return [Plan(batch_id, start - timedelta(hours=5), timedelta(hours=3), work)]


def busy(start: datetime, seed: int, size: int) -> list[Plan]:
    """`size` batches of the last hour, all of which still need hours."""
    chance = rng_of(seed, "busy")
    plans = []
    for number in range(size):
        batch_id = identifier("msgbatch_", seed, "busy", number)
        work = Scripted(
            key_of(batch_id), THEMES[number % len(THEMES)], chance.randint(2000, 50_000)
        )
        age, takes = chance.uniform(1, 60), chance.uniform(6, 12)
        plans.append(Plan(batch_id, start - timedelta(minutes=age), timedelta(hours=takes), work))
    return plans


SCENARIOS = {
    "demo": Scenario(demo, 0, "about 60 batches over five weeks, in every state; it stays lively"),
    "empty": Scenario(empty, 0, "no batches"),
    "crowd": Scenario(crowd, 10_000, "10,000 batches"),
    "big": Scenario(big, 100_000, "one ended batch of 100,000 lines"),
    "busy": Scenario(busy, 20, "20 batches, all running for hours"),
    "hostile": Scenario(hostile, 0, "text in every foreign field that must not reach a terminal"),
}


def plans_of(name: str, start: datetime, seed: int) -> list[Plan]:
    """The plans of scenario `name`, which may carry a size of its own: `big:20000`.

    Raises:
        UsageError: There is no such scenario, or its size is not a number.
    """
    word, _, size = name.partition(":")
    scenario = SCENARIOS.get(word)
    if scenario is None or (size and not (size.isascii() and size.isdigit() and scenario.size)):
        sized = [f"{word}[:SIZE]" if known.size else word for word, known in SCENARIOS.items()]
        raise UsageError(f"There is no scenario {name!r}", todo=f"Choose one of {', '.join(sized)}")
    return scenario.plans(start, seed, int(size) if size else scenario.size)
