"""The index of a result file: one record a line, read in place without parsing.

Layout, in the byte order of the machine: a header; what is billed, as MessagePack; a record for
each line; the custom_ids in the order of the lines, each after a byte that UTF-8 never holds; and
the few names that records refer to by number, as MessagePack. An index of another version, byte
order or result file, or a damaged one, is no index.
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
from typing import Literal, NamedTuple

import msgspec

from batchtui.domain.pricing import PriceTable
from batchtui.domain.result import SUCCEEDED, Usage
from batchtui.results.billing import Billing

SUFFIX = ".index"
_MAGIC = b"batchtui"
_VERSION = 2
_HEADER = struct.Struct("=8sIIQQ16sQQQII")


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
    INFERENCE_GEO = ("H", 58)
    STOP_CATEGORY = ("H", 60)
    REFUSED_OUTRIGHT = ("H", 62)

    def __init__(self, code: Literal["Q", "I", "H"], at: int) -> None:
        self.code: Literal["Q", "I", "H"] = code
        self.at = at


# Its size is a multiple of eight, so that every column can be read in place.
RECORD = struct.Struct(f"={''.join(column.code for column in Column)}")

ID_MARK = b"\xff"
"""Stands before each custom_id and after the last."""

_SAMPLES, _SAMPLE_SIZE = 16, 4096
_FIRST_READ = 4096


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
        words: types, error types, stop reasons, models, places of inference, categories.
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
        inference_geo: where the model ran.
        stop_category: of a refusal why, if the API said so.
        refused_outright: whether it is a refusal before any output.
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
    inference_geo: str = ""
    stop_category: str = ""
    refused_outright: bool = False

    def cost(self, prices: PriceTable) -> float | None:
        """US dollars the line cost: nothing unless it succeeded, None if no price is known."""
        if self.type != SUCCEEDED:
            return 0.0
        return prices.cost(
            self.model,
            self.usage,
            inference_geo=self.inference_geo,
            refusal_category=self.stop_category if self.refused_outright else None,
        )


class Heap(msgspec.Struct, frozen=True):
    """The custom_ids: bytes `start` to `end` of what can be searched."""

    data: bytes | mmap.mmap
    start: int
    end: int


class Index:
    """The lines of a result file by number; immutable, and safe to read from several threads.

    Attributes:
        names: what numbers in columns stand for.
        billing: what is billed.
    """

    def __init__(self, records: memoryview, ids: Heap, names: Names, billing: Billing) -> None:
        """Put the parts together; `load` is the way to an index on a disk."""
        self.names = names
        self.billing = billing
        self._records = records
        self._ids = ids
        self._lines = len(records) // RECORD.size

    def __len__(self) -> int:
        return self._lines

    def row(self, number: int) -> Row:
        """What is known of a line.

        Raises:
            IndexError: if there is no such line.
        """
        record = self._record(number)
        words, shapes = self.names.words, self.names.shapes
        kind, error_type, stop_reason, model, shape, geo, category, outright = record[10:]
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
            inference_geo=words[geo],
            stop_category=words[category],
            refused_outright=bool(outright),
        )

    def span(self, number: int) -> tuple[int, int]:
        """Where a line is in the file: the offset of its first byte, and its length in bytes."""
        record = self._record(number)
        return record[0], record[2]

    def column(self, column: Column) -> memoryview[int]:
        """One field of all lines, for sorting, filtering and counting; valid as long as held."""
        records = self._records.cast(column.code)
        return records[column.at // records.itemsize :: RECORD.size // records.itemsize]

    def find(self, custom_id: str) -> int | None:
        """The number of the first line with this custom_id."""
        needle = ID_MARK + custom_id.encode("utf-8", "surrogatepass") + ID_MARK
        at = self._ids.data.find(needle, self._ids.start, self._ids.end)
        if at < 0:
            return None
        end = at + len(needle) - 1 - self._ids.start
        return bisect_left(self.column(Column.ID_END), end)

    def custom_ids(self, start: int, stop: int) -> list[bytes]:
        """The custom_ids of the lines from `start` to before `stop`, in UTF-8; at least one."""
        ends = self.column(Column.ID_END)
        first = self._ids.start
        begin = first + (ends[start - 1] if start else 0) + 1
        return self._ids.data[begin : first + ends[stop - 1]].split(ID_MARK)

    def duplicates(self) -> Sequence[int]:
        """The numbers of all lines whose custom_id an earlier line has."""
        ids = self._ids.data[self._ids.start + 1 : self._ids.end - 1].split(ID_MARK)
        seen: set[bytes] = set()
        found = array("Q")
        for number, custom_id in enumerate(ids):
            if custom_id in seen:
                found.append(number)
            elif custom_id:
                seen.add(custom_id)
        return found

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
        return RECORD.unpack_from(self._records, number * RECORD.size)

    def _custom_id(self, number: int, end: int) -> str:
        start = self._record(number - 1)[1] + 1 if number else 1
        first = self._ids.start
        return self._ids.data[first + start : first + end].decode("utf-8", "surrogatepass")


Part = bytes | memoryview


class _Header(NamedTuple):
    """The start of an index; sizes in bytes, of the billing without what fills it up."""

    magic: bytes
    version: int
    record_size: int
    lines: int
    file_size: int
    file_digest: bytes
    billing_size: int
    ids_size: int
    names_size: int
    billing_checksum: int = 0
    checksum: int = 0

    @property
    def records(self) -> int:
        """Where the records start."""
        return _HEADER.size + _aligned(self.billing_size)

    @property
    def ids(self) -> int:
        """Where the custom_ids start."""
        return self.records + self.lines * self.record_size

    @property
    def names(self) -> int:
        """Where the names start."""
        return self.ids + self.ids_size

    def sound(self, size: int) -> bool:
        """Whether this begins an index of that size, of this version."""
        known = (self.magic, self.version, self.record_size) == (_MAGIC, _VERSION, RECORD.size)
        return known and self.names + self.names_size == size

    def sum_up(self, *parts: Part) -> int:
        """The checksum of parts, and of the header."""
        checksum = zlib.crc32(repr(self[:-2]).encode())
        for part in parts:
            checksum = zlib.crc32(part, checksum)
        return checksum


def _aligned(size: int) -> int:
    return size + -size % 8


def encode(
    identity: Identity, records: Part, ids: Part, names: Names, billing: Billing
) -> list[Part]:
    """An index, in parts to be written one after the other; the big ones are not copied."""
    billed, packed = msgspec.msgpack.encode(billing), msgspec.msgpack.encode(names)
    header = _Header(
        _MAGIC,
        _VERSION,
        RECORD.size,
        len(records) // RECORD.size,
        identity.size,
        identity.digest,
        len(billed),
        len(ids),
        len(packed),
    )
    head = _HEADER.pack(
        *header._replace(
            billing_checksum=header.sum_up(billed), checksum=header.sum_up(records, ids, packed)
        )
    )
    return [head, billed.ljust(_aligned(len(billed)), b"\0"), records, ids, packed]


def load(path: Path, identity: Identity) -> Index | None:
    """The index on the disk, if it is there, undamaged, and that of the result file given."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    return decode(data, identity)


