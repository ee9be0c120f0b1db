"""Results that are alike: of the same type, for the same reason."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import msgspec

from batchtui.domain.result import ERRORED, SUCCEEDED
from batchtui.domain.text import safe_line
from batchtui.results.index import Column, Index


class Group(msgspec.Struct, frozen=True):
    """Results that are alike. All text is foreign.

    Attributes:
        shape: of the error messages.
        numbers: of the lines, ascending.
    """

    type: str
    error_type: str
    stop_reason: str
    shape: str
    numbers: Sequence[int]

    @property
    def kind(self) -> str:
        """The type, or of an answer why it stopped."""
        return self.stop_reason if self.type == SUCCEEDED and self.stop_reason else self.type

    @property
    def why(self) -> str:
        """What speaks for sending them again, in a word or two; safe."""
        if self.type == ERRORED:
            return safe_line(self.error_type, 40) or "error of no type"
        if self.type == SUCCEEDED:
            return safe_line(self.stop_reason, 40) or "succeeded"
        return safe_line(self.type, 40)


def groups(index: Index, span: range) -> list[Group]:
    """The results in a span of lines by what they have in common; biggest group first."""
    columns = [
        index.column(each)[span.start : span.stop]
        for each in (Column.TYPE, Column.ERROR_TYPE, Column.STOP_REASON, Column.SHAPE)
    ]
    found: dict[tuple[int, ...], array[int]] = {}
    for number, key in enumerate(zip(*columns, strict=True), span.start):
        numbers = found.get(key)
        if numbers is None:
            numbers = found[key] = array("Q")
        numbers.append(number)
    words, shapes = index.names.words, index.names.shapes
    made = [
        Group(words[kind], words[error], words[stop], shapes[shape], numbers)
        for (kind, error, stop, shape), numbers in found.items()
    ]
    return sorted(made, key=lambda group: -len(group.numbers))
