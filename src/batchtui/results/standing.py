"""Which line stands for a request that several result files have an answer to.

The best one does: a full answer, else one that stopped short, else why there is none, else what
cannot be read. Of equally good ones it is that of the latest file, and in a file the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Final

import msgspec

from batchtui.domain.result import SUCCEEDED, UNREADABLE, stopped_short
from batchtui.results.index import Column, Index
from batchtui.results.slices import Steps

_STEP: Final = 4096
"""Lines looked at in a step."""

_TAKEN: Final = -1


class Worth(IntEnum):
    """How good a line is as the answer to its request."""

    UNREADABLE = 0
    WITHOUT_ANSWER = 1
    STOPPED_SHORT = 2
    GOOD = 3


def worth(kind: str, stop_reason: str) -> Worth:
    """How good a line of this type is, with this stop reason if it has one."""
    if kind == SUCCEEDED:
        return Worth.STOPPED_SHORT if stopped_short(stop_reason) else Worth.GOOD
    return Worth.UNREADABLE if kind == UNREADABLE else Worth.WITHOUT_ANSWER


class Standing(msgspec.Struct, frozen=True):
    """The lines that stand for their requests.

    Attributes:
        masks: for each file a byte for each line: 1 if it stands for its request, else 0. Lines
            without a custom_id stand for themselves.
        answered: by how many custom_ids there are up to each file.
        good: by how many of them have a good answer up to each file.
    """

    masks: tuple[bytes, ...]
    answered: tuple[int, ...]
    good: tuple[int, ...]


def stand(indexes: Sequence[Index]) -> Steps[Standing]:
    """Find the lines that stand for their requests, each custom_id once.

    Args:
        indexes: of the result files, in the order in which they were made.
    """
    files = [_File(index, place, len(indexes)) for place, index in enumerate(indexes)]
    best: dict[bytes, int] = {}
    answered, goods, good = [], [], 0
    for file in files:
        for block in file.blocks():
            good += _improve(best, block, Worth.GOOD * len(files))
            yield
        best.pop(b"", None)
        answered.append(len(best))
        goods.append(good)
    masks = []
    for file in files:
        mask = bytearray()
        for block in file.blocks():
            mask.extend(_standing(best, block))
            yield
        masks.append(bytes(mask))
    return Standing(tuple(masks), tuple(answered), tuple(goods))


_Line = tuple[bytes, int]
"""A custom_id, and a number that is the greater the better the line is, or else the later."""


def _improve(best: dict[bytes, int], lines: Iterator[_Line], least: int) -> int:
    """Keep the better lines; returns how many requests have got a good answer by that."""
    good = 0
    for custom_id, value in lines:
        before = best.get(custom_id, _TAKEN)
        if value > before:
            best[custom_id] = value
            if before < least <= value and custom_id:
                good += 1
    return good


def _standing(best: dict[bytes, int], lines: Iterator[_Line]) -> Iterator[int]:
    for custom_id, value in lines:
        if not custom_id:
            yield 1
        elif best[custom_id] == value:
            best[custom_id] = _TAKEN
            yield 1
        else:
            yield 0


class _File:
    """The lines of an index with what they are worth; gone through twice."""

    def __init__(self, index: Index, place: int, files: int) -> None:
        self._index = index
        self._values = _Values(index.names.words, place, files)

    def blocks(self) -> Iterator[Iterator[_Line]]:
        index = self._index
        kinds, reasons = index.column(Column.TYPE), index.column(Column.STOP_REASON)
        for start in range(0, len(index), _STEP):
            stop = min(start + _STEP, len(index))
            ways = zip(kinds[start:stop], reasons[start:stop], strict=True)
            values = map(self._values.__getitem__, ways)
            yield zip(index.custom_ids(start, stop), values, strict=True)


class _Values(dict[tuple[int, int], int]):
    """What lines of a file are worth, by the numbers of their type and stop reason."""

    def __init__(self, words: Sequence[str], place: int, files: int) -> None:
        super().__init__()
        self._words, self._place, self._files = words, place, files

    def __missing__(self, way: tuple[int, int]) -> int:
        kind, reason = way
        value = worth(self._words[kind], self._words[reason]) * self._files + self._place
        self[way] = value
        return value
