"""`batchtui status`: one line on how things stand, for a status bar or a prompt.

Read from the history alone and imports little, for it may be run every few seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Final

import click

from batchtui.account.opening import REQUESTS, results_directory
from batchtui.cli import diagnostics
from batchtui.cli.garbage import no_collection
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import stdout
from batchtui.cli.standing import FIELDS, Standing, Value
from batchtui.cli.start import Start, now, start
from batchtui.cli.template import Template, fill, read_template
from batchtui.domain.text import count, crop, duration, safe_line
from batchtui.history.glance import Glance
from batchtui.results.store import ResultStore
from batchtui.settings.accounts import FoundIn

DEFAULT = "{running} running{next_eta:, next in ~%}{attention:, % to look at}{stale: (as of % ago)}"
NOTHING = "no batches known yet"

_WIDEST = 40
_ESCAPES: Final[Mapping[str, Mapping[int, str]]] = {
    "none": {},
    "tmux": str.maketrans({"#": "##"}),
    # With PROMPT_SUBST zsh expands what a prompt was set to: `%{%}` is nothing, and parts a dollar
    # from what it would expand. For the others there is nothing that is not seen without it.
    "zsh": str.maketrans({"%": "%%", "$": "$%{%}", "`": "'", "\\": "/"}),
}
"""What stands, in a name, for the signs that would give a command to whoever shows the line."""


def _listed() -> str:
    width = max(map(len, FIELDS))
    return "\b\nFields:\n" + "\n".join(
        f"  {name:<{width}}  {field.says}" for name, field in FIELDS.items()
    )


_EPILOG = "\n\n".join(
    (
        _listed(),
        "Days begin at midnight here. Times such as 12m are rounded down; next_eta is a guess.",
        examples(
            "batchtui status",
            "batchtui status --format '{running}{attention: !%}'",
            "batchtui status --json | jq .next_eta",
            "# in ~/.tmux.conf",
            "set -g status-right '#(batchtui status --escape tmux)'",
            "# in ~/.zshrc, where prompt_subst is set",
            "RPROMPT='$(batchtui status --escape zsh)'",
            "# in ~/.bashrc; in double quotes, names could give commands",
            r"PS1='$(batchtui status) \$ '",
        ),
    )
)


@click.command("status", epilog=_EPILOG)
@common_options
@click.option(
    "--format",
    "template",
    metavar="TEMPLATE",
    help="What to print, with fields in braces; see below.",
)
@click.option(
    "--escape",
    type=click.Choice(list(_ESCAPES)),
    default="none",
    show_default=True,
    help="Who is going to show it: names must not give commands there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all fields as a JSON object.")
@click.pass_context
def command(context: click.Context, template: str | None, escape: str, as_json: bool) -> int:
    """Print one line on how things stand: what runs, when the next ends, what needs a look.

    It is read from what is known here, without the API; something that watches has to keep that
    up to date: the app, or `batchtui watch`. What was last heard of long ago is marked as such.

    In TEMPLATE, {running} is how many batches run; {running:% batches} is "3 batches" if any do
    and nothing else; {{ is a brace. With --json times are seconds, and what is not known is null.
    """
    read = read_template(DEFAULT if template is None else template, FIELDS)
    begun = start(context, lenient=True)
    key = begun.identity.key
    with no_collection(), Glance.open(begun.directory, key) or nullcontext() as glance:
        standing = _standing(begun, glance)
        out = stdout()
        if as_json:
            out.json([_as_json(standing)])
        elif glance is None and template is None:
            out.text(NOTHING)
        else:
            out.script(f"{_line(read, standing, _ESCAPES[escape])}\n")
    return diagnostics.DONE


def _standing(begun: Start, glance: Glance | None) -> Standing:
    results = ResultStore(results_directory(begun.directory, begun.identity.endpoint))
    return Standing(
        glance,
        account=_name(begun),
        now=now().astimezone(),
        results=results,
        requests=begun.directory / REQUESTS,
    )


def _name(begun: Start) -> str:
    """What the account is called; the environment's has the name of the profile it holds."""
    if begun.choice.found_in is FoundIn.ENVIRONMENT:
        return begun.identity.profile or begun.choice.name
    return begun.choice.name


def _line(template: Template, standing: Standing, escapes: Mapping[int, str]) -> str:
    values: dict[str, Value] = {}

    def value(name: str) -> Value:
        if name not in values:
            values[name] = FIELDS[name].read(standing)
        return values[name]

    def says(name: str) -> str:
        return _words(value(name)).translate(escapes)

    return fill(template, says, lambda name: value(name) not in (None, 0, ""))


def _words(value: Value) -> str:
    match value:
        case None:
            return ""
        case timedelta():
            return duration(value)
        case int():
            return count(value)
        case str():
            return crop(safe_line(value), _WIDEST)


def _as_json(standing: Standing) -> bytes:
    import msgspec

    values = {name: field.read(standing) for name, field in FIELDS.items()}
    return msgspec.json.encode(
        {
            name: value.total_seconds() if isinstance(value, timedelta) else value
            for name, value in values.items()
        }
    )
