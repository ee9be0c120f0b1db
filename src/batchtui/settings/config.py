"""`config.toml` as one frozen struct, with where each value came from and what is wrong in it.

Options win over the environment, the environment over the file, the file over the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from batchtui.settings.faults import FILE_NAME, Fault, FaultError, dotted
from batchtui.settings.fields import flatten
from batchtui.settings.file import read
from batchtui.settings.schema import Settings

ACCOUNT_VARIABLE = "BATCHTUI_ACCOUNT"
"""Names one of the accounts of `config.toml`."""

CAUTION = (
    "Until that is mended nothing is changed on the server, as if with --read-only, because it may"
    " have said otherwise where to act, or whether"
)


class Origin(StrEnum):
    """Where a value came from."""

    DEFAULT = "default"
    FILE = FILE_NAME
    ENVIRONMENT = "environment"
    OPTION = "option"
    CAUTION = "caution"
    """Because of what is wrong in the file."""


class Loaded(msgspec.Struct, frozen=True):
    """The settings in force.

    Attributes:
        settings: what holds.
        origins: where each setting came from, by its name: "mouse", "notify.bell",
            "accounts.work.base_url". Tables whose keys a person names, such as "keys", stand by
            themselves if they are empty.
        faults: what is wrong in the file and therefore does not hold, by line.
        cautious: whether `read_only` is on because of a fault.
    """

    settings: Settings
    origins: Mapping[str, Origin]
    faults: tuple[Fault, ...] = ()
    cautious: bool = False

    @property
    def problems(self) -> tuple[str, ...]:
        """What a person should know of the file, as sentences."""
        caution = (f"{CAUTION}.",) if self.cautious else ()
        return (*map(str, self.faults), *caution)


# What a value of the file gives way to. The SDK reads these variables itself, and in its own
# order, so they are not copied here: the setting is left out, which makes it look.
GIVES_WAY_TO = {
    "profile": (
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_PROFILE",
        "ANTHROPIC_FEDERATION_RULE_ID",
    ),
    "base_url": ("ANTHROPIC_BASE_URL",),
    "workspace": ("ANTHROPIC_WORKSPACE_ID",),
}


def load(
    directory: Path,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    lenient: bool = False,
) -> Loaded:
    """Read the settings; without a file they are the defaults.

    Args:
        directory: the config directory.
        overrides: values given as options, by field name; None stands for "not given".
        environ: the environment; `GIVES_WAY_TO` and `ACCOUNT_VARIABLE` are what of it counts.
        lenient: whether to make do with what holds of a bad file. If what does not could have said
            where to act, or that nothing may be changed, then nothing may be.

    Raises:
        FaultError: if the file cannot be read or makes no sense, unless lenient.
    """
    values, faults = _held(directory, environ, lenient=lenient)
    if faults and not lenient:
        raise FaultError(faults[0], len(faults) - 1)
    # Most have no file: what reads and checks one is imported for those who do.
    settings = msgspec.convert(values, Settings) if values else Settings()
    environ = environ or {}
    changes: dict[str, Any] = {}
    won: dict[str, Origin] = {}

    def take(origin: Origin, given: Mapping[str, Any]) -> None:
        changes.update(given)
        won.update(dict.fromkeys(given, origin))

    for name, variables in GIVES_WAY_TO.items():
        if any(environ.get(variable) for variable in variables):
            take(Origin.ENVIRONMENT, {name: None})
    if account := environ.get(ACCOUNT_VARIABLE):
        take(Origin.ENVIRONMENT, {"account": account})
    given = (overrides or {}).items()
    take(Origin.OPTION, {name: value for name, value in given if value is not None})
    cautious = _is_dangerous(faults)
    if cautious:
        take(Origin.CAUTION, {"read_only": True})
    settings = msgspec.structs.replace(settings, **changes)
    return Loaded(settings, _origins(settings, values) | won, faults, cautious)


def _held(
    directory: Path, environ: Mapping[str, str] | None, *, lenient: bool
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """What holds of the file, and what is wrong in it."""
    try:
        text = read(directory)
    except FaultError as error:
        if not lenient:
            raise
        return {}, (error.fault,)
    if not text.strip():
        return {}, ()
    from batchtui.settings.checking import check

    return check(text, environ)


def _is_dangerous(faults: Sequence[Fault]) -> bool:
    if not faults:
        return False
    from batchtui.settings.checking import endangers

    return any(map(endangers, faults))


def _origins(settings: Settings, values: Mapping[str, Any]) -> dict[str, Origin]:
    """Where each setting comes from, as far as the file alone says."""
    return {
        dotted(path): Origin.FILE if _has(values, path) else Origin.DEFAULT
        for path in flatten(settings)
    }


def _has(values: Any, path: Sequence[str]) -> bool:
    for part in path:
        if not isinstance(values, Mapping) or part not in values:
            return False
        values = values[part]
    return True
