"""Everything known of an account's batches: the history and the result files, as one.

Lives on one event loop. What becomes different is told to listeners.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count

import msgspec

from batchtui.account.events import Changed, Event, JobsChanged, Listener, Reloaded, Seen
from batchtui.account.plans import expiring
from batchtui.domain.batch import Record, Sighting
from batchtui.domain.changes import Change, change
from batchtui.domain.errors import UsageError
from batchtui.domain.forecast import Past
from batchtui.domain.job import Job
from batchtui.history.history import History
from batchtui.results.store import ResultStore

Clock = Callable[[], datetime]

PAGE = 500
"""So many records are read from the history in one go."""

PAUSE = 0.0005
"""Seconds for which other threads may have the interpreter then; enough to wake up in."""


class Knowledge:
    """What is known of an account's batches.

    Args:
        history: what is known; owned from now on.
        results: the result files.
        clock: the present moment, aware of its zone.
    """

    def __init__(self, *, history: History, results: ResultStore, clock: Clock) -> None:
        self.history = history
        self.results = results
        self.clock = clock
        self.here = results.here()
        self._past: Past | None = None
        self._listeners: list[Listener] = []

    def records(self, *, limit: int | None = None) -> list[Record]:
        """All known batches, or the newest of them; newest first.

        They are read a few hundred at a time, with a pause in between: SQLite lets go of the
        interpreter lock at every row and takes it back before anybody is awake, so that other
        threads would hardly move until the last of thousands.
        """
        found: list[Record] = []
        for offset in count(0, PAGE):
            size = PAGE if limit is None else min(PAGE, limit - offset)
            page = self.history.records(limit=size, offset=offset)
            found += map(self._complete, page)
            if size < PAGE or len(page) + self.history.unreadable < size:
                break
            time.sleep(PAUSE)
        return found

    def record(self, batch_id: str) -> Record | None:
        """What is known of one batch."""
        record = self.history.record(batch_id)
        return record and self._complete(record)

    def known(self, batch_id: str) -> Record:
        """What is known of one batch.

        Raises:
            UsageError: if nothing is.
        """
        record = self.record(batch_id)
        if record is None:
            raise UsageError("This batch has not been seen yet", todo="Refresh the list first")
        return record

    def expiring(self, within: timedelta, *, again: bool = False) -> list[Record]:
        """Those whose results the API drops within that time, and that are not here or `again`."""
        return expiring(self.records(), self.clock(), within, again=again)

    def jobs(self) -> list[Job]:
        """All jobs, newest first."""
        return self.history.jobs.all()

    @property
    def past(self) -> Past:
        """How long past batches took."""
        if self._past is None:
            self._past = Past(self.history.durations())
        return self._past

    def _complete(self, record: Record) -> Record:
        here = record.id in self.here
        return msgspec.structs.replace(record, results_here=True) if here else record

    # Who wants to know

    def listen(self, listener: Listener) -> None:
        """Have `listener` called with every event, on the account's own loop."""
        self._listeners.append(listener)

    def tell(self, event: Event) -> None:
        """Give an event to all listeners."""
        for listener in self._listeners:
            listener(event)

    # What the server says

    def observe(self, sightings: Sequence[Sighting]) -> tuple[Change, ...]:
        """Keep what was just received, and tell what of it is new."""
        now = self.clock()
        differing = self.history.observe(sightings, at=now)
        changes = self.changed((old and self._complete(old), new) for old, new in differing)
        if sightings:
            self.tell(Seen(tuple(each.batch.id for each in sightings), now))
        return changes

    def missed(self, batch_ids: Iterable[str]) -> tuple[Change, ...]:
        """Settle that the API no longer knows these batches."""
        before = {batch_id: self.record(batch_id) for batch_id in batch_ids}
        after = self.history.set_gone(list(before), at=self.clock())
        return self.changed((before[record.id], record) for record in after)

    def reload_if_changed(self) -> None:
        """Tell the listeners if another process wrote to the history or fetched results."""
        here = self.results.here()
        if self.history.changed_elsewhere() or here != self.here:
            self.here = here
            self._past = None
            self.tell(Reloaded())

    def changed(self, pairs: Iterable[tuple[Record | None, Record]]) -> tuple[Change, ...]:
        """Tell the listeners what differs between old and new records, and return it."""
        found = (change(old, self._complete(new)) for old, new in pairs)
        changes = tuple(each for each in found if each)
        if changes:
            event = Changed(changes)
            if event.tells_durations:
                self._past = None
            self.tell(event)
        return changes

    def job_changed(self, job: Job) -> Job:
        """Tell the listeners that a job is new or no longer as it was; returns it."""
        self.tell(JobsChanged((job,)))
        return job

    # What the person adds

    def annotate(
        self,
        batch_id: str,
        *,
        label: str | None = None,
        note: str | None = None,
        pinned: bool | None = None,
        request_file: str | None = None,
    ) -> Record:
        """Set the label, the note, the pin or the path of the request file of a known batch."""
        before = self.known(batch_id)
        after = self.history.annotate(
            batch_id, label=label, note=note, pinned=pinned, request_file=request_file
        )
        self.changed([(before, after)])
        return self.known(batch_id)

    def annotate_job(
        self,
        key: int,
        *,
        name: str | None = None,
        note: str | None = None,
        pinned: bool | None = None,
    ) -> Job:
        """Set the name, the note or the pin of a job; batches called after it are renamed, too.

        Raises:
            UsageError: if there is no such job, or the name is empty or another's.
        """
        before = self.history.jobs.get(key)
        job = self.history.jobs.annotate(key, name=name, note=note, pinned=pinned)
        for part in job.parts:
            record = self.record(part.batch_id) if job.name != before.name else None
            if record and record.label in (before.name, before.label_of(part)):
                label = job.name + record.label.removeprefix(before.name)
                self.annotate(record.id, label=label)
        return self.job_changed(job)
