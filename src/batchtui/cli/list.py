"""`batchtui list`: the newest batches, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import chain

import click

from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.garbage import no_collection
from batchtui.cli.json_lines import json_line
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import Output, stdout
from batchtui.cli.selection import Selection, select
from batchtui.cli.start import Start, now, start
from batchtui.domain.batch import CANCELING, ENDED, IN_PROGRESS, Outcome, Record
from batchtui.domain.errors import BatchtuiError


@click.command(
    "list",
    epilog=examples(
        "batchtui list",
        "batchtui list --outcome partial --outcome failed --limit 0",
        "batchtui list --status in_progress --json | jq -r .id",
        "batchtui list --all-accounts",
    ),
)
@common_options
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    metavar="N",
    show_default=True,
    help="So many batches at most; 0 for all.",
)
@click.option(
    "--status",
    "statuses",
    type=click.Choice([IN_PROGRESS, CANCELING, ENDED]),
    metavar="STATUS",
    multiple=True,
    help=f"Only those {IN_PROGRESS}, {CANCELING} or {ENDED}. Can be repeated.",
)
@click.option(
    "--outcome",
    "outcomes",
    type=click.Choice([each.value for each in Outcome]),
    metavar="OUTCOME",
    multiple=True,
    help=f"Only those that are {', '.join(Outcome)}. Can be repeated.",
)
@click.option("--all-accounts", is_flag=True, help="Those of all accounts, as one list.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def command(
    context: click.Context,
    limit: int,
    statuses: tuple[str, ...],
    outcomes: tuple[str, ...],
    all_accounts: bool,
    as_json: bool,
) -> int:
    """Print the newest batches.

    The list is read from the API first, unless --offline is given. When that fails, what is known
    is printed all the same, and the exit code is 1 (4 for credentials).

    With --status or --outcome it is read on until N batches fit or the list ends; those that are
    no longer on the server are left out.

    The JSON objects are the API's own, with one field `batchtui` more: outcome, label, note,
    pinned, results (none, available, here, gone), results_expire_at, first_seen_at, last_seen_at,
    deleted_at, gone_at, job (the name of the job it belongs to, or "").

    With --all-accounts there is a column for the account, and a field `account` in `batchtui`. What
    goes wrong with one account is said, and the batches of the others are printed all the same.
    """
    wanted = Selection(limit or None, frozenset(statuses), frozenset(outcomes))
    if all_accounts:
        from batchtui.cli.everywhere import print_everywhere

        return print_everywhere(context, wanted, as_json=as_json)
    begun = start(context)
    if begun.offline:
        kept = begun.kept()
        with closing(kept.history):
            _print(kept, wanted, as_json=as_json)
        return diagnostics.DONE
    return _refresh_and_print(begun, wanted, as_json=as_json)


def _refresh_and_print(begun: Start, wanted: Selection, *, as_json: bool) -> int:
    import asyncio

    from batchtui.cli.refreshing import refresh_list

    account = begun.account().account
    code = diagnostics.DONE
    with closing(account.history):
        try:
            asyncio.run(refresh_list(account, wanted))
        except BatchtuiError as error:
            code = diagnostics.report(error)
        _print(Kept(account.history, account.results), wanted, as_json=as_json)
    return code


def _print(kept: Kept, wanted: Selection, *, as_json: bool) -> None:
    with no_collection():  # thousands of records
        _print_selected(kept, wanted, as_json=as_json)


def _print_selected(kept: Kept, wanted: Selection, *, as_json: bool) -> None:
    moment = now()
    found = _found(kept, wanted)
    out = stdout()
    first = next(found, None)
    if first is None:
        diagnostics.say(
            "No batches fit." if wanted.is_narrowed else "No batches are known for this account."
        )
        return
    everything = chain([first], found)
    if as_json:
        jobs = kept.history.jobs.names()
        out.json(
            json_line(record, body, moment, job=jobs.get(record.id, ""))
            for record, body in everything
        )
    else:
        _print_table(out, [record for record, _ in everything], moment)


def _print_table(out: Output, records: Sequence[Record], moment: datetime) -> None:
    from batchtui.cli import batch_table

    if out.columns is None:
        lines = batch_table.for_programs(records, moment)
    else:
        lines = batch_table.for_people(records, moment, out.columns)
    out.text("\n".join(lines))


def _found(kept: Kept, wanted: Selection) -> Iterator[tuple[Record, bytes]]:
    unreadable = 0
    for page in select(kept, wanted):
        unreadable += kept.history.unreadable
        yield from page
    if unreadable:
        diagnostics.say(f"Warning: {unreadable} stored batches cannot be read.")
