"""`batchtui show`: all that is known of one batch or one job."""

from __future__ import annotations

from contextlib import closing

import click
import msgspec

from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.ids import BatchId, Target, resolve_many
from batchtui.cli.job_page import job_page
from batchtui.cli.json_lines import json_line
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import stdout
from batchtui.cli.page import batch_page
from batchtui.cli.start import Start, now, start
from batchtui.domain.batch import Outcome, Record
from batchtui.domain.errors import NotFoundError, UsageError
from batchtui.domain.forecast import Forecast, Past, last_to_end
from batchtui.domain.job import Job
from batchtui.domain.job_record import job_record
from batchtui.domain.pricing import Cost, total
from batchtui.domain.text import safe_line


@click.command(
    "show",
    epilog=examples(
        "batchtui show 01HkcT",
        "batchtui show evals --offline --json",
    ),
)
@common_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, as `list` does.")
@click.argument("batch_id", metavar="ID", type=BatchId())
@click.pass_context
def command(context: click.Context, batch_id: str, as_json: bool) -> int:
    """Print all that is known of a batch or a job.

    ID is an id, the beginning of one (with or without "msgbatch_"), a label, or the name of a job.
    The batch, or what runs of the job, is read from the API first, unless --offline is given. When
    that fails, what is known is printed all the same, and the exit code is 1 (4 for credentials).

    With --json a job is the object that `jobs --json` prints.
    """
    begun = start(context)
    if begun.offline:
        kept = begun.kept()
        with closing(kept.history):
            _print(begun, kept, resolve_many(kept.history, batch_id), as_json=as_json)
        return diagnostics.DONE
    return _refresh_and_print(begun, batch_id, as_json=as_json)


def _refresh_and_print(begun: Start, text: str, *, as_json: bool) -> int:
    import asyncio

    from batchtui.cli.refreshing import refresh_each

    account = begun.account().account
    code = diagnostics.DONE
    with closing(account.history):
        target = resolve_many(account.history, text)
        before = {each: account.record(each) for each in target.batch_ids}
        several = len(before) > 1
        wanted = [each for each, record in before.items() if not several or _may_change(record)]
        failed = asyncio.run(refresh_each(account, wanted))
        for batch_id, error in failed.items():
            record = before[batch_id]
            lost = record is not None and not record.on_server
            # That it is not there any more is no news then.
            if not (lost and isinstance(error, NotFoundError)):
                code = max(code, diagnostics.report(error, about=batch_id if several else ""))
            if record is None and not target.job:
                return code
        _print(begun, Kept(account.history, account.results), target, as_json=as_json)
    return code


def _may_change(record: Record | None) -> bool:
    return record is None or record.running


def _print(begun: Start, kept: Kept, target: Target, *, as_json: bool) -> None:
    if target.job and not target.job.is_one_batch:
        _print_job(begun, kept, target.job, as_json=as_json)
    else:
        _print_batch(begun, kept, target.batch_ids[0], as_json=as_json)


def _print_job(begun: Start, kept: Kept, job: Job, *, as_json: bool) -> None:
    from batchtui.account.locking import being_sent
    from batchtui.account.opening import REQUESTS
    from batchtui.cli.jobs import job_facts

    moment = now().astimezone()
    records = {
        batch_id: msgspec.structs.replace(
            record, results_here=kept.results.size(batch_id) is not None
        )
        for batch_id in job.batch_ids
        if (record := kept.history.record(batch_id))
    }
    sending = bool(job.unsent) and being_sent(begun.directory / REQUESTS, job.key)
    record = job_record(job, records, sending=sending)
    out = stdout()
    if as_json:
        out.json([msgspec.json.encode(job_facts(record))])
        return
    running = [each for each in record.members if _foreseeable(each)]
    last = last_to_end(running, Past(kept.history.durations() if running else []), moment)
    costs = [_cost(begun, kept, each.id) for each in record.members]
    known = [each for each in costs if each]
    cost = total(known) if len(known) == len(costs) else None
    out.text(job_page(record, moment, last=last, cost=cost))


def _print_batch(begun: Start, kept: Kept, batch_id: str, *, as_json: bool) -> None:
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
    job = kept.history.jobs.of_batch(batch_id)
    part = job and job.part_of(batch_id)
    if as_json:
        out.json([json_line(record, body, moment, job=job.name if job else "")])
        return
    out.text(
        batch_page(
            record,
            moment,
            forecast=_forecast(kept, record),
            results_at=str(kept.results.path(batch_id)),
            results_size=size,
            cost=_cost(begun, kept, batch_id) if size is not None else None,
            job=f"{job.name}, {job.title_of(part)}" if job and part else "",
        )
    )


def _cost(begun: Start, kept: Kept, batch_id: str) -> Cost | None:
    from batchtui.account.costs import Costs
    from batchtui.settings.prices import load_prices

    return Costs(kept.results, load_prices(begun.loaded.settings)).of(batch_id)


def _forecast(kept: Kept, record: Record) -> Forecast | None:
    if not _foreseeable(record):
        return None
    return Past(kept.history.durations()).forecast_of(record, now())


def _foreseeable(record: Record) -> bool:
    """Whether it runs towards its own end, as past batches did; one that is canceled does not."""
    return record.running and record.batch.outcome is not Outcome.CANCELING
