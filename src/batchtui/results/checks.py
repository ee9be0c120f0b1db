"""What a fetched result file holds, against what the API had counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from batchtui.domain import text
from batchtui.domain.batch import RequestCounts
from batchtui.domain.result import CANCELED, ERRORED, EXPIRED, SUCCEEDED, UNREADABLE
from batchtui.results.index import Index

_MOST_NAMED = 1000


class Fetched(msgspec.Struct, frozen=True):
    """A result file that was fetched whole.

    Attributes:
        path: the result file.
        bytes: its size.
        lines: how many lines it has, blank ones left out.
        tally: how many lines there are of each type.
        unreadable: numbers of lines that are no result lines, from 0; the first 1000.
        duplicates: numbers of lines whose custom_id an earlier line has; the first 1000.
        differences: what is odd about the file, one sentence each; empty if all is well.
    """

    path: Path
    bytes: int
    lines: int
    tally: Mapping[str, int]
    unreadable: tuple[int, ...]
    duplicates: tuple[int, ...]
    differences: tuple[str, ...]


def compare(path: Path, index: Index, size: int, expected: RequestCounts) -> Fetched:
    """Sum up a result file of so many bytes that has just been indexed."""
    unreadable, duplicates = index.rows_of(UNREADABLE), index.duplicates()
    return Fetched(
        path=path,
        bytes=size,
        lines=len(index),
        tally=index.tally(),
        unreadable=tuple(islice(unreadable, _MOST_NAMED)),
        duplicates=tuple(islice(duplicates, _MOST_NAMED)),
        differences=tuple(_differences(index, expected, unreadable, duplicates)),
    )


def differences(index: Index, expected: RequestCounts) -> tuple[str, ...]:
    """What is odd about a result file, one sentence each; it takes its index alone to tell."""
    return tuple(_differences(index, expected, index.rows_of(UNREADABLE), index.duplicates()))


def _differences(
    index: Index, expected: RequestCounts, unreadable: Sequence[int], duplicates: Sequence[int]
) -> Iterator[str]:
    yield from _tally_differences(index.tally(), len(index), expected)
    if unreadable:
        yield f"Unreadable lines: {len(unreadable):,}, the first is line {unreadable[0] + 1:,}"
    if duplicates:
        first = text.safe_line(index.row(duplicates[0]).custom_id, 64)
        yield f"Lines that repeat a custom_id: {len(duplicates):,}, the first {first}"


def _tally_differences(
    tally: Mapping[str, int], lines: int, expected: RequestCounts
) -> Iterator[str]:
    counted = {
        SUCCEEDED: expected.succeeded,
        ERRORED: expected.errored,
        CANCELED: expected.canceled,
        EXPIRED: expected.expired,
    }
    if lines != expected.total:
        yield f"The file has {lines:,} lines for {expected.total:,} requests"
    for kind, number in counted.items():
        if tally.get(kind, 0) != number:
            yield f"The API counted {number:,} {kind}, the file has {tally.get(kind, 0):,}"
    unknown = (kind for kind in tally if kind not in counted and kind != UNREADABLE)
    for kind in islice(unknown, 3):
        which = f"of the unknown type {text.safe_line(kind, 40)}" if kind else "without a type"
        yield f"Lines {which}: {tally[kind]:,}"
