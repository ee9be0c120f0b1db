"""`batchtui insight`: what became of the batches, by day or by model, for people and programs."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import click
import msgspec

from batchtui.account.insight import Insights, Wanted
from batchtui.account.insight_table import By, Format, Row, encoded, rows, save
from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import Output, stdout
from batchtui.cli.quantities import Span
from batchtui.cli.start import now, start
from batchtui.domain.batch import Record
from batchtui.domain.calendar import Unit
from batchtui.domain.errors import UsageError
from batchtui.domain.insight import Insight
from batchtui.domain.insight_words import cut_words, unknown_words, unpriced_words
from batchtui.domain.text import safe_line
from batchtui.results.export.targets import TakenError
from batchtui.results.slices import now as at_once
from batchtui.settings.prices import load_prices

ALL = "all"
UNITS = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR)
_STDOUT = Path("-")
_FORMATS = {".csv": Format.CSV, ".json": Format.JSON, ".jsonl": Format.JSON}

First = date | int | None
"""The first day, or of how many days; None for all."""


class Since(click.ParamType[First]):
    """A date, a time such as 30d, or "all"."""

    name = "since"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> First:
        """Read what was typed."""
        text = str(value).strip()
        if text == ALL:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
        try:
            span = Span().convert(text, param, ctx)
        except click.BadParameter:
            self.fail("Expected a time such as 30d, a date such as 2026-11-01, or all.", param, ctx)
        return max(-(-span // timedelta(days=1)), 1)


class Wish(msgspec.Struct, frozen=True):
    """How the rows are wanted.

    Attributes:
        format: None for a table for people.
        output: where to; None for stdout.
    """

    format: Format | None
    output: Path | None


@click.command(
    "insight",
    epilog=examples(
        "batchtui insight",
        "batchtui insight --since 90d --by model",
        "batchtui insight --since 2026-11-01 --by week --json | jq .cost_usd",
        "batchtui insight --since all --output batches.csv",
    ),
)
@common_options
@click.option(
    "--since",
    "first",
    type=Since(),
    default="30d",
    metavar="TIME|DATE",
    show_default=True,
    help='So long back, as in 30d or 12w; from a day on, as in 2026-11-01; or "all".',
)
@click.option(
    "--by",
    type=click.Choice([*(each.value for each in UNITS), By.MODEL.value, By.TOTAL.value]),
    default=Unit.DAY.value,
    show_default=True,
    help="What a row stands for.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([each.value for each in Format]),
    help="How to write the rows, instead of a table for people.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Write them to this file; its name says how if it ends in .csv or .json.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@click.pass_context
def command(
    context: click.Context,
    first: First,
    by: str,
    as_json: bool,
    format_: str | None,
    output: Path | None,
    force: bool,
) -> int:
    """Print what became of the batches: how many, how long they took, what they cost.

    A batch counts on the day it was created, in the time zone of this machine. It comes from what
    is known here; nothing is asked of the network. Older batches that were never read are missing:
    `batchtui list --limit 0` reads all of the API's list.

    Models, tokens and cost stand in results alone: of batches whose results are not here they are
    not known ("·"), and sums without them are "≥". `batchtui fetch --all-ended` gets what can still
    be had. Requests that failed name no model; they count as those of the model that alone answered
    in their batch. A batch counts for each model that answered in it, and a request that was sent
    again in each batch that it was in.

    The fields of CSV and JSON: day, week, month, year (its first day) or model; batches, and so
    many of each outcome; requests, and so many of each state; median_seconds and p90_seconds of
    batches that ran to their own end; batches_with_usage, those of which input_tokens,
    output_tokens and cost_usd are known; answers_without_price. Empty days are left out.
    """
    wish = _wish(as_json, format_, output)
    if force and wish.output is None:
        raise UsageError("--force is for --output")
    begun = start(context)
    prices = load_prices(begun.loaded.settings)
    kept = begun.kept()
    with closing(kept.history):
        insights = Insights(kept.results, prices)
        moment = now()
        found = at_once(
            insights.steps(_records(kept), _wanted(insights, first, by, moment), moment)
        )
    if not found.total.batches and wish.format is None:
        diagnostics.say("No batches are known of these days.")
    elif wish.format is None:
        _print_table(stdout(), found, by)
    elif wish.output is None:
        data = encoded(_rows(found, by), wish.format)
        stdout().foreign(data, is_json=wish.format is Format.JSON)
    else:
        _save(encoded(_rows(found, by), wish.format), wish.output, replace=force)
    fetch = "`batchtui fetch --all-ended`"
    cut = cut_words(found.days, found.unit, since_ever=first is None) if by in UNITS else ""
    counted = f"Counted in part: the {cut}." if cut and found.total.batches else ""
    for words in (counted, unknown_words(found.total, fetch), unpriced_words(found.total)):
        if words:
            diagnostics.say(words)
    return diagnostics.DONE


def _wish(as_json: bool, format_: str | None, output: Path | None) -> Wish:
    output = None if output == _STDOUT else output
    if as_json and format_ not in (None, Format.JSON.value):
        raise UsageError("--json and --format say different things")
    given = Format.JSON if as_json else Format(format_) if format_ else None
    if output is None:
        return Wish(given, None)
    named = given or _FORMATS.get(output.suffix.lower())
    if named is None:
        raise UsageError(
            "The name of the file does not say how to write it", todo="Add --format csv or json"
        )
    return Wish(named, output)


def _records(kept: Kept) -> list[Record]:
    here = kept.results.here()
    replace = msgspec.structs.replace
    records = kept.history.records()
    if kept.history.unreadable:
        diagnostics.say(f"Warning: {kept.history.unreadable} stored batches cannot be read.")
    return [replace(each, results_here=True) if each.id in here else each for each in records]


def _wanted(insights: Insights, first: First, by: str, moment: datetime) -> Wanted:
    unit = Unit(by) if by in UNITS else Unit.DAY
    day = insights.first_of(first, moment) if isinstance(first, int) else first
    if day is not None and day > insights.today(moment):
        raise UsageError(f"No days have been since {day}: that is still to come")
    return Wanted(day, lambda days: unit)


def _rows(found: Insight, by: str) -> list[Row]:
    return rows(found, By.TIME if by in UNITS else By(by))


def _save(data: bytes, path: Path, *, replace: bool) -> None:
    try:
        save(data, path, replace=replace)
    except TakenError as error:
        error.todo = "Add --force to replace it"
        raise
    diagnostics.say(f"It is in {safe_line(str(path), 500)}")


def _print_table(out: Output, found: Insight, by: str) -> None:
    from batchtui.cli import insight_table

    out.text("\n".join(insight_table.lines(found, by, out.columns)))
