"""`batchtui cache`: what is kept of results on this disk; `prune` removes what can be had again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta

import click
import msgspec

from batchtui.account.opening import Kept
from batchtui.account.pruning import Cached, PrunePlan, Pruning, plan_pruning
from batchtui.cli import diagnostics
from batchtui.cli.ids import BatchId, resolve_all
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import Output, stdout
from batchtui.cli.quantities import Span, Volume
from batchtui.cli.start import now, start
from batchtui.cli.table import Column, lay_out
from batchtui.domain.batch import Outcome
from batchtui.domain.errors import BatchtuiError, ResultsError
from batchtui.domain.text import count, counted, duration, safe_line, size, unicode_text
from batchtui.results.cache import kept_files, of_other_servers, remove, tidy

ENDED = (Outcome.SUCCEEDED, Outcome.PARTIAL, Outcome.FAILED, Outcome.EXPIRED, Outcome.CANCELED)


@click.group(
    "cache",
    invoke_without_command=True,
    epilog=examples(
        "batchtui cache",
        "batchtui cache --json | jq -r .id",
        "batchtui cache prune --unused-for 30d",
    ),
)
@common_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> int | None:
    """Print which results are kept on this disk; last used, first.

    For each: the batch, its lines, its size with its index, when it was fetched and last opened,
    and whether the API still has the results, as far as known. Asks nothing of the network.
    """
    if context.invoked_subcommand is not None:
        return None
    kept = start(context).kept()
    with closing(kept.history):
        _print(kept, stdout(), as_json=as_json)
    return diagnostics.DONE


@command.command(
    "prune",
    short_help="Remove kept results from this disk.",
    epilog=examples(
        "batchtui cache prune --unused-for 30d --dry-run",
        "batchtui cache prune --max-size 5GB --outcome succeeded --yes",
    ),
)
@common_options
@click.option("--older-than", type=Span(), metavar="TIME", help="Fetched longer ago, as in 30d.")
@click.option("--unused-for", type=Span(), metavar="TIME", help="Not opened for so long.")
@click.option(
    "--max-size", type=Volume(), metavar="SIZE", help="Until what is kept fits, as in 5GB."
)
@click.option(
    "--outcome",
    "outcomes",
    type=click.Choice([each.value for each in ENDED]),
    metavar="OUTCOME",
    multiple=True,
    help=f"Only of batches that are {', '.join(ENDED)}. Can be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Only print what would be removed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("batch_ids", metavar="[ID]...", type=BatchId(), nargs=-1)
@click.pass_context
def prune(
    context: click.Context,
    older_than: timedelta | None,
    unused_for: timedelta | None,
    max_size: int | None,
    outcomes: tuple[str, ...],
    batch_ids: tuple[str, ...],
    dry_run: bool,
    yes: bool,
) -> int:
    """Remove kept results from this disk: those that fit all that is given.

    Results that the API no longer has, or of which nothing is known, are never removed unless
    their batch is named. What is left of downloads and indexes that died is removed in any case.
    Nothing is changed on the server, and only what is kept of this server is looked at.
    """
    kept = start(context).kept()
    with closing(kept.history):
        cached = _cached(kept)
        named = resolve_all(kept.history, batch_ids)
        _check_named(named, cached)
        wanted = Pruning(
            older_than, unused_for, frozenset(map(Outcome, outcomes)), frozenset(named), max_size
        )
        planned = plan_pruning(cached, wanted, now())
    return _carry_out(kept, planned, dry_run=dry_run, yes=yes)


def _check_named(named: Sequence[str], cached: Sequence[Cached]) -> None:
    here = {each.kept.batch_id for each in cached}
    for batch_id in named:
        if batch_id not in here:
            raise ResultsError(f"No results of {safe_line(batch_id, 64)} are kept here")


def _carry_out(kept: Kept, planned: PrunePlan, *, dry_run: bool, yes: bool) -> int:
    out = stdout()
    if planned.spared:
        diagnostics.say(
            f"{_files(len(planned.spared))} stay, because the API no longer has the results, or "
            "nothing is known of the batch: name a batch to remove those of it."
        )
    if dry_run:
        out.text("\n".join([*map(_line, planned.remove), _sum(planned, "would be removed")]))
        return diagnostics.DONE
    if planned.remove and not yes and not _confirmed(planned):
        diagnostics.say("Nothing was removed.")
        return diagnostics.FAILED
    code = diagnostics.DONE
    for each in planned.remove:
        try:
            remove(each.kept)
        except BatchtuiError as error:
            code = diagnostics.report(error)
    leftovers = tidy(kept.results.directory)
    if code == diagnostics.DONE:
        out.text(_sum(planned, "removed"))
    if leftovers:
        diagnostics.say(f"{_files(leftovers)} left over from downloads and indexes removed.")
    return code


def _confirmed(planned: PrunePlan) -> bool:
    diagnostics.require_person()
    diagnostics.say("\n".join(map(_line, planned.remove)))
    return diagnostics.agreed(f"Remove {_sum(planned, 'from this disk')}?")


def _line(cached: Cached) -> str:
    gone = "" if cached.again(now()) else "; the API no longer has them"
    return f"  {_name(cached)}: {size(cached.kept.bytes)}{gone}"


def _sum(planned: PrunePlan, done: str) -> str:
    return f"{_files(len(planned.remove))} ({size(planned.bytes)}) {done}"


def _files(number: int) -> str:
    return counted(number, "file")


# What is kept


def _cached(kept: Kept) -> list[Cached]:
    return [
        Cached(each, kept.history.record(each.batch_id))
        for each in kept_files(kept.results.directory)
    ]


def _print(kept: Kept, out: Output, *, as_json: bool) -> None:
    cached, moment = _cached(kept), now()
    if as_json:
        out.json(msgspec.json.encode(_facts(each, moment)) for each in cached)
        return
    if cached:
        out.text("\n".join(lay_out(_columns(moment), cached, out.columns)))
    total = size(sum(each.kept.bytes for each in cached))
    diagnostics.say(f"{_files(len(cached))}, {total}, in {kept.results.directory}")
    number, volume = of_other_servers(kept.results.directory)
    if number:
        diagnostics.say(f"{_files(number)} more, {size(volume)}, of other servers (--base-url)")


def _facts(cached: Cached, moment: datetime) -> dict[str, object]:
    kept, record = cached.kept, cached.record
    return {
        "id": kept.batch_id,
        "label": record.label if record else "",
        "outcome": record.batch.outcome if record else None,
        "path": unicode_text(str(kept.path)),
        "lines": kept.lines,
        "bytes": kept.bytes,
        "fetched_at": kept.fetched_at,
        "used_at": kept.used_at,
        "on_server": cached.again(moment),
    }


def _name(cached: Cached) -> str:
    record = cached.record
    label = f" ({safe_line(record.label, 40)})" if record and record.label else ""
    return f"{safe_line(cached.kept.batch_id, 100)}{label}"


def _columns(moment: datetime) -> list[Column[Cached]]:
    return [
        Column("batch", _name, narrowest=20),
        Column(
            "lines",
            lambda each: "" if each.kept.lines is None else count(each.kept.lines),
            right=True,
            leaves=3,
        ),
        Column("size", lambda each: size(each.kept.bytes), right=True),
        Column("fetched", lambda each: _ago(moment, each.kept.fetched_at), right=True, leaves=2),
        Column("used", lambda each: _ago(moment, each.kept.used_at), right=True, leaves=1),
        Column("api", lambda each: "has them" if each.again(moment) else "no longer"),
    ]


def _ago(moment: datetime, then: datetime) -> str:
    return f"{duration(moment - then)} ago"
