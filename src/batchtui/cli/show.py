"""`batchtui show`: all that is known of one batch."""

from __future__ import annotations

from contextlib import closing

import click
import msgspec

from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.ids import BatchId, resolve
from batchtui.cli.json_lines import json_line
from batchtui.cli.options import common_options
from batchtui.cli.output import stdout
from batchtui.cli.page import batch_page
from batchtui.cli.start import Start, now, start
from batchtui.domain.batch import Record
from batchtui.domain.errors import BatchtuiError, NotFoundError, UsageError
from batchtui.domain.forecast import Forecast, Past
from batchtui.domain.pricing import Cost
from batchtui.domain.text import safe_line


@click.command("show")
@common_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, as `list` does.")
@click.argument("batch_id", metavar="ID", type=BatchId())
@click.pass_context
def command(context: click.Context, batch_id: str, as_json: bool) -> int:
    """Print all that is known of a batch.

    ID is an id, the beginning of one (with or without "msgbatch_"), or a label. The batch is read
    from the API first, unless --offline is given. When that fails, what is known is printed all
    the same, and the exit code is 1 (4 for credentials).
    """
    begun = start(context)
    if begun.offline:
        kept = begun.kept()
        with closing(kept.history):
            _print(begun, kept, resolve(kept.history, batch_id), as_json=as_json)
        return diagnostics.DONE
    return _refresh_and_print(begun, batch_id, as_json=as_json)


def _refresh_and_print(begun: Start, text: str, *, as_json: bool) -> int:
    import asyncio

    from batchtui.cli.refreshing import refresh_one

    account = begun.account().account
    code = diagnostics.DONE
    with closing(account.history):
        batch_id = resolve(account.history, text)
        before = account.record(batch_id)
        try:
            asyncio.run(refresh_one(account, batch_id))
        except BatchtuiError as error:
            lost = before is not None and not before.on_server
            # That it is not there any more is no news then.
            if not (lost and isinstance(error, NotFoundError)):
                code = diagnostics.report(error)
            if before is None:
                return code
        _print(begun, Kept(account.history, account.results), batch_id, as_json=as_json)
    return code


def _print(begun: Start, kept: Kept, batch_id: str, *, as_json: bool) -> None:
    record, body = kept.history.record(batch_id), kept.history.body(batch_id)
    if record is None or body is None:
        raise UsageError(
            f'No batch known here is called "{safe_line(batch_id, 100)}"',
            todo="Look at `batchtui list`, or leave out --offline",
        )
    size = kept.results.size(batch_id)
    record = msgspec.structs.replace(record, results_here=size is not None)
    moment = now().astimezone()
    out = stdout()
    if as_json:
        out.json([json_line(record, body, moment)])
        return
    out.text(
        batch_page(
            record,
            moment,
            forecast=_forecast(kept, record),
            results_at=str(kept.results.path(batch_id)),
            results_size=size,
            cost=_cost(begun, kept, batch_id) if size is not None else None,
        )
    )


def _cost(begun: Start, kept: Kept, batch_id: str) -> Cost | None:
    from batchtui.account.costs import Costs
    from batchtui.settings.prices import load_prices

    return Costs(kept.results, load_prices(begun.loaded.settings)).of(batch_id)


def _forecast(kept: Kept, record: Record) -> Forecast | None:
    if not record.running:
        return None
    elapsed = record.batch.elapsed(now()).total_seconds()
    return Past(kept.history.durations()).forecast(record.batch.request_counts.total, elapsed)
