"""The body of a create request, streamed out of a request file.

It is complete only if the file still holds what was checked: else the body breaks off before its
end, so that no batch can come of it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from batchtui.domain.errors import RequestFileError
from batchtui.domain.job import Part
from batchtui.domain.text import crop_middle, safe_line
from batchtui.submissions.cutting import DIGEST_SIZE
from batchtui.submissions.lines import BLANK, opened
from batchtui.submissions.shapes import native
from batchtui.system import pread

BLOCK = 256 * 1024
"""Bytes read and sent in one go: few enough that a slow line takes them within a time limit."""

HEAD = b'{"requests":['
TAIL = b"]}"


class Body:
    """What is sent for one part of a job; iterating over it again begins anew.

    Attributes:
        size: bytes, as the part says.
        sent: how many of them have been handed out.

    Args:
        path: the request file.
        part: which stretch of it.
        on_sent: told how many bytes were taken, each time more of them are asked for.
    """

    def __init__(
        self, path: Path, part: Part, *, on_sent: Callable[[int], None] | None = None
    ) -> None:
        self.size = part.size
        self.sent = 0
        self._path = path
        self._part = part
        self._on_sent = on_sent

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes, read in a thread.

        Raises:
            RequestFileError: if the file cannot be read, or is not as it was when it was checked;
                the last of the bytes were then not handed out.
        """
        self.sent = 0
        blocks = self.blocks()
        while block := await asyncio.to_thread(next, blocks, b""):
            self.sent += len(block)
            yield block
            if self._on_sent:
                self._on_sent(self.sent)

    def blocks(self) -> Iterator[bytes]:
        """The same, without a thread; no block is empty."""
        handed_out = 0
        held = HEAD
        for block in self._checked():
            handed_out += len(held)
            if handed_out + len(TAIL) > self.size:
                raise _changed(self._path)
            yield held
            held = block
        last = held + TAIL
        if handed_out + len(last) != self.size:
            raise _changed(self._path)
        yield last

    def _checked(self) -> Iterator[bytes]:
        """The requests with commas between them; comes to its end only if the digest fits."""
        digest = hashlib.blake2b(digest_size=DIGEST_SIZE)
        make = _verbatim if self._part.verbatim else _translated
        with opened(self._path) as fd:
            yield from make(_read(fd, self._part, digest), self._part)
        if digest.digest() != self._part.digest:
            raise _changed(self._path)


def measured(path: Path) -> tuple[int, bytes]:
    """The size of a request file in bytes and its digest, BLAKE2b (16 bytes) of all of it.

    Raises:
        RequestFileError: if it cannot be read.
    """
    digest, size = hashlib.blake2b(digest_size=DIGEST_SIZE), 0
    with opened(path) as fd:
        while block := pread(fd, BLOCK, size):
            digest.update(block)
            size += len(block)
    return size, digest.digest()


def _read(fd: int, part: Part, digest: hashlib.blake2b) -> Iterator[bytes]:
    """The bytes of a part as they are, a block at a time; fewer if the file is shorter."""
    at = part.start
    while at < part.stop and (block := pread(fd, min(BLOCK, part.stop - at), at)):
        digest.update(block)
        at += len(block)
        yield block


def _verbatim(blocks: Iterator[bytes], part: Part) -> Iterator[bytes]:
    """Every line break but the last becomes a comma; none stands inside a line of JSON."""
    held = b""
    for block in blocks:
        if held:
            yield held.replace(b"\n", b",")
        held = block
    if last := held.removesuffix(b"\n").replace(b"\n", b","):
        yield last


def _translated(blocks: Iterator[bytes], part: Part) -> Iterator[bytes]:
    """Line by line as the API takes them, put together to pieces of about a block."""
    ready: list[bytes] = []
    size = 0
    for number, line in enumerate(_lines(blocks), part.first_line):
        if not line.strip(BLANK):
            continue
        ready.append(native(line, number))
        size += len(ready[-1]) + 1
        if size >= BLOCK:
            # The empty line at its end stands for the comma before what follows.
            yield b",".join(ready)
            ready, size = [b""], 0
    if rest := b",".join(ready):
        yield rest


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _changed(path: Path) -> RequestFileError:
    name = crop_middle(safe_line(path.name), 60)
    return RequestFileError(f"The request file {name} is no longer what it was when it was checked")
