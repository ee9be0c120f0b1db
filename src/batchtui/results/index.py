"""The index of a result file: one record a line, read in place without parsing."""

from __future__ import annotations

import mmap
import struct
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Literal

import msgspec

from batchtui.domain.pricing import PriceTable
from batchtui.domain.result import SUCCEEDED, UNREADABLE, Usage
from batchtui.results.billing import Billing


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


def column_of(records: memoryview, column: Column) -> memoryview[int]:
    """One field of records that stand one after another."""
    numbers = records.cast(column.code)
    return numbers[column.at // numbers.itemsize :: RECORD.size // numbers.itemsize]


_IDS_AT_ONCE = 4096

ID_MARK = b"\xff"
"""Stands before each custom_id and after the last."""


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
        usage: counts that do not fit in 32 bits are the greatest that does.
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
        """US dollars the line cost: nothing unless it succeeded.

        None if no price is known, or the line cannot be read.
        """
        if self.type != SUCCEEDED:
            return None if self.type == UNREADABLE else 0.0
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
        return column_of(self._records, column)

    def records(self, start: int, stop: int) -> memoryview:
        """The records of the lines from `start` to before `stop`, one after another."""
        return self._records[start * RECORD.size : stop * RECORD.size]

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
        found = array("Q")
        if len(set(map(hash, self._each_id()))) == len(self):
            return found  # as nearly always; of the ids themselves it would take twice the room
        seen: set[bytes] = set()
        for number, custom_id in enumerate(self._each_id()):
            if custom_id in seen:
                found.append(number)
            elif custom_id:
                seen.add(custom_id)
        return found

    def _each_id(self) -> Iterator[bytes]:
        for start in range(0, len(self), _IDS_AT_ONCE):
            yield from self.custom_ids(start, min(start + _IDS_AT_ONCE, len(self)))

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
