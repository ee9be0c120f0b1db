"""Retries from the command line: look, plan, ask, send, and say what is still missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import msgspec

from batchtui.account.account import Account
from batchtui.account.answers import Answers, open_answers
from batchtui.account.merging import Merged, open_job, standing_words
from batchtui.account.resending import (
    Prepared,
    begin_retry,
    discard,
    prepare,
    require_sent,
)
from batchtui.account.retrying import RetryPlan, Wanted, plan_retry
from batchtui.account.rewriting import write_file
from batchtui.cli import diagnostics
from batchtui.cli.choosing import ERROR_TYPES, STOP_REASONS
from batchtui.cli.fetching import fetch_each
from batchtui.cli.ids import resolve
from batchtui.cli.opening import job_meant
from batchtui.cli.output import Output, stdout
from batchtui.cli.sending import Sending, send
from batchtui.cli.start import Start, start
from batchtui.cli.watching import watch
from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.errors import BatchtuiError, ResultsError, UsageError
from batchtui.domain.job import Job
from batchtui.domain.pricing import PriceTable
from batchtui.domain.text import counted, money, safe_line, size
from batchtui.results.export.targets import TakenError
from batchtui.settings.prices import load_prices

_MOST_NAMED = 20


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asked for.

    Attributes:
        text: what they call the batch or the job.
        output: the file to write instead of sending anything.
        resume: go on with what was begun.
    """

    text: str
    wanted: Wanted
    output: Path | None
    force: bool
    resume: bool
    dry_run: bool
    watch: bool
    yes: bool

    @property
    def sends(self) -> bool:
        """Whether anything is to be sent."""
        return self.output is None and not self.dry_run


def retry(context: click.Context, wish: Wish) -> int:
    """Do what is wished; returns the exit code.

    Raises:
        BatchtuiError: what stood in the way.
    """
    begun = start(context)
    if wish.sends:
        begun.require_writable()
        if not wish.yes and not diagnostics.can_ask():
            raise UsageError(
                "There is no terminal to ask whether this is meant", todo="Add --yes if it is"
            )
    account = begun.account().account
    with asyncio.Runner() as runner:
        try:
            # Not one coroutine for all of it: while one runs, Ctrl+C does not reach a prompt.
            return _Retry(begun, account, wish, runner).run()
        finally:
            runner.run(account.close())


