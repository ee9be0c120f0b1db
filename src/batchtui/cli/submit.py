"""`batchtui submit`: sends a request file, as one message batch or as several."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from batchtui.account.account import Account
from batchtui.account.own_files import requests_directory
from batchtui.account.reconciling import Adopt, Decision, SendAgain
from batchtui.account.starting import (
    free_name,
    require_new,
    resumable,
    standing,
    start_job,
    unsettled,
)
from batchtui.cli import check_page, diagnostics
from batchtui.cli.checking import STDIN, as_file, is_stream, keep_stream, look_at
from batchtui.cli.ids import BatchId, resolve
from batchtui.cli.options import common_options
from batchtui.cli.output import stdout
from batchtui.cli.quantities import Volume
from batchtui.cli.sending import Sending, send
from batchtui.cli.start import Start, start
from batchtui.cli.watching import watch
from batchtui.domain.errors import BatchtuiError, UsageError
from batchtui.domain.job import Job
from batchtui.domain.request import MOST_BYTES, MOST_REQUESTS
from batchtui.domain.text import count, counted
from batchtui.settings.prices import load_prices
from batchtui.submissions.body import measured
from batchtui.submissions.checked import Limits


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asked for.

    Attributes:
        path: the request file; "-" is stdin.
        name: what to call the job; "" for the name of the file.
        limits: how large a batch may become.
        max_in_flight: how many batches may be processed at once.
        resume: go on with a job.
        again: send what was sent before.
        decided: what became of the part of which it is not known.
        watch: wait until all batches have ended.
        yes: do not ask.
    """

    path: Path
    name: str
    limits: Limits
    max_in_flight: int | None
    resume: bool
    again: bool
    decided: Decision | None
    watch: bool
    yes: bool
    as_json: bool

    @property
    def file_name(self) -> str:
        """What to call the file."""
        return "stdin" if self.path == STDIN else str(self.path)


