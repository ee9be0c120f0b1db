"""`batchtui link`: says which file the requests of a batch stand in, and how they fit."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from batchtui.account.linking import Linked, check_link
from batchtui.account.merging import open_job, standing_words
from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.ids import BatchId, resolve
from batchtui.cli.opening import job_meant
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import stdout
from batchtui.cli.start import now, start
from batchtui.domain.errors import ResultsError, UsageError
from batchtui.domain.job import Job
from batchtui.domain.text import safe_line
from batchtui.results.index import Index


@click.command(
    "link",
    epilog=examples(
        "batchtui link 01HkcT requests.jsonl",
        "batchtui link evals  # compare with the file it was sent from",
        "batchtui link 01HkcT --remove",
    ),
)
@common_options
@click.option("--remove", is_flag=True, help="Forget the file.")
@click.argument("text", metavar="ID|JOB", type=BatchId())
@click.argument("file", metavar="[FILE]", type=click.Path(path_type=Path), required=False)
@click.pass_context
def command(context: click.Context, text: str, file: Path | None, remove: bool) -> int:
    """Say which file the requests of a batch stand in, to read prompts beside answers.

    ID is an id, the beginning of one (with or without "msgbatch_"), or a label. FILE holds one
    request a line, as JSON with "custom_id" and "params". It stays where it is and is only read.

    Where results of the batch are here, every custom_id is looked at: requests without a result,
    results without a request, and what is there twice are counted, and the first of them named.
    If not one result has its request in the file, nothing is linked.

    With the name of a job and no FILE, its results are compared so with the file it was sent from.
    """
    with closing((kept := start(context).kept()).history) as history:
        if (job := job_meant(history, text)) is not None:
            return _compare_job(kept, job, file, remove=remove)
        if (file is None) is not remove:
            raise UsageError("Name a file, or give --remove")
        batch_id = resolve(history, text)
        if history.record(batch_id) is None:
            raise UsageError(
                f'No batch known here is called "{safe_line(batch_id, 100)}"',
                todo="Look at `batchtui list`",
            )
        if file is None:
            history.annotate(batch_id, request_file="")
            stdout().text(f"{safe_line(batch_id)} has no request file any more.")
            return diagnostics.DONE
        linked = check_link(file, _results(kept, batch_id))
        history.annotate(batch_id, request_file=str(linked.path))
    _tell(batch_id, linked)
    return diagnostics.DONE


def _compare_job(kept: Kept, job: Job, file: Path | None, *, remove: bool) -> int:
    if file is not None or remove:
        raise UsageError(
            "A job stays linked with the file it was sent from",
            todo="Leave out all but its name to compare that file with its results",
        )
    records = {each: found for each in job.batch_ids if (found := kept.history.record(each))}
    merged = open_job(job, kept.results, records, at=now())
    with merged.file as results:
        path = Path(job.rounds[0].request_file)
        _tell(job.name, check_link(path, results.index if merged.here else None))
    for words in standing_words(merged):
        diagnostics.say(f"{words}.")
    return diagnostics.DONE


def _tell(name: str, linked: Linked) -> None:
    stdout().text(f"{safe_line(name)}: {safe_line(str(linked.path))}")
    for words in linked.words:
        diagnostics.say(f"{words}.")


def _results(kept: Kept, batch_id: str) -> Index | None:
    if kept.results.size(batch_id) is None:
        return None
    try:
        with kept.results.open(batch_id) as results:
            return results.index
    except ResultsError as error:
        diagnostics.report(error)
        return None
