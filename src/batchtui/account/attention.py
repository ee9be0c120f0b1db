"""How many rows of the list need a person, found out from a glance at the history.

The same number as the filter `is:attention` gives in the list, but for less: hardly any batch is
read whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from batchtui.account.locking import being_sent
from batchtui.domain.batch import Record
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord, job_record
from batchtui.domain.view import Filter, needs_attention
from batchtui.history.glance import Glance
from batchtui.results.store import Here

_ATTENTION = Filter.parse("is:attention")


def count_attention(
    glance: Glance,
    *,
    running: Iterable[Record],
    expiring: Iterable[str],
    here: Here,
    requests: Path,
    now: datetime,
) -> int:
    """Count the jobs, and the batches that are in none, which need a person.

    Args:
        glance: the history.
        running: its batches that run.
        expiring: the ids of those whose results will soon be gone.
        here: of which batches the results are here.
        requests: the directory in which jobs that are being sent are locked.
        now: the present.
    """
    failed = glance.failed(now)
    fetchable = {*expiring, *(batch_id for batch_id, there in failed.items() if there)}
    rows = {each for each in fetchable if each not in here}
    rows |= {each.id for each in running if needs_attention(each, now)}
    # In a job one that failed may matter though its own results are here, or it was deleted.
    for job in glance.jobs(rows | failed.keys()):
        rows -= set(job.batch_ids)
        if _ATTENTION.shows(_summed(job, glance, here, requests), now):
            rows.add(job.id)
    return len(rows)


def _summed(job: Job, glance: Glance, here: Here, requests: Path) -> JobRecord:
    records = {
        each.id: msgspec.structs.replace(each, results_here=each.id in here)
        for each in glance.records(job.batch_ids)
    }
    return job_record(job, records, sending=bool(job.unsent) and being_sent(requests, job.key))
