"""Finds requests by custom_id in files of any size, with no index and next to no memory.

The file is read in blocks, never mapped: it is somebody else's, and may be cut at any moment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.domain.request import RequestLine
from batchtui.domain.text import crop_middle, safe_line
from batchtui.submissions.lines import BOM, LONGEST, first_offset, opened, pieces, split
from batchtui.submissions.shapes import line_of, made_id, request_line
from batchtui.system import pread

BLOCK = 1024 * 1024
"""Bytes read in one go; searching them takes less than a millisecond."""

OVERLAP = 4096
"""Bytes looked at again with the next block, for what lies across the border."""

_NAME = rb'"custom_id"\s{0,100}:\s{0,100}'
_ESCAPED = rb'"[^"\\]{0,1000}\\'


class Found(msgspec.Struct, frozen=True):
    """A request in its file.

    Attributes:
        number: which line of the file it is, from 1.
        line: the line without its line break.
    """

    number: int
    line: bytes
    request: RequestLine


def _always() -> bool:
    return True


class RequestFile:
    """A file of requests, one line of JSON each, as somebody keeps it.

    It is opened anew for every look, because it may be moved, cut or written to in between.

    Args:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """What to call it; safe to show."""
        return crop_middle(safe_line(self.path.name), 60)

    def find(self, custom_id: str, *, wanted: Callable[[], bool] = _always) -> Found | None:
        """Find the first request with this custom_id; for a thread, as it may take its time.

        Args:
            custom_id: its id, as the API gives it back.
            wanted: asked after every block whether to go on.

        Raises:
            RequestFileError: if the file cannot be read.
        """
        forms = {json.dumps(custom_id), json.dumps(custom_id, ensure_ascii=False)}
        plain = (re.escape(form.encode("utf-8", "replace")) for form in sorted(forms))
        # An id with any escape in it may be the one: every letter has several spellings then.
        pattern = re.compile(_NAME + b"(?:" + b"|".join((*plain, _ESCAPED)) + b")")
        number = line_of(custom_id)
        with opened(self.path) as fd:
            if number is not None:
                for found in _without_id(fd, [number], wanted):
                    return found
            for start, _ in _matches(fd, pattern, wanted):
                line_start, line = _line_around(fd, start)
                request = request_line(line, 0)
                if request is not None and request.custom_id == custom_id:
                    return Found(_lines_before(fd, line_start) + 1, line, request)
        return None

    def check(self) -> None:
        """Look whether it begins like a file of requests.

        Raises:
            RequestFileError: if it cannot be read.
            UsageError: if it holds something else.
        """
        with opened(self.path) as fd:
            line = _first_line(fd)
        if request_line(line, 1) is None:
            raise UsageError(
                f"{self.name} does not look like a file of requests",
                todo='Every line of one is a JSON object with "custom_id" and "params"',
            )


def _matches(
    fd: int, pattern: re.Pattern[bytes], wanted: Callable[[], bool]
) -> Iterator[tuple[int, re.Match[bytes]]]:
    """Where in the file the pattern is, which must not be longer than the overlap."""
    offset, tail = 0, b""
    while wanted() and (block := pread(fd, BLOCK, offset)):
        data = tail + block
        for found in pattern.finditer(data):
            if found.end() > len(tail):
                yield offset - len(tail) + found.start(), found
        offset += len(block)
        tail = data[-OVERLAP:]


def _without_id(fd: int, numbers: Sequence[int], wanted: Callable[[], bool]) -> Iterator[Found]:
    """The requests in lines of these numbers, ascending, whose ids are made of the number."""
    before, left = 0, list(reversed(numbers))
    for piece in pieces(fd, first_offset(fd)):
        if not left or not wanted():
            return
        behind = before + piece.data.count(b"\n")
        lines = split(piece.data) if left[-1] <= behind + 1 and not piece.is_fragment else []
        while left and before < left[-1] <= before + len(lines):
            number = left.pop()
            line = lines[number - before - 1].rstrip(b"\r")
            request = request_line(line, number)
            if request is not None and request.custom_id == made_id(number):
                yield Found(number, line, request)
        before = behind


def _line_around(fd: int, offset: int) -> tuple[int, bytes]:
    """The start of the line that a byte is in, and the line; empty if it is too long."""
    start, before = offset, [b""]
    while start > 0 and offset - start <= LONGEST:
        begin = max(start - BLOCK, 0)
        block = pread(fd, start - begin, begin)
        cut = block.rfind(b"\n") + 1
        before.append(block[cut:])
        start = begin + cut
        if cut:
            break
    parts, end = before[::-1], offset
    while end - start <= LONGEST and (block := pread(fd, BLOCK, end)):
        cut = block.find(b"\n")
        parts.append(block if cut < 0 else block[:cut])
        end += len(parts[-1])
        if cut >= 0:
            break
    if end - start > LONGEST:
        return start, b""
    return start, b"".join(parts).rstrip(b"\r").removeprefix(BOM)


def _lines_before(fd: int, offset: int) -> int:
    lines = at = 0
    while at < offset and (block := pread(fd, min(BLOCK, offset - at), at)):
        lines += block.count(b"\n")
        at += len(block)
    return lines


def _first_line(fd: int) -> bytes:
    """The first line that holds anything, if it begins within the first block."""
    block = pread(fd, BLOCK, 0)
    blank = len(block) - len(block.removeprefix(BOM).lstrip())
    return _line_around(fd, blank)[1]
