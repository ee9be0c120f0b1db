"""JSON laid out as it was written, without decoding it: of any size, nested as deeply as it likes.

What is no JSON after all is shown all the same, only its white space may be lost.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from textual.content import Content

from batchtui.ui.presenters.flow import PIECE, Row, decoded, safe_lines
from batchtui.ui.presenters.prose import plain_rows

INDENT = 2
"""Cells for each level."""

DEEPEST = 16
"""Levels below this one are not moved in further."""

_SPACE = re.compile(rb"\s*")
_EMPTY = re.compile(rb"\{\s*\}|\[\s*\]")
_SCALAR = re.compile(rb"[^\s,:{}\[\]\"]+")
_INSIDE = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_NAME = re.compile(r'\s*"(?:[^"\\]|\\.){0,200}":')


def indent_of(depth: int) -> int:
    """Cells before a line at a depth."""
    return INDENT * max(min(depth, DEEPEST), 0)


def raw_rows(line: bytes) -> Iterator[Row]:
    """A line of JSON laid out; anything else as it is."""
    if line.lstrip()[:1] not in (b"{", b"["):
        yield from plain_rows(decoded(line))
        return
    depth, parts, size = 0, list[bytes](), 0
    for token in _tokens(line):
        closes = token in (b"}", b"]")
        if closes and parts:
            yield from _row(parts, depth)
            parts, size = [], 0
        depth -= closes
        parts.append(token)
        size += len(token)
        if token in (b"{", b"[", b",") or size >= PIECE:
            yield from _row(parts, depth)
            parts, size = [], 0
        depth += token in (b"{", b"[")
    if parts:
        yield from _row(parts, depth)


def named_rows(text: str, indent: int) -> Iterator[Row]:
    """A line of JSON, its name told from its value.

    Args:
        text: the line.
        indent: cells before it.
    """
    first = Content(" " * indent)
    hang = Content.assemble(first, "  ")
    name = _NAME.match(text)
    for piece in safe_lines(text):
        content = Content(piece)
        if name:
            content = content.stylize("$accent", 0, name.end())
        yield Row(content, first, hang)
        first, name = hang, None


def _row(parts: list[bytes], depth: int) -> Iterator[Row]:
    return named_rows(b"".join(parts).decode("utf-8", "replace"), indent_of(depth))


def _tokens(line: bytes) -> Iterator[bytes]:
    """Brackets, commas, colons with a space after them, scalars, and strings in pieces."""
    at = _end(_SPACE, line, 0)
    while at < len(line):
        char = line[at : at + 1]
        if char == b'"':
            at = yield from _string(line, at)
        elif empty := _EMPTY.match(line, at):
            yield char + line[empty.end() - 1 : empty.end()]
            at = empty.end()
        elif char == b":":
            yield b": "
            at += 1
        else:
            end = _SCALAR.match(line, at, at + PIECE)
            yield end[0] if end else char
            at += len(end[0]) if end else 1
        at = _end(_SPACE, line, at)


def _string(line: bytes, start: int) -> Generator[bytes, None, int]:
    """A string from its opening quote on; returns where it ends."""
    at, before = start + 1, b'"'
    while True:
        end = _end(_INSIDE, line, at, at + PIECE)
        if end < len(line) and line[end] != 0x22:
            while end > at + 1 and line[end] & 0xC0 == 0x80:  # not within a character
                end -= 1
        if line[end : end + 1] == b'"':
            yield before + line[at : end + 1]
            return end + 1
        if end == at:  # a backslash that is the last byte
            yield before + line[at:]
            return len(line)
        yield before + line[at:end]
        at, before = end, b""


def _end(pattern: re.Pattern[bytes], line: bytes, start: int, limit: int | None = None) -> int:
    found = pattern.match(line, start, len(line) if limit is None else limit)
    return found.end() if found else start
