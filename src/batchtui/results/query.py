"""The lines of a result file that pass a filter, in an order, read from its index in steps."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import compress, repeat
from operator import contains
from typing import Final

from batchtui.domain.pricing import PriceTable
from batchtui.domain.result import SUCCEEDED
from batchtui.results.filter import EVERYTHING, Filter, Range
from batchtui.results.index import ID_MARK, Column, Index
from batchtui.results.order import FILE_ORDER, PROMPT, By, Key, Order, keys_of, totals
from batchtui.results.pattern import fold, has_capitals
from batchtui.results.slices import Steps

_STEP: Final = 4096
"""Lines filtered in a step."""

_RUN: Final = 8192
"""Lines sorted in a step."""


def select(
    index: Index,
    filter: Filter = EVERYTHING,  # noqa: A002
    order: Order = FILE_ORDER,
    *,
    prices: PriceTable | None = None,
    among: Sequence[int] | None = None,
) -> Steps[Sequence[int]]:
    """The numbers of the lines to list, in order, as a compact sequence.

    Args:
        index: of the result file.
        filter: which lines.
        order: lines without a value to order by come last in both directions.
        prices: to order by cost; without it no line has one.
        among: the numbers of the lines to choose from, in any order; None for all.
    """
    numbers = yield from _filtered(index, filter, among)
    if order.by is By.LINE:
        return numbers[::-1] if order.reverse else numbers
    keys = yield from keys_of(index, order.by, prices)
    return (yield from _ordered(numbers, keys, order.reverse))


# Filter

Criterion = Callable[[int, int], bytes]
"""For each line from one number to before another a byte: 1 if it meets the criterion, else 0."""

_COLUMNS: Final = {
    "types": Column.TYPE,
    "stop_reasons": Column.STOP_REASON,
    "error_types": Column.ERROR_TYPE,
    "models": Column.MODEL,
    "shapes": Column.SHAPE,
}


def _filtered(index: Index, asked: Filter, among: Sequence[int] | None) -> Steps[Sequence[int]]:
    criteria = list(_criteria(index, asked))
    if among is not None:
        criteria.insert(0, (yield from _chosen(len(index), among)))
    if not criteria:
        return range(len(index))
    numbers = array("I")
    for start in range(0, len(index), _STEP):
        stop = min(start + _STEP, len(index))
        numbers.extend(compress(range(start, stop), _meeting(criteria, start, stop)))
        yield
    return numbers


def _meeting(criteria: Sequence[Criterion], start: int, stop: int) -> bytes:
    """Which lines meet all criteria."""
    met = _ones(stop - start)
    for criterion in criteria:
        met &= int.from_bytes(criterion(start, stop), "little")
        if not met:
            break
    return met.to_bytes(stop - start, "little")


def _ones(lines: int) -> int:
    return int.from_bytes(b"\x01" * lines, "little")


def _criteria(index: Index, asked: Filter) -> Iterator[Criterion]:
    """What a line has to meet, the quickest to tell first."""
    for field, column in _COLUMNS.items():
        if names := getattr(asked, field):
            yield _named(index, column, names)
    if asked.input_tokens or asked.output_tokens:
        yield _named(index, Column.TYPE, frozenset({SUCCEEDED}))
    if asked.input_tokens:
        yield _within(index, PROMPT, asked.input_tokens)
    if asked.output_tokens:
        yield _within(index, (Column.OUTPUT_TOKENS,), asked.output_tokens)
    for part in asked.custom_id.split():
        yield _identified(index, part)
    for other in asked.without:
        yield _failing(list(_criteria(index, other)))


def _chosen(lines: int, among: Sequence[int]) -> Steps[Criterion]:
    chosen = bytearray(lines)
    for start in range(0, len(among), _STEP):
        for number in among[start : start + _STEP]:
            chosen[number] = 1
        yield
    return lambda start, stop: bytes(chosen[start:stop])


def _named(index: Index, column: Column, wanted: frozenset[str]) -> Criterion:
    names = index.names.shapes if column is Column.SHAPE else index.names.words
    codes = index.column(column)
    present = wanted.intersection(names)
    parts = [part.lower() for part in wanted - present]
    fitting = bytes(
        name in present or any(part in name.lower() for part in parts) for name in names
    )
    return lambda start, stop: bytes(map(fitting.__getitem__, codes[start:stop]))


def _within(index: Index, columns: Sequence[Column], bounds: Range) -> Criterion:
    counts = totals(index, columns)
    least = 0 if bounds.least is None else bounds.least
    most = 2**64 if bounds.most is None else bounds.most
    return lambda start, stop: bytes([least <= count <= most for count in counts(start, stop)])


def _identified(index: Index, part: str) -> Criterion:
    # Folding makes no other letter one of ASCII, so bytes can be compared unless the part has
    # letters beyond ASCII that may be there in another case.
    any_case = not has_capitals(part)
    needle = part.encode("utf-8", "surrogatepass")

    def criterion(start: int, stop: int) -> bytes:
        custom_ids = index.custom_ids(start, stop)
        if not any_case:
            return bytes(map(contains, custom_ids, repeat(needle)))
        if part.isascii():
            small = ID_MARK.join(custom_ids).lower().split(ID_MARK)
            return bytes(map(contains, small, repeat(needle)))
        texts = (each.decode("utf-8", "surrogatepass") for each in custom_ids)
        return bytes(map(contains, map(fold, texts), repeat(fold(part))))

    return criterion


def _failing(criteria: Sequence[Criterion]) -> Criterion:
    def criterion(start: int, stop: int) -> bytes:
        met = int.from_bytes(_meeting(criteria, start, stop), "little")
        return (met ^ _ones(stop - start)).to_bytes(stop - start, "little")

    return criterion


# Order


def _ordered(numbers: Sequence[int], keys: Sequence[Key], reverse: bool) -> Steps[Sequence[int]]:
    """Sort in runs and merge them, because sorting all at once would take too long for a step."""
    runs: list[list[int]] = []
    last = array("I")
    # Sorted backwards and turned round at the end, equal lines stay in the order of the file.
    numbers = numbers[::-1] if reverse else numbers
    for start in range(0, len(numbers), _RUN):
        part = numbers[start : start + _RUN]
        there = [number for number in part if keys[number] is not None]
        if len(there) < len(part):
            last.extend(number for number in part if keys[number] is None)
        runs.append(sorted(there, key=keys.__getitem__))
        yield
    while len(runs) > 1:
        merged = []
        for one, other in zip(runs[::2], runs[1::2], strict=False):
            merged.append((yield from _merged(one, other, keys.__getitem__)))
        runs = merged + runs[len(merged) * 2 :]
    ordered = array("I", runs[0] if runs else ())
    if reverse:
        ordered.reverse()
        last.reverse()
    return ordered + last


def _merged(one: list[int], other: list[int], key: Callable[[int], Key]) -> Steps[list[int]]:
    """Two runs as one; equal lines of the first come first."""
    merged: list[int] = []
    done = 0
    for start in range(0, len(one), _RUN):
        following = one[start + _RUN : start + _RUN + 1]
        stop = bisect_left(other, key(following[0]), done, key=key) if following else len(other)
        part = one[start : start + _RUN] + other[done:stop]
        part.sort(key=key)  # two runs, which it finds and merges
        merged += part
        done = stop
        yield
    return merged + other[done:]


__all__ = ["EVERYTHING", "FILE_ORDER", "By", "Filter", "Order", "Range", "select"]
