"""Ids that are there twice in a request file, however far apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from batchtui.domain.text import safe_line
from batchtui.submissions.checked import Where
from batchtui.submissions.grouping import Grouping
from batchtui.submissions.lines import BLANK, Piece, first_offset, pieces, single_lines
from batchtui.submissions.quick import accept
from batchtui.submissions.shapes import read_request
from batchtui.submissions.unique import Seen

MOST_SUSPECTS = 10_000
"""So many ids are looked for in the file; what is beyond is told as a number."""

_PIECES_PER_STEP = 64


class Duplicates:
    """Remembers the ids of a file while it is read, and finds the lines of those that recur."""

    def __init__(self) -> None:
        self._seen = Seen()
        self.add = self._seen.add

    def name(self, fd: int, problems: Grouping, on_progress: Callable[[int], object]) -> None:
        """Read the file again, if any id seems to recur, and tell which lines have the same.

        Args:
            fd: the file.
            problems: gets every line whose id an earlier line has.
            on_progress: called now and then with the bytes read.
        """
        suspects, surplus = self._seen.repeated(MOST_SUSPECTS)
        if not suspects:
            return
        first_lines: dict[str, int] = {}
        named = 0
        for number, custom_id in _ids(fd, on_progress):
            if hash(custom_id) not in suspects:
                continue
            first = first_lines.setdefault(custom_id, number)
            if first != number:
                named += 1
                problems.repeat(Where(number, safe_line(custom_id, 64), "custom_id", first))
        if named and len(suspects) == MOST_SUSPECTS and surplus > named:
            problems.more(surplus - named)


def _ids(fd: int, on_progress: Callable[[int], object]) -> Iterator[tuple[int, str]]:
    """The number and the id of every line that has a good one."""
    number = 1
    for count, piece in enumerate(pieces(fd, first_offset(fd))):
        if count % _PIECES_PER_STEP == 0:
            on_progress(piece.start)
        if piece.is_fragment:
            number += piece.data.endswith(b"\n")
        elif accepted := accept(piece.data):
            yield from enumerate(accepted.custom_ids, number)
            number += len(accepted.custom_ids)
        else:
            for line in single_lines(piece):
                yield from _id(line, number)
                number += 1


def _id(line: Piece, number: int) -> Iterator[tuple[int, str]]:
    if accepted := accept(line.data):
        yield number, accepted.custom_ids[0]
    elif line.data.strip(BLANK) and (custom_id := read_request(line.data, number).custom_id):
        yield number, custom_id