class _Retry:
    """One run of the command."""

    def __init__(self, begun: Start, account: Account, wish: Wish, runner: asyncio.Runner) -> None:
        self._begun = begun
        self._account = account
        self._wish = wish
        self._runner = runner
        self._out: Output = stdout()

    def run(self) -> int:
        """Do what is wished; returns the exit code."""
        job, batch_id = self._meant()
        if self._wish.sends:
            # That there is no way to the API is better said before than after all the work.
            self._runner.run(self._account.api.connect())
        if self._wish.resume:
            if job is None or not job.unsent:
                raise UsageError("There is nothing to go on with: all of it was sent")
            return self._send(job)
        if self._wish.sends:
            require_sent(job)
        answers = self._answers(job, batch_id)
        with answers.file:
            _check_names(answers, self._wish.wanted)
            plan = plan_retry(answers, self._wish.wanted)
            _tell(answers, plan)
            if not plan.requests:
                return diagnostics.DONE
            if self._wish.output is not None:
                return self._write(answers, plan, self._wish.output)
            job = self._round(self._prepared(answers, plan))
        if job is not None:
            return self._send(job)
        diagnostics.say("Nothing was sent.")
        return diagnostics.DONE if self._wish.dry_run else diagnostics.FAILED

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
        where = safe_line(str(output), 500)
        verb = "is" if written.requests == 1 else "are"
        diagnostics.say(
            f"{counted(written.requests, 'request')}, {size(written.size)}, {verb} in {where}\n"
            f"Next: batchtui check {where}"
        )
        return diagnostics.DONE

    def _prepared(self, answers: Answers, plan: RetryPlan) -> Prepared:
        with diagnostics.Progress() as line:
            line.show("Taking the requests out of their file …")
            prepared = prepare(self._account, answers, plan)
        _say_all(prepared.written.words)
        return prepared

    def _confirmed(self, prepared: Prepared) -> bool:
        """Say what it becomes and may cost, and ask."""
        diagnostics.say(_price(prepared, load_prices(self._begun.loaded.settings)))
        for group in prepared.checked.problems:
            first = ", ".join(safe_line(each.custom_id, 64) for each in group.first[:3])
            diagnostics.say(f"  {counted(group.count, 'request')}: {group.words} ({first} …)")
        if self._wish.dry_run:
            return False
        if not prepared.checked.ok:
            raise UsageError(
                "The API would refuse some of these requests",
                kept="Nothing was sent",
                todo="Change them with --set, or leave them out",
            )
        if self._wish.yes:
            return True
        return diagnostics.ask("Send them? [y/N] ").strip().lower() in ("y", "yes")

    # Sending

    def _send(self, job: Job) -> int:
        name = safe_line(job.name, 60)
        diagnostics.say(f'Round {len(job.rounds) - 1} of job "{name}".')
        go_on = f"To go on: batchtui retry {job.id} --resume"
        sending = Sending(ask=not self._wish.yes)
        try:
            job = self._runner.run(send(self._account, job, sending, self._out))
        except BatchtuiError as error:
            code = diagnostics.report(error)
            diagnostics.say(go_on)
            return code
        except KeyboardInterrupt:
            diagnostics.say(go_on)
            raise
        if job.unsent:
            diagnostics.say(f"Not all of it was sent. {go_on}")
            return diagnostics.FAILED
        if not self._wish.watch:
            diagnostics.say(f"Next: batchtui results {job.id}, when the batches have ended.")
            return diagnostics.DONE
        self._runner.run(watch(self._account, job))
        self._fetch(job.batch_ids)
        return self._tell_end(job)

    def _tell_end(self, job: Job) -> int:
        """Say how many requests are still without a good answer; returns the exit code."""
        account = self._account
        records = self._records(job.batch_ids)
        merged = open_job(job, account.results, records, at=account.clock())
        with merged.file:
            _say_all(_after(merged))
        return diagnostics.UNSUCCESSFUL if merged.left else diagnostics.DONE


def _after(merged: Merged) -> list[str]:
    words = [f"{each}." for each in standing_words(merged)]
    return words or [f"All {counted(merged.requests, 'request')} have a good answer."]


def _check_names(answers: Answers, wanted: Wanted) -> None:
    """Refuse names that are neither the API's nor in the results: they are mistyped."""
    there = answers.file.index.names.words
    asked = {
        "--stop-reason": (wanted.stop_reasons, STOP_REASONS),
        "--error-type": (wanted.error_types, ERROR_TYPES),
    }
    for option, (names, known) in asked.items():
        for name in sorted(names.difference(known, there)):
            raise UsageError(
                f'There is no {option} "{safe_line(name, 60)}", only {", ".join(known)}'
            )


def _tell(answers: Answers, plan: RetryPlan) -> None:
    _say_all([*answers.standing, *answers.unready, *plan.words])
    _say_all(f"  {each.words}" for each in plan.apart[:_MOST_NAMED])
    chosen = {each for ids in plan.rounds.values() for each in ids}
    for custom_id in sorted(plan.wanted.custom_ids - chosen):
        diagnostics.say(f'There is no custom_id "{safe_line(custom_id, 64)}" to be sent again.')


def _say_all(words: Iterable[str]) -> None:
    for each in words:
        diagnostics.say(each)


def _price(prepared: Prepared, prices: PriceTable) -> str:
    checked = prepared.checked
    cost = checked.estimate.cost(prices)
    priced = sum(cost.unpriced.values()) < checked.requests
    price = f"{money(cost.low)} to {money(cost.high)} by estimate" if priced else "price not known"
    unpriced = (
        f", without {counted(sum(cost.unpriced.values()), 'request')} whose price is not known"
        if priced and cost.unpriced
        else ""
    )
    batches = counted(len(checked.parts), "batch", "batches")
    return (
        f"{counted(checked.requests, 'request')}, {size(checked.size)}, in {batches};"
        f" {price}{unpriced}."
    )
