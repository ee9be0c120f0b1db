"""`batchtui link`: says which file the requests of a batch stand in."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from batchtui.account.linking import check_link, sample
from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.ids import BatchId, resolve
from batchtui.cli.options import common_options
from batchtui.cli.output import stdout
from batchtui.cli.start import start
from batchtui.domain.errors import ResultsError, UsageError
from batchtui.domain.text import safe_line


@click.command("link")
@common_options
@click.option("--remove", is_flag=True, help="Forget the file.")
@click.argument("batch_id", metavar="ID", type=BatchId())
@click.argument("file", metavar="[FILE]", type=click.Path(path_type=Path), required=False)
@click.pass_context
def command(context: click.Context, batch_id: str, file: Path | None, remove: bool) -> int:
    """Say which file the requests of a batch stand in, to read prompts beside answers.

    ID is an id, the beginning of one (with or without "msgbatch_"), or a label. FILE holds one
    request a line, as JSON with "custom_id" and "params". It stays where it is and is only read.

    Where results of the batch are here, some are looked for in the file; if not one has its
    request there, nothing is linked.
    """
    if (file is None) is not remove:
        raise UsageError("Name a file, or give --remove")
    with closing((kept := start(context).kept()).history) as history:
        batch_id = resolve(history, batch_id)
        if history.record(batch_id) is None:
            raise UsageError(
                f'No batch known here is called "{safe_line(batch_id, 100)}"',
                todo="Look at `batchtui list`",
            )
        if file is None:
            history.annotate(batch_id, request_file="")
            stdout().text(f"{safe_line(batch_id)} has no request file any more.")
            return diagnostics.DONE
        linked = check_link(file, _sample(kept, batch_id))
        history.annotate(batch_id, request_file=str(linked.path))
    stdout().text(f"{safe_line(batch_id)}: {safe_line(str(linked.path))}")
    diagnostics.say(linked.words)
    return diagnostics.DONE


def _sample(kept: Kept, batch_id: str) -> list[str]:
    if kept.results.size(batch_id) is None:
        return []
    try:
        with kept.results.open(batch_id) as results:
            return sample(results)
    except ResultsError as error:
        diagnostics.report(error)
        return []
