"""JSON laid out for reading, one line at a time, however large or deeply nested it is."""

from __future__ import annotations

import json
from collections.abc import Iterator

INDENT = 2
"""Cells for each level."""

DEEPEST = 16
"""Levels below this one are not moved in further."""


def json_lines(value: object, *, readable: bool = False) -> Iterator[str]:
    """Lay out a JSON value; each line begins with its indent.

    Args:
        value: anything a JSON decoder gives.
        readable: show text of several lines as such, after a "|", instead of with escapes.
    """
    frames: list[Iterator[tuple[str, object, str]]] = [iter([("", value, "")])]
    closing: list[str] = []
    while frames:
        member = next(frames[-1], None)
        if member is None:
            frames.pop()
            if closing:
                yield _indent(len(frames) - 1) + closing.pop()
            continue
        name, child, comma = member
        indent = _indent(len(frames) - 1)
        if isinstance(child, dict | list) and child:
            opened, closed = "{}" if isinstance(child, dict) else "[]"
            yield f"{indent}{name}{opened}"
            frames.append(_members(child))
            closing.append(closed + comma)
        elif readable and isinstance(child, str) and "\n" in child.rstrip("\n"):
            yield f"{indent}{name}|"
            inner = _indent(len(frames))
            yield from (inner + line for line in child.rstrip("\n").split("\n"))
        else:
            yield f"{indent}{name}{_scalar(child)}{comma}"


def _indent(depth: int) -> str:
    return " " * (INDENT * min(depth, DEEPEST))


def _members(parent: dict[str, object] | list[object]) -> Iterator[tuple[str, object, str]]:
    last = len(parent) - 1
    if isinstance(parent, dict):
        for place, (name, child) in enumerate(parent.items()):
            yield f"{_scalar(name)}: ", child, "," if place < last else ""
    else:
        for place, child in enumerate(parent):
            yield "", child, "," if place < last else ""


def _scalar(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, TypeError):
        # Python refuses to write out integers of many thousand digits.
        return "…"
