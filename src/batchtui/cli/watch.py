"""`batchtui watch`: waits until batches and jobs have ended, and tells of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta

import click
import msgspec

from batchtui.account.account import Account
from batchtui.account.opening import Opened
from batchtui.account.watched import is_success
from batchtui.account.watching import Watch
from batchtui.cli import diagnostics
from batchtui.cli.ids import BatchId, resolve_many
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import Output, stdout
from batchtui.cli.quantities import Number, Span
from batchtui.cli.start import start
from batchtui.cli.terminal import is_pipe
from batchtui.cli.watch_view import JsonLines, Lines, View
from batchtui.cli.watching import keep_vigil, say_end, say_standing, view_of
from batchtui.domain.errors import BatchtuiError, UsageError
from batchtui.history.history import History


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asked for.

    Attributes:
        names: of batches and jobs; none for all that run.
        grows: watch what begins meanwhile, too.
        exit_status: let the exit code tell whether all succeeded.
        every: seconds between two looks; None to let the batches decide.
        quiet: say nothing of what happens.
    """

    names: tuple[str, ...]
    grows: bool
    exit_status: bool
    timeout: timedelta | None
    every: float | None
    as_json: bool
    quiet: bool


@click.command(
    "watch",
    epilog=examples(
        "batchtui watch nightly --exit-status && batchtui results nightly",
        "batchtui watch msgbatch_01ABC msgbatch_01DEF --timeout 2h",
        "batchtui watch --all --json | jq -r 'select(.event == \"ended\").name'",
    ),
)
@common_options
@click.option("--all", "grows", is_flag=True, help="Watch what begins meanwhile, too.")
@click.option(
    "--exit-status", is_flag=True, help="Exit with 3 if any request did not succeed, else with 0."
)
@click.option(
    "--timeout",
    type=Span("s"),
    metavar="TIME",
    help="Wait no longer than this, such as 90s, 2h or 1d; the exit code is then 5.",
)
@click.option(
    "--interval",
    "every",
    type=Number(min=1, max=86400),
    metavar="SECONDS",
    help="Time between two looks; by default it depends on what runs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for every event.")
@click.option("--quiet", is_flag=True, help="Print nothing of what happens.")
@click.argument("names", metavar="[ID|JOB]...", nargs=-1, type=BatchId())
@click.pass_context
def command(context: click.Context, /, **given: object) -> int:
    """Wait until batches and jobs have ended: those named, or all that run now.

    What happens goes to stdout, a line each; at a terminal the lines below it show how things
    stand. The batches need nobody to watch them: this may be stopped and begun again at any time,
    and several may watch the same.

    A name that has ended already is told of at once, as if it had just ended. No network, rate
    limits, faults of the server and a machine that sleeps are waited out, for hours and days; the
    timeout goes on meanwhile. Credentials that are no longer accepted end it with exit code 4.

    With --exit-status it is 3 if a batch ended with requests that did not succeed, or was deleted
    elsewhere before it was known how it ended.

    The programs and notifications of config.toml are started and sent as in the app: once for each
    event, by whoever sees it first.

    The JSON objects have `event` and `at`. `watching`, `changed` and `ended` are of a batch or a
    job: kind (batch, job), id, name, batch_ids, outcome (`gone` if it is not known),
    request_counts, created_at, ended_at, and once it has ended all_succeeded. `trouble` has
    message and retry_at, and is over with `recovered`. The last one may be `error`, with the
    message of what it was ended by, or `timeout`, with the ids of what is running.
    """
    wish = msgspec.convert(given, Wish)
    if wish.grows and wish.names:
        raise UsageError("--all watches everything", todo="Leave it out, or the names")
    begun = start(context, interval=wish.every)
    opened = begun.account()
    account = opened.account
    every = begun.loaded.settings.interval or None
    watch = Watch(account, every=every, everything=not wish.names, grows=wish.grows)
    with asyncio.Runner() as runner:
        try:
            _add(watch, account.history, wish.names)
            if not watch.over:
                # Without an API to ask, it would never be.
                account.api  # noqa: B018 - reading it is what checks it
            return runner.run(_watch(opened, watch, wish))
        finally:
            runner.run(account.close())


def _add(watch: Watch, history: History, names: Sequence[str]) -> None:
    targets = [resolve_many(history, name) for name in names]
    for target in targets:
        if target.job is not None:
            watch.add_job(target.job)
        else:
            watch.add_batch(*target.batch_ids)


async def _watch(opened: Opened, watch: Watch, wish: Wish) -> int:
    account = opened.account
    out = stdout()
    try:
        ended = await keep_vigil(opened, watch, _view(out, wish), within=wish.timeout)
    except BatchtuiError as error:
        if wish.as_json:
            last = {"event": "error", "at": account.clock(), "message": str(error)}
            out.json([msgspec.json.encode(last)])
        raise
    if not ended:
        return _time_is_up(account, out, watch, wish)
    if not wish.quiet and not wish.as_json:
        _say_end(account, watch)
    succeeded = all(map(is_success, watch.rows))
    return diagnostics.UNSUCCESSFUL if wish.exit_status and not succeeded else diagnostics.DONE


def _view(out: Output, wish: Wish) -> View:
    def put(line: bytes) -> None:
        out.json([line])
        _leave_if_unheard(out, wish)

    def say(text: str) -> None:
        out.text(text)
        _leave_if_unheard(out, wish)

    if wish.as_json:
        return JsonLines(put)
    if wish.quiet:
        return View()
    # Whoever reads it may write to the terminal, too, and a block would be rewritten elsewhere.
    return Lines(say) if is_pipe(sys.stdout) else view_of(say)


def _leave_if_unheard(out: Output, wish: Wish) -> None:
    """Watch no longer if nobody reads on, unless somebody waits for how it ends."""
    if out.is_closed and not wish.exit_status:
        raise click.exceptions.Exit(diagnostics.DONE)


def _say_end(account: Account, watch: Watch) -> None:
    if watch.rows:
        say_end(account, watch.rows)
    else:
        diagnostics.say("Nothing runs.")


def _time_is_up(account: Account, out: Output, watch: Watch, wish: Wish) -> int:
    now = account.clock()
    if wish.as_json:
        running = [each.id for each in watch.running]
        out.json([msgspec.json.encode({"event": "timeout", "at": now, "running": running})])
    elif not wish.quiet and watch.rows:
        say_standing(account, watch.rows, "Time is up: ")
    elif not wish.quiet:
        diagnostics.say("Time is up, and the API could not be asked what there is to watch.")
    return diagnostics.TIMED_OUT
