"""Whose credentials calls are made with, and how they are mended, in words."""

from __future__ import annotations

import shlex

import msgspec

from batchtui.domain.text import safe_line
from batchtui.settings.accounts import UNNAMED, CommandKey, EnvKey, KeySource
from batchtui.settings.credentials import FEDERATION, HEADERS_VARIABLE, Identity

_LONGEST = 60


class Owner(msgspec.Struct, frozen=True):
    """Whose credentials they are.

    Attributes:
        name: of the account; "" if nobody gave it one.
        mend: what to do when they are not accepted, as a sentence without its full stop.
        credentials: what they are called where the account has no name.
    """

    name: str = ""
    mend: str = "Check ANTHROPIC_API_KEY or the profile in use"
    credentials: str = "credentials"

    @property
    def of(self) -> str:
        """What a sentence goes on with to say whose they are; "" if that has no name."""
        return f' of the account "{safe_line(self.name, _LONGEST)}"' if self.name else ""

    @property
    def give_workspace(self) -> str:
        """How to say in which workspace to act, as a sentence without its full stop."""
        if not self.name:
            return "Give its id with --workspace or ANTHROPIC_WORKSPACE_ID"
        table = f"accounts.{safe_line(self.name, _LONGEST)}"
        return f"Give its id with --workspace, or as workspace of {table} in config.toml"

    @property
    def whose(self) -> str:
        """What goes on after "the": whose credentials, or where they were found."""
        return f"credentials{self.of}" if self.name else self.credentials


NOBODY = Owner()
"""Of whom nothing is known."""


def owner_of(name: str, identity: Identity, *, profile: str | None, key: KeySource | None) -> Owner:
    """Who it is, judged by where the credentials come from.

    Args:
        name: of the account; "" if it has none.
        identity: what was found.
        profile: the profile that is to be used, be it there or not.
        key: where the key of the account is found, if it has one of its own.
    """
    profile = profile or identity.profile
    mend = _mend(name, identity, profile, key)
    return Owner("" if name == UNNAMED else name, mend, _credentials(identity, profile))


def _credentials(identity: Identity, profile: str) -> str:
    if profile:
        return f'credentials of the profile "{safe_line(profile, _LONGEST)}"'
    if not identity.source.startswith("ANTHROPIC_"):
        return "credentials"
    return f"{_kind(identity)} in {identity.source}"


def _kind(identity: Identity) -> str:
    """What a variable of the SDK holds."""
    if identity.source == HEADERS_VARIABLE:
        return "credentials"
    return "token" if identity.source.endswith("TOKEN") else "key"


def _mend(name: str, identity: Identity, profile: str, key: KeySource | None) -> str:
    if identity.source == HEADERS_VARIABLE:
        return f"Put a valid credential into {HEADERS_VARIABLE}, and start again"
    match key:
        case EnvKey(variable):
            return f"Put a valid key into {safe_line(variable, _LONGEST)}, and start again"
        case CommandKey():
            shown = safe_line(name, _LONGEST)
            return f"See to it that the key_command of accounts.{shown} prints a valid key"
        case None:
            pass
    if profile:
        return f"Run `ant auth login --profile {safe_line(shlex.quote(profile), _LONGEST)}`"
    if identity.source == FEDERATION:
        return "Check the identity token, and the federation rule that it is exchanged by"
    if identity.source.startswith("ANTHROPIC_"):
        return f"Put a valid {_kind(identity)} into {identity.source}, and start again"
    return NOBODY.mend
