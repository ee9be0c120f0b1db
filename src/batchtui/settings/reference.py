"""What can be set, made from the schema: rows for a page, comments for a file begun anew."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from textwrap import wrap

import msgspec

from batchtui.settings.faults import dotted
from batchtui.settings.fields import Field, fields_of
from batchtui.settings.schema import Settings

_ATTRIBUTE = re.compile(r"^    (\w+(?:, \w+)*): (.+(?:\n     .+)*)", re.MULTILINE)
_NONE = re.compile(r"\bNone\b")


class Entry(msgspec.Struct, frozen=True):
    """One setting.

    Attributes:
        path: its key, part by part; "NAME" stands for what a person names.
        takes: what it must be.
        default: as TOML; "" if it is not set by default.
        words: what it does, as a sentence.
    """

    path: tuple[str, ...]
    takes: str
    default: str
    words: str


def entries(kind: type[msgspec.Struct] = Settings, around: tuple[str, ...] = ()) -> Iterator[Entry]:
    """All settings in the order of the schema: first those of no table, then table by table."""
    words = described(kind)
    tables: list[Iterable[Entry]] = []
    for name, field in fields_of(kind).items():
        path = (*around, name)
        if field.table:
            tables.append(entries(field.table, path))
        elif field.entry and field.entry.table:
            tables.append(entries(field.entry.table, (*path, "NAME")))
        elif field.entry:
            tables.append([_entry((*path, "NAME"), field, words[name])])
        else:
            yield _entry(path, field, words[name])
    yield from chain.from_iterable(tables)


def described(kind: type) -> dict[str, str]:
    """What the docstring of a class says of each of its attributes."""
    found = {}
    for names, words in _ATTRIBUTE.findall(inspect.getdoc(kind) or ""):
        for name in names.split(", "):
            found[name] = " ".join(words.split())
    return found


def _entry(path: tuple[str, ...], field: Field, words: str) -> Entry:
    takes = field.entry.expected if field.entry else field.expected
    default = "" if field.entry else _toml(field.default)
    words = _NONE.sub("left out", words)
    return Entry(path, takes, default, words[:1].upper() + words[1:])


def _toml(value: object) -> str:
    """A default as TOML, which in these kinds is JSON."""
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else json.dumps(value)


def blank_file() -> str:
    """A `config.toml` that sets nothing, and says in comments what could be set."""
    lines = ["# Settings of batchtui. To set one, take the mark off its line and give it a value."]
    for entry in entries():
        lines += ["", *(f"# {line}" for line in wrap(f"{entry.words} Takes {entry.takes}.", 78))]
        lines += [f"# {dotted(entry.path)} = {entry.default}".rstrip()]
    return "\n".join((*lines, ""))
