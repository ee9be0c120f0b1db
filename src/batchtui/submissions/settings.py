"""Params of a request as a person sets them on a command line or in a field: `name=value`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.domain.text import safe_line

Settings = Mapping[str, msgspec.Raw]
"""The names of params and their values as JSON."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.:/@-]*")


def read_settings(texts: Iterable[str]) -> dict[str, msgspec.Raw]:
    """Read settings such as `max_tokens=8192`, `thinking={"type":"disabled"}` or `model=claude-x`.

    A value is JSON; a plain word that is none is taken for a string.

    Raises:
        UsageError: if one is none, or a name is set twice.
    """
    settings: dict[str, msgspec.Raw] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        name = name.strip()
        if not sign or not _NAME.fullmatch(name):
            raise UsageError(
                f'"{safe_line(text, 60)}" sets nothing',
                todo="Write a param and its value, such as max_tokens=8192",
            )
        if name in settings:
            raise UsageError(f"{name} is set twice")
        settings[name] = _value(name, value.strip())
    return settings


def _value(name: str, text: str) -> msgspec.Raw:
    try:
        data = text.encode()
        msgspec.json.decode(data)
        # On one line, or the line of the request would be two.
        return msgspec.Raw(msgspec.json.format(data, indent=-1))
    except (ValueError, RecursionError):
        if _PLAIN.fullmatch(text):
            return msgspec.Raw(msgspec.json.encode(text))
    raise UsageError(
        f'The value of {name} is no JSON: "{safe_line(text, 60)}"',
        todo='A text has to stand in quotes, as in stop_sequences=["END"]',
    )
