"""`batchtui config`: the settings, where each came from, and changes to them that are checked."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import msgspec
from click.shell_completion import CompletionItem

from batchtui.cli import diagnostics
from batchtui.cli.options import common_options, examples, given
from batchtui.cli.output import stdout
from batchtui.cli.start import read_settings
from batchtui.cli.table import Column, lay_out
from batchtui.domain.errors import UsageError
from batchtui.domain.text import counted, safe_line
from batchtui.settings.changing import UNSET, change
from batchtui.settings.checking import faults_of
from batchtui.settings.config import Loaded, Origin
from batchtui.settings.directory import ensure, locate
from batchtui.settings.faults import FILE_NAME, Fault, FaultError, dotted
from batchtui.settings.file import read
from batchtui.settings.secrets import redacted
from batchtui.settings.shown import Shown, plain, shown
from batchtui.settings.typed import read_name, typed

SHOWN_COLUMNS = (
    Column[Shown]("setting", lambda each: each.name),
    Column[Shown]("value", lambda each: each.text, narrowest=12),
    Column[Shown]("from", lambda each: each.where, narrowest=12),
)


class Name(click.ParamType[tuple[str, ...]]):
    """An argument that names a setting: `notify.bell`, `keys.cancel`."""

    name = "setting"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Find the setting."""
        try:
            return read_name(str(value))
        except FaultError as error:
            what = f'There is no setting "{redacted(str(value))}"'
            self.fail(str(UsageError(what, todo=error.kept)), param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """The settings there are now that begin like this, and where they are taken, tables."""
        from batchtui.cli.completing import settings_like

        return settings_like(ctx, incomplete, tables=ctx.info_name in ("show", "unset"))


@click.group(
    "config",
    invoke_without_command=True,
    epilog=examples(
        "batchtui config show notify",
        "batchtui config set interval 30",
        "batchtui config set cache_limit 5GB",
        'batchtui config set hooks.on_end notify-send "a batch ended"',
        "batchtui config unset theme",
        "batchtui config check && batchtui",
    ),
)
@common_options
@click.pass_context
def command(context: click.Context) -> int | None:
    """Print the settings, or change them in config.toml.

    Options win over the environment, the environment over config.toml, and that over the defaults.
    Without a command it is `show`.
    """
    if context.invoked_subcommand is None:
        return _show(context, (), as_json=False)
    return None


@command.command(
    "path",
    short_help="Print where config.toml is, or would be.",
    epilog=examples('cat "$(batchtui config path)"'),
)
@common_options
@click.pass_context
def path(context: click.Context) -> None:
    """Print where config.toml is, or would be."""
    stdout().text(str(_directory(context) / FILE_NAME))


@command.command(
    "show",
    short_help="Print every setting, and where it came from.",
    epilog=examples("batchtui config show accounts hooks", "batchtui config show --json"),
)
@common_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.argument("names", metavar="[NAME]...", type=Name(), nargs=-1)
@click.pass_context
def show(context: click.Context, names: Sequence[tuple[str, ...]], as_json: bool) -> int:
    """Print every setting in force with where it came from, or those that are named.

    What looks like a secret is never printed. Where config.toml is wrong, what holds of it is
    shown, and the rest is said on stderr.

    With --json an object has "name", "value" (null if it is not set), "origin" (default,
    config.toml, environment, option or caution), "line" of config.toml and "variable" of the
    environment.
    """
    return _show(context, names, as_json=as_json)


def _show(context: click.Context, names: Sequence[tuple[str, ...]], *, as_json: bool) -> int:
    out = stdout()
    loaded = _load(context)
    settings = [
        each
        for each in shown(loaded, _directory(context), os.environ)
        if not names or any(each.path[: len(name)] == name for name in names)
    ]
    if as_json:
        out.json(msgspec.json.encode(_facts(each)) for each in settings)
    else:
        out.text("\n".join(lay_out(SHOWN_COLUMNS, settings, out.columns)))
    _warn(loaded)
    return diagnostics.DONE


def _facts(each: Shown) -> dict[str, object]:
    return {
        "name": each.name,
        "value": each.value,
        "origin": each.origin,
        "line": each.line,
        "variable": each.variable or None,
    }


@command.command(
    "get",
    short_help="Print the value of one setting, for scripts.",
    epilog=examples("batchtui config get cache_limit", "batchtui config get hooks.on_end --json"),
)
@common_options
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; null if it is not set.")
@click.argument("name", metavar="NAME", type=Name())
@click.pass_context
def get(context: click.Context, name: tuple[str, ...], as_json: bool) -> int:
    """Print the value of one setting that is in force, as `set` would take it.

    Nothing is printed if it is not set. The exit code is 2 if config.toml sets it to something
    that makes no sense.
    """
    loaded = _load(context)
    for fault in loaded.faults:
        if _about(fault.path, name):
            raise FaultError(fault, len(loaded.faults) - 1)
    found = [
        each
        for each in shown(loaded, _directory(context), os.environ)
        if each.path[: len(name)] == name
    ]
    if any(each.path != name for each in found):
        raise UsageError(
            f"{safe_line(dotted(name))} is a table",
            todo=f"`batchtui config show {safe_line(dotted(name))}` prints what is in it",
        )
    value = found[0].value if found else None
    if as_json:
        stdout().json([msgspec.json.encode(value)])
    elif value is not None:
        stdout().text(plain(value))
    return diagnostics.DONE


def _values(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from batchtui.cli.completing import values_like

    return values_like(context, context.params.get("name") or (), incomplete)


@command.command(
    "set",
    short_help="Set one setting in config.toml.",
    context_settings={"allow_interspersed_args": False},
    epilog=examples(
        "batchtui config set notify.bell false",
        "batchtui config set cache_limit 5GB",
        "batchtui config set columns state name progress next",
        "batchtui config set accounts.work.key_env WORK_API_KEY",
        "batchtui config set keys.cancel ctrl+x",
        "batchtui config set hooks.on_end ~/bin/tell.sh --loud",
    ),
)
@common_options
@click.argument("name", metavar="NAME", type=Name())
@click.argument("words", metavar="VALUE...", nargs=-1, required=True, shell_complete=_values)
@click.pass_context
def set_(context: click.Context, name: tuple[str, ...], words: tuple[str, ...]) -> int:
    """Set one setting in config.toml; comments and order stay.

    VALUE is true or false, a number, a text, or a size such as 5GB. A list, which columns and
    programs with their arguments are, is given word by word, or as one word: as a shell would take
    it apart, or as a list of TOML. Everything behind NAME belongs to VALUE: options stand before.

    What would not be right is refused, and then nothing is written.
    """
    return _change(context, name, typed(name, words))


@command.command(
    "unset",
    short_help="Take one setting out of config.toml.",
    epilog=examples("batchtui config unset theme", "batchtui config unset tabs.Nights"),
)
@common_options
@click.argument("name", metavar="NAME", type=Name())
@click.pass_context
def unset(context: click.Context, name: tuple[str, ...]) -> int:
    """Take one setting, or a whole table, out of config.toml, so that its default holds."""
    return _change(context, name, UNSET)


def _about(fault: Sequence[str], name: Sequence[str]) -> bool:
    """Whether a fault is in the way of a setting: it is of it, of something in it, or around it."""
    return all(one == other for one, other in zip(fault, name, strict=False))


def _change(context: click.Context, name: tuple[str, ...], value: object) -> int:
    rest = change(ensure(_directory(context)), {name: value}, _examiner(name))
    if rest:
        diagnostics.say(f"`batchtui config check` names {counted(len(rest), 'problem')} besides.")
    origin = _load(context).origins.get(dotted(name))
    if value is not UNSET and origin is Origin.ENVIRONMENT:
        diagnostics.say(f"The environment has another say on {dotted(name)}, and wins.")
    return diagnostics.DONE


@command.command(
    "edit",
    short_help="Open config.toml in an editor, and check what it became.",
    epilog=examples("batchtui config edit", "EDITOR=nano batchtui config edit"),
)
@common_options
@click.pass_context
def edit(context: click.Context) -> int:
    """Open a copy of config.toml in $VISUAL or $EDITOR, and put it in place if it is right.

    If it is not, every problem is said, and it can be edited again. What is given up is kept
    beside config.toml, and its name is said. Without a config.toml yet, one is begun in which
    every setting is explained.
    """
    from batchtui.cli.config_editing import edit_config

    return edit_config(ensure(_directory(context)), os.environ)


@command.command(
    "check",
    short_help="Say every problem of config.toml.",
    epilog=examples("batchtui config check && batchtui", "batchtui config check --json"),
)
@common_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each problem.")
@click.pass_context
def check(context: click.Context, as_json: bool) -> int:
    """Say every problem of config.toml with its line; the exit code is 2 if there is any.

    With --json an object has "line" (null if it cannot be told), "name" of the setting (null for
    the file as a whole) and "problem".
    """
    from batchtui.cli.config_checking import every_fault

    out = stdout()
    directory = _directory(context)
    try:
        faults = every_fault(read(directory), os.environ)
    except FaultError as error:
        faults = (error.fault,)
    if as_json:
        out.json(msgspec.json.encode(_problem(each)) for each in faults)
    elif faults:
        out.text("\n".join(map(str, faults)))
    if faults:
        return diagnostics.USAGE
    state = "is all right" if (directory / FILE_NAME).exists() else "is not there: all is default"
    diagnostics.say(f"{FILE_NAME} {state}.")
    return diagnostics.DONE


def _problem(fault: Fault) -> dict[str, object]:
    return {"line": fault.line, "name": fault.name or None, "problem": str(fault)}


def _examiner(name: Sequence[str]) -> Callable[[str], tuple[Fault, ...]]:
    """What looks a changed text over; it loads the screens only if they have a say."""
    from batchtui.cli.config_checking import concerns_screens, every_fault

    examine = every_fault if concerns_screens(name) else faults_of
    return lambda text: examine(text, os.environ)


def _directory(context: click.Context) -> Path:
    return locate(os.environ, given(context).config_dir)


def _load(context: click.Context) -> Loaded:
    return read_settings(context, lenient=True)[1]


def _warn(loaded: Loaded) -> None:
    for problem in loaded.problems:
        diagnostics.say(f"Warning: {problem}")
