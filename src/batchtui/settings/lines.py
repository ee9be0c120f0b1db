"""On which line of a TOML text a key is. No parser tells, so statements are parsed one by one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

_LONGEST = 500
"""Lines of one value; what is longer is not looked into."""


class Statement(msgspec.Struct, frozen=True):
    """A table's header, or a key with its value.

    Attributes:
        path: the table it names, or that its key is in.
        keys: what it says there, nested as TOML nests it; empty for a header.
        line: its first, from 1.
    """

    path: tuple[str, ...]
    keys: Mapping[str, Any]
    line: int


def line_of(path: Sequence[str], among: Sequence[Statement]) -> int | None:
    """The line that sets a key, or else the first that is about the nearest table around it."""
    best, found = 0, None
    for statement in among:
        depth = _depth(statement, path)
        if depth > best:
            best, found = depth, statement.line
    return found


def statements(text: str) -> Iterator[Statement]:
    """The statements of a valid text, in order.

    What is a whole statement so far as it goes cannot go on in the next line: lines are taken
    together until they are one.
    """
    table: tuple[str, ...] = ()
    chunk: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        chunk.append(line)
        if len(chunk) > _LONGEST:
            return
        try:
            keys = tomllib.loads("\n".join(chunk))
        except tomllib.TOMLDecodeError:
            continue
        first = number - len(chunk) + 1
        if keys and chunk[0].lstrip().startswith("["):
            table = _header(keys)
            yield Statement(table, {}, first)
        elif keys:
            yield Statement(table, keys, first)
        chunk = []


def _header(keys: Mapping[str, Any]) -> tuple[str, ...]:
    path: tuple[str, ...] = ()
    node: Any = keys
    while node:
        if isinstance(node, list):
            node = node[0]
            continue
        (name, node) = next(iter(node.items()))
        path += (name,)
    return path


def _depth(statement: Statement, path: Sequence[str]) -> int:
    """How many parts of the path the statement has in common with it; 0 if it is about another."""
    shared = _shared(statement.path, path)
    if not statement.keys:
        return shared
    if shared < len(statement.path):
        return 0
    node: Any = statement.keys
    depth = shared
    for part in path[shared:]:
        if not isinstance(node, Mapping) or part not in node:
            break
        node, depth = node[part], depth + 1
    return depth if depth > shared else 0


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
