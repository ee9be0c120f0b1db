"""`batchtui submit`: sends a request file, as one message batch or as several."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from batchtui.account.account import Account
from batchtui.account.opening import Opened
from batchtui.account.own_files import requests_directory
from batchtui.account.starting import (
    free_name,
    require_new,
    resumable,
    standing,
    start_job,
    unsettled,
)
from batchtui.account.taking_over import take_over
from batchtui.cli import check_page, diagnostics
from batchtui.cli.checking import STDIN, as_file, is_stream, keep_stream, look_at
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import stdout
from batchtui.cli.sending import send_all
from batchtui.cli.sending_options import Manner, sending_options
from batchtui.cli.start import Start, start
from batchtui.cli.watching import watch
from batchtui.domain.errors import UsageError
from batchtui.domain.job import Job
from batchtui.domain.text import counted
from batchtui.settings.prices import load_prices
from batchtui.submissions.body import measured


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asked for.

    Attributes:
        path: the request file; "-" is stdin.
        name: what to call the job; "" for the name of the file.
        again: send what was sent before.
        manner: how to send it.
    """

    path: Path
    name: str
    again: bool
    manner: Manner

    @property
    def file_name(self) -> str:
        """What to call the file."""
        return "stdin" if self.path == STDIN else str(self.path)


@click.command(
    "submit",
    epilog=examples(
        "batchtui submit requests.jsonl",
        "batchtui submit requests.jsonl --name evals --yes --watch",
        "batchtui submit requests.jsonl --resume  # go on where it stopped",
    ),
)
@common_options
@click.option("--name", default="", metavar="NAME", help="What to call the job.")
@click.option("--again", is_flag=True, help="Send a file that was sent before once more.")
@sending_options
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_context
def command(context: click.Context, file: Path, name: str, again: bool, manner: Manner) -> int:
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
    begun = start(context)
    wish = Wish(path=file, name=name.strip(), again=again, manner=manner)
    if manner.dry_run:
        return _dry_run(begun, wish)
    begun.require_writable()
    manner.require_person()
    opened = begun.account()
    with asyncio.Runner() as runner:
        try:
            # Not one coroutine for all of it: while one runs, Ctrl+C does not reach a prompt.
            return _submit(begun, opened, wish, runner)
        finally:
            runner.run(opened.account.close())


def _dry_run(begun: Start, wish: Wish) -> int:
    out = stdout()
    prices = load_prices(begun.loaded.settings)
    with as_file(wish.path) as path:
        checked = look_at(path, wish.manner.limits)
    if wish.manner.as_json:
        out.json([check_page.as_json(checked, prices, name=wish.file_name)])
    else:
        out.text(check_page.for_people(checked, prices, name=wish.file_name, columns=out.columns))
    return diagnostics.DONE if checked.ok else diagnostics.FAILED


def _submit(begun: Start, opened: Opened, wish: Wish, runner: asyncio.Runner) -> int:
    account = opened.account
    job: Job | None
    runner.run(account.api.connect())
    with _kept_if_sent(account, wish.path) as path:
        if wish.manner.resume:
            digest = measured(path)[1]
            runner.run(take_over(account, digest, wish.name))
            job = _resumed(account, path, digest, wish)
        else:
            job = _started(begun, account, path, wish)
        if job is None:
            diagnostics.say("Nothing was sent.")
            return diagnostics.FAILED
    job, code = send_all(runner, account, job, wish.manner)
    if code == diagnostics.DONE and wish.manner.watch:
        return runner.run(watch(opened, job))
    return code


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
    checked = look_at(path, wish.manner.limits)
    prices = load_prices(begun.loaded.settings)
    diagnostics.say(check_page.for_people(checked, prices, name=wish.file_name, columns=None))
    if not checked.ok:
        return None
    if not wish.again:
        require_new(account, checked)
    what = counted(len(checked.parts), "batch", "batches")
    if not wish.manner.yes and not diagnostics.agreed(
        f"Send {what} of {counted(checked.requests, 'request')} in {begun.where}?"
    ):
        return None
    name = wish.name or free_name(account, "stdin" if wish.path == STDIN else wish.path.stem)
    return start_job(account, checked, name, again=wish.again)


def _resumed(account: Account, path: Path, digest: bytes, wish: Wish) -> Job:
    job = resumable(account, path, digest, wish.name)
    if wish.manner.decides and not unsettled(job):
        raise UsageError("It is known of every part of this job whether it became a batch")
    diagnostics.say(f"Going on: {standing(job)}.")
    return job
