"""From the options of a command line to an account: settings, who it is, and what is kept of it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from batchtui.account.opening import Kept, open_account, open_kept
from batchtui.cli import diagnostics
from batchtui.cli.options import Given, given
from batchtui.domain.errors import ConfigError
from batchtui.domain.text import crop_middle, safe_line
from batchtui.settings import secrets
from batchtui.settings.accounts import (
    Choice,
    chosen,
    environment,
    identity_of,
    read_only_error,
)
from batchtui.settings.config import CAUTION, Loaded, load
from batchtui.settings.credentials import Identity
from batchtui.settings.directory import locate
from batchtui.settings.schema import Settings

if TYPE_CHECKING:
    from batchtui.account.events import Event
    from batchtui.account.opening import Opened

_FAULTS = 3
"""So many problems of config.toml are said when the app starts."""

_LONGEST = 60
"""Cells of a name in a sentence."""


class Start(msgspec.Struct, frozen=True):
    """What a command begins with.

    Attributes:
        directory: the config directory; it need not exist.
        choice: which of the accounts it is.
        offline: whether to do without the API.
    """

    directory: Path
    loaded: Loaded
    choice: Choice
    identity: Identity
    offline: bool

    @property
    def where(self) -> str:
        """In which account something is about to be changed: "work (api.anthropic.com)"; safe."""
        from batchtui.ui.title import host_of, name_of

        name = crop_middle(safe_line(name_of(self.choice, self.identity)), _LONGEST)
        return f"{name} ({crop_middle(safe_line(host_of(self.identity.endpoint)), _LONGEST)})"

    def kept(self) -> Kept:
        """Open what is kept here; what there is to know of that goes to stderr."""
        kept = open_kept(self.directory, self.identity, now=now())
        _tell(kept.notices)
        return kept

    def account(self) -> Opened:
        """Open the account for a command; what there is to know of that goes to stderr."""
        opened = self.account_quietly()
        _tell(opened.notices)
        opened.account.listen(_hear)
        return opened

    def account_quietly(self) -> Opened:
        """Open the account for a front end that shows the notices itself."""
        opened = open_account(
            directory=self.directory,
            settings=self.loaded.settings,
            identity=self.identity,
            offline=self.offline,
            clock=now,
            choice=self.choice,
        )
        notices = (*worst(self.loaded), *opened.notices)
        return msgspec.structs.replace(opened, notices=notices)

    def require_writable(self) -> None:
        """Refuse before anything is opened or sent.

        Raises:
            ReadOnlyError: in read-only mode.
        """
        if self.loaded.settings.read_only or self.choice.read_only:
            raise read_only_error(self.choice.name)


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def start(context: click.Context, *, lenient: bool = False, **overrides: object) -> Start:
    """Read the settings and find out who it is, without a look at the network.

    Args:
        context: of the command.
        lenient: whether to make do with what holds of a bad config.toml, see `load`.
        overrides: settings that the command's own options give; None where they do not.

    Raises:
        ConfigError: if config.toml cannot be read or makes no sense, unless lenient.
        UsageError: if there is no such account, or the base URL is not one.
    """
    try:
        directory, loaded = read_settings(context, lenient=lenient, **overrides)
    except ConfigError as error:
        if not (error.kept or error.todo):
            error.todo = "`batchtui config edit` opens the file"
        raise
    options = given(context)
    choice = meant(loaded.settings, options)
    return Start(directory, loaded, choice, identity_of(choice, os.environ), bool(options.offline))


def read_settings(
    context: click.Context, *, lenient: bool = False, **overrides: object
) -> tuple[Path, Loaded]:
    """Where the config directory is, and what is set; see `start`.

    Raises:
        ConfigError: if config.toml cannot be read or makes no sense, unless lenient.
    """
    options = given(context)
    directory = locate(os.environ, options.config_dir)
    common = {
        "account": options.account,
        "profile": options.profile,
        "base_url": options.base_url,
        "workspace": options.workspace,
        "read_only": options.read_only,
    }
    loaded = load(directory, common | overrides, os.environ, lenient=lenient)
    for table in loaded.settings.accounts.values():
        secrets.learn(os.environ.get(table.key_env or "", ""))
    return directory, loaded


def meant(settings: Settings, options: Given) -> Choice:
    """The account that is meant. A profile by itself means just that, whatever is set besides.

    Raises:
        UsageError: if there is no such account.
    """
    if options.profile and not options.account:
        return environment(settings)
    return chosen(
        settings,
        os.environ,
        base_url=options.base_url,
        profile=options.profile,
        workspace=options.workspace,
    )


def worst(loaded: Loaded) -> tuple[str, ...]:
    """What to say of a bad config.toml where there is no room for all of it."""
    first, more = loaded.faults[:_FAULTS], len(loaded.faults) - _FAULTS
    said = [str(fault) for fault in first]
    if more > 0:
        said.append(f"`batchtui config check` names {more} more problems of config.toml.")
    if loaded.cautious:
        said.append(f"{CAUTION}.")
    return tuple(said)


def _hear(event: Event) -> None:
    """Say what the account did by itself."""
    from batchtui.account.events import MadeRoom

    if isinstance(event, MadeRoom):
        diagnostics.say(event.words)


def _tell(notices: tuple[str, ...]) -> None:
    for notice in notices:
        diagnostics.say(f"Warning: {notice}")
