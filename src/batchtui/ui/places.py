"""Where a person was in the results of a batch, to come back to."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from batchtui.results.reader import ResultFile
from batchtui.ui.listing import Listing

MOST_NAMED = 10_000
"""So many marked lines are found again by custom_id in a file that is another one by then."""


class Place(msgspec.Struct, frozen=True):
    """A place in a batch's results.

    Attributes:
        listing: what was listed.
        line: the number of the highlighted line.
        marks: the numbers of the marked lines.
        names: the custom_ids of the highlighted line and of the marked ones, in that order.
        search: what was searched for; "" if nothing was.
        regex: whether that was a regular expression.
    """

    listing: Listing = Listing()
    line: int = 0
    marks: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    search: str = ""
    regex: bool = False

    def left(self, file: ResultFile, marks: Collection[int]) -> Place:
        """The place as it is left, with marks on these lines."""
        numbers = (self.line, *list(marks)[:MOST_NAMED])
        names = tuple(file.row(number).custom_id for number in numbers if number < len(file))
        return msgspec.structs.replace(self, marks=tuple(marks), names=names)

    def found_in(self, file: ResultFile) -> Place:
        """The place in a file that may have been fetched anew: the same lines by custom_id."""
        if not self.names or self._fits(file):
            return self
        line, *marks = (file.find(name) if name else None for name in self.names)
        return msgspec.structs.replace(self, line=line or 0, marks=_known(marks))

    def _fits(self, file: ResultFile) -> bool:
        pairs = zip((self.line, *self.marks), self.names, strict=False)
        return all(
            number < len(file) and file.row(number).custom_id == name for number, name in pairs
        )


def continues(old: ResultFile, new: ResultFile) -> bool:
    """Whether the lines of a file are those of another, and perhaps more after them."""
    if len(new) < len(old):
        return False
    last = len(old) - 1
    if last < 0:
        return True
    return old.index.span(last) == new.index.span(last) and old.row(last) == new.row(last)


def _known(numbers: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(number for number in numbers if number is not None)
