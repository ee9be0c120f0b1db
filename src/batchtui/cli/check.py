"""`batchtui check`: what the API would refuse of a request file, what it becomes and may cost."""

from __future__ import annotations

from pathlib import Path

import click

from batchtui.cli import check_page, diagnostics
from batchtui.cli.checking import STDIN, as_file, look_at
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import stdout
from batchtui.cli.sending_options import limit_options
from batchtui.cli.start import start
from batchtui.settings.prices import load_prices
from batchtui.submissions.checked import Limits


@click.command(
    "check",
    epilog=examples(
        "batchtui check requests.jsonl",
        "batchtui check requests.jsonl --json && echo good",
        "cat part-*.jsonl | batchtui check -",
    ),
)
@common_options
@limit_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_context
def command(
    context: click.Context,
    file: Path,
    limits: Limits,
    as_json: bool,
) -> int:
    """Look at a request file as the API would, before it costs anything.

    FILE holds one request a line; "-" is stdin. A request is {"custom_id", "params"}, or params
    alone, or a request for chat completions, which is translated. Nothing is sent.

    Tokens are estimated from bytes; images and documents are a guess.

    The exit code is 1 if the API would refuse any line.
    """
    prices = load_prices(start(context).loaded.settings)
    out = stdout()
    with as_file(file) as path:
        checked = look_at(path, limits)
    name = "stdin" if file == STDIN else str(file)
    if as_json:
        out.json([check_page.as_json(checked, prices, name=name)])
    else:
        out.text(check_page.for_people(checked, prices, name=name, columns=out.columns))
    return diagnostics.DONE if checked.ok else diagnostics.FAILED
