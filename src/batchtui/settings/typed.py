"""Names and values of settings as they are typed, as what `config.toml` is to hold."""

from __future__ import annotations

import math
import shlex
import tomllib
from collections.abc import Sequence
from typing import Any

from batchtui.settings.faults import Fault, FaultError
from batchtui.settings.fields import field_at, fields_of
from batchtui.settings.schema import Settings

_YES = {"true", "yes", "on", "1"}
_NO = {"false", "no", "off", "0"}


def read_name(text: str) -> tuple[str, ...]:
    """The path of a key as a person types it: `notify.bell`, `keys.batches.cancel`, `keys."a b"`.

    Raises:
        FaultError: if it is no name of a key, or there is no such key.
    """
    try:
        if "\n" in text or "=" in text or "#" in text:
            raise ValueError
        path = _path_in(tomllib.loads(f"{text} = 0"))
    except ValueError:
        raise FaultError(
            Fault(
                (text,),
                "is not the name of a setting",
                """Names look like notify.bell, or 'tabs."To do"' with both kinds of quotes""",
            )
        ) from None
    path = _whole(path)
    field_at(path)
    return path


def _path_in(node: Any) -> tuple[str, ...]:
    path: tuple[str, ...] = ()
    while isinstance(node, dict):
        ((part, node),) = node.items()
        path += (part,)
    return path


def _whole(path: tuple[str, ...]) -> tuple[str, ...]:
    """The path with the dots that belong to the name of an entry: ids of commands have some."""
    entry = (field := fields_of(Settings).get(path[0])) and field.entry
    if entry and not entry.table and entry.type is not Any and len(path) > 2:
        return path[0], ".".join(path[1:])
    return path


def typed(path: tuple[str, ...], words: Sequence[str]) -> Any:
    """The value of a setting that was typed as these words.

    A list is given word by word, or in one word as TOML or as a shell would take it apart; a table
    is given as TOML. What is not of its kind passes here as text, to be refused with the rest.

    Args:
        path: of the setting.
        words: at least one.

    Raises:
        FaultError: if there are several words where there is one value.
    """
    field = field_at(path)
    if field.is_list:
        return _list(path, words)
    if len(words) > 1:
        hint = "Put quotes around the value" if field.type is str else ""
        raise FaultError(Fault(path, f"must be {field.expected}", hint))
    (word,) = words
    if field.table or field.entry or field.type is Any:
        found = _toml(word)
        return word if found is None else found
    if field.type is bool:
        return _bool(word)
    if field.type in (int, float):
        return _number(word)
    return word


def _list(path: tuple[str, ...], words: Sequence[str]) -> list[str]:
    if len(words) > 1:
        return list(words)
    found = _toml(words[0]) if words[0].lstrip().startswith("[") else None
    if isinstance(found, list):
        return found
    try:
        return shlex.split(words[0])
    except ValueError:
        raise FaultError(Fault(path, "has a quote that is not closed")) from None


def _bool(word: str) -> bool | str:
    lower = word.lower()
    return lower in _YES if lower in _YES | _NO else word


def _number(word: str) -> float | str:
    """The number, whole if it is; text if it is none to count with, which a size may be."""
    try:
        number = float(word)
    except ValueError:
        return word
    if not math.isfinite(number):
        return word
    return int(number) if number.is_integer() else number


def _toml(word: str) -> Any:
    """The value of a piece of TOML; None if it is none."""
    try:
        return tomllib.loads(f"value = {word}")["value"]
    except (ValueError, RecursionError):  # the former also of a number without end
        return None
