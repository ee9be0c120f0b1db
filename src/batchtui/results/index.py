"""The index of a result file: one record a line, read in place without parsing.

Layout, in the byte order of the machine: a header; a record for each line; the custom_ids in the
order of the lines, each after a byte that UTF-8 never holds; and the few names that records refer
to by number, as MessagePack. An index of another version, byte order or result file, or a damaged
one, is no index.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
import zlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Literal

import msgspec

from batchtui.domain.result import Usage

SUFFIX = ".index"
_MAGIC = b"batchtui"
_VERSION = 1
_HEADER = struct.Struct("=8sIIQQ16sQQI4x")


class Column(Enum):
    """A field of a record: its `struct` code and its offset in bytes, in the order of packing."""

    OFFSET = ("Q", 0)
    ID_END = ("Q", 8)
    LENGTH = ("I", 16)
    INPUT_TOKENS = ("I", 20)
    EPHEMERAL_5M_INPUT_TOKENS = ("I", 24)
    EPHEMERAL_1H_INPUT_TOKENS = ("I", 28)
    CACHE_READ_INPUT_TOKENS = ("I", 32)
    OUTPUT_TOKENS = ("I", 36)
    THINKING_TOKENS = ("I", 40)
    WEB_SEARCH_REQUESTS = ("I", 44)
    TYPE = ("H", 48)
    ERROR_TYPE = ("H", 50)
    STOP_REASON = ("H", 52)
    MODEL = ("H", 54)
    SHAPE = ("H", 56)

    def __init__(self, code: Literal["Q", "I", "H"], at: int) -> None:
        self.code: Literal["Q", "I", "H"] = code
        self.at = at


# Padded to a multiple of eight, so that every column can be read in place.
RECORD = struct.Struct(f"={''.join(column.code for column in Column)}6x")

ID_MARK = b"\xff"
"""Stands before each custom_id and after the last."""

_SAMPLES, _SAMPLE_SIZE = 16, 4096


class Identity(msgspec.Struct, frozen=True):
    """Which result file an index belongs to: its size in bytes and a digest of parts of it."""

    size: int
    digest: bytes


def identify(fd: int) -> Identity:
    """Look at the size, the head, the tail and a few places between of an open file."""
    size = os.fstat(fd).st_size
    digest = hashlib.blake2b(digest_size=16)
    last = max(0, size - _SAMPLE_SIZE)
    for sample in range(_SAMPLES):
        digest.update(os.pread(fd, _SAMPLE_SIZE, last * sample // (_SAMPLES - 1)))
    return Identity(size, digest.digest())


class Names(msgspec.Struct, frozen=True):
    """What the numbers in records stand for; 0 is the empty string, 1 all beyond a limit.

    Attributes:
        words: types, error types, stop reasons and models.
        shapes: shapes of error messages, and reasons why lines are unreadable.
    """

    words: list[str]
    shapes: list[str]


class Row(msgspec.Struct, frozen=True):
    """What the index knows of a line. All its text is foreign.

    Attributes:
        number: the line's place in the file among those that are not blank, from 0.
        shape: of an errored line the shape of its message; why an unreadable one is.
        size: the length of the line in bytes.
    """

    number: int
    custom_id: str
    type: str
    error_type: str
    shape: str
    stop_reason: str
    model: str
    usage: Usage
    size: int


class Index:
    """The lines of a result file by number; immutable, and safe to read from several threads."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        """Take an index that `encode` made; `load` is the way to one from a disk."""
        header = _HEADER.unpack_from(data)
        self._data = data
        self._lines: int = header[3]
        self._ids = _HEADER.size + self._lines * RECORD.size
        self._ids_end = self._ids + header[6]
        names = memoryview(data)[self._ids_end : self._ids_end + header[7]]
        self.names = msgspec.msgpack.decode(names, type=Names)

    def __len__(self) -> int:
        return self._lines

    def row(self, number: int) -> Row:
        """What is known of a line.

        Raises:
            IndexError: if there is no such line.
        """
        record = self._record(number)
        words, shapes = self.names.words, self.names.shapes
        kind, error_type, stop_reason, model, shape = record[10:]
        return Row(
            number=number,
            custom_id=self._custom_id(number, record[1]),
            type=words[kind],
            error_type=words[error_type],
            shape=shapes[shape],
            stop_reason=words[stop_reason],
            model=words[model],
            usage=Usage(*record[3:10]),
            size=record[2],
        )

    def span(self, number: int) -> tuple[int, int]:
        """Where a line is in the file: the offset of its first byte, and its length in bytes."""
        record = self._record(number)
        return record[0], record[2]

    def column(self, column: Column) -> memoryview[int]:
        """One field of all lines, for sorting, filtering and counting; valid as long as held."""
        records = memoryview(self._data)[_HEADER.size : self._ids].cast(column.code)
        return records[column.at // records.itemsize :: RECORD.size // records.itemsize]

    def find(self, custom_id: str) -> int | None:
        """The number of the first line with this custom_id."""
        needle = ID_MARK + custom_id.encode("utf-8", "surrogatepass") + ID_MARK
        at = self._data.find(needle, self._ids, self._ids_end)
        if at < 0:
            return None
        end = at + len(needle) - 1 - self._ids
        return bisect_left(self.column(Column.ID_END), end)

    def rows_of(self, kind: str) -> Sequence[int]:
        """The numbers of all lines of a type, ascending."""
        wanted = {code for code, word in enumerate(self.names.words) if word == kind}
        codes = enumerate(self.column(Column.TYPE))
        return array("Q", (number for number, code in codes if code in wanted))

    def tally(self) -> dict[str, int]:
        """How many lines there are of each type, in the order of their first appearance."""
        words = self.names.words
        return {words[code]: lines for code, lines in Counter(self.column(Column.TYPE)).items()}

    def _record(self, number: int) -> tuple[int, ...]:
        if not 0 <= number < self._lines:
            raise IndexError(number)
        return RECORD.unpack_from(self._data, _HEADER.size + number * RECORD.size)

    def _custom_id(self, number: int, end: int) -> str:
        start = self._record(number - 1)[1] + 1 if number else 1
        return self._data[self._ids + start : self._ids + end].decode("utf-8", "surrogatepass")


def encode(identity: Identity, records: bytearray, ids: bytearray, names: Names) -> bytes:
    """The bytes of an index."""
    packed = msgspec.msgpack.encode(names)
    parts = (records, ids, packed)
    facts = (
        _MAGIC,
        _VERSION,
        RECORD.size,
        len(records) // RECORD.size,
        identity.size,
        identity.digest,
        len(ids),
        len(packed),
    )
    return b"".join((_HEADER.pack(*facts, _checksum(facts, *parts)), *parts))


def _checksum(facts: tuple[object, ...], *parts: bytes | bytearray | memoryview) -> int:
    checksum = zlib.crc32(repr(facts).encode())
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return checksum


def load(path: Path, identity: Identity) -> Index | None:
    """The index on the disk, if it is there, undamaged, and that of the result file given."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    if len(data) < _HEADER.size:
        return None
    *facts, checksum = _HEADER.unpack_from(data)
    magic, version, record_size, lines, size, digest, ids_size, names_size = facts
    if (magic, version, record_size) != (_MAGIC, _VERSION, RECORD.size):
        return None
    if Identity(size, digest) != identity:
        return None
    if len(data) != _HEADER.size + lines * RECORD.size + ids_size + names_size:
        return None
    if _checksum(tuple(facts), memoryview(data)[_HEADER.size :]) != checksum:
        return None
    return Index(data)
