"""`batchtui accounts`: which accounts there are to choose from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from batchtui.cli import diagnostics
from batchtui.cli.options import common_options, examples, given
from batchtui.cli.output import stdout
from batchtui.cli.start import meant, read_settings
from batchtui.cli.table import Column, lay_out
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import count
from batchtui.history.glance import Glance
from batchtui.settings.accounts import Choice, EnvKey, choices, identity_of
from batchtui.settings.credentials import Identity
from batchtui.settings.schema import Settings

_TABLE = """\b
An account of config.toml is a table with what of this is needed:
  [accounts.work]
  key_env = "WORK_API_KEY"                # the variable that holds its key,
  key_command = ["pass", "show", "work"]  # or a program that prints it,
  profile = "work"                        # or a profile of `ant auth login`
  base_url = "https://gateway.example"
  workspace = "wrkspc_..."
  read_only = true
  color = "red\""""


class _Listed(msgspec.Struct, frozen=True):
    """An account as it is printed.

    Attributes:
        who: who it is; None if that cannot be told.
        batches: how many of its batches are known here.
        in_use: whether a command without further options would use it.
        read_only: whether nothing is changed in it.
        problem: why it cannot be used, as a sentence; "" if nothing is known against it.
    """

    choice: Choice
    who: Identity | None
    batches: int
    in_use: bool
    read_only: bool
    problem: str = ""


@click.command(
    "accounts",
    epilog="\n\n".join(
        (
            _TABLE,
            examples(
                "batchtui accounts",
                "batchtui accounts --json | jq -r .name",
                "batchtui list --account work",
            ),
        )
    ),
)
@common_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """Print the accounts there are: those of config.toml, the environment's, and all profiles.

    Any of them can be named with --account or BATCHTUI_ACCOUNT, and with `account` in config.toml
    if it stands there; `*` marks the one that is used now.

    With --account, what --base-url, --workspace and --profile give wins over what the account says;
    with a profile its own key is not used. --profile without --account leaves the account of
    config.toml and BATCHTUI_ACCOUNT aside. The settings base_url, workspace and profile that stand
    outside of [accounts] are those of the account "environment", and of no other. What an account
    does not say is found as the SDK finds it; only a key never is, if the account names a place for
    one. The history of an account whose key a program prints goes by the name of the account.

    Asks nothing of the network and runs no program. No key is printed.

    The JSON objects have the fields name, origin, endpoint, workspace, credential (where it comes
    from, "" if there is none), present (whether there is one to try), read_only, color, batches
    (how many are known here), in_use, problem.
    """
    directory, loaded = read_settings(context, lenient=True)
    code = diagnostics.DONE
    used: Choice | None = None
    try:
        used = meant(loaded.settings, given(context))
    except BatchtuiError as error:  # those there are can be printed all the same
        code = diagnostics.report(error)
    listed = [_look(each, used, loaded.settings, directory) for each in _all(loaded.settings, used)]
    if as_json:
        stdout().json(_json(each) for each in listed)
    else:
        _print(listed)
    for problem in loaded.problems:
        diagnostics.say(f"Warning: {problem}")
    return code


def _all(settings: Settings, used: Choice | None) -> Iterator[Choice]:
    """All accounts; the one in use as the options make it, and first if it is nowhere else."""
    found = {each.name: each for each in choices(settings, os.environ)}
    if used is not None:
        if used.name not in found:
            yield used
        found |= {used.name: used} if used.name in found else {}
    yield from found.values()


def _look(choice: Choice, used: Choice | None, settings: Settings, directory: Path) -> _Listed:
    in_use = used is not None and choice.name == used.name
    read_only = settings.read_only or choice.read_only
    who: Identity | None = None
    try:
        who = identity_of(choice, os.environ)
        batches = _batches(directory, who)
    except BatchtuiError as error:
        return _Listed(choice, who, 0, in_use, read_only, str(error))
    return _Listed(choice, who, batches, in_use, read_only, _problem(choice, who))


def _batches(directory: Path, who: Identity) -> int:
    glance = Glance.open(directory, who.key)
    if glance is None:
        return 0
    with glance:
        return glance.count()


def _problem(choice: Choice, who: Identity) -> str:
    if who.present:
        return ""
    if isinstance(choice.key, EnvKey):
        return f"{choice.key.variable} is not set."
    if choice.profile:
        return f"There is no profile {choice.profile}."
    return "No credentials were found."


def _json(each: _Listed) -> bytes:
    return msgspec.json.encode(
        {
            "name": each.choice.name,
            "origin": each.choice.found_in,
            "endpoint": each.who.endpoint if each.who else each.choice.base_url,
            "workspace": each.who.workspace if each.who else each.choice.workspace or "",
            "credential": each.who.source if each.who else "",
            "present": bool(each.who and each.who.present),
            "read_only": each.read_only,
            "color": each.choice.color,
            "batches": each.batches,
            "in_use": each.in_use,
            "problem": each.problem,
        }
    )


def _print(listed: list[_Listed]) -> None:
    out = stdout()
    lines = lay_out(
        (
            Column[_Listed]("", lambda each: "*" if each.in_use else "", optional=True),
            Column("ACCOUNT", lambda each: each.choice.name, narrowest=12),
            Column("FROM", lambda each: each.choice.found_in.value, leaves=2),
            Column("ENDPOINT", _endpoint, narrowest=20, leaves=3),
            Column("WORKSPACE", _workspace, narrowest=12, leaves=4, optional=True),
            Column("CREDENTIAL", _credential, narrowest=16),
            Column("MODE", lambda each: "read-only" if each.read_only else "", optional=True),
            Column("COLOR", lambda each: each.choice.color, leaves=5, optional=True),
            Column("BATCHES", lambda each: count(each.batches), right=True, leaves=1),
        ),
        listed,
        out.columns,
    )
    out.text("\n".join(lines))
    for each in listed:
        if each.problem:
            diagnostics.say(f"{each.choice.name}: {each.problem}")


def _endpoint(each: _Listed) -> str:
    return each.who.endpoint if each.who else each.choice.base_url or ""


def _workspace(each: _Listed) -> str:
    return each.who.workspace if each.who else each.choice.workspace or ""


def _credential(each: _Listed) -> str:
    return (each.who.source if each.who else "") or "none"
