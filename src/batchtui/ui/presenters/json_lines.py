"""JSON laid out for reading, one line at a time, however large or deeply nested it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec
from textual.content import Content

from batchtui.ui.presenters.flow import Row, safe_lines
from batchtui.ui.presenters.prose import plain_rows

INDENT = 2
"""Cells for each level."""

DEEPEST = 16
"""Levels below this one are not moved in further."""


LONGEST = 500_000
"""What is longer (characters) is not laid out: it would have to be decoded in one go."""

_NAME = re.compile(r'\s*"(?:[^"\\]|\\.){0,200}":')


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


def structured(text: str) -> tuple[bool, object]:
    """Whether the whole text is a JSON object or array, and which."""
    if len(text) <= LONGEST and text.lstrip()[:1] in ("{", "["):
        return _parsed(text)
    return False, None


def raw_rows(line: bytes) -> Iterator[Row]:
    """The JSON of a line laid out; the line as it is if it is none, or a very long one."""
    text = line.decode("utf-8", "replace")
    found, value = _parsed(text) if len(line) <= LONGEST else (False, None)
    yield from json_rows(value, readable=False) if found else plain_rows(text)


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
        first = Content(" " * (len(line) - len(body)))
        hang = Content.assemble(first, "  ")
        name = _NAME.match(body)
        for text in safe_lines(body):
            content = Content(text)
            if name:
                content = content.stylize("$accent", 0, name.end())
            yield Row(content, first, hang)
            first, name = hang, None