def decode(data: bytes | mmap.mmap, identity: Identity) -> Index | None:
    """The index in these bytes, if they are undamaged, and that of the result file given."""
    if len(data) < _HEADER.size:
        return None
    header, whole = _Header(*_HEADER.unpack_from(data)), memoryview(data)
    if not header.sound(len(data)) or Identity(header.file_size, header.file_digest) != identity:
        return None
    billed = whole[_HEADER.size :][: header.billing_size]
    checksums = header.sum_up(billed), header.sum_up(whole[header.records :])
    if checksums != (header.billing_checksum, header.checksum):
        return None
    return Index(
        whole[header.records : header.ids],
        Heap(data, header.ids, header.names),
        msgspec.msgpack.decode(whole[header.names :], type=Names),
        msgspec.msgpack.decode(billed, type=Billing),
    )


def read_billing(results: Path) -> Billing | None:
    """What is billed in a result file, without looking at its lines.

    The index beside it is taken for its own if it was made for a file of this size.

    Returns:
        None if the file or its index is not there, or the index is of no use.
    """
    try:
        size = results.stat().st_size
        with results.with_suffix(SUFFIX).open("rb", buffering=0) as file:
            start = file.read(_FIRST_READ)
            header = _Header(*_HEADER.unpack_from(start))
            if not header.sound(os.fstat(file.fileno()).st_size) or header.file_size != size:
                return None
            end = _HEADER.size + header.billing_size
            if end > len(start):
                start += file.read(end - len(start))
    except (OSError, struct.error):
        return None
    billed = start[_HEADER.size : end]
    if header.sum_up(billed) != header.billing_checksum:
        return None
    return msgspec.msgpack.decode(billed, type=Billing)
