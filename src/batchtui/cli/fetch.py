"""`batchtui fetch`: downloads results, and keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import click
import msgspec

from batchtui.account.account import Account
from batchtui.cli import diagnostics
from batchtui.cli.fetching import fetch_each
from batchtui.cli.ids import BatchId, resolve_all
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import Output, stdout
from batchtui.cli.quantities import Span
from batchtui.cli.start import start
from batchtui.domain.batch import RESULTS_WINDOW, ResultsState
from batchtui.domain.errors import BatchtuiError, UsageError
from batchtui.domain.text import count, safe_line, size, unicode_text
from batchtui.results.checks import Fetched

_EVER = timedelta(days=36_500)
"""Longer than results are kept, also where the clock of the server is ahead of ours."""


class Wish(msgspec.Struct, frozen=True):
    """What the person asked for: batches by name, or all whose results the API drops so soon.

    Attributes:
        again: fetch also what is here already.
    """

    texts: tuple[str, ...]
    within: timedelta | None
    again: bool
    as_json: bool


@click.command(
    "fetch",
    epilog=examples(
        "batchtui fetch 01HkcT evals",
        "batchtui fetch --expiring 7d",
        "batchtui fetch --all-ended --json | jq -r .id",
    ),
)
@common_options
@click.option(
    "--expiring",
    type=Span(),
    metavar="TIME",
    help="All whose results the API drops within this time, such as 7d.",
)
@click.option("--all-ended", is_flag=True, help="All whose results the API still has.")
@click.option("--again", is_flag=True, help="Download also results that are here already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each that came.")
@click.argument("batch_ids", metavar="[ID]...", type=BatchId(), nargs=-1)
@click.pass_context
def command(
    context: click.Context,
    batch_ids: tuple[str, ...],
    expiring: timedelta | None,
    all_ended: bool,
    again: bool,
    as_json: bool,
) -> int:
    """Download the results of batches and keep them, one batch after the other.

    ID is an id, the beginning of one (with or without "msgbatch_"), a label, or the name of a job,
    which stands for its batches. With --expiring or --all-ended the API's list is read first.
    Results that are here already stay as they are.

    What came is a line on stdout; progress, and what is odd or failed, goes to stderr. The exit
    code is 1 if any could not be had; the others are fetched all the same.
    """
    if bool(batch_ids) + (expiring is not None) + all_ended != 1:
        raise UsageError("Give the batches, or --expiring, or --all-ended")
    within = _EVER if all_ended else None
    if expiring is not None:
        within = min(expiring, RESULTS_WINDOW)
    wish = Wish(batch_ids, within, again, as_json)
    return asyncio.run(_fetch(start(context).account().account, wish, stdout()))


async def _fetch(account: Account, wish: Wish, out: Output) -> int:
    code = diagnostics.DONE
    try:
        async for batch_id, end in fetch_each(account, await _wanted(account, wish)):
            if isinstance(end, BatchtuiError):
                code = max(code, diagnostics.report(end, about=batch_id))
            else:
                _tell(batch_id, end, out, as_json=wish.as_json)
    finally:
        await account.close()
    return code


async def _wanted(account: Account, wish: Wish) -> Sequence[str]:
    """The ids of the batches to fetch; of those that are here it is said that they are."""
    if wish.within is not None:
        from batchtui.cli.refreshing import refresh_list
        from batchtui.cli.selection import Selection

        await refresh_list(account, Selection(None, frozenset(), frozenset()))
        found = [record.id for record in account.expiring(wish.within, again=wish.again)]
        if not found:
            diagnostics.say("There is nothing to fetch.")
        return found
    account.api  # noqa: B018 - raises when offline
    wanted = []
    for batch_id in resolve_all(account.history, wish.texts):
        record = account.record(batch_id)
        here = record is not None and record.results(account.clock()) is ResultsState.HERE
        if here and not wish.again:
            where = account.results.path(batch_id)
            diagnostics.say(f"{safe_line(batch_id)}: the results are here already, in {where}")
        else:
            wanted.append(batch_id)
    return wanted


def _tell(batch_id: str, fetched: Fetched, out: Output, *, as_json: bool) -> None:
    for difference in fetched.differences:
        diagnostics.say(f"{safe_line(batch_id)}: {difference}.")
    if as_json:
        path = unicode_text(str(fetched.path))
        facts = {"id": batch_id} | msgspec.structs.asdict(fetched) | {"path": path}
        out.json([msgspec.json.encode(facts)])
    else:
        volume = f"{count(fetched.lines)} lines, {size(fetched.bytes)}"
        out.text(f"{safe_line(batch_id)} {volume}, in {fetched.path}")
