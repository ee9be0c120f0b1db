"""`batchtui results`: the results of a batch or job, all or some, in the format one needs."""

from __future__ import annotations

from pathlib import Path

import click

from batchtui.cli.choosing import Choice, split_names
from batchtui.cli.exporting import Wish, check_stdout, write
from batchtui.cli.ids import BatchId
from batchtui.cli.opening import Meant, open_meant
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import Output, stdout
from batchtui.cli.start import start
from batchtui.domain.errors import UsageError
from batchtui.domain.pricing import PriceTable
from batchtui.results.export.exporting import Format
from batchtui.results.pattern import Pattern
from batchtui.settings.prices import load_prices

_STDOUT = Path("-")


@click.command(
    "results",
    epilog=examples(
        "batchtui results evals > answers.jsonl",
        "batchtui results evals --summary",
        "batchtui results evals --type errored --format csv --output errors.csv",
        "batchtui results 01HkcT --grep 'not sure' --limit 20",
    ),
)
@common_options
@click.option("--type", "types", metavar="TYPE,...", multiple=True, help="Only those of this type.")
@click.option(
    "--stop-reason",
    "stop_reasons",
    metavar="REASON,...",
    multiple=True,
    help="Only those that stopped so.",
)
@click.option(
    "--error-type",
    "error_types",
    metavar="TYPE,...",
    multiple=True,
    help="Only those that failed so.",
)
@click.option(
    "--model", "models", metavar="NAME", multiple=True, help="Only those of this model, or part."
)
@click.option(
    "--custom-id", "custom_ids", metavar="ID", multiple=True, help="Only that of this request."
)
@click.option(
    "--grep", metavar="TEXT", help="Only those with this in their text; in any case if in small."
)
@click.option("--regex", is_flag=True, help="Take the text of --grep as a regular expression.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The first N at most.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([each.value for each in Format]),
    default=Format.JSONL.value,
    show_default=True,
    help="How to write them.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Write to this file (for text: this new directory) instead of stdout.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@click.option("--summary", is_flag=True, help="Print what is in all of them at a glance instead.")
@click.option("--json", "as_json", is_flag=True, help="With --summary: as one JSON object.")
@click.argument("text", metavar="ID|JOB", type=BatchId())
@click.pass_context
def command(
    context: click.Context,
    text: str,
    types: tuple[str, ...],
    stop_reasons: tuple[str, ...],
    error_types: tuple[str, ...],
    models: tuple[str, ...],
    custom_ids: tuple[str, ...],
    grep: str | None,
    regex: bool,
    limit: int | None,
    format_: str,
    output: Path | None,
    force: bool,
    summary: bool,
    as_json: bool,
) -> int:
    """Print the results of a batch or of a whole job, or write them to a file.

    ID is an id, the beginning of one (with or without "msgbatch_"), or a label. Results that are
    not here yet are downloaded first, and kept, unless --offline is given.

    JOB is the name of a job. Its results are those of all its batches and of all rounds of sending
    as one, each custom_id once: with its newest good answer, else with what there is. What is
    missing is said on stderr, with the reason.

    Of several values for one option one must fit; options of different kinds must all fit.

    jsonl: the API's lines to the letter. csv: a row each; an apostrophe comes before what a
    spreadsheet would run as a formula. markdown: a section each. parquet: the columns of csv with
    types (needs `pip install 'batchtui[parquet]'`). text: a file for each custom_id.
    """
    if regex and grep is None:
        raise UsageError("--regex says how to take --grep, which is not there")
    choice = Choice(
        types=split_names(types),
        stop_reasons=split_names(stop_reasons),
        error_types=split_names(error_types),
        models=models,
        custom_ids=custom_ids,
        pattern=Pattern.compile(grep, regex=regex) if grep is not None else None,
        limit=limit,
    )
    wish = Wish(Format(format_), None if output == _STDOUT else output, force)
    if force and wish.output is None:
        raise UsageError("--force is for --output")
    out = stdout()
    if summary:
        _check_summary(choice, wish)
    elif as_json:
        raise UsageError("--json is for --summary", todo="Results are JSON as they are")
    elif wish.output is None:
        check_stdout(wish.format, out)
    begun = start(context)
    prices = load_prices(begun.loaded.settings)
    meant = open_meant(begun, text)
    with meant.file as file:
        if summary:
            _print_summary(out, meant, prices, as_json=as_json)
        else:
            write(file, choice, wish, prices, out)
    return meant.code


def _check_summary(choice: Choice, wish: Wish) -> None:
    if choice or wish.output or wish.format is not Format.JSONL:
        raise UsageError(
            "--summary is of all results, and on stdout", todo="Leave the other options out"
        )


def _print_summary(out: Output, meant: Meant, prices: PriceTable, *, as_json: bool) -> None:
    from batchtui.cli import results_page

    if as_json:
        out.json([results_page.as_json(meant, prices)])
    else:
        out.text(results_page.for_people(meant, prices, out.columns))
