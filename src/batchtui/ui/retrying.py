"""One look at what can be sent again, and its request file, each in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import msgspec

from batchtui.account.answers import Answers, open_answers
from batchtui.account.resending import Prepared, discard, prepare
from batchtui.account.retrying import RetryPlan, Wanted, plan_retry
from batchtui.domain.job import Job
from batchtui.ui.session import Session


class Subject(msgspec.Struct, frozen=True):
    """What is to be retried.

    Attributes:
        name: what to call it. Foreign text.
        job: the job; None for a batch in none.
        batch_id: the batch, if it is about one.
        custom_ids: of the requests meant; none for all.
    """

    name: str
    job: Job | None
    batch_id: str
    custom_ids: frozenset[str] = frozenset()


def subject_of(session: Session, id_: str, custom_ids: Collection[str] = ()) -> Subject:
    """What the id of a batch or a job stands for."""
    meant = frozenset(custom_ids)
    if job := session.jobs.get(id_):
        return Subject(job.name, job, "", meant)
    record = session.records.get(id_)
    owner = next((job for job in session.jobs.values() if id_ in job.batch_ids), None)
    return Subject(record.name if record else id_, owner, id_, meant)


class Retrying:
    """A retry that a person puts together.

    Attributes:
        answers: as soon as they are open.
        prepared: what was prepared last, as long as it is what is wanted.
    """

    def __init__(self, session: Session, subject: Subject) -> None:
        self._session = session
        self.subject = subject
        self.answers: Answers | None = None
        self.prepared: Prepared | None = None

    async def open(self) -> Answers:
        """Open the results.

        Raises:
            BatchtuiError: if they are not here, or cannot be read.
        """
        subject, session = self.subject, self._session
        ids = subject.job.batch_ids if subject.job else (subject.batch_id,)
        records = {each.id: each for each in session.of(ids)}
        store, now = session.account.results, session.now()
        self.answers = await asyncio.to_thread(
            lambda: open_answers(store, records, job=subject.job, batch_id=subject.batch_id, at=now)
        )
        return self.answers

    async def plan(self, wanted: Wanted) -> RetryPlan:
        """Work out what is sent again.

        Raises:
            BatchtuiError: if a request file cannot be read.
        """
        answers = self.answers
        assert answers is not None
        return await asyncio.to_thread(lambda: plan_retry(answers, wanted))

    async def prepare(self, plan: RetryPlan) -> Prepared:
        """Take the requests out of their file.

        Raises:
            BatchtuiError: if that cannot be done.
        """
        answers, account = self.answers, self._session.account
        assert answers is not None
        self.forget()
        work = asyncio.create_task(asyncio.to_thread(lambda: prepare(account, answers, plan)))
        try:
            self.prepared = await asyncio.shield(work)
        except asyncio.CancelledError:
            # A thread cannot be stopped; nobody wants what it makes any more.
            work.add_done_callback(_discard)
            raise
        return self.prepared

    def forget(self) -> None:
        """Remove what was prepared, if it was not sent."""
        if self.prepared is not None:
            discard(self.prepared)
            self.prepared = None

    def close(self) -> None:
        """Let go of everything that was not sent."""
        self.forget()
        if self.answers is not None:
            self.answers.file.close()


def _discard(work: asyncio.Task[Prepared]) -> None:
    if not work.cancelled() and work.exception() is None:
        discard(work.result())
