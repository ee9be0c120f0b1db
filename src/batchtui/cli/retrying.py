"""Retries from the command line: look, plan, ask, send, and say what is still missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import msgspec

from batchtui.account.answers import Answers, open_answers
from batchtui.account.merging import open_job
from batchtui.account.opening import Opened
from batchtui.account.resending import (
    Prepared,
    begin_retry,
    discard,
    prepare,
    require_sent,
)
from batchtui.account.retrying import RetryPlan, Wanted, plan_retry
from batchtui.account.rewriting import write_file
from batchtui.account.starting import unsettled
from batchtui.cli import diagnostics, retry_words
from batchtui.cli.checking import tell_file
from batchtui.cli.fetching import fetch_each
from batchtui.cli.ids import resolve
from batchtui.cli.opening import job_meant
from batchtui.cli.sending import send_all
from batchtui.cli.sending_options import Manner
from batchtui.cli.start import Start, start
from batchtui.cli.watching import watch
from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.errors import BatchtuiError, RequestFileError, ResultsError, UsageError
from batchtui.domain.job import Job
from batchtui.domain.text import safe_line
from batchtui.results.export.targets import TakenError
from batchtui.settings.prices import load_prices


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asked for.

    Attributes:
        text: what they call the batch or the job.
        wanted: which requests.
        output: the file to write instead of sending anything.
        manner: how to send them.
    """

    text: str
    wanted: Wanted
    output: Path | None
    force: bool
    manner: Manner

    @property
    def sends(self) -> bool:
        """Whether anything is to be sent."""
        return self.output is None and not self.manner.dry_run


def retry(context: click.Context, wish: Wish) -> int:
    """Do what is wished; returns the exit code.

    Raises:
        BatchtuiError: what stood in the way.
    """
    begun = start(context)
    if wish.sends:
        begun.require_writable()
        wish.manner.require_person()
    opened = begun.account()
    with asyncio.Runner() as runner:
        try:
            # Not one coroutine for all of it: while one runs, Ctrl+C does not reach a prompt.
            return _Retry(begun, opened, wish, runner).run()
        finally:
            runner.run(opened.account.close())


