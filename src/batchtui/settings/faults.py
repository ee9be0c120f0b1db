"""What is wrong in `config.toml`: a sentence each, with line and key and without any secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from batchtui.domain.errors import ConfigError
from batchtui.domain.text import safe_line
from batchtui.settings.secrets import redacted

FILE_NAME = "config.toml"

_BARE = r"[A-Za-z0-9_-]+"


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    Attributes:
        path: the key, part by part; empty for the file as a whole.
        words: what is wrong with it, as the end of a sentence without its full stop.
        todo: what to do, as a sentence without its full stop; "" where that is plain.
        line: where it is, from 1; None if that cannot be told.
    """

    path: tuple[str, ...]
    words: str
    todo: str = ""
    line: int | None = None

    @property
    def name(self) -> str:
        """The key as TOML writes it, to be shown; "" for the file as a whole."""
        return safe_line(redacted(dotted(self.path)), 120)

    @property
    def what(self) -> str:
        """Where and what it is, as a sentence without its full stop."""
        where = f"{FILE_NAME}, line {self.line}" if self.line else FILE_NAME
        name = f'"{self.name}" ' if self.path else ""
        return f"{where}: {name}{redacted(self.words)}"

    def __str__(self) -> str:
        return str(ConfigError(self.what, todo=self.todo))


class FaultError(ConfigError):
    """The file is wrong in one way at least.

    Args:
        fault: the first of them.
        more: how many more there are.
    """

    def __init__(self, fault: Fault, more: int = 0) -> None:
        others = f"`batchtui config check` names {more} more" if more else ""
        super().__init__(fault.what, kept=fault.todo, todo=others)
        self.fault = fault


def unknown_key(path: tuple[str, ...], known: Iterable[str]) -> Fault:
    """The fault of a key whose last part is not among those known there."""
    from difflib import get_close_matches

    known = list(known)
    close = get_close_matches(path[-1], known, n=1)
    hint = f'Did you mean "{close[0]}"?' if close else f"Known are {', '.join(known)}"
    return Fault(path, "is an unknown key", hint)


def dotted(path: Sequence[str]) -> str:
    """A key as it is written in TOML: `notify.bell`, `keys."batches.cancel"`."""
    return ".".join(part if re.fullmatch(_BARE, part) else _quoted(part) for part in path)


def _quoted(part: str) -> str:
    return '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
