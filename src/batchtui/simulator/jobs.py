"""The jobs of the demo: batches that one request file became, and one that repairs two others."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from batchtui.simulator.chance import identifier, key_of
from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.params import WORKER_ERRORS
from batchtui.simulator.prose import REVIEWS, TICKETS, Theme
from batchtui.simulator.scripted import Scripted


class _Job(msgspec.Struct, frozen=True):
    """A request file and what became of it; ages and lengths in minutes.

    Attributes:
        requests: In each batch.
        errors: The kinds its errored lines show, as in `scripted.ERRORS`.
        takes: How long each batch of the first round needs.
    """

    name: str
    theme: Theme
    age: float
    requests: int
    errored: int
    errors: tuple[int, ...]
    takes: tuple[float, ...]


# One batch of this has ended, the others are under way.
_RUNNING = _Job("tickets-fr", TICKETS, 9.7, 800, 9, (1, 2, 6), (6.3, 12.1, 15.8))
_REPAIRED = _Job("reviews-week-47", REVIEWS, 31 * 60, 600, 11, (1, 2, 4, 3), (5.4, 6.1))

_APART = timedelta(seconds=4)
"""Between two batches of a round."""


def jobs(start: datetime, seed: int) -> list[Plan]:
    """The batches of all jobs."""
    running, repaired = (_first_round(each, start, seed) for each in (_RUNNING, _REPAIRED))
    return [*running, *repaired, _retry(_REPAIRED, repaired, seed)]


def _first_round(job: _Job, start: datetime, seed: int) -> list[Plan]:
    created, of = start - timedelta(minutes=job.age), len(job.takes)
    plans = []
    for place, takes in enumerate(job.takes):
        batch_id = identifier("msgbatch_", seed, job.name, place)
        plans.append(
            Plan(
                id=batch_id,
                created_at=created + _APART * place,
                takes=timedelta(minutes=takes),
                work=Scripted(
                    key_of(batch_id),
                    job.theme,
                    job.requests,
                    job.errored,
                    job.errors,
                    range(job.requests * place, job.requests * (place + 1)),
                ),
                label=f"{job.name} {place + 1}/{of}",
                job=job.name,
            )
        )
    return plans


def _retry(job: _Job, first: Sequence[Plan], seed: int) -> Plan:
    """What failed and may succeed once more; one of it fails again."""
    numbers = sorted(number for plan in first for number in _worth_another_try(plan))
    batch_id = identifier("msgbatch_", seed, job.name, "retry")
    return Plan(
        id=batch_id,
        created_at=max(plan.ends_at for plan in first) + timedelta(minutes=14),
        takes=timedelta(minutes=1.4),
        work=Scripted(key_of(batch_id), job.theme, len(numbers), 1, (1,), numbers),
        label=f"{job.name} retry 1",
        job=job.name,
        round=1,
    )


def _worth_another_try(plan: Plan) -> list[int]:
    """The numbers in the custom_ids of what failed, but not for a fault of its own."""
    lines = b"".join(plan.lines()).splitlines()
    errored = [json.loads(line) for line in lines if b'"type":"errored"' in line]
    return [
        int(line["custom_id"].rpartition("-")[2])
        for line in errored
        if line["result"]["error"]["error"]["type"] in WORKER_ERRORS
    ]
