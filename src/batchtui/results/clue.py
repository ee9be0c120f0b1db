"""Finds in the bytes of a file where a pattern may match, without decoding anything.

A clue is a run of characters that is in every match. In JSON each of them stands either as it is
or as an escape; so a line with a match has the run as it is, or an escape of one of its
characters. What JSON has more ways to write, and letters beyond ASCII in any case, are no clue.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final

import msgspec

from batchtui.results.pattern import Pattern

_LONGEST: Final = 32

_FLAGS_OR_COMMENT: Final = re.compile(r"\A\(\?[aiLmsux]|\(\?#")
_PIECE: Final = re.compile(
    r"(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<escape>\\(?:x..|u.{4}|U.{8}|N\{[^}]*\}|\d+|.))"
    r"|(?P<open>\()|(?P<close>\))|(?P<either>\|)"
    r"|(?P<maybe>[*?]|\{[^}]*\})|(?P<more>\+)|(?P<any>[.^$])|(?P<char>.)",
    re.DOTALL,
)


class Clue(msgspec.Struct, frozen=True):
    """What to look for in bytes; `clue_to` makes one.

    Attributes:
        needle: the run as it is, in small letters if in any case.
        escapes: an escape of one of its characters.
        any_case: whether to look at the bytes in small letters.
    """

    needle: bytes
    escapes: re.Pattern[bytes]
    any_case: bool

    def lines(self, block: bytes, ends: Sequence[int]) -> list[int]:
        """Which lines of a block may have a match, ascending.

        Args:
            block: whole lines.
            ends: where each of them ends in the block.

        Returns:
            Places in `ends`.
        """
        folded = block.lower() if self.any_case else block
        places = {*self._near(folded, ends, self._run), *self._near(folded, ends, self._escape)}
        return sorted(places)

    def is_in(self, block: bytes) -> bool:
        """Whether there may be a match, or a part of one, in a block."""
        return bool(self.lines(block, (len(block),)))

    def _near(
        self, folded: bytes, ends: Sequence[int], find: Callable[[bytes, int], int]
    ) -> Iterator[int]:
        at = find(folded, 0)
        while 0 <= at < ends[-1]:
            place = bisect_right(ends, at)
            yield place
            at = find(folded, ends[place])

    def _run(self, folded: bytes, start: int) -> int:
        return folded.find(self.needle, start)

    def _escape(self, folded: bytes, start: int) -> int:
        found = self.escapes.search(folded, start)
        return found.start() if found else -1


def clue_to(pattern: Pattern) -> Clue | None:
    """The longest clue to a pattern, if it has one."""
    literals = _literals(pattern.text) if pattern.regex else (pattern.needle,)
    runs = (run for literal in literals for run in _runs(literal, pattern.any_case))
    run = max(runs, key=lambda run: len(run.encode()), default="")[:_LONGEST]
    if not run:
        return None
    chars = {*run, *run.upper()} if pattern.any_case else {*run}
    escapes = rf"\\u(?:{'|'.join(sorted({_unit(char) for char in chars}))})"
    return Clue(run.encode(), re.compile(escapes.encode(), re.IGNORECASE), pattern.any_case)


def _runs(literal: str, any_case: bool) -> Iterator[str]:
    """The parts of a literal that can be clues."""

    def usable(char: str) -> bool:
        if char in '"\\/\ufffd' or not char.isprintable():
            return False
        return not any_case or char.isascii() or char.lower() == char == char.upper()

    for good, chars in groupby(literal, usable):
        if good:
            yield "".join(chars)


def _unit(char: str) -> str:
    """The first UTF-16 code unit of a character, in hexadecimal digits."""
    return char.encode("utf-16-be")[:2].hex()


def _literals(regex: str) -> list[str]:
    """Runs of characters that are in every match of a regular expression; not all there are."""
    if _FLAGS_OR_COMMENT.search(regex):
        return []
    runs, depth = [""], 0
    for piece in _PIECE.finditer(regex):
        kind, text = piece.lastgroup, piece[0]
        depth += (kind == "open") - (kind == "close")
        if kind == "either" and not depth:
            return []
        if kind == "maybe":
            runs[-1] = runs[-1][:-1]
        if kind == "escape" and len(text) == 2 and not text[1].isalnum():
            kind, text = "char", text[1]
        if kind == "char" and not depth:
            runs[-1] += text
        else:
            runs.append("")
    return runs
