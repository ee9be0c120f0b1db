"""What an export is made of: pieces so small that an event loop can write one between turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from batchtui.domain.text import unicode_text
from batchtui.results.index import Column
from batchtui.results.reader import ResultFile

_MOST_LINES = 32
_MOST_BYTES = 128 * 1024


class Piece(NamedTuple):
    """Bytes to be written.

    Attributes:
        lines: how many lines of the results are done with them.
        data: follows that of the piece before; may be empty.
        name: of the file that `data` is all of, where an export is a directory of files.
    """

    lines: int
    data: bytes
    name: str = ""


class Sink(Protocol):
    """Where the pieces of an export go."""

    def write(self, piece: Piece) -> None:
        """Take the next piece; raises a `BatchtuiError` if it cannot be written."""


def batches(file: ResultFile, numbers: Iterable[int]) -> Iterator[Sequence[int]]:
    """The same numbers, so many at a time that a millisecond or two is enough for their lines."""
    lengths = file.index.column(Column.LENGTH)
    batch: list[int] = []
    size = 0
    for number in numbers:
        batch.append(number)
        size += lengths[number]
        if size >= _MOST_BYTES or len(batch) == _MOST_LINES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def utf8(text: str) -> bytes:
    """Text as UTF-8, with U+FFFD for what has no place in it."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return unicode_text(text).encode()
