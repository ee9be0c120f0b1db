"""What all screens share: the known batches, how the poller stands, and the way to the account."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from batchtui.account.account import Account
from batchtui.account.costs import Costs
from batchtui.account.events import (
    Changed,
    Event,
    JobsChanged,
    Lacking,
    Paging,
    Pulse,
    Reloaded,
    Seen,
)
from batchtui.account.insight import Insights
from batchtui.account.locking import being_sent
from batchtui.account.poller import Poller
from batchtui.domain.batch import Record, RequestCounts
from batchtui.domain.changes import What
from batchtui.domain.forecast import Past, last_to_end
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord, batch_ids_of, members_of
from batchtui.domain.pricing import Cost, PriceTable, total
from batchtui.ui.downloads import Downloads
from batchtui.ui.engine import Engine
from batchtui.ui.places import Place
from batchtui.ui.presenters.facts import Subject
from batchtui.ui.rows import Rows
from batchtui.ui.submissions import Submissions
from batchtui.ui.title import READ_ONLY, Title

OBSERVATIONS = 120
"""So many of the latest counts of a running batch are kept for its rate."""

Observed: TypeAlias = tuple[datetime, RequestCounts]

FIRST = 200
"""So many batches are read before the first paint; the others follow at once behind it."""


class Session:
    """The screens' one source of truth.

    Args:
        account: the account; its own loop's alone once the engine was started.
        prices: what answers cost.
        every: seconds between two ticks, see `Poller`.
        on_event: told of every event, on the engine's thread.
        on_crash: told of a fault in batchtui itself, on whichever thread it happens.

    Attributes:
        lacks: what the server is known to lack; verbs that need it are switched off.
        shown: whether this is the account on screen now.
    """

    def __init__(
        self,
        account: Account,
        title: Title,
        *,
        prices: PriceTable,
        every: float | None,
        on_event: Callable[[Event], None],
        on_crash: Callable[[BaseException], None],
    ) -> None:
        self.account = account
        self.title = title
        self.prices = prices
        self._costs = Costs(account.results, prices)
        self.insights = Insights(account.results, prices)
        self.read_only = account.read_only
        self.lacks = account.lacks
        self.shown = True
        self.poller = Poller(account, every=every)
        self.engine = Engine(account, self.poller, on_crash=on_crash)
        self.downloads = Downloads(self.engine, account, on_crash=on_crash)
        self.submissions = Submissions(self.engine, account, on_crash=on_crash)
        self.records, jobs = _newest(account)
        self._rows = Rows(self.records, jobs, self._being_sent)
        self._taken: dict[str, Record] = {}
        self._taken_jobs: dict[str, Job] = {}
        self.past: Past = account.past
        self._observed: dict[str, deque[Observed]] = {}
        self._seen_running: set[str] = set()
        self.places: dict[str, Place] = {}
        self.compared_with: dict[str, str] = {}
        self.pulse: Pulse = self.poller.pulse
        self.paging: Paging = self.poller.paging
        account.listen(on_event)

    @property
    def jobs(self) -> Mapping[str, Job]:
        """All jobs by id, also those that are one batch."""
        return self._rows.jobs

    @property
    def rows(self) -> Mapping[str, Record]:
        """What stands in a list at its top level, by id: jobs, and batches that are in none."""
        return self._rows.top

    def record(self, id_: str) -> Record | None:
        """The batch or the job with this id; of a job that is one batch that batch."""
        return self._rows.record(id_)

    def job_of(self, batch_id: str) -> JobRecord | None:
        """The job in whose row a batch is; None if it stands in the list itself."""
        return self._rows.job_of(batch_id)

    @property
    def running(self) -> int:
        """How many batches run."""
        return sum(record.running for record in self.records.values())

    @property
    def doing(self) -> str:
        """What goes on in the background, in a few words; "" for nothing."""
        return " · ".join(filter(None, (self.submissions.summary, self.downloads.summary)))

    def now(self) -> datetime:
        """The present, in the zone times are shown in."""
        return self.account.clock().astimezone()

    def restrict(self) -> None:
        """Change nothing on the server from now on."""
        self.account.read_only = self.read_only = True
        if READ_ONLY not in self.title.modes:
            modes = (*self.title.modes, READ_ONLY)
            self.title = msgspec.structs.replace(self.title, modes=modes)

    def look_again(self) -> list[str]:
        """See who is sending jobs; returns the ids of those of which that is different."""
        return self._rows.look_again()

    def _being_sent(self, job: Job) -> bool:
        return being_sent(self.account.requests, job.key)

    def subject(self, record: Record) -> Subject:
        """The batch or the job at this moment, with all that helps to judge how it is doing."""
        now = self.now()
        if not record.running:
            return Subject(record, now, cost=self._cost(record))
        observed = self._observed.get(record.id, ())
        if not isinstance(record, JobRecord):
            return Subject(record, now, self.past.forecast_of(record, now), observed)
        last, forecast = last_to_end(record.in_progress, self.past, now) or (None, None)
        return Subject(record, now, forecast, observed, last=last)

    def _cost(self, record: Record) -> Cost | None:
        """What the results cost that are here, of a job if all of them are and are indexed."""
        if not record.results_here:
            return None
        costs = [self._costs.of(batch_id) for batch_id in batch_ids_of(record)]
        known = [each for each in costs if each]
        return total(known) if len(known) == len(costs) else None

    def ended_in_sight(self, event: Changed) -> list[Record]:
        """Those that have now ended and were seen running since the start."""
        ended = [each.record for each in event.changes if each.what is What.ENDED]
        return [record for record in ended if record.id in self._seen_running]

    def ended_rows(self, ended: Iterable[Record]) -> list[Record]:
        """What of a list has ended if these batches did: of a job not before all of it has."""
        rows: dict[str, Record] = {}
        for record in ended:
            row = self.job_of(record.id) or record
            if not row.batch.running:
                rows[row.id] = row
        return list(rows.values())

    def take(self, event: Event) -> None:
        """Bring an event into what is known; on the screens' thread."""
        match event:
            case Pulse():
                self.pulse = event
            case Paging():
                self.paging = event
            case Lacking(operations):
                self.lacks = operations
            case Changed(changes):
                for each in changes:
                    self.records[each.record.id] = self._taken[each.record.id] = each.record
                    self._observe(each.record)
                ids = [each.record.id for each in changes]
                self._rows.changed(ids)
                for job in {job.id: job for each in ids if (job := self.job_of(each))}.values():
                    self._observe(job)
            case JobsChanged(jobs):
                self._taken_jobs.update((job.id, job) for job in jobs)
                self._rows.take(jobs)
            case Seen(batch_ids, at):
                self._see(batch_ids, at)
            case Reloaded():
                pass

    def _see(self, batch_ids: Sequence[str], at: datetime) -> None:
        """Keep when unchanged batches were last seen; changed ones say so themselves."""
        for record in self.of(batch_ids):
            if record.running:
                self._seen_running.add(record.id)
            if record.last_seen_at < at:
                self.records[record.id] = msgspec.structs.replace(record, last_seen_at=at)
        self._rows.changed(batch_ids)

    def _observe(self, record: Record) -> None:
        """Keep how the counts of a running batch or job move, for its rate."""
        running = [each for each in members_of(record) if each.running]
        self._seen_running.update(each.id for each in running)
        if not running:
            self._observed.pop(record.id, None)
        elif any(each.batch.counts_move for each in running):
            observed = self._observed.setdefault(record.id, deque(maxlen=OBSERVATIONS))
            seen_at = max(each.last_seen_at for each in running)
            observed.append((seen_at, record.batch.request_counts))

    async def reload(self) -> None:
        """Read all records, the past and what was observed of running batches anew."""
        self._taken, self._taken_jobs = {}, {}
        records, jobs, self.past, observed = await self.engine.get(self._read)
        # What was taken in meanwhile may have happened after the reading.
        self.records = {record.id: record for record in records} | self._taken
        self._rows = Rows(self.records, [*jobs, *self._taken_jobs.values()], self._being_sent)
        jobs_observed = {key: each for key, each in self._observed.items() if key in self.jobs}
        self._observed = jobs_observed | observed

    async def relearn(self) -> None:
        """Read anew how long past batches took."""
        self.past = await self.engine.get(lambda: self.account.past)

    def _read(self) -> tuple[list[Record], list[Job], Past, dict[str, deque[Observed]]]:
        """All that is known; on the engine's thread."""
        account = self.account
        records = account.records()
        observed = {
            record.id: deque(
                (
                    (each.at, each.request_counts)
                    for each in account.history.observations(record.id)
                ),
                maxlen=OBSERVATIONS,
            )
            for record in records
            if record.running and record.batch.counts_move
        }
        return records, account.jobs(), account.past, observed

    def of(self, ids: Iterable[str]) -> list[Record]:
        """The batches and jobs with these ids, as far as known, in the order given."""
        return [record for each in ids if (record := self.record(each))]


def _newest(account: Account) -> tuple[dict[str, Record], list[Job]]:
    """The newest batches, and the jobs that they or unsent parts belong to, with all of theirs."""
    records = {record.id: record for record in account.records(limit=FIRST)}
    jobs = [
        job for job in account.jobs() if job.unsent or not records.keys().isdisjoint(job.batch_ids)
    ]
    missing = {each for job in jobs for each in job.batch_ids}.difference(records)
    records.update((record.id, record) for each in missing if (record := account.record(each)))
    return records, jobs
