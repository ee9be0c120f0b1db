"""Lines of several result files as if they stood in one.

No byte of the files is copied, and nothing is written: their records are gathered in memory, as of
a file in which the others follow one another with a line feed in between.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, compress, islice
from pathlib import Path
from typing import Final, NamedTuple

from batchtui.domain.result import SUCCEEDED
from batchtui.results.append_only import AppendOnly
from batchtui.results.billing import Key, Meter, Tokens
from batchtui.results.index import ID_MARK, RECORD, Column, Heap, Index, Names, column_of
from batchtui.results.reader import ResultFile, Source
from batchtui.results.records import MOST_SHAPES, MOST_WORDS, Numbering
from batchtui.results.slices import Steps

_STEP: Final = 1024
"""Lines gathered in a step."""

_WHOLE: Final = struct.Struct(f"{RECORD.size}s")
_WORDS: Final = (
    Column.TYPE,
    Column.ERROR_TYPE,
    Column.STOP_REASON,
    Column.MODEL,
    Column.INFERENCE_GEO,
    Column.STOP_CATEGORY,
)
_BILLED: Final = (
    Column.MODEL,
    Column.INFERENCE_GEO,
    Column.STOP_CATEGORY,
    Column.REFUSED_OUTRIGHT,
)
_USAGE: Final = (
    Column.INPUT_TOKENS,
    Column.EPHEMERAL_5M_INPUT_TOKENS,
    Column.EPHEMERAL_1H_INPUT_TOKENS,
    Column.CACHE_READ_INPUT_TOKENS,
    Column.OUTPUT_TOKENS,
    Column.THINKING_TOKENS,
    Column.WEB_SEARCH_REQUESTS,
)


def join(files: Sequence[ResultFile], masks: Sequence[bytes]) -> Steps[ResultFile]:
    """Make one file of lines of several; reading from it goes on when those are closed.

    Args:
        files: whose lines follow one another in this order.
        masks: for each file a byte for each line: 1 if it is wanted, else 0.

    Raises:
        ResultsError: if one of the files is closed.
    """
    records = _Records(sum(mask.count(1) for mask in masks))
    parts, start = [], 0
    for file, mask in zip(files, masks, strict=True):
        if not len(file):
            continue
        yield from records.gather(file.index, mask, start)
        offset, size = file.index.span(len(file) - 1)
        parts.append(_Part(start, offset + size, file.source))
        start += offset + size + 1
    return ResultFile(files[0].path if files else Path(), _Joined(parts), records.index())


class _Part(NamedTuple):
    """One of the files: where it starts, and its size up to the end of its last line."""

    start: int
    size: int
    source: Source


class _Joined:
    """The bytes of files one after another, a line feed after each."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._parts = parts
        self._starts = [part.start for part in parts]

    def read(self, size: int, offset: int) -> bytes:
        """Bytes as they would be in one file; fewer than `size` also where a file was cut."""
        data = []
        for part in self._parts[max(bisect_right(self._starts, offset) - 1, 0) :]:
            at = offset - part.start
            wanted = min(size, part.size - at)
            if wanted < 0:
                break
            piece = part.source.read(wanted, at)
            data.append(piece)
            if len(piece) < wanted or wanted == size:
                break
            data.append(b"\n")
            size -= wanted + 1
            offset += wanted + 1
        return data[0] if len(data) == 1 else b"".join(data)


class _Records:
    """Gathers records, custom_ids, names and what is billed of so many lines."""

    def __init__(self, lines: int) -> None:
        self._records = AppendOnly(max(lines, 1) * RECORD.size)
        self._ids = [ID_MARK]
        self._ids_end = len(ID_MARK)
        self._words, self._shapes = Numbering(MOST_WORDS), Numbering(MOST_SHAPES)
        self._meter = Meter()

    def index(self) -> Index:
        """The index of what was gathered."""
        ids = b"".join(self._ids)
        names = Names(self._words.texts, self._shapes.texts)
        billing = self._meter.billing(self._words.texts)
        return Index(self._records.view(), Heap(ids, 0, len(ids)), names, billing)

    def gather(self, index: Index, mask: bytes, base: int) -> Steps[None]:
        """Take lines of an index whose file starts at the offset `base`."""
        words = _renumbered(index.names.words, self._words)
        shapes = _renumbered(index.names.shapes, self._shapes)
        tables = [(column, words) for column in _WORDS] + [(Column.SHAPE, shapes)]
        tables = [(column, table) for column, table in tables if table != [*range(len(table))]]
        for start in range(0, len(index), _STEP):
            stop = min(start + _STEP, len(index))
            chosen = mask[start:stop]
            if not any(chosen):
                continue
            wanted = compress(_WHOLE.iter_unpack(index.records(start, stop)), chosen)
            block = bytearray(b"".join(chain.from_iterable(wanted)))
            records = memoryview(block)
            offsets = column_of(records, Column.OFFSET)
            offsets[:] = array("Q", [offset + base for offset in offsets])
            custom_ids = list(compress(index.custom_ids(start, stop), chosen))
            column_of(records, Column.ID_END)[:] = self._identify(custom_ids)
            for column, table in tables:
                codes = column_of(records, column)
                codes[:] = array("H", map(table.__getitem__, codes))
            self._bill(records)
            self._records.add(block)
            yield

    def _identify(self, custom_ids: Sequence[bytes]) -> array[int]:
        """Take custom_ids; returns where each of them ends."""
        self._ids.append(ID_MARK.join(custom_ids) + ID_MARK)
        before = self._ids_end - 1
        ends = accumulate(map(len, custom_ids), lambda end, size: end + 1 + size, initial=before)
        found = array("Q", islice(ends, 1, None))
        self._ids_end += len(self._ids[-1])
        return found

    def _bill(self, records: memoryview) -> None:
        """Sum up what is billed of lines."""
        succeeded = self._words.get(SUCCEEDED)
        billed: defaultdict[tuple[int, ...], list[Tokens]] = defaultdict(list)
        keys = zip(*(column_of(records, column) for column in _BILLED), strict=True)
        usages: Iterator[Tokens] = zip(
            *(column_of(records, column) for column in _USAGE), strict=True
        )
        kinds = column_of(records, Column.TYPE)
        for key, tokens in compress(
            zip(keys, usages, strict=True), [kind == succeeded for kind in kinds]
        ):
            billed[key].append(tokens)
        self._meter.add((_key(*key), usages) for key, usages in billed.items())


def _key(model: int, geo: int, category: int, outright: int) -> Key:
    return model, geo, category if outright else None


def _renumbered(names: Sequence[str], numbers: Numbering) -> list[int]:
    """The numbers that names have from now on, by those they had; the first two mean the same."""
    return [0, 1, *(numbers[name] for name in names[2:])]
