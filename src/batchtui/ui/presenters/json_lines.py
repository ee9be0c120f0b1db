"""JSON laid out for reading, one line at a time, however large or deeply nested it is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec

from batchtui.ui.presenters.flow import Row
from batchtui.ui.presenters.raw_json import indent_of, named_rows, raw_rows

LONGEST = 500_000
"""What is longer (characters) is not decoded to be laid out: that cannot be done in slices."""


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
    return " " * indent_of(depth)


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


def structured(text: str) -> Iterator[Row] | None:
    """The whole text laid out if it is a JSON object or array; None if it is not."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    if len(text) <= LONGEST:
        found, value = _parsed(text)
        return json_rows(value) if found else None
    return raw_rows(text.encode("utf-8", "replace")) if text.rstrip()[-1] in "}]" else None


def _parsed(text: str) -> tuple[bool, object]:
    """Whether a text is JSON, and its value; the standard library reads what msgspec refuses."""
    for decode in (msgspec.json.decode, json.loads):
        try:
            return True, decode(text)
        except (ValueError, RecursionError):
            continue
    return False, None


def json_rows(value: object, *, readable: bool = True) -> Iterator[Row]:
    """A JSON value, its names told from its values."""
    for line in json_lines(value, readable=readable):
        body = line.lstrip(" ")
        yield from named_rows(body, len(line) - len(body))
