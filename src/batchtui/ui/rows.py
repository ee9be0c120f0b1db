"""What stands in a list at its top level: jobs, and the batches that are in none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from batchtui.domain.batch import Record
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord, job_record


class Rows:
    """Jobs and batches together.

    A job that is one batch and nothing else is that batch. A job is summed up when somebody asks
    for it, and only if one of its batches changed since.

    Args:
        records: the batches by id; whoever changes them says so with `changed`.
        jobs: all jobs.
        sending: whether somebody is sending the parts of a job that are unsent.

    Attributes:
        jobs: by id, also those that are one batch.
    """

    def __init__(
        self,
        records: Mapping[str, Record],
        jobs: Iterable[Job],
        sending: Callable[[Job], bool] = lambda job: False,
    ) -> None:
        self.jobs: dict[str, Job] = {}
        self._records = records
        self._sending = sending
        self._job_of: dict[str, str] = {}
        self._several: set[str] = set()
        self._summed: dict[str, JobRecord] = {}
        self._top: Mapping[str, Record] | None = None
        self.take(jobs)

    def take(self, jobs: Iterable[Job]) -> None:
        """Jobs that are new, or no longer as they were."""
        for job in jobs:
            self.jobs[job.id] = job
            self._summed.pop(job.id, None)
            self._job_of.update(dict.fromkeys(job.batch_ids, job.id))
            if job.is_one_batch:
                self._several.discard(job.id)
            else:
                self._several.add(job.id)
        self._top = None

    def changed(self, batch_ids: Iterable[str]) -> None:
        """These batches are no longer as they were."""
        for batch_id in batch_ids:
            if job_id := self._job_of.get(batch_id):
                self._summed.pop(job_id, None)
        self._top = None

    def look_again(self) -> list[str]:
        """See who is sending the jobs with unsent parts; returns the ids of those that differ."""
        differ = [
            job_id
            for job_id, known in self._summed.items()
            if known.job.unsent and known.sending is not self._sending(known.job)
        ]
        for job_id in differ:
            del self._summed[job_id]
        self._top = None if differ else self._top
        return differ

    def job_of(self, batch_id: str) -> JobRecord | None:
        """The job in whose row a batch is; None if it stands in the list itself."""
        job_id = self._job_of.get(batch_id, "")
        return self._sum(job_id) if job_id in self._several else None

    def record(self, id_: str) -> Record | None:
        """The batch or the job with this id; of a job that is one batch that batch."""
        if id_ in self._several:
            return self._sum(id_)
        job = self.jobs.get(id_)
        return self._records.get(job.batch_ids[0] if job else id_)

    @property
    def top(self) -> Mapping[str, Record]:
        """The jobs, and the batches that are in none, by id; in no order."""
        if self._top is None:
            self._top = self._arranged() if self._several else self._records
        return self._top

    def _arranged(self) -> Mapping[str, Record]:
        inside = {batch_id for job_id in self._several for batch_id in self.jobs[job_id].batch_ids}
        rows = {key: each for key, each in self._records.items() if key not in inside}
        rows.update((job_id, self._sum(job_id)) for job_id in self._several)
        return rows

    def _sum(self, job_id: str) -> JobRecord:
        if (known := self._summed.get(job_id)) is None:
            job = self.jobs[job_id]
            sending = bool(job.unsent) and self._sending(job)
            known = self._summed[job_id] = job_record(job, self._records, sending=sending)
        return known
