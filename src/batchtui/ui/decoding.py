"""Reads lines of a result file to be shown, also those that are too long to be taken apart."""

from __future__ import annotations

import msgspec

from batchtui.domain.result import TOO_LONG, ResultLine, decode_line, unreadable
from batchtui.results.index import Row
from batchtui.results.reader import ResultFile

LONGEST = 8 * 1024 * 1024
"""Of lines longer than this (bytes) so much is read, as JSON: decoding cannot be interrupted."""


def decode(file: ResultFile, row: Row) -> tuple[bytes, ResultLine]:
    """A line, or the beginning of a very long one, and what it says.

    Raises:
        ResultsError: if the disk does not give it back.
    """
    if row.size > LONGEST:
        offset, _ = file.index.span(row.number)
        line = file.read(LONGEST, offset)
        return line, msgspec.structs.replace(unreadable(TOO_LONG), custom_id=row.custom_id)
    line = file.line(row.number)
    return line, decode_line(line)
