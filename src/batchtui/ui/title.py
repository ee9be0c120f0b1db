"""What the screens say of where we are: the account's name and colour, its place, its modes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

import msgspec

from batchtui.domain.text import crop_middle, safe_line
from batchtui.settings.accounts import Choice, FoundIn
from batchtui.settings.credentials import Identity

if TYPE_CHECKING:
    from batchtui.account.opening import Opened

DEMO: Final = "DEMO"
"""The mode in which the API is the built-in simulator."""

READ_ONLY: Final = "READ-ONLY"
OFFLINE: Final = "OFFLINE"

LONGEST_NAME: Final = 24
"""Cells of the name of an account, or of any other part of where we are."""

_LONGEST_HOST = 32


class Title(msgspec.Struct, frozen=True):
    """Where we are. Its texts are foreign.

    Attributes:
        account: the name of the account, or the source of its key; never empty.
        workspace: the id of the workspace, "" if none is named.
        endpoint: the host of the API, "" for the built-in simulator.
        modes: READ-ONLY, OFFLINE, DEMO.
        color: the colour the account is shown in, "" for the app's own.
    """

    account: str
    workspace: str
    endpoint: str
    modes: tuple[str, ...] = ()
    color: str = ""

    @property
    def name(self) -> str:
        """The name of the account, safe and not too long."""
        return crop_middle(safe_line(self.account), LONGEST_NAME)

    @property
    def where(self) -> str:
        """The account and the host, such as "work (api.anthropic.com)"; safe."""
        host = crop_middle(safe_line(self.endpoint), _LONGEST_HOST)
        return f"{self.name} ({host})" if host else self.name


def title_of(opened: Opened, modes: Sequence[str] = ()) -> Title:
    """What to say of an account.

    Args:
        opened: the account.
        modes: what is true besides READ-ONLY and OFFLINE.
    """
    identity, choice = opened.identity, opened.choice
    own = (READ_ONLY,) * opened.account.read_only + (OFFLINE,) * opened.account.offline
    if DEMO in modes:
        return Title("built-in simulator", "", "", (*modes, *own))
    host = host_of(identity.endpoint)
    return Title(name_of(choice, identity), identity.workspace, host, (*modes, *own), choice.color)


def looks_like(name: str, names: Iterable[str]) -> bool:
    """Whether another one of the names is shown as this one is; they are foreign."""
    shown = _shown(name)
    return any(each != name and _shown(each) == shown for each in names)


def _shown(name: str) -> str:
    return normalize("NFC", Title(name, "", "").name)


def name_of(choice: Choice, identity: Identity) -> str:
    """What an account is called; foreign. The environment's has the name of what it holds."""
    if choice.found_in is FoundIn.ENVIRONMENT:
        return identity.profile or identity.source or choice.name
    return choice.name


def host_of(endpoint: str) -> str:
    """A base URL without its scheme."""
    return endpoint.partition("://")[2] or endpoint
