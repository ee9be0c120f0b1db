"""The API's lines to the letter, each with one line feed; lines that are neighbours in one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from batchtui.results.export.pieces import Piece
from batchtui.results.index import Column
from batchtui.results.reader import ResultFile

_BLOCK = 256 * 1024
"""Bytes copied in one go."""


def pieces(file: ResultFile, numbers: Iterable[int]) -> Iterator[Piece]:
    """The lines with these numbers, in the order given."""
    for start, size, lines in _runs(file, numbers):
        whole = start + size
        while whole - start > _BLOCK:
            yield Piece(0, file.read_whole(_BLOCK, start))
            start += _BLOCK
        yield Piece(lines, _ended(file, whole - start, start))


def _runs(file: ResultFile, numbers: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Stretches of the file with nothing but a line feed between their lines.

    Yields:
        The offset of each, its size without the last line feed, and how many lines it has.
    """
    offsets, lengths = file.index.column(Column.OFFSET), file.index.column(Column.LENGTH)
    start = end = lines = 0
    for number in numbers:
        offset, length = offsets[number], lengths[number]
        # One byte between two lines is a line feed. More are a CRLF, blanks or blank lines.
        if lines and offset == end + 1 and offset + length - start <= _BLOCK:
            end = offset + length
            lines += 1
            continue
        if lines:
            yield start, end - start, lines
        start, end, lines = offset, offset + length, 1
    if lines:
        yield start, end - start, lines


def _ended(file: ResultFile, size: int, offset: int) -> bytes:
    """Bytes of the file and a line feed, which mostly is the byte after them."""
    data = file.read(size + 1, offset)
    if len(data) == size + 1 and data.endswith(b"\n"):
        return data
    if len(data) > size:
        return data[:size] + b"\n"
    return file.read_whole(size, offset) + b"\n"
