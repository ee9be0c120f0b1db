"""Builds the index of a result file from its bytes, in pieces of any size, as they arrive."""

from __future__ import annotations

import re
import struct
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import cast

import msgspec

from batchtui.domain.result import (
    NOT_JSON,
    REFUSAL,
    SUCCEEDED,
    TOO_DEEP,
    TOO_LONG,
    Message,
    decode_line,
    unreadable,
)
from batchtui.results import index
from batchtui.results.append_only import AppendOnly
from batchtui.results.billing import Key, Meter, Tokens
from batchtui.results.head import Head, HeadUsage, decode_typed, head_of, message_shape
from batchtui.results.index import Index

LONGEST_LINE = 256 * 1024 * 1024
"""Bytes of one line that are held in memory; a longer one is recorded as unreadable."""

_ROOM = 8 * 1024 * 1024
_MOST_WORDS = 10_000
_MOST_SHAPES = 2_000
_LONGEST_NAME = 200
OTHERS = "(others)"
"""Stands for the names of a file that has more different ones than any sane file."""

_CLOSING_BRACE = ord("}")
_BOM = b"\xef\xbb\xbf"
_NO_TOKENS = HeadUsage().counts()
_MOST = 2**32 - 1
_FIRST_SLICE, _LAST_SLICE = 1024, 256 * 1024
_SLICE_TIME = 0.002

