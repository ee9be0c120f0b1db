"""`batchtui`: the app by itself, a verb for everything else. A verb is imported when it is used."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import click

from batchtui import __version__
from batchtui.cli.diagnostics import guarded
from batchtui.cli.garbage import no_collection
from batchtui.cli.options import common_options, examples
from batchtui.cli.quantities import Number

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VERBS = {
    "demo": "Open the app on a simulated API.",
    "check": "Look at a request file before it is sent.",
    "submit": "Send a request file, as one batch or as several.",
    "jobs": "Print which request files were sent, and how far that is.",
    "list": "Print the newest batches.",
    "watch": "Wait until batches have ended, and tell of it.",
    "status": "Print one line on how things stand, for a status bar or a prompt.",
    "show": "Print all that is known of a batch.",
    "results": "Print the results of a batch, or write them to a file.",
    "make": "Make a request file of a prompt and the rows of a table.",
    "retry": "Send requests again that failed, expired or were cut off.",
    "cancel": "Cancel running batches.",
    "delete": "Delete ended batches from the server.",
    "link": "Say which file the requests of a batch stand in.",
    "fetch": "Download results and keep them.",
    "cache": "Print which results are kept here, or remove some.",
    "insight": "Print what became of the batches, by day or by model.",
    "import": "Take in what other programs know of batches.",
    "history": "Print what is known of batches here, export or prune it.",
    "doctor": "Check that all is well here, and say what to do where it is not.",
    "accounts": "Print which accounts there are to choose from.",
    "simulate": "Run a simulated Message Batches API.",
    "config": "Print the settings, or change them.",
    "info": "Print where things are, and which account is used.",
    "completion": "Print the completion script of a shell.",
}
"""What each verb does; `command` in the module of its name does it.

A module that cannot have that name, because it is a word of Python's, has one with a `_` behind it.
"""


class Verbs(click.Group):
    """A group whose commands are imported by name, and whose failures are sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb."""
        if cmd_name not in VERBS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        with no_collection():
            command = import_module(f"batchtui.cli.{module}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def main(self, *args: Any, **how: Any) -> Any:
        """Run a command line and exit with its code."""
        how["standalone_mode"] = False
        main: Callable[..., object] = super().main
        sys.exit(guarded(lambda: main(*args, **how)))


def _themes(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from batchtui.cli.completing import themes_like

    return themes_like(incomplete)


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "batchtui  # the app",
        "batchtui demo  # the app on a simulated API: no key needed, nothing kept",
        "batchtui submit requests.jsonl --watch && batchtui results requests",
    ),
)
@common_options
@click.option(
    "--interval",
    type=Number(min=0, max=86400),
    metavar="SECONDS",
    help="Time between two looks at the list; 0 for only by hand.",
)
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option("--theme", metavar="NAME", shell_complete=_themes, help="Colour theme of the app.")
@click.version_option(__version__, message="batchtui %(version)s")
@click.pass_context
def batchtui(
    context: click.Context, interval: float | None, no_mouse: bool, theme: str | None
) -> int | None:
    """See, watch, read and steer your Message Batches.

    Without a command it opens the app. Data goes to stdout, everything else to stderr.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 ended with requests that did not succeed
    (submit and retry with --watch, watch --exit-status), 4 no or bad credentials, 5 time is up
    (watch --timeout), 130 interrupted.
    """
    if context.invoked_subcommand is not None:
        return None
    from batchtui.cli.app import open_app

    return open_app(context, interval=interval, mouse=False if no_mouse else None, theme=theme)


def run() -> None:
    """The entry point."""
    for name in ("stdout", "stderr"):
        _make_reliable(name)
    batchtui(prog_name="batchtui")


def _make_reliable(name: str) -> None:
    """Have a standard stream write UTF-8 whatever the locale says, and all of what it is given."""
    stream = getattr(sys, name)
    if not isinstance(stream, io.TextIOWrapper):
        return
    if isinstance(stream.buffer, io.RawIOBase):
        # With PYTHONUNBUFFERED nobody writes the rest when a signal, such as that of a window
        # which changes its size, cuts a write short.
        whole = io.BufferedWriter(stream.detach())
        stream = io.TextIOWrapper(whole, line_buffering=True)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    stream.reconfigure(encoding="utf-8", errors="backslashreplace")
