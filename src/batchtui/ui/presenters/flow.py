"""Text of any length as lines of a width, made one at a time, so that megabytes hold nothing up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from textual.content import Content

from batchtui.domain.text import safe_text

PIECE = 4096
"""A line is looked at in pieces of about so many characters, however long it is."""

NARROWEST = 8
"""Indents give way before the text gets narrower than this (cells)."""


class Row(msgspec.Struct, frozen=True):
    """A line before it is wrapped.

    Attributes:
        content: the text; safe to show.
        first: what stands before its first line.
        hang: what stands before the lines it continues on.
    """

    content: Content
    first: Content = Content("")
    hang: Content = Content("")


def safe_lines(text: str) -> Iterator[str]:
    """The lines of foreign text, safe to show; very long ones come in pieces."""
    held = ""
    start = 0
    while start < len(text):
        end = start + PIECE
        if text[end - 1 : end + 1] == "\r\n":
            end += 1
        *lines, held = (held + safe_text(text[start:end])).split("\n")
        yield from (line.expandtabs(4) for line in lines)
        if len(held) >= PIECE:
            cut = held.rfind(" ", PIECE // 2) + 1 or PIECE
            yield held[:cut].expandtabs(4)
            held = held[cut:]
        start = end
    if held:
        yield held.expandtabs(4)


def wrap(rows: Iterable[Row], width: int) -> Iterator[Content]:
    """The rows as lines of at most `width` cells."""
    for row in rows:
        indent = max(row.first.cell_length, row.hang.cell_length)
        if not row.content:
            yield row.first.truncate(width)
        elif width - indent < NARROWEST:
            yield from row.content.wrap(max(width, 1))
        else:
            before = row.first
            for line in row.content.wrap(width - indent):
                yield Content.assemble(before, line)
                before = row.hang
