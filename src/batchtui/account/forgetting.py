"""Which old batches the history can do without. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.job import Job


class Stays(StrEnum):
    """Why batches that are old enough are not forgotten, as in "3 batches of a job"."""

    RUNNING = "running as far as known"
    HERE = "with results on this disk"
    ON_SERVER = "with results on the server"
    JOB = "of a job"
    ANNOTATED = "with a label, a note, a pin or a request file"


class Forgetting(msgspec.Struct, frozen=True):
    """What can go, and why the rest of what is old enough stays.

    Attributes:
        records: the batches to forget.
        jobs: the jobs to forget, all of whose batches are among them.
        stay: how many stay, by the first reason there is.
    """

    records: tuple[Record, ...]
    jobs: tuple[Job, ...]
    stay: Mapping[Stays, int]


def plan_forgetting(
    records: Iterable[Record],
    jobs: Sequence[Job],
    now: datetime,
    *,
    older_than: timedelta,
    annotated: bool = False,
) -> Forgetting:
    """Work out what to forget.

    Args:
        records: all that is known, with whether their results are here.
        jobs: all jobs.
        now: the present.
        older_than: of batches that were created longer ago than this.
        annotated: also what a person added something to, and jobs of which nothing else is in the
            way; a job goes as a whole or not at all.
    """
    old = {each.id: each for each in records if now - each.batch.created_at >= older_than}
    why = {batch_id: _why(each, now, annotated) for batch_id, each in old.items()}
    going = [job for job in jobs if annotated and _can_go(job, why)]
    gone = {batch_id for job in going for batch_id in job.batch_ids}
    members = {batch_id for job in jobs for batch_id in job.batch_ids} - gone
    for batch_id, reason in why.items():
        # Of a job or a label, the job is what to do something about first.
        if batch_id in members and reason in (None, Stays.ANNOTATED):
            why[batch_id] = Stays.JOB
    return Forgetting(
        tuple(old[batch_id] for batch_id, reason in why.items() if reason is None),
        tuple(going),
        Counter(reason for reason in why.values() if reason),
    )


def _why(record: Record, now: datetime, annotated: bool) -> Stays | None:
    if record.running:
        return Stays.RUNNING
    if record.results_here:
        return Stays.HERE
    if record.results_on_server(now) is ResultsState.AVAILABLE:
        return Stays.ON_SERVER
    added = record.label or record.note or record.pinned or record.request_file
    return Stays.ANNOTATED if added and not annotated else None


def _can_go(job: Job, why: Mapping[str, Stays | None]) -> bool:
    """Whether all of a job was sent, and nothing of it that is known stays."""
    ids = job.batch_ids
    return bool(ids) and not job.unsent and all(each in why and why[each] is None for each in ids)
