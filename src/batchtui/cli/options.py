"""The options nearly every command takes, before or after its name; the value given last wins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_GIVEN = "batchtui.options"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What was given on the command line; None where nothing was."""

    account: str | None = None
    profile: str | None = None
    base_url: str | None = None
    workspace: str | None = None
    config_dir: Path | None = None
    read_only: bool | None = None
    offline: bool | None = None


def given(context: click.Context) -> Given:
    """What was given so far on this command line."""
    return Given(**context.meta.get(_GIVEN, {}))


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    # `meta` is one for the whole command line, and the group is parsed before the command.
    if value is not None:
        context.meta.setdefault(_GIVEN, {})[parameter.name] = value


def _accounts(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from batchtui.cli.completing import accounts_like

    return accounts_like(context, incomplete)


def _profiles(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from batchtui.cli.completing import profiles_like

    return profiles_like(incomplete)


def _common(*names: str, **how: Any) -> Callable[[Decorated], Decorated]:
    return click.option(*names, expose_value=False, callback=_keep, default=None, **how)


_OPTIONS = (
    _common(
        "--account",
        metavar="NAME",
        shell_complete=_accounts,
        help="Use this account: one of config.toml, a profile, or environment for what the"
        " environment holds (also BATCHTUI_ACCOUNT).",
    ),
    _common(
        "--profile",
        metavar="NAME",
        shell_complete=_profiles,
        help="Use this profile instead of ANTHROPIC_API_KEY, or of the account's own key.",
    ),
    _common("--base-url", metavar="URL", help="Address of the API; wins over the account's."),
    _common("--workspace", metavar="ID", help="Workspace to act in; wins over the account's."),
    _common(
        "--config-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Keep settings, history and results here (also BATCHTUI_CONFIG_DIR).",
    ),
    _common("--read-only", is_flag=True, help="Change nothing on the server."),
    _common("--offline", is_flag=True, help="Use only what is known already."),
)


def common_options(command: Decorated) -> Decorated:
    """Give a command the common options; `given` has their values."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def examples(*lines: str) -> str:
    r"""The end of a command's help: command lines as they are typed, to be given as `epilog`.

    Args:
        lines: each at most 76 cells wide, with what it does behind a `#` where that is not plain;
            a line that ends in a backslash goes on in the next.
    """
    # The first mark keeps click from filling the lines up like prose.
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
