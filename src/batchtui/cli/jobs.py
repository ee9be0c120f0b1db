"""`batchtui jobs`: which request files were sent, and how far that is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

import click
import msgspec

from batchtui.account.account import Account
from batchtui.account.locking import being_sent
from batchtui.account.starting import forget_job
from batchtui.cli import diagnostics
from batchtui.cli.ids import BatchId, job_named
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import Output, stdout
from batchtui.cli.start import start
from batchtui.cli.table import Column, lay_out
from batchtui.domain.batch import RequestCounts
from batchtui.domain.errors import UsageError
from batchtui.domain.job_record import JobRecord, job_record
from batchtui.domain.text import count, duration, safe_line


@click.command(
    "jobs",
    epilog=examples(
        "batchtui jobs",
        "batchtui jobs --json | jq -r .name",
    ),
)
@common_options
@click.option(
    "--forget", type=BatchId(), metavar="JOB", help="Forget a job of which nothing was sent."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def command(context: click.Context, forget: str | None, as_json: bool) -> int:
    """Print the jobs: which request files were sent, and how far that is; newest first.

    SENT is how many of its batches were created. "stopped" is a job of which batches are missing
    that nobody is sending: `batchtui submit FILE --resume` goes on with it. "unknown" is one of
    which an answer got lost; going on begins with looking for that batch.

    Asks nothing of the network.
    """
    account = start(context).account().account
    with closing(account.history):
        if forget is not None:
            return _forget(account, forget)
        records = _records(account)
        if not records:
            diagnostics.say("No request file was sent from here.")
        elif as_json:
            stdout().json(msgspec.json.encode(job_facts(record)) for record in records)
        else:
            _print(records, stdout(), account.clock())
    return diagnostics.DONE


def _forget(account: Account, name: str) -> int:
    job = job_named(account.history, name)
    if job is None:
        raise UsageError(f'There is no job named "{safe_line(name, 100)}"')
    forget_job(account, job)
    stdout().text(f"{safe_line(job.name)} is forgotten")
    return diagnostics.DONE


def _records(account: Account) -> list[JobRecord]:
    found = []
    for job in account.jobs():
        members = (account.record(each) for each in job.batch_ids)
        sending = bool(job.unsent) and being_sent(account.requests, job.key)
        known = {each.id: each for each in members if each}
        found.append(job_record(job, known, sending=sending))
    return found


def job_state(record: JobRecord) -> str:
    """How a job stands, in a word."""
    if record.unsure:
        return "unknown"
    if record.sending:
        return "sending"
    return "stopped" if record.job.unsent else record.batch.outcome.value


def _print(records: Sequence[JobRecord], out: Output, now: datetime) -> None:
    columns = (
        Column[JobRecord]("NAME", lambda record: record.job.name, narrowest=12),
        Column[JobRecord]("STATE", job_state),
        Column[JobRecord](
            "SENT", lambda record: f"{record.sent}/{len(record.job.parts)}", right=True
        ),
        Column[JobRecord]("AGE", lambda r: duration(now - r.job.created_at), right=True, leaves=1),
        Column[JobRecord]("REQUESTS", lambda record: count(record.job.requests), right=True),
        *(_counts(name, leaves) for name, leaves in (("succeeded", 2), ("errored", 3))),
        Column[JobRecord]("FILE", lambda record: record.request_file, leaves=4, narrowest=16),
    )
    out.text("\n".join(lay_out(columns, records, out.columns)))


def _counts(name: str, leaves: int) -> Column[JobRecord]:
    return Column(
        name.upper(),
        lambda record: count(getattr(record.batch.request_counts, name)),
        right=True,
        leaves=leaves,
    )


def job_facts(record: JobRecord) -> dict[str, object]:
    """A job as it is printed as JSON."""
    job = record.job
    counts = record.batch.request_counts
    return {
        "name": job.name,
        "state": job_state(record),
        "created_at": job.created_at,
        "requests": job.requests,
        "request_counts": {name: getattr(counts, name) for name in RequestCounts.__struct_fields__},
        "batches": list(job.batch_ids),
        "unsent": len(job.unsent),
        "rounds": len(job.rounds),
        "request_file": record.request_file,
    }