_pack = index.RECORD.pack


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
        duplicates: the numbers of lines whose custom_id an earlier line has.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self.duplicates = array("Q")
        self._lines = 0
        self._records = AppendOnly(_ROOM)
        self._ids = AppendOnly(_ROOM)
        self._ids.add(index.ID_MARK)
        self._packed: list[bytes] = []
        self._new_ids: list[bytes] = []
        self._ids_end = len(self._ids)
        self._billed: defaultdict[Key, list[Tokens]] = defaultdict(list)
        self._meter = Meter()
        self._words = _Numbering(_MOST_WORDS)
        self._shapes = _Numbering(_MOST_SHAPES)
        self._seen: set[bytes] = set()
        self._start = 0
        self._held: list[bytes] = []
        self._held_size = 0

    def __len__(self) -> int:
        return self._lines

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the file."""
        self.bytes += len(chunk)
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if lines and self._held_size:
            self._hold(lines.pop(0))
            self._add_held()
        self._add(lines)
        if rest:
            self._hold(rest)

    def finish(self) -> bool:
        """Take the end of the file; return whether it cuts a line off."""
        size = self._held_size
        last = self._add_held().strip() if size else b""
        self._seen.clear()
        return size > LONGEST_LINE or (bool(last) and _is_cut(last))

    def snapshot(self) -> Index:
        """The index of the lines that came so far; it costs next to nothing, and never changes."""
        words, shapes = self._words.texts, self._shapes.texts
        return Index(
            self._records.view(),
            index.Heap(self._ids.data, 0, len(self._ids)),
            index.Names(words.copy(), shapes.copy()),
            self._meter.billing(words),
        )

    def encode(self, identity: index.Identity) -> list[index.Part]:
        """The index of the lines that came so far, in the parts of its file."""
        names = index.Names(self._words.texts, self._shapes.texts)
        billing = self._meter.billing(names.words)
        return index.encode(identity, self._records.view(), self._ids.view(), names, billing)

    def _hold(self, part: bytes) -> None:
        """Keep a part of a line whose end has not come yet."""
        self._held_size += len(part)
        if self._held_size <= LONGEST_LINE:
            self._held.append(part)
        else:
            self._held.clear()

    def _add_held(self) -> bytes:
        line, size = b"".join(self._held), self._held_size
        self._held.clear()
        self._held_size = 0
        if size <= LONGEST_LINE:
            self._add([line])
        else:
            self._record(self._start, size, head_of(unreadable(TOO_LONG)))
            self._start += size + 1
            self._settle()
        return line

    def _add(self, lines: list[bytes]) -> None:
        """Record whole lines that follow one another in the file, a line feed after each."""
        start = self._start
        for line in lines:
            size = len(line)
            if size and line[-1] == _CLOSING_BRACE:
                try:
                    head = decode_typed(line)
                except (ValueError, RecursionError):
                    self._add_odd(start, line)
                else:
                    message = head.result.message
                    if message is not None and message.stop_reason == REFUSAL:
                        self._add_odd(start, line)
                    else:
                        self._record(start, size, head)
            elif size:
                self._add_odd(start, line)
            start += size + 1
        self._start = start
        self._settle()

    def _add_odd(self, start: int, line: bytes) -> None:
        """Record a line of which more has to be seen."""
        body = (line if start else line.removeprefix(_BOM)).lstrip()
        start += len(line) - len(body)
        body = body.rstrip()
        if body:
            full = decode_line(body)
            self._record(start, len(body), head_of(full), full.message)

    def _record(self, start: int, size: int, head: Head, full: Message | None = None) -> None:
        words, result = self._words, head.result
        message, error = result.message, result.error
        kind = words[result.type]
        error_type = stop_reason = model = shape = geo = category = outright = 0
        tokens = _NO_TOKENS
        if message is not None:
            stop_reason, model = words[message.stop_reason], words[message.model]
            if message.usage is not None:
                tokens, geo = message.usage.counts(), words[message.usage.inference_geo]
        if error is not None:
            body = error.error or error
            error_type = words[body.type]
            shape = self._shapes[message_shape(body.message or "")]
        if full is not None and full.stop_reason == REFUSAL:
            category = words[full.stop_details.category if full.stop_details else ""]
            outright = full.refused_outright
        names = (kind, error_type, stop_reason, model, shape, geo, category, outright)
        end = self._add_id(head.custom_id)
        try:
            packed = _pack(start, end, size, *tokens, *names)
        except struct.error:
            size, *sane = (min(max(0, number), _MOST) for number in (size, *tokens))
            tokens = cast("Tokens", tuple(sane))
            packed = _pack(start, end, size, *tokens, *names)
        self._packed.append(packed)
        if result.type == SUCCEEDED:
            self._billed[model, geo, category if outright else None].append(tokens)

    def _add_id(self, custom_id: str) -> int:
        """Add to the heap of custom_ids; return where it ends there."""
        encoded = custom_id.encode("utf-8", "surrogatepass")
        self._new_ids.append(encoded)
        end = self._ids_end + len(encoded)
        self._ids_end = end + 1
        return end

    def _settle(self) -> None:
        """Put away what was recorded, which is cheaper for many lines at once."""
        if not self._packed:
            return
        self._note_duplicates()
        self._lines += len(self._packed)
        self._records.add(b"".join(self._packed))
        self._ids.add(index.ID_MARK.join(self._new_ids) + index.ID_MARK)
        self._meter.add(self._billed.items())
        self._packed.clear()
        self._new_ids.clear()
        self._billed.clear()

    def _note_duplicates(self) -> None:
        new, seen = set(self._new_ids), self._seen
        if len(new) < len(self._new_ids) or not seen.isdisjoint(new):
            for number, custom_id in enumerate(self._new_ids, len(self)):
                if custom_id and custom_id in seen:
                    self.duplicates.append(number)
                seen.add(custom_id)
        else:
            seen |= new


_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


def _is_cut(line: bytes) -> bool:
    """Whether a line, which nothing follows, lacks its end."""
    problem = decode_line(line).problem
    if problem != TOO_DEEP:
        return problem == NOT_JSON
    frame = _STRING.sub(b"", line)
    closed = all(frame.count(a) == frame.count(b) for a, b in ((b"{", b"}"), (b"[", b"]")))
    return b'"' in frame or not closed


class _Numbering(dict[str | None, int]):
    """Numbers for names, given out as they appear; only so many are told apart.

    Attributes:
        texts: the names by their numbers; 0 is nothing, 1 is all beyond the limit.
    """

    def __init__(self, limit: int) -> None:
        super().__init__({None: 0, "": 0})
        self.texts = ["", OTHERS]
        self._limit = limit

    def __missing__(self, name: str | None) -> int:
        assert name is not None
        # What is kept must be short, and must be text: lone surrogates are not.
        text = name[:_LONGEST_NAME].encode("utf-8", "replace").decode()
        if text != name:
            return self[text]
        if len(self.texts) >= self._limit:
            return 1
        self[text] = len(self.texts)
        self.texts.append(text)
        return self[text]


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
