"""The accounts to choose from: those of `config.toml`, the SDK's profiles, the environment's."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec

from batchtui.domain.errors import ConfigError
from batchtui.settings.credentials import Identity, identify, profile_names
from batchtui.settings.schema import AccountTable, Settings


class EnvKey(msgspec.Struct, frozen=True):
    """The API key is in this environment variable."""

    variable: str


class CommandKey(msgspec.Struct, frozen=True):
    """This program, run without a shell, prints the API key."""

    argv: tuple[str, ...]


KeySource: TypeAlias = EnvKey | CommandKey


class Origin(StrEnum):
    """Where a choice was found."""

    CONFIG = "config.toml"
    PROFILE = "profile"
    ENVIRONMENT = "environment"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """An account to choose. Holds no secret.

    Attributes:
        name: what a person calls it; no two choices have the same.
        origin: where it was found.
        base_url, workspace, profile: see `AccountTable`.
        key: where its API key is found; None to leave credentials to the profile or the SDK.
        read_only: whether nothing may be changed in it.
        color: colour to show it in, "" for the app's own.
    """

    name: str
    origin: Origin
    base_url: str | None = None
    workspace: str | None = None
    profile: str | None = None
    key: KeySource | None = None
    read_only: bool = False
    color: str = ""


def choices(settings: Settings, environ: Mapping[str, str]) -> tuple[Choice, ...]:
    """All accounts there are: named ones, the environment's if it has a credential, profiles."""
    named = [_named(name, table) for name, table in settings.accounts.items()]
    taken = set(settings.accounts)
    rest = [environment(settings)] if identify(environ).present else []
    rest += [
        Choice(name=name, origin=Origin.PROFILE, profile=name) for name in profile_names(environ)
    ]
    return (*named, *(each for each in rest if each.name not in taken))


def environment(settings: Settings) -> Choice:
    """What the settings without a named account and the environment make us."""
    return Choice(
        name="environment",
        origin=Origin.ENVIRONMENT,
        base_url=settings.base_url,
        workspace=settings.workspace,
        profile=settings.profile,
        read_only=settings.read_only,
    )


def chosen(settings: Settings) -> Choice:
    """The account to begin with.

    Raises:
        ConfigError: if the settings name one that they do not have.
    """
    if settings.account is None:
        return environment(settings)
    table = settings.accounts.get(settings.account)
    if table is None:
        raise ConfigError(f'There is no account "{settings.account}" in config.toml')
    return _named(settings.account, table)


def identity_of(choice: Choice, environ: Mapping[str, str]) -> Identity:
    """Tell which account a choice is, without running anything.

    Raises:
        UsageError: if its base URL is not one.
    """
    key = environ.get(choice.key.variable) if isinstance(choice.key, EnvKey) else None
    return identify(
        environ,
        base_url=choice.base_url,
        profile=choice.profile,
        workspace=choice.workspace,
        api_key=key or None,
    )


def _named(name: str, table: AccountTable) -> Choice:
    key: KeySource | None = None
    if table.key_env:
        key = EnvKey(table.key_env)
    elif table.key_command:
        key = CommandKey(table.key_command)
    return Choice(
        name=name,
        origin=Origin.CONFIG,
        base_url=table.base_url,
        workspace=table.workspace,
        profile=table.profile,
        key=key,
        read_only=table.read_only,
        color=table.color or "",
    )
