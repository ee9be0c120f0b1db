"""The rows of a watch: jobs, and batches by themselves, as they stand by what is heard of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from batchtui.account.account import Account
from batchtui.account.events import Changed, Event, JobsChanged, Reloaded
from batchtui.account.locking import being_sent
from batchtui.domain.batch import Record
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord, job_record


class Watched:
    """Which rows are watched, and how they stand. Lives on the account's loop.

    Args:
        account: whose.
        grows: whether what begins to run later is watched, too.
    """

    def __init__(self, account: Account, *, grows: bool) -> None:
        self._account = account
        self._grows = grows
        self._jobs: dict[str, Job] = {}
        self._records: dict[str, Record] = {}
        self._row_of: dict[str, str] = {}
        self._rows: dict[str, Record] = {}
        self._running: dict[str, Record] = {}
        self._unsummed: dict[str, None] = {}
        self._untold: dict[str, None] = {}
        account.listen(self._heard)

    @property
    def rows(self) -> Sequence[Record]:
        """All rows as they are now, in the order in which they were added."""
        self._sum_up()
        return list(self._rows.values())

    @property
    def running(self) -> Sequence[Record]:
        """The rows that still run."""
        self._sum_up()
        return list(self._running.values())

    def take_changed(self) -> Sequence[Record]:
        """The rows that are new or may differ from when this was last asked."""
        self._sum_up()
        changed, self._untold = self._untold, {}
        return [self._rows[each] for each in changed if each in self._rows]

    def __contains__(self, batch_id: str) -> bool:
        """Whether a batch is watched, by itself or in a job."""
        return batch_id in self._row_of

    def add_job(self, job: Job) -> None:
        """Watch a job: all batches that it has and will have."""
        self._jobs[job.id] = job
        for batch_id in job.batch_ids:
            # It may have been watched by itself before it was known to be in the job.
            self._rows.pop(batch_id, None)
            self._running.pop(batch_id, None)
            self._row_of[batch_id] = job.id
            if record := self._account.record(batch_id):
                self._records[batch_id] = record
        self._touch(job.id)

    def add_batch(self, record: Record) -> None:
        """Watch a batch, unless it is."""
        if record.id not in self._row_of:
            self._row_of[record.id] = record.id
            self._records[record.id] = record
            self._touch(record.id)

    def add_running(self) -> None:
        """Watch all that runs as far as known: for a batch in a job the job."""
        running = [each for each in self._account.history.running() if each.id not in self._row_of]
        job_of = {id_: job for job in self._account.jobs() for id_ in job.batch_ids}
        for record in reversed(running):
            job = job_of.get(record.id)
            if job is None:
                self.add_batch(record)
            elif record.id not in self._row_of:  # else it came with its job
                self.add_job(job)

    def look_who_sends(self) -> None:
        """A job may get more batches as long as somebody is at work on sending it."""
        for job_id, job in self._jobs.items():
            if job.unsent:
                self._touch(job_id)

    # What is heard of it

    def _heard(self, event: Event) -> None:
        match event:
            case Changed():
                self._take_in([each.record for each in event.changes])
            case JobsChanged():
                for job in event.jobs:
                    if job.id in self._jobs:
                        self.add_job(job)
            case Reloaded():
                self._read_anew()
            case _:
                pass

    def _take_in(self, records: Iterable[Record]) -> None:
        new = False
        for record in records:
            row_id = self._row_of.get(record.id)
            if row_id is None:
                new = new or record.running
            else:
                self._records[record.id] = record
                self._touch(row_id)
        if new and self._grows:
            self.add_running()

    def _read_anew(self) -> None:
        for job in self._account.jobs() if self._jobs else ():
            if job.id in self._jobs:
                self.add_job(job)
        known = (self._account.record(each) for each in self._row_of)
        self._take_in([each for each in known if each and each != self._records.get(each.id)])
        if self._grows:
            self.add_running()

    def _touch(self, row_id: str) -> None:
        self._unsummed[row_id] = self._untold[row_id] = None

    def _sum_up(self) -> None:
        touched, self._unsummed = self._unsummed, {}
        for row_id in touched:
            row = self._sum(row_id)
            if row is None:
                continue
            self._rows[row_id] = row
            if is_running(row):
                self._running[row_id] = row
            else:
                self._running.pop(row_id, None)

    def _sum(self, row_id: str) -> Record | None:
        job = self._jobs.get(row_id)
        if job is None or job.is_one_batch:
            return self._records.get(job.batch_ids[0] if job else row_id)
        sending = bool(job.unsent) and being_sent(self._account.requests, job.key)
        return job_record(job, self._records, sending=sending)


def is_running(row: Record) -> bool:
    """Whether a row can still change by itself: of a job also while somebody is sending it."""
    if isinstance(row, JobRecord):
        return bool(row.in_progress) or row.sending
    return row.running


def is_success(row: Record) -> bool:
    """Whether all requests of a row are known to have succeeded."""
    counts = row.batch.request_counts
    return counts.succeeded == counts.total
