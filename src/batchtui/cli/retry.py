"""`batchtui retry`: sends requests again that have no answer, or not the one that was wanted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from batchtui.account.retrying import MISSING, USUAL, Wanted
from batchtui.cli.choosing import split_names
from batchtui.cli.ids import BatchId
from batchtui.cli.options import common_options, examples
from batchtui.cli.sending_options import Manner, sending_options
from batchtui.domain.errors import UsageError
from batchtui.domain.result import CANCELED, ERRORED, EXPIRED, SUCCEEDED, UNREADABLE
from batchtui.domain.text import safe_line
from batchtui.submissions.settings import read_settings

_TYPES = (ERRORED, EXPIRED, CANCELED, MISSING, SUCCEEDED, UNREADABLE)


@click.command(
    "retry",
    epilog=examples(
        "batchtui retry evals --watch",
        "batchtui retry evals --stop-reason max_tokens --set max_tokens=8192",
        "batchtui retry 01HkcT --type expired --output again.jsonl  # sends nothing",
    ),
)
@common_options
@click.option(
    "--type", "types", metavar="TYPE,...", multiple=True, help=f"Only of {', '.join(_TYPES)}."
)
@click.option(
    "--stop-reason",
    "stop_reasons",
    metavar="REASON,...",
    multiple=True,
    help="Only answers that stopped so; with --type both.",
)
@click.option(
    "--error-type",
    "error_types",
    metavar="TYPE,...",
    multiple=True,
    help="Only those that failed so, even if they will again.",
)
@click.option(
    "--custom-id", "custom_ids", metavar="ID", multiple=True, help="Only that, however it ended."
)
@click.option(
    "--set", "settings", metavar="NAME=JSON", multiple=True, help="Set a param of all of them."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write them to this file, and send nothing.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@sending_options
@click.argument("text", metavar="ID|JOB", type=BatchId())
@click.pass_context
def command(
    context: click.Context,
    text: str,
    types: tuple[str, ...],
    stop_reasons: tuple[str, ...],
    error_types: tuple[str, ...],
    custom_ids: tuple[str, ...],
    settings: tuple[str, ...],
    output: Path | None,
    force: bool,
    manner: Manner,
) -> int:
    """Send requests of a batch or a job again: only those that need it.

    ID is an id, the beginning of one (with or without "msgbatch_"), or a label; JOB is the name of
    a job. Results that are not here yet are downloaded first.

    Unless said otherwise these are requests that failed by no fault of their own, expired, were
    canceled, or have no result. Answers that stopped short are left as they are: --stop-reason
    max_tokens --set max_tokens=8192 asks for them anew, and for nothing else.

    What would only fail again (invalid_request_error, not_found_error, billing_error ...) is kept
    apart and named, unless it is asked for by --error-type or --custom-id, or changed by --set.

    --stop-reason pause_turn goes on with answers that paused. What comes back holds only what
    follows the pause; what came before it stays in the results of its own batch.

    They become a further round of the job: `batchtui results` then has the best answer to each
    request. A batch that is in no job becomes one.

    The ids of new batches go to stdout, all else to stderr. With --watch the exit code is 3 if
    requests are left without a good answer.
    """
    from batchtui.cli.retrying import Wish, retry

    wish = Wish(
        text=text,
        wanted=_wanted(types, stop_reasons, error_types, custom_ids, settings),
        output=output,
        force=force,
        manner=manner,
    )
    if force and output is None:
        raise UsageError("--force is for --output")
    if output is not None and (manner.watch or manner.dry_run):
        raise UsageError("With --output nothing is sent", todo="Leave the other options out")
    if manner.resume and (output or manner.dry_run or wish.wanted != Wanted()):
        raise UsageError("--resume goes on with what was begun", todo="Leave the others out")
    return retry(context, wish)


def _wanted(
    types: Sequence[str],
    stop_reasons: Sequence[str],
    error_types: Sequence[str],
    custom_ids: Sequence[str],
    settings: Sequence[str],
) -> Wanted:
    asked, stopped, failed = (
        frozenset(split_names(each)) for each in (types, stop_reasons, error_types)
    )
    for each in asked.difference(_TYPES):
        raise UsageError(f'There is no --type "{safe_line(each, 60)}", only {", ".join(_TYPES)}')
    if failed and not asked:
        asked = frozenset({ERRORED})
    taken: frozenset[str] | None = asked
    if not asked and not stopped:
        taken = None if custom_ids else USUAL
    return Wanted(
        types=taken,
        stop_reasons=stopped,
        error_types=failed,
        custom_ids=frozenset(custom_ids),
        settings=read_settings(settings),
    )
