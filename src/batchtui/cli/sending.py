"""Sends a job from the command line: says how far it is, and asks what became of a part."""

from __future__ import annotations

import asyncio
import sys
import time

import msgspec

from batchtui.account.account import Account
from batchtui.account.reconciling import Adopt, Decision, Doubt, Leave, SendAgain
from batchtui.account.starting import standing
from batchtui.account.submitting import Step, submit
from batchtui.cli import diagnostics
from batchtui.cli.going_on import going_on
from batchtui.cli.output import Output, stdout
from batchtui.cli.sending_options import Manner
from batchtui.domain.batch import Record
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.job import Job, Part, PartState
from batchtui.domain.text import clock, counted, in_zone, safe_line, size

MOST_ATTEMPTS = 3
"""So often a part is sent again without anybody being asked."""


def send_all(runner: asyncio.Runner, account: Account, job: Job, manner: Manner) -> tuple[Job, int]:
    """Send a job, print its batches as they are created, and say how to go on if need be.

    Args:
        runner: runs all that the account does.
        account: whose job it is.
        job: the job.
        manner: how.

    Returns:
        The job, and the exit code: 0 only if all of it was sent.

    Raises:
        UsageError: if what was decided beforehand is not plain.
    """
    first, go_on = manner.decision(account.history), going_on(job)
    try:
        job = runner.run(_send(account, job, manner, first))
    except BatchtuiError as error:
        code = diagnostics.report(error)
        diagnostics.say(f"To go on: {go_on}")
        return job, code
    except KeyboardInterrupt:
        diagnostics.say(f"To go on: {go_on}")
        raise
    if job.unsent:
        diagnostics.say(f"Left open: {standing(job)}. To go on: {go_on}")
        return job, diagnostics.FAILED
    return job, diagnostics.DONE


async def _send(account: Account, job: Job, manner: Manner, first: Decision | None) -> Job:
    with diagnostics.Progress() as line:
        view = _View(line, stdout(), job, as_json=manner.as_json)
        try:
            job = await submit(
                account,
                job.key,
                on_step=view.show,
                decide=_Decider(line, first, asks=not manner.yes).decide,
                max_in_flight=manner.max_in_flight,
            )
        except asyncio.CancelledError:
            line.clear()
            diagnostics.say(f"Interrupted: {standing(account.history.jobs.get(job.key))}.")
            raise
    return job


class _View:
    """Shows steps on stderr, and prints every new batch once."""

    def __init__(self, line: diagnostics.Progress, out: Output, job: Job, *, as_json: bool) -> None:
        self._line = line
        self._out = out
        self._as_json = as_json
        self._printed = len(job.batch_ids)
        self._said = ""
        self._part = 0
        self._began = 0.0

    def show(self, step: Step) -> None:
        """Show one step."""
        self._print_new(step.job)
        if step.waiting and step.until:
            when = clock(in_zone(step.until, None))
            self._say_once(step.waiting, when)
            self._line.show(f"{_place(step)}: waiting until {when} …")
        elif step.part:
            self._line.show(f"{_place(step)}: {step.waiting or self._speed(step)} …")

    def _print_new(self, job: Job) -> None:
        created = [part for part in job.parts if part.state is PartState.CREATED]
        for part in created[self._printed :]:
            self._line.clear()
            self._out_line(job, part)
        self._printed = max(self._printed, len(created))

    def _out_line(self, job: Job, part: Part) -> None:
        if not self._as_json:
            self._out.text(safe_line(part.batch_id))
            return
        facts = {
            "id": part.batch_id,
            "job": job.name,
            "part": part.number,
            "parts": len(job.parts),
            "round": part.round,
            "requests": part.requests,
        }
        self._out.json([msgspec.json.encode(facts)])

    def _say_once(self, why: str, when: str) -> None:
        """Say why nothing happens, unless it is as it was the last time."""
        kind = why.partition(":")[0]
        if kind != self._said:
            self._said = kind
            self._line.clear()
            diagnostics.say(f"{why.rstrip('.')}. It goes on at {when}.")

    def _speed(self, step: Step) -> str:
        now = time.monotonic()
        if step.part and step.part.number != self._part:
            self._part, self._began, self._said = step.part.number, now, ""
        if step.sent_bytes >= step.total_bytes:
            return "waiting for the API to take it"
        rate = size(step.sent_bytes / max(now - self._began, 0.1))
        return f"{size(step.sent_bytes)} of {size(step.total_bytes)}, {rate}/s"


