"""Lines joined into pieces that are worth sending."""

from collections.abc import Iterable, Iterator
from itertools import islice

LINES_A_PIECE = 64


def in_pieces(lines: Iterable[bytes], *, last_newline: bool) -> Iterator[bytes]:
    """A file of `lines`, some tens of kilobytes at a time, with or without the last newline."""
    coming = iter(lines)
    piece = list(islice(coming, LINES_A_PIECE))
    while piece:
        following = list(islice(coming, LINES_A_PIECE))
        yield b"\n".join(piece) + (b"\n" if following or last_newline else b"")
        piece = following
