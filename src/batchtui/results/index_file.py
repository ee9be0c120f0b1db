"""The file of an index, beside the result file it belongs to.

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
from pathlib import Path
from typing import NamedTuple

import msgspec

from batchtui.results.billing import Billing
from batchtui.results.index import RECORD, Heap, Index, Names
from batchtui.system import pread

SUFFIX = ".index"
_MAGIC = b"batchtui"
_VERSION = 2
_HEADER = struct.Struct("=8sIIQQ16sQQQII")

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
        digest.update(pread(fd, _SAMPLE_SIZE, last * sample // (_SAMPLES - 1)))
    return Identity(size, digest.digest())


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


def read_lines(results: Path) -> int | None:
    """How many lines a result file has, from the beginning of its index; None as below."""
    found = _read_start(results)
    return found[0].lines if found else None


def read_billing(results: Path) -> Billing | None:
    """What is billed in a result file, without looking at its lines.

    The index beside it is taken for its own if it was made for a file of this size.

    Returns:
        None if the file or its index is not there, or the index is of no use.
    """
    found = _read_start(results)
    if found is None:
        return None
    header, billed = found
    if header.sum_up(billed) != header.billing_checksum:
        return None
    return msgspec.msgpack.decode(billed, type=Billing)


def _read_start(results: Path) -> tuple[_Header, bytes] | None:
    """The header of the index of a result file, and its billing."""
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
    return header, start[_HEADER.size : end]
