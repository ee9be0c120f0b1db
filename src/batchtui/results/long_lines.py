"""Searches one line too long to be decoded in one go, piece by piece.

Without the whole of it, what a string is for is told from the name of the member it is in, or in a
list in: all strings count but those of members that name, identify or encrypt something. Numbers
do not count, and matches longer than `pattern.OVERLAP` may be missed.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Final

from batchtui.results.clue import Clue
from batchtui.results.full_text import unread
from batchtui.results.pattern import OVERLAP, Pattern
from batchtui.results.reader import ResultFile
from batchtui.results.slices import Steps

_PIECE: Final = 64 * 1024
_LONG_STRING: Final = 32 * 1024
"""Bytes after which a string is no name any more, and is read in pieces."""

_LONGEST_CHAR: Final = 16
"""More bytes than any character takes, escaped or not."""

_ENVELOPE: Final = frozenset(
    {"inference_geo", "model", "role", "service_tier", "speed", "stop_reason", "stop_sequence"}
)
# Whole escapes only, and both halves of a surrogate pair together.
_BODY: Final = re.compile(
    rb"""(?:[^"\\]++ | \\[^u] | \\u(?![dD][89abAB])[0-9a-fA-F]{4}
        | \\u[dD][89abAB][0-9a-fA-F]{2}
          (?:\\u[dD][c-fC-F][0-9a-fA-F]{2} | (?=[^\\] | \\[^u] | \\u.{4})) )*+""",
    re.DOTALL | re.VERBOSE,
)
_STRING: Final = re.compile(rb'"((?:[^"\\]++|\\.)*+)"[ \t\r\n]*(:)?', re.DOTALL)


def search_long_line(
    file: ResultFile, number: int, pattern: Pattern, clue: Clue | None, *, readable: bool
) -> Steps[bool]:
    """Whether a line has a match.

    Args:
        file: the result file.
        number: of the line.
        pattern: what to find.
        clue: what the bytes of a match must have, if that is known.
        readable: whether the line is JSON; otherwise it counts as it is.

    Raises:
        ResultsError: if the file cannot be read, or was cut behind our back.
        UsageError: if a regular expression takes too long.
    """
    if clue is not None and not (yield from _hinted(_pieces(file, number), clue)):
        return False
    pieces = _pieces(file, number)
    for texts in _together(_strings(pieces) if readable else _as_it_is(pieces)):
        if pattern.found_in(*texts):
            return True
        yield
    return False


def _pieces(file: ResultFile, number: int) -> Iterator[bytes]:
    offset, size = file.index.span(number)
    for start in range(0, size, _PIECE):
        yield file.read_whole(min(_PIECE, size - start), offset + start)


def _hinted(pieces: Iterator[bytes], clue: Clue) -> Steps[bool]:
    before = b""
    overlap = max(len(clue.needle), _LONGEST_CHAR)
    for piece in pieces:
        if clue.is_in(before + piece):
            return True
        before = piece[-overlap:]
        yield
    return False


Part = tuple[str, bool]
"""A part of a text, and whether the text goes on."""


def _together(parts: Iterator[Part]) -> Iterator[list[str]]:
    """Texts to search, many short ones at a time; parts of one text overlap."""
    texts: list[str] = []
    size, before = 0, ""
    for part, unfinished in parts:
        text = before + part
        before = text[-OVERLAP:] if unfinished else ""
        texts.append(text)
        size += len(text)
        if size > _PIECE // 2 or not part:
            yield texts
            texts, size = [], 0
    yield texts


def _as_it_is(pieces: Iterator[bytes]) -> Iterator[Part]:
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    for piece in pieces:
        yield decode(piece), True


def _strings(pieces: Iterator[bytes]) -> Iterator[Part]:
    """The strings of a JSON text that people read; at least one part for each piece."""
    rest, name, inside = b"", "", False
    for piece in pieces:
        rest += piece
        at = 0
        while at < len(rest):
            if not inside:
                at = rest.find(b'"', at)
                if at < 0:
                    break
                string = _STRING.match(rest, at)
                if string and string.end() < len(rest):
                    if string[2]:
                        name = _decoded(string[1])
                    elif _is_read(name):
                        yield _decoded(string[1]), False
                    at = string.end()
                    continue
                if len(rest) - at < _LONG_STRING:
                    break
                at += 1
            end, inside = _end_of(rest, at)
            if _is_read(name):
                yield _decoded(rest[at:end]), inside
            at = end if inside else end + 1
            if inside:
                break
        rest = rest[at:] if at >= 0 else b""
        yield "", inside


def _end_of(rest: bytes, at: int) -> tuple[int, bool]:
    """Where the part of a string that starts at `at` ends, and whether the string goes on."""
    body = _BODY.match(rest, at)
    end = body.end() if body else at
    if rest[end : end + 1] == b'"':
        return end, False
    if len(rest) - end > _LONGEST_CHAR:
        return len(rest), True  # no JSON after all: it was changed behind our back
    lead = max(rest.rfind(bytes([byte]), end - 4, end) for byte in range(0xC0, 0x100))
    return (lead if lead > at else end), True


def _is_read(name: str) -> bool:
    return name == "custom_id" or not (unread(name) or name in _ENVELOPE)


def _decoded(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    try:
        decoded: str = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return text
    return decoded