class _Decider:
    """Decides what became of a part, or asks."""

    def __init__(self, line: diagnostics.Progress, first: Decision | None, *, asks: bool) -> None:
        self._line = line
        self._first = first
        self._asks = asks
        self._again: dict[int, int] = {}

    async def decide(self, doubt: Doubt) -> Decision:
        """What to make of one doubt.

        Raises:
            BatchtuiError: if that is not plain, and there is nobody to ask.
        """
        self._line.clear()
        first, self._first = self._first, None
        if first is not None:
            return first
        diagnostics.say(_story(doubt))
        for number, record in enumerate(doubt.candidates, 1):
            diagnostics.say(f"  {number}  {_candidate(record)}")
        return await self._asked(doubt) if self._asks else self._plain(doubt)

    def _plain(self, doubt: Doubt) -> Decision:
        decision = doubt.plain
        match decision:
            case Adopt(batch_id):
                diagnostics.say(f"Taken to be it: {safe_line(batch_id, 100)}.")
            case SendAgain():
                self._count_again(doubt.part)
                diagnostics.say("It is sent again.")
            case _ if doubt.blind:
                raise BatchtuiError(
                    "Nobody can look whether a batch came of it",
                    todo="Say which with --adopt ID, or --send-again if it is none",
                )
            case _:
                rival = ", or a batch of another job that is not known yet" if doubt.rivals else ""
                raise BatchtuiError(
                    f"It may be {counted(len(doubt.candidates), 'batch', 'batches')}{rival}",
                    todo="Say which with --adopt ID, or --send-again if it is none of them",
                )
        return decision

    def _count_again(self, part: Part) -> None:
        again = self._again.get(part.number, 0) + 1
        self._again[part.number] = again
        if again > MOST_ATTEMPTS:
            raise BatchtuiError(
                f"Part {part.number} was sent {again} times without an answer, and no batch came"
                " of it"
            )

    async def _asked(self, doubt: Doubt) -> Decision:
        numbers = range(1, len(doubt.candidates) + 1)
        which = "its number if it is one of these, " if numbers else ""
        while True:
            answer = await _ask(f"Type {which}s to send it again, l to leave it open: ")
            word = answer.strip().lower()
            for number, record in zip(numbers, doubt.candidates, strict=True):
                if word == str(number):
                    return Adopt(record.id)
            if word in ("s", "send"):
                return SendAgain()
            if word in ("l", "leave") or not answer:
                return Leave()


async def _ask(question: str) -> str:
    """Ask inside a running loop, so that Ctrl+C still reaches what runs there."""
    sys.stderr.write(question)
    sys.stderr.flush()
    typed = asyncio.Event()
    # A terminal has something to read once a whole line was typed.
    asyncio.get_running_loop().add_reader(sys.stdin, typed.set)
    try:
        await typed.wait()
    finally:
        asyncio.get_running_loop().remove_reader(sys.stdin)
    return sys.stdin.readline()


def _place(step: Step) -> str:
    parts = len(step.job.parts)
    number = step.part.number if step.part else parts
    return f"batch {number} of {parts}" if parts > 1 else "batch"


def _story(doubt: Doubt) -> str:
    part = doubt.part
    which = f"part {part.number} of {len(doubt.job.parts)} ({counted(part.requests, 'request')})"
    why = doubt.why or "batchtui was stopped while it was being sent."
    if doubt.blind:
        found = "What there is cannot be looked through."
    elif doubt.candidates:
        found = "These may be it:"
    else:
        found = "No batch was found that it may have become."
    return f"It is not known whether {which} became a batch: {why} {found}"


def _candidate(record: Record) -> str:
    batch = record.batch
    when = in_zone(batch.created_at, None)
    requests = counted(batch.request_counts.total, "request")
    status = safe_line(batch.processing_status, 40)
    return f"{safe_line(record.id, 100)}  created {when:%Y-%m-%d %H:%M:%S}, {requests}, {status}"
