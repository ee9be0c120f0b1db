"""An open result file: rows from its index, lines from the disk, nothing else in memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from batchtui.domain.errors import ResultsError
from batchtui.domain.result import ResultLine, decode_line
from batchtui.results.index import Index, Row


class ResultFile:
    """The results of one batch; line numbers count from 0 and leave blank lines out.

    It stays readable when the file is replaced or removed; several threads may read from it.
    """

    def __init__(self, path: Path, fd: int, index: Index) -> None:
        """Take over the open file `fd`; `opening.open_results` is the way to one."""
        self.path = path
        self.index = index
        self._fd = fd

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; closing twice is fine."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __len__(self) -> int:
        return len(self.index)

    def row(self, number: int) -> Row:
        """What the index knows of a line.

        Raises:
            IndexError: if there is no such line.
        """
        return self.index.row(number)

    def line(self, number: int) -> bytes:
        """A line as it is in the file, without its line break.

        Raises:
            IndexError: if there is no such line.
            ResultsError: if the disk does not give it back.
        """
        offset, size = self.index.span(number)
        try:
            line = _read(self._fd, size, offset)
        except OSError as error:
            raise ResultsError(
                f"Line {number + 1:,} of the results cannot be read: {error.strerror}"
            ) from error
        if len(line) < size:
            raise ResultsError(
                "The result file was cut short by someone else", todo="Fetch the results again"
            )
        return line

    def result(self, number: int) -> ResultLine:
        """A line decoded in full; raises what `line` raises."""
        return decode_line(self.line(number))

    def find(self, custom_id: str) -> int | None:
        """The number of the first line with this custom_id."""
        return self.index.find(custom_id)

    def rows_of(self, kind: str) -> Sequence[int]:
        """The numbers of all lines of a type, ascending."""
        return self.index.rows_of(kind)

    def tally(self) -> dict[str, int]:
        """How many lines there are of each type."""
        return self.index.tally()


def _read(fd: int, size: int, offset: int) -> bytes:
    """Read `size` bytes; one call returns at most 2 GB, and less near the end of the file."""
    parts = []
    while size > 0 and (part := os.pread(fd, size, offset)):
        parts.append(part)
        offset += len(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
