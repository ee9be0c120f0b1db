"""Whose credentials calls are made with, and how they are mended, in words."""

from __future__ import annotations

import shlex

import msgspec

from batchtui.domain.text import safe_line
from batchtui.settings.accounts import CommandKey, EnvKey, KeySource
from batchtui.settings.credentials import FEDERATION, HEADERS_VARIABLE, Identity

_LONGEST = 60


class Owner(msgspec.Struct, frozen=True):
    """Whose credentials they are.

    Attributes:
        name: of the account; "" if it has none.
        mend: what to do when they are not accepted, as a sentence without its full stop.
    """

    name: str = ""
    mend: str = "Check ANTHROPIC_API_KEY or the profile in use"

    @property
    def of(self) -> str:
        """What a sentence goes on with to say whose they are; "" if that has no name."""
        return f' of the account "{safe_line(self.name, _LONGEST)}"' if self.name else ""


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
    return Owner(name, _mend(name, identity, profile or identity.profile, key))


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
        what = "token" if identity.source.endswith("TOKEN") else "key"
        return f"Put a valid {what} into {identity.source}, and start again"
    return NOBODY.mend