class _Retry:
    """One run of the command."""

    def __init__(self, begun: Start, opened: Opened, wish: Wish, runner: asyncio.Runner) -> None:
        self._begun = begun
        self._opened = opened
        self._account = opened.account
        self._wish = wish
        self._runner = runner

    def run(self) -> int:
        """Do what is wished; returns the exit code."""
        job, batch_id = self._meant()
        if self._wish.sends:
            # That there is no way to the API is better said before than after all the work.
            self._runner.run(self._account.api.connect())
        if self._wish.manner.resume:
            return self._go_on(job)
        if self._wish.sends:
            require_sent(job)
        answers = self._answers(job, batch_id)
        with answers.file:
            retry_words.check_names(answers, self._wish.wanted)
            plan = plan_retry(answers, self._wish.wanted)
            _say_all(retry_words.of_plan(answers, plan))
            if not plan.requests:
                return self._end_without(answers, job)
            if self._wish.output is not None:
                return self._write(answers, plan, self._wish.output)
            job = self._round(self._prepared(answers, plan))
        if job is not None:
            return self._send(job)
        diagnostics.say("Nothing was sent.")
        return diagnostics.DONE if self._wish.manner.dry_run else diagnostics.FAILED

    def _go_on(self, job: Job | None) -> int:
        if job is None or not job.unsent:
            raise UsageError("There is nothing to go on with: all of it was sent")
        if self._wish.manner.decides and not unsettled(job):
            raise UsageError("It is known of every part of this job whether it became a batch")
        return self._send(job)

    def _end_without(self, answers: Answers, job: Job | None) -> int:
        """What there is to do when nothing is to be sent; returns the exit code."""
        if not self._wish.manner.watch:
            return diagnostics.DONE
        if job is not None:
            return self._watch(job)
        return diagnostics.UNSUCCESSFUL if answers.without_good else diagnostics.DONE

    def _answers(self, job: Job | None, batch_id: str) -> Answers:
        """The results, downloaded if need be."""
        account = self._account
        ids = job.batch_ids if job else (batch_id,)
        self._fetch(ids)
        with diagnostics.Progress() as line:
            line.show("Looking at the results …")
            return open_answers(
                account.results,
                self._records(ids),
                job=job,
                batch_id=batch_id,
                at=account.clock(),
            )

    def _round(self, prepared: Prepared) -> Job | None:
        """The job with a further round, if the person wants it; else nothing is left behind."""
        job: Job | None = None
        try:
            if self._confirmed(prepared):
                job = begin_retry(self._account, prepared)
        finally:
            if job is None:
                discard(prepared)
        return job

    def _meant(self) -> tuple[Job | None, str]:
        """The job, and the batch if it is about one."""
        history = self._account.history
        job = job_meant(history, self._wish.text)
        if job is not None:
            return job, ""
        batch_id = resolve(history, self._wish.text)
        return history.jobs.of_batch(batch_id), batch_id

    def _records(self, batch_ids: Iterable[str]) -> dict[str, Record]:
        found = map(self._account.record, batch_ids)
        return {record.id: record for record in found if record}

    def _fetch(self, batch_ids: Sequence[str]) -> None:
        """Download what is not here and can be had."""
        account = self._account
        if account.offline:
            return
        absent = [each for each in batch_ids if account.results.size(each) is None]
        wanted = [
            each
            for each in absent
            if (record := account.record(each)) is None
            or record.results_on_server(account.clock()) is not ResultsState.GONE
        ]

        async def fetch() -> None:
            async for batch_id, end in fetch_each(account, wanted):
                if isinstance(end, ResultsError):
                    diagnostics.say(f"{safe_line(batch_id)}: {end}")
                elif isinstance(end, BatchtuiError):
                    raise end

        self._runner.run(fetch())

    def _write(self, answers: Answers, plan: RetryPlan, output: Path) -> int:
        try:
            written = write_file(answers, plan, output, replace=self._wish.force)
        except TakenError as error:
            error.todo = "Add --force to replace it"
            raise
        _say_all(written.words)
        tell_file(output, written.requests, written.size)
        return diagnostics.DONE

    def _prepared(self, answers: Answers, plan: RetryPlan) -> Prepared:
        with diagnostics.Progress() as line:
            line.show("Taking the requests out of their file …")
            prepared = prepare(self._account, answers, plan, limits=self._wish.manner.limits)
        _say_all(prepared.written.words)
        return prepared

    def _confirmed(self, prepared: Prepared) -> bool:
        """Say what it becomes and may cost, and ask."""
        prices = load_prices(self._begun.loaded.settings)
        _say_all(retry_words.of_file(prepared.checked, prices))
        if self._wish.manner.dry_run:
            return False
        if not prepared.checked.ok:
            raise RequestFileError(
                "The API would refuse some of these requests",
                kept="Nothing was sent",
                todo="Change them with --set, or leave them out",
            )
        return self._wish.manner.yes or diagnostics.agreed(f"Send them in {self._begun.where}?")

    # Sending

    def _send(self, job: Job) -> int:
        round_ = len(job.rounds) - 1
        which = f"Round {round_} of job" if round_ else "Job"
        diagnostics.say(f'{which} "{safe_line(job.name, 60)}".')
        manner = self._wish.manner
        job, code = send_all(self._runner, self._account, job, manner)
        if code != diagnostics.DONE:
            return code
        if manner.watch:
            return self._watch(job)
        diagnostics.say(f"Next: batchtui results {job.id}, when the batches have ended.")
        return diagnostics.DONE

    def _watch(self, job: Job) -> int:
        self._runner.run(watch(self._opened, job))
        self._fetch(job.batch_ids)
        return self._tell_end(job)

    def _tell_end(self, job: Job) -> int:
        """Say how many requests are still without a good answer; returns the exit code."""
        account = self._account
        records = self._records(job.batch_ids)
        merged = open_job(job, account.results, records, at=account.clock())
        with merged.file:
            _say_all(retry_words.of_end(merged))
        return diagnostics.UNSUCCESSFUL if merged.left else diagnostics.DONE


def _say_all(words: Iterable[str]) -> None:
    for each in words:
        diagnostics.say(each)
