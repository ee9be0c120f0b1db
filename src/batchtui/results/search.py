"""The full text of all answers searched: the interface."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import msgspec

from batchtui.results.pattern import Pattern
from batchtui.results.reader import ResultFile


class Found(msgspec.Struct, frozen=True):
    """What was found since the last time, and how far the search has come.

    Attributes:
        hits: the numbers of the lines with a match, ascending, each once.
        lines: how many lines of the file were looked at, or need not be.
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
        ResultsError: if the file cannot be read, or was cut behind our back.
        UsageError: if a regular expression takes too long on a line.
    """
    raise NotImplementedError
