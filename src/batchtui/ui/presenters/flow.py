"""Text of any length as lines of a width, made one at a time, so that megabytes hold nothing up."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator

import msgspec
from textual.content import Content

from batchtui.domain.text import safe_text

PIECE = 2048
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


def safe_lines(text: str | Iterable[str]) -> Iterator[str]:
    """The lines of foreign text, safe to show; very long ones come in pieces.

    Args:
        text: the text, or its pieces, each about as long as `PIECE` at most.
    """
    held = end = ""
    for piece in _pieces(text) if isinstance(text, str) else text:
        # A carriage return may be half of a line break.
        whole = end + piece
        end = "\r" if whole.endswith("\r") else ""
        *lines, held = (held + safe_text(whole.removesuffix("\r"))).split("\n")
        yield from (line.expandtabs(4) for line in lines)
        if len(held) >= PIECE:
            cut = held.rfind(" ", PIECE // 2) + 1 or PIECE
            yield held[:cut].expandtabs(4)
            held = held[cut:]
    if held or end:
        yield held.expandtabs(4)


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def decoded(octets: bytes) -> Iterator[str]:
    """The pieces of UTF-8 text; what is none of it becomes U+FFFD."""
    decoder = getincrementaldecoder("utf-8")("replace")
    for start in range(0, len(octets), PIECE):
        yield decoder.decode(octets[start : start + PIECE])
    yield decoder.decode(b"", final=True)


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
