"""`batchtui cancel`: cancels running batches."""

from __future__ import annotations

import click

from batchtui.account.plans import Verb
from batchtui.cli.ids import BatchId
from batchtui.cli.options import common_options, examples


@click.command(
    "cancel",
    epilog=examples(
        "batchtui cancel 01HkcT",
        "batchtui cancel evals --yes",
    ),
)
@common_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("batch_ids", metavar="ID...", type=BatchId(), nargs=-1, required=True)
@click.pass_context
def command(context: click.Context, batch_ids: tuple[str, ...], yes: bool) -> int:
    """Cancel running batches.

    ID is an id, the beginning of one (with or without "msgbatch_"), a label, or the name of a job,
    which stands for its batches. What would happen is shown and asked first. Requests that are
    being answered may still succeed, and are billed.

    What came of each batch is a line on stdout; what failed is on stderr, and the exit code is
    then 1. Canceling twice does no harm.
    """
    from batchtui.cli.acting import Wish, act

    return act(context, Wish(verb=Verb.CANCEL, texts=batch_ids, yes=yes))
