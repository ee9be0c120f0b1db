"""Searches the full text of all answers of a result file, in small steps and little memory.

Blocks of whole lines are read, most of them ruled out by a look at their bytes, and the lines
that are left decoded. See `full_text` for what counts as text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from typing import Final

import msgspec

from batchtui.domain.errors import ResultsError
from batchtui.domain.result import UNREADABLE
from batchtui.results.clue import clue_to
from batchtui.results.full_text import texts_of
from batchtui.results.index import Column
from batchtui.results.long_lines import search_long_line
from batchtui.results.pattern import Pattern
from batchtui.results.reader import ResultFile
from batchtui.results.slices import Steps

_BLOCK: Final = 256 * 1024
"""Bytes looked at in a step."""

LONG: Final = 1024 * 1024
"""A line of more bytes is not decoded in one go; it is a block of its own."""


class Found(msgspec.Struct, frozen=True):
    """What was found since the last time, and how far the search has come.

    Attributes:
        hits: the numbers of the lines with a match, ascending.
        lines: how many lines of the file are done with.
        bytes: likewise, of `total`.
        total: the bytes of the file.
    """

    hits: Sequence[int]
    lines: int
    bytes: int
    total: int


def search(
    file: ResultFile, pattern: Pattern, *, among: Sequence[int] | None = None
) -> Generator[Found, None, None]:
    """Search the lines of a file, in its order; yields every millisecond or so.

    Args:
        file: the result file.
        pattern: what to find.
        among: the numbers of the lines to search, in any order; None for all.

    Raises:
        ResultsError: if the file cannot be read, or was changed behind our back.
        UsageError: if a regular expression takes too long.
    """
    yield from _Search(file, pattern, among).found()


class _Search:
    """A search under way."""

    def __init__(self, file: ResultFile, pattern: Pattern, among: Sequence[int] | None) -> None:
        self._file, self._pattern, self._clue = file, pattern, clue_to(pattern)
        self._starts = file.index.column(Column.OFFSET)
        self._sizes = file.index.column(Column.LENGTH)
        self._wanted = bytearray(len(file)) if among is not None else bytearray(b"\x01" * len(file))
        for number in among or ():
            self._wanted[number] = 1

    def found(self) -> Generator[Found, None, None]:
        """Go through the file, block by block."""
        lines = len(self._file)
        total = self._end(lines - 1) if lines else 0
        start = 0
        while start < lines:
            stop = self._block_end(start)
            hits: list[int] = []
            if self._wanted.find(1, start, stop) < 0:
                pass
            elif self._sizes[start] > LONG:
                for _ in self._long(start, hits):
                    yield Found((), start, self._starts[start], total)
            else:
                hits.extend(self._hits(start, stop))
            yield Found(hits, stop, self._end(stop - 1), total)
            start = stop

    def _end(self, number: int) -> int:
        return self._starts[number] + self._sizes[number]

    def _block_end(self, start: int) -> int:
        """The number after the last line that is read together with this one."""
        most = self._starts[start] + _BLOCK
        stop = bisect_right(self._starts, most, start + 1)
        while stop - 1 > start and self._end(stop - 1) > most:
            stop -= 1
        return stop

    def _hits(self, start: int, stop: int) -> Iterator[int]:
        """The lines of a block that have a match."""
        base = self._starts[start]
        block = self._file.read_whole(self._end(stop - 1) - base, base)
        ends = [self._end(number) - base for number in range(start, stop)]
        custom_ids = self._file.index.custom_ids(start, stop)
        places = self._clue.lines(block, ends) if self._clue else range(stop - start)
        for place in places:
            number = start + place
            if self._wanted[number]:
                line = block[self._starts[number] - base : ends[place]]
                custom_id, texts = texts_of(line)
                if self._pattern.found_in(*texts):
                    _check(custom_id, custom_ids[place])
                    yield number

    def _long(self, number: int, hits: list[int]) -> Steps[None]:
        """Search a long line; adds it to the hits if it has a match."""
        readable = self._file.row(number).type != UNREADABLE
        if (
            yield from search_long_line(
                self._file, number, self._pattern, self._clue, readable=readable
            )
        ):
            hits.append(number)


def _check(found: str, listed: bytes) -> None:
    """Take care that the line found is the one listed."""
    if found.encode("utf-8", "surrogatepass") != listed:
        raise ResultsError(
            "The result file was changed by someone else", todo="Open the results again"
        )
