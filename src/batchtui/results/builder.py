"""Builds the index of a result file from its bytes, in pieces of any size, as they arrive."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import msgspec

from batchtui.domain.result import NOT_JSON, REFUSAL, TOO_DEEP, TOO_LONG, decode_line, unreadable
from batchtui.results.head import decode_typed, head_of
from batchtui.results.index import Index
from batchtui.results.index_file import Identity, Part
from batchtui.results.records import Records

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of one line that are held in memory; a longer one is recorded as unreadable."""

_CLOSING_BRACE = ord("}")
_BOM = b"\xef\xbb\xbf"
_FIRST_SLICE, _LAST_SLICE = 1024, 256 * 1024
_SLICE_TIME = 0.002


class Progress(msgspec.Struct, frozen=True):
    """How far a fetch or the indexing of a file has come; totals are None if not known."""

    bytes: int
    lines: int
    expected_lines: int | None = None
    total_bytes: int | None = None


class IndexBuilder:
    """Takes the bytes of a result file and makes its index.

    Blank lines are skipped, as are a byte order mark and the carriage returns of CRLF; every other
    line becomes a record, whatever is in it.

    Attributes:
        bytes: how many bytes were fed.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._records = Records()
        self._start = 0
        self._held = bytearray()
        self._held_size = 0

    def __len__(self) -> int:
        return len(self._records)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the file."""
        self.bytes += len(chunk)
        at = 0
        if self._held_size:
            at = chunk.find(b"\n") + 1
            if not at:
                self._hold(chunk)
                return
            self._hold(chunk[:at])
            self._add_held()
        at = self._add_lines(chunk, at)
        if at < len(chunk):
            self._hold(chunk[at:])

    def finish(self) -> bool:
        """Take the end of the file; return whether it cuts a line off."""
        if not self._held_size:
            return False
        self._hold(b"\n")
        last = bytes(self._held).strip()
        too_long = not self._held
        self._add_held()
        return too_long or (bool(last) and _is_cut(last))

    def snapshot(self) -> Index:
        """The index of the lines that came so far; it costs next to nothing, and never changes."""
        return self._records.snapshot()

    def encode(self, identity: Identity) -> list[Part]:
        """The index of the lines that came so far, in the parts of its file."""
        return self._records.encode(identity)

    def _hold(self, part: bytes) -> None:
        """Keep a part of a line that came in several; the last part ends with its line feed."""
        self._held_size += len(part)
        if self._held_size <= LONGEST_LINE + 1:
            self._held += part
        else:
            self._held.clear()

    def _add_held(self) -> None:
        """Record the line that was held."""
        line, size = self._held, self._held_size
        self._held, self._held_size = bytearray(), 0
        if line:
            self._add_lines(line, 0)
        else:
            self._records.add(self._start, size - 1, head_of(unreadable(TOO_LONG)))
            self._start += size

    def _add_lines(self, chunk: bytes | bytearray, at: int) -> int:
        """Record the whole lines of a chunk from `at` on; return where the last of them ends."""
        find, add, view = chunk.find, self._records.add, memoryview(chunk)
        before = self._start - at
        while (end := find(b"\n", at)) >= 0:
            if end > at and chunk[end - 1] == _CLOSING_BRACE:
                try:
                    head = decode_typed(view[at:end])
                except (ValueError, RecursionError):
                    self._add_odd(before + at, bytes(view[at:end]))
                else:
                    message = head.result.message
                    if message is not None and message.stop_reason == REFUSAL:
                        self._add_odd(before + at, bytes(view[at:end]))
                    else:
                        add(before + at, end - at, head)
            elif end > at:
                self._add_odd(before + at, bytes(view[at:end]))
            at = end + 1
        self._start = before + at
        return at

    def _add_odd(self, start: int, line: bytes) -> None:
        """Record a line of which more has to be seen."""
        body = (line if start else line.removeprefix(_BOM)).lstrip()
        start += len(line) - len(body)
        body = body.rstrip()
        if body:
            full = decode_line(body)
            self._records.add(start, len(body), head_of(full), full.message)


_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


def _is_cut(line: bytes) -> bool:
    """Whether a line, which nothing follows, lacks its end."""
    problem = decode_line(line).problem
    if problem != TOO_DEEP:
        return problem == NOT_JSON
    frame = _STRING.sub(b"", line)
    closed = all(frame.count(a) == frame.count(b) for a, b in ((b"{", b"}"), (b"[", b"]")))
    return b'"' in frame or not closed


class SlicedFeed:
    """Feeds a builder for a few milliseconds at a time, however odd and long the chunks are."""

    def __init__(
        self, builder: IndexBuilder, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._builder = builder
        self._clock = clock
        self._size = _FIRST_SLICE
        self._resumed = clock()

    def feed(self, chunk: bytes) -> Iterator[None]:
        """Feed a chunk; yields when it is time to let others have their turn."""
        at = 0
        while at < len(chunk):
            started = self._clock()
            self._builder.feed(chunk[at : at + self._size])
            at += self._size
            now = self._clock()
            if now - started > _SLICE_TIME:
                self._size = max(_FIRST_SLICE, self._size // 4)
            elif now - started < _SLICE_TIME / 4:
                self._size = min(_LAST_SLICE, self._size * 2)
            if now - self._resumed > _SLICE_TIME:
                yield
                self._resumed = self._clock()
