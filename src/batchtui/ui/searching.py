"""A search through the results of a batch: what it found so far, and the way from hit to hit."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import closing

from batchtui.results.pattern import Pattern
from batchtui.results.reader import ResultFile
from batchtui.results.search import search
from batchtui.results.slices import paced


class Search:
    """Goes once over all lines of a file, and over those that come to it.

    Args:
        pattern: what is searched for.

    Attributes:
        hits: the numbers of the lines with a match, ascending.
        running: whether it is under way.
        share: how much of the file it has seen, from 0 to 1.
    """

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self.hits = array("Q")
        self.running = False
        self.share = 0.0
        self._flags = bytearray()
        self._seen = 0

    def __contains__(self, number: int) -> bool:
        return number < len(self._flags) and bool(self._flags[number])

    async def run(self, file: ResultFile, on_found: Callable[[], None]) -> None:
        """Search what was not seen yet; the event loop gets its turn every few milliseconds.

        Args:
            file: the file, which may have grown since the last time.
            on_found: called whenever there is more to show.

        Raises:
            BatchtuiError: if the file cannot be read, or the pattern takes too long.
        """
        self._flags.extend(bytes(len(file) - len(self._flags)))
        self.running = True
        first, lines = self._seen, len(file)
        among = range(first, lines) if first else None
        try:
            with closing(search(file, self.pattern, among=among)) as findings:
                async for found in paced(findings):
                    self.hits.extend(found.hits)
                    for number in found.hits:
                        self._flags[number] = 1
                    self.share = found.bytes / found.total if found.total else 1.0
                    on_found()
            self._seen, self.share = lines, 1.0
        finally:
            self.running = False

    def next_in(self, numbers: Sequence[int], at: int, step: int) -> int | None:
        """The place of the nearest hit among the lines listed, from a place on and including it.

        Args:
            numbers: the lines that are listed.
            at: the place to begin with.
            step: 1 to look downwards, -1 to look upwards.
        """
        flags, known = self._flags, len(self._flags)
        places = range(at, len(numbers)) if step > 0 else range(at, -1, -1)
        for place in places:
            number = numbers[place]
            if number < known and flags[number]:
                return place
        return None
