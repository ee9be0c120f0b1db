"""An open result file: rows from its index, lines from the disk, nothing else in memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol, Self

from batchtui.domain.errors import ResultsError
from batchtui.domain.result import ResultLine, decode_line
from batchtui.results.index import Index, Row
from batchtui.system import pread


class Source(Protocol):
    """Where the bytes of a result file come from."""

    def read(self, size: int, offset: int) -> bytes:
        """Bytes from `offset` on, fewer than `size` only where they end; raises `OSError`."""


class Descriptor:
    """An open file that closes when the last one who holds it lets go.

    While a thread reads, it holds it: the number can never come to mean another file meanwhile.
    """

    def __init__(self, fd: int) -> None:
        """Take over the open file `fd`."""
        self.fd = fd
        self._close = os.close  # at the end of the process, modules may be gone before this is

    def __del__(self) -> None:
        self._close(self.fd)

    def read(self, size: int, offset: int) -> bytes:
        """Bytes of the file; one system call returns at most 2 GB, and less near its end."""
        parts = []
        while size > 0 and (part := pread(self.fd, size, offset)):
            parts.append(part)
            offset += len(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


class ResultFile:
    """The results of one batch, or of several as one (see `joined`).

    Line numbers count from 0 and leave blank lines out.

    It stays readable when the file is replaced or removed; several threads may read from it. The
    file closes with the last one open on it, whether `close` was called or not.
    """

    def __init__(self, path: Path, source: Source, index: Index) -> None:
        """Put an open file and its index together; `opening.open_results` is the way to one."""
        self.path = path
        self.index = index
        self._source: Source | None = source

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; a thread that is reading finishes first. Closing twice is fine."""
        self._source = None

    @property
    def source(self) -> Source:
        """Where its bytes come from; it stays open with whoever holds it.

        Raises:
            ResultsError: if the file was closed.
        """
        if self._source is None:
            raise ResultsError("The result file was closed")
        return self._source

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
        return self.read_whole(size, offset)

    def read_whole(self, size: int, offset: int) -> bytes:
        """Bytes of the file, all of them.

        Raises:
            ResultsError: if they are not there any more, or the disk does not give them back.
        """
        data = self.read(size, offset)
        if len(data) < size:
            raise ResultsError(
                "The result file was cut short by someone else", todo="Fetch the results again"
            )
        return data

    def read(self, size: int, offset: int) -> bytes:
        """Bytes of the file as they are; fewer than `size` only where it ends.

        Raises:
            ResultsError: if the disk does not give them back.
        """
        try:
            return self.source.read(size, offset)
        except OSError as error:
            raise ResultsError(f"The result file cannot be read: {error.strerror}") from error

    def result(self, number: int) -> ResultLine:
        """A line decoded in full; raises what `line` raises."""
        return decode_line(self.line(number))

    def find(self, custom_id: str) -> int | None:
        """The number of the first line with this custom_id."""
        return self.index.find(custom_id)

    def tally(self) -> dict[str, int]:
        """How many lines there are of each type."""
        return self.index.tally()
