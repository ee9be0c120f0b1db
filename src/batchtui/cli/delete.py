"""`batchtui delete`: deletes ended batches and their results from the server."""

from __future__ import annotations

import click

from batchtui.account.plans import Verb
from batchtui.cli.ids import BatchId
from batchtui.cli.options import common_options, examples


@click.command(
    "delete",
    epilog=examples(
        "batchtui delete 01HkcT",
        "batchtui delete evals --fetch --yes",
    ),
)
@common_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--fetch", is_flag=True, help="Download results that are not here first.")
@click.argument("batch_ids", metavar="ID...", type=BatchId(), nargs=-1, required=True)
@click.pass_context
def command(
    context: click.Context,
    batch_ids: tuple[str, ...],
    yes: bool,
    fetch: bool,
) -> int:
    """Delete ended batches and their results from the server, for good.

    ID is an id, the beginning of one (with or without "msgbatch_"), a label, or the name of a job,
    which stands for its batches. What would happen is shown and asked first. What is kept here
    stays: the history, and results that were downloaded.

    Results that are not here are lost, which is said before; with --fetch they are downloaded
    first, and a batch whose download fails is left alone.

    What came of each batch is a line on stdout; what failed is on stderr, and the exit code is
    then 1. Deleting twice does no harm.
    """
    from batchtui.cli.acting import Wish, act

    return act(context, Wish(verb=Verb.DELETE, texts=batch_ids, yes=yes, fetch=fetch))
