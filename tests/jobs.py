"""Jobs over batches that are there already, made straight in the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from batchtui.domain.batch import Record, RequestCounts
from batchtui.domain.job import Job, Part, Round
from batchtui.history.history import History

FILE = "/data/requests.jsonl"


def make_job(
    history: History,
    name: str,
    batch_ids: Sequence[str],
    *,
    at: datetime,
    unsent: Sequence[int] = (),
    retries: Sequence[str] = (),
) -> Job:
    """A job whose first round became these batches.

    Args:
        history: knows the batches.
        name: of the job.
        batch_ids: the batches of its first round, in order.
        at: when it was begun, if it has no batches.
        unsent: how many requests each part has that is merely planned.
        retries: the batches of further rounds, one each, that take the place of errored results.
    """
    jobs = history.jobs
    first = [_known(history, each) for each in batch_ids]
    sizes = [*(each.batch.request_counts.total for each in first), *unsent]
    at = min((each.batch.created_at for each in first), default=at)
    job = jobs.add(name, Round(0, FILE, 1_000, b"", sum(sizes), at), _parts(0, 1, sizes), at=at)
    for number, batch_id in enumerate(batch_ids, 1):
        _create(history, job, number, batch_id)
        history.annotate(batch_id, label=f"{name} {number}/{len(sizes)}")
    for number, batch_id in enumerate(retries, 1):
        again = _known(history, batch_id).batch
        total, place = again.request_counts.total, len(sizes) + number
        instead_of = RequestCounts(errored=total)
        round_ = Round(number, "/data/again.jsonl", 10, b"", total, again.created_at, instead_of)
        jobs.add_round(job.key, round_, _parts(number, place, [total]))
        _create(history, job, place, batch_id)
        history.annotate(batch_id, label=f"{name} retry {number}")
    return jobs.get(job.key)


def _known(history: History, batch_id: str) -> Record:
    record = history.record(batch_id)
    assert record is not None
    return record


def _parts(round_number: int, first: int, sizes: Sequence[int]) -> list[Part]:
    return [
        Part(first + at, round_number, at * 100, at * 100 + 100, 1 + at, size, 100)
        for at, size in enumerate(sizes)
    ]


def _create(history: History, job: Job, number: int, batch_id: str) -> None:
    history.jobs.begin(job.key, number, at=job.created_at)
    history.jobs.created(job.key, number, batch_id)