@click.command("submit")
@common_options
@click.option("--name", default="", metavar="NAME", help="What to call the job.")
@click.option(
    "--max-requests",
    type=click.IntRange(1, MOST_REQUESTS),
    default=MOST_REQUESTS,
    metavar="N",
    help=f"Requests of one batch, at most {count(MOST_REQUESTS)}.",
)
@click.option(
    "--max-bytes",
    type=Volume(),
    metavar="SIZE",
    help="Bytes of one batch, such as 50MB; at most 256MB.",
)
@click.option(
    "--max-in-flight",
    type=click.IntRange(min=1),
    metavar="N",
    help="Batches that are processed at once; more wait until one has ended.",
)
@click.option("--resume", is_flag=True, help="Go on with a job where it stopped.")
@click.option("--again", is_flag=True, help="Send a file that was sent before once more.")
@click.option(
    "--adopt", type=BatchId(), metavar="ID", help="With --resume: what got lost is this batch."
)
@click.option("--send-again", is_flag=True, help="With --resume: what got lost is no batch.")
@click.option("--watch", "watches", is_flag=True, help="Wait until all batches have ended.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only print what would be sent.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each batch.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_context
def command(
    context: click.Context,
    file: Path,
    name: str,
    max_requests: int,
    max_bytes: int | None,
    max_in_flight: int | None,
    resume: bool,
    again: bool,
    adopt: str | None,
    send_again: bool,
    watches: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Send the requests of a file, as one batch or as several: together they are a job.

    FILE holds one request a line; "-" is stdin. It is checked first; what it becomes and may cost
    is shown, and asked. The ids of the batches go to stdout as they are created, all else to
    stderr. A file that was sent before is refused, unless --again is given.

    What is sent is written down before. However it ends, --resume with the same file goes on where
    it stopped, and nothing is sent twice: where it is not known whether a batch was created, it is
    looked for and you are asked. With --yes the one batch that fits is taken to be it; if there is
    none the requests are sent again.

    A full queue, rate limits and a server that cannot be reached are waited out.

    With --watch the exit code is 3 if the batches ended with requests that did not succeed.
    """
    if (adopt is not None or send_again) and not resume:
        raise UsageError("--adopt and --send-again are for --resume")
    if adopt is not None and send_again:
        raise UsageError("Give --adopt or --send-again, not both")
    begun = start(context)
    wish = Wish(
        path=file,
        name=name.strip(),
        limits=Limits(max_requests, min(max_bytes or MOST_BYTES, MOST_BYTES)),
        max_in_flight=max_in_flight,
        resume=resume,
        again=again,
        decided=Adopt(adopt) if adopt is not None else SendAgain() if send_again else None,
        watch=watches,
        yes=yes,
        as_json=as_json,
    )
    if dry_run:
        return _dry_run(begun, wish)
    begun.require_writable()
    if not yes and not diagnostics.can_ask():
        raise UsageError(
            "There is no terminal to ask whether this is meant", todo="Add --yes if it is"
        )
    account = begun.account().account
    with asyncio.Runner() as runner:
        try:
            # Not one coroutine for all of it: while one runs, Ctrl+C does not reach a prompt.
            return _submit(begun, account, wish, runner)
        finally:
            runner.run(account.close())


def _dry_run(begun: Start, wish: Wish) -> int:
    out = stdout()
    prices = load_prices(begun.loaded.settings)
    with as_file(wish.path) as path:
        checked = look_at(path, wish.limits)
    if wish.as_json:
        out.json([check_page.as_json(checked, prices, name=wish.file_name)])
    else:
        out.text(check_page.for_people(checked, prices, name=wish.file_name, columns=out.columns))
    return diagnostics.DONE if checked.ok else diagnostics.FAILED


def _submit(begun: Start, account: Account, wish: Wish, runner: asyncio.Runner) -> int:
    runner.run(account.api.connect())
    with _kept_if_sent(account, wish.path) as path:
        job = _resumed(account, path, wish) if wish.resume else _started(begun, account, path, wish)
        if job is None:
            diagnostics.say("Nothing was sent.")
            return diagnostics.FAILED
    decided = wish.decided
    if isinstance(decided, Adopt):
        decided = Adopt(resolve(account.history, decided.batch_id))
    sending = Sending(
        ask=not wish.yes,
        max_in_flight=wish.max_in_flight,
        first=decided,
        as_json=wish.as_json,
    )
    try:
        job = runner.run(send(account, job, sending, stdout()))
    except BatchtuiError as error:
        code = diagnostics.report(error)
        diagnostics.say(f"To go on: {_command(job, wish)}")
        return code
    except KeyboardInterrupt:
        diagnostics.say(f"To go on: {_command(job, wish)}")
        raise
    if job.unsent:
        diagnostics.say(f"Left open: {standing(job)}. To go on: {_command(job, wish)}")
        return diagnostics.FAILED
    return runner.run(watch(account, job)) if wish.watch else diagnostics.DONE


def _command(job: Job, wish: Wish) -> str:
    """How to go on with a job later."""
    file = job.rounds[0].request_file if is_stream(wish.path) else str(wish.path)
    words = ["batchtui", "submit", file, "--resume"]
    return shlex.join([*words, "--name", wish.name] if wish.name else words)


@contextmanager
def _kept_if_sent(account: Account, path: Path) -> Iterator[Path]:
    """The request file; of a stream a copy, which goes again unless a job has it."""
    if not is_stream(path):
        yield path.absolute()
        return
    copy = keep_stream(path, requests_directory(account))
    try:
        yield copy
    finally:
        kept = (each.request_file for job in account.jobs() for each in job.rounds)
        if str(copy) not in kept:
            copy.unlink(missing_ok=True)


def _started(begun: Start, account: Account, path: Path, wish: Wish) -> Job | None:
    """The job that is to be sent, written down; None if it is not to be."""
    checked = look_at(path, wish.limits)
    prices = load_prices(begun.loaded.settings)
    diagnostics.say(check_page.for_people(checked, prices, name=wish.file_name, columns=None))
    if not checked.ok:
        return None
    if not wish.again:
        require_new(account, checked)
    what = counted(len(checked.parts), "batch", "batches")
    if not wish.yes and not _agreed(f"Send {what} of {counted(checked.requests, 'request')}?"):
        return None
    name = wish.name or free_name(account, "stdin" if wish.path == STDIN else wish.path.stem)
    return start_job(account, checked, name, again=wish.again)


def _resumed(account: Account, path: Path, wish: Wish) -> Job:
    job = resumable(account, path, measured(path)[1], wish.name)
    if wish.decided is not None and not unsettled(job):
        raise UsageError("It is known of every part of this job whether it became a batch")
    diagnostics.say(f"Going on: {standing(job)}.")
    return job


def _agreed(question: str) -> bool:
    return diagnostics.ask(f"{question} [y/N] ").strip().lower() in ("y", "yes")
