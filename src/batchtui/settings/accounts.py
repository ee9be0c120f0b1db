"""The accounts to choose from: those of `config.toml`, the SDK's profiles, the environment's."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec

from batchtui.domain.errors import ReadOnlyError, UsageError
from batchtui.domain.text import safe_line
from batchtui.settings.credentials import Credential, Identity, identify, profile_names, secret
from batchtui.settings.schema import AccountTable, Settings

UNNAMED = "environment"
"""The account that the environment and the settings without a name make."""


class EnvKey(msgspec.Struct, frozen=True):
    """The API key is in this environment variable."""

    variable: str


class CommandKey(msgspec.Struct, frozen=True):
    """This program, run without a shell, prints the API key."""

    argv: tuple[str, ...]


KeySource: TypeAlias = EnvKey | CommandKey


class FoundIn(StrEnum):
    """Where a choice was found."""

    CONFIG = "config.toml"
    PROFILE = "profile"
    ENVIRONMENT = "environment"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """An account to choose. Holds no secret.

    Attributes:
        name: what a person calls it; no two choices have the same.
        found_in: where it was found.
        base_url, workspace, profile: see `AccountTable`.
        key: where its API key is found; None to leave credentials to the profile or the SDK.
        read_only: whether nothing may be changed in it.
        color: colour to show it in, "" for the app's own.
    """

    name: str
    found_in: FoundIn
    base_url: str | None = None
    workspace: str | None = None
    profile: str | None = None
    key: KeySource | None = None
    read_only: bool = False
    color: str = ""


def choices(settings: Settings, environ: Mapping[str, str]) -> tuple[Choice, ...]:
    """All accounts there are: named ones, the environment's if it has a credential, profiles."""
    found = {name: _named(name, table) for name, table in settings.accounts.items()}
    own = environment(settings)
    if _has_credential(own, environ):
        found.setdefault(own.name, own)
    for name in profile_names(environ):
        found.setdefault(name, _of_profile(name))
    return tuple(found.values())


def environment(settings: Settings) -> Choice:
    """What the settings without a named account and the environment make us."""
    return Choice(
        name=UNNAMED,
        found_in=FoundIn.ENVIRONMENT,
        base_url=settings.base_url,
        workspace=settings.workspace,
        profile=settings.profile,
        read_only=settings.read_only,
    )


def find(name: str, settings: Settings, environ: Mapping[str, str]) -> Choice:
    """The account that a person calls so: one of `config.toml`, a profile, or "environment".

    Raises:
        UsageError: if there is none; suggests what may have been meant.
    """
    table = settings.accounts.get(name)
    if table is not None:
        return _named(name, table)
    if name == UNNAMED:
        return environment(settings)
    profiles = profile_names(environ)
    if name in profiles:
        return _of_profile(name)
    from difflib import get_close_matches

    known = list(dict.fromkeys((*settings.accounts, *profiles, UNNAMED)))
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    shown = " or ".join(f'"{safe_line(each, 60)}"' for each in close)
    raise UsageError(
        f'There is no account "{safe_line(name, 60)}"',
        todo=f"Did you mean {shown}?" if close else "`batchtui accounts` lists those there are",
    )


def chosen(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    base_url: str | None = None,
    profile: str | None = None,
    workspace: str | None = None,
) -> Choice:
    """The account to begin with.

    What is given as options wins over what the account says of it. The settings of the same names
    outside of `[accounts]` are those of the account "environment", and mean nothing to others.

    Args:
        settings: as in force, options included.
        environ: the environment.
        base_url: as given as an option; None if it was not. So the others.
        profile: with one the account's own key is not used.
        workspace: a workspace id.

    Raises:
        UsageError: if the settings name an account that there is not.
    """
    if settings.account is None:
        return environment(settings)
    choice = find(settings.account, settings, environ)
    return msgspec.structs.replace(
        choice,
        base_url=base_url or choice.base_url,
        workspace=workspace or choice.workspace,
        profile=profile or choice.profile,
        key=None if profile else choice.key,
    )


def identity_of(choice: Choice, environ: Mapping[str, str]) -> Identity:
    """Tell which account a choice is, without running anything.

    A named account without a credential that could be told from others is known by its name, so
    that its history is its own.

    Raises:
        UsageError: if its base URL is not one.
    """
    own = f"account:{choice.name}"
    identity = identify(
        environ,
        base_url=choice.base_url,
        profile=choice.profile,
        workspace=choice.workspace,
        credential=_credential(choice.key, own, environ),
    )
    if isinstance(choice.key, EnvKey):
        return msgspec.structs.replace(identity, name=choice.name)
    if choice.found_in is FoundIn.CONFIG and not identity.fingerprint:
        return msgspec.structs.replace(identity, fingerprint=own)
    return identity


def read_only_error(name: str) -> ReadOnlyError:
    """The error for what would change an account in read-only mode; "" if it has no name."""
    where = f' in the account "{safe_line(name, 60)}"' if name else ""
    return ReadOnlyError(
        f"Nothing was changed{where}: it is in read-only mode",
        todo="Leave out --read-only, or take read_only out of config.toml",
    )


def _credential(key: KeySource | None, own: str, environ: Mapping[str, str]) -> Credential | None:
    """What is known of a key beforehand; None to have the SDK's ways gone through.

    Not even without its variable may an account use what is meant for another.
    """
    match key:
        case EnvKey(variable):
            value = environ.get(variable)
            return secret(value, variable) if value else Credential(fingerprint=own)
        case CommandKey():
            return Credential(fingerprint=own, source="key_command", present=True)
        case None:
            return None


def _has_credential(choice: Choice, environ: Mapping[str, str]) -> bool:
    try:
        return identity_of(choice, environ).present
    except UsageError:  # its address is wrong, which is to be said where it is used
        return True


def _of_profile(name: str) -> Choice:
    return Choice(name=name, found_in=FoundIn.PROFILE, profile=name)


def _named(name: str, table: AccountTable) -> Choice:
    key: KeySource | None = None
    if table.key_env:
        key = EnvKey(table.key_env)
    elif table.key_command:
        key = CommandKey(table.key_command)
    return Choice(
        name=name,
        found_in=FoundIn.CONFIG,
        base_url=table.base_url,
        workspace=table.workspace,
        profile=table.profile,
        key=key,
        read_only=table.read_only,
        color=table.color or "",
    )
