"""`batchtui` without a verb: the app."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from batchtui.cli.start import read_settings, start
from batchtui.cli.terminal import is_dumb, settle_color
from batchtui.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from batchtui.account.opening import Opened
    from batchtui.settings.schema import Settings


def open_app(context: click.Context, **overrides: object) -> int:
    """Open the app on the account of this command line.

    Args:
        context: of the command.
        overrides: settings given as options, by name; None where they are not.
    """
    require_terminal()
    opened = start(context, lenient=True, **overrides).account_quietly()
    return run_app(
        opened, reread=lambda: read_settings(context, lenient=False, **overrides)[1].settings
    )


def run_app(
    opened: Opened, *, modes: Sequence[str] = (), reread: Callable[[], Settings] | None = None
) -> int:
    """Run the app until it is left; returns the exit code."""
    import gc

    # Before Textual is imported, which looks for it.
    settle_color(os.environ)
    # Until its first paint an app only grows. To look for garbage all the while would take a tenth
    # of the time; the app itself takes it up again.
    gc.disable()
    try:
        from batchtui.ui.running import run_app as run

        return run(opened, modes=modes, reread=reread)
    finally:
        gc.enable()


def require_terminal() -> None:
    """The app needs a person.

    Raises:
        UsageError: if stdin, stdout or stderr (which Textual draws on) is not a terminal, or one
            that cannot move its cursor.
    """
    import sys

    if not all(each and each.isatty() for each in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError(
            "The app needs a terminal",
            todo="In a script, use `batchtui list`, `show`, `cancel` or `delete`",
        )
    if is_dumb(os.environ):
        raise UsageError(
            "The app needs a terminal that can move its cursor, and TERM says this one cannot",
            todo="Use `batchtui list`, `show`, `cancel` or `delete`",
        )
