"""The settings in force as lines to show: name, value, where it came from; and no secret."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from batchtui.domain.text import size
from batchtui.settings.config import ACCOUNT_VARIABLE, GIVES_WAY_TO, Loaded, Origin
from batchtui.settings.faults import FILE_NAME, FaultError, dotted
from batchtui.settings.fields import field_at, flatten
from batchtui.settings.file import read
from batchtui.settings.lines import Statement, line_of, statements
from batchtui.settings.secrets import redacted

_VARIABLES = {**GIVES_WAY_TO, "account": (ACCOUNT_VARIABLE,)}

_VALUES = ("ANTHROPIC_PROFILE", "ANTHROPIC_BASE_URL", "ANTHROPIC_WORKSPACE_ID")
"""The variables that hold what the setting of that name would; others only have it looked for."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One setting.

    Attributes:
        path: its key, part by part.
        value: what it is, of JSON's kinds; None if it is not set.
        line: of the file, from 1, if it came from there.
        variable: of the environment, if it came from there.
    """

    path: tuple[str, ...]
    value: Any
    origin: Origin
    line: int | None = None
    variable: str = ""

    @property
    def name(self) -> str:
        """Its name, as it is given to `config get`."""
        return redacted(dotted(self.path))

    @property
    def text(self) -> str:
        """Its value, for people."""
        if self.origin is Origin.ENVIRONMENT and self.value is None:
            return "left to the environment"
        if self.value is None or self.value in ({}, []):
            return "not set"
        if field_at(self.path).is_size:
            return size(self.value)
        return plain(self.value)

    @property
    def where(self) -> str:
        """Where its value came from, for people."""
        match self.origin:
            case Origin.FILE if self.line:
                return f"{FILE_NAME}, line {self.line}"
            case Origin.ENVIRONMENT:
                return self.variable
            case Origin.CAUTION:
                return f"caution, as {FILE_NAME} is faulty"
            case _:
                return self.origin.value


def shown(loaded: Loaded, directory: Path, environ: Mapping[str, str]) -> list[Shown]:
    """All settings in force, in the order of the schema."""
    among = _statements(directory) if Origin.FILE in loaded.origins.values() else []
    return [
        _shown(path, value, loaded, among, environ)
        for path, value in flatten(loaded.settings).items()
    ]


def _shown(
    path: tuple[str, ...],
    value: Any,
    loaded: Loaded,
    among: Sequence[Statement],
    environ: Mapping[str, str],
) -> Shown:
    origin = loaded.origins[dotted(path)]
    line, variable = None, ""
    if origin is Origin.FILE:
        line = line_of(path, among)
    elif origin is Origin.ENVIRONMENT:
        variable = next(each for each in _VARIABLES[path[0]] if environ.get(each))
        value = environ[variable] if variable in _VALUES else value
    return Shown(path=path, value=_safe(value), origin=origin, line=line, variable=variable)


def _statements(directory: Path) -> list[Statement]:
    try:
        return list(statements(read(directory)))
    except FaultError:  # it became bad a moment ago
        return []


def _safe(value: Any) -> Any:
    """The value in JSON's kinds, without what looks like a secret."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {redacted(key): _safe(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(each) for each in value]
    return value


def plain(value: Any) -> str:
    """A value as words, as `config set` takes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return shlex.join(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)
