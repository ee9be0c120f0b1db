"""A request file read in pieces of whole lines, with no more of it in memory than that.

Bytes stay as they are: line breaks of either kind and blank lines are for the reader to see. A
line that is far too long for a request comes in fragments.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import msgspec

from batchtui.domain.errors import RequestFileError
from batchtui.domain.text import crop_middle, safe_line
from batchtui.system import CLOEXEC, NONBLOCK, pread, read_into

PIECE = 60_000
"""Bytes of a piece, unless a line in it is longer. As much as a processor has close at hand."""

_READ = 1_000_000
"""Bytes read in one go."""

LONGEST = 48_000_000
"""A line longer than this (bytes) is no request: the API takes no more than 32 MB for one."""

BOM = b"\xef\xbb\xbf"
BLANK = b" \t\r\n"
"""What JSON allows around a value."""


class Piece(msgspec.Struct, frozen=True):
    """Some of a file.

    Attributes:
        start: its offset in the file, in bytes.
        data: whole lines with their line breaks, which only the last line of a file may lack.
        is_fragment: whether it is but a part of a line longer than `LONGEST`.
    """

    start: int
    data: bytes
    is_fragment: bool = False


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A descriptor of a request file; faults of reading it become errors, too.

    Raises:
        RequestFileError: if it is no file, or cannot be read.
    """
    name = crop_middle(safe_line(path.name), 60)
    try:
        # Without waiting, so that a pipe of that name is no trap.
        fd = os.open(path, os.O_RDONLY | CLOEXEC | NONBLOCK)
    except FileNotFoundError as error:
        raise RequestFileError(f"The request file {name} is not there") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have that name"
        raise RequestFileError(f"The request file {name} cannot be read: {reason}") from error
    try:
        mode = os.fstat(fd).st_mode
        if S_ISDIR(mode):
            raise RequestFileError(f"{name} is a directory, not a request file")
        if not S_ISREG(mode):
            raise RequestFileError(f"{name} is not a file that can be read more than once")
        yield fd
    except OSError as error:
        raise RequestFileError(
            f"The request file {name} cannot be read: {error.strerror or type(error).__name__}"
        ) from error
    finally:
        os.close(fd)


def first_offset(fd: int) -> int:
    """Where the lines of a file begin: behind its byte order mark, if it has one."""
    return len(BOM) if pread(fd, len(BOM), 0) == BOM else 0


def pieces(fd: int, start: int = 0) -> Iterator[Piece]:
    """A file from an offset on to its end, in order and without gaps."""
    buffer, at, filled = bytearray(_READ), start, 0
    while got := read_into(fd, memoryview(buffer)[filled:], at + filled):
        filled += got
        done = 0
        while cut := _end_of_piece(buffer, done, filled):
            yield Piece(at + done, bytes(memoryview(buffer)[done:cut]))
            done = cut
        rest = bytes(memoryview(buffer)[done:filled])
        at, filled = at + done, len(rest)
        if filled < LONGEST:
            # Twice as long for a long line, and no longer than need be after it.
            buffer = _fitting(buffer, min(max(_READ, 2 * filled), LONGEST))
            buffer[:filled] = rest
        else:
            yield Piece(at, rest, is_fragment=True)
            at, filled = at + len(rest), 0
            for piece in _rest_of_line(fd, at):
                yield piece
                at += len(piece.data)
    if filled:
        yield Piece(at, bytes(memoryview(buffer)[:filled]))


def _end_of_piece(buffer: bytearray, start: int, stop: int) -> int:
    """The end of the last line that ends within a piece, or of the first there is; 0 if none."""
    near = min(start + PIECE, stop)
    return buffer.rfind(b"\n", start, near) + 1 or buffer.find(b"\n", near, stop) + 1


def _fitting(buffer: bytearray, size: int) -> bytearray:
    return buffer if len(buffer) == size else bytearray(size)


def _rest_of_line(fd: int, at: int) -> Iterator[Piece]:
    while block := pread(fd, PIECE, at):
        cut = block.find(b"\n") + 1
        yield Piece(at, block[:cut] if cut else block, is_fragment=True)
        at += len(block)
        if cut:
            return


def split(data: bytes) -> list[bytes]:
    """The lines of a piece without their newlines."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def single_lines(piece: Piece) -> Iterator[Piece]:
    """Each line of a piece by itself, with its line break."""
    at, data = 0, piece.data
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        yield Piece(piece.start + at, data[at:end])
        at = end
