"""What is in a result file at a glance, read from its index alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from batchtui.domain.result import ERRORED, UNREADABLE, Usage
from batchtui.results.index import Column, Index
from batchtui.results.reader import ResultFile

_USAGE = tuple(Column[name.upper()] for name in Usage.__struct_fields__)


class ErrorGroup(msgspec.Struct, frozen=True):
    """Lines that failed in the same way.

    Attributes:
        type: the type of the lines: `errored` or `unreadable`.
        error_type: the API's word for the error.
        shape: their messages with numbers, ids and quoted parts taken out. Foreign text.
        lines: how many there are.
        first: the number of the first of them.
    """

    type: str
    error_type: str
    shape: str
    lines: int
    first: int


class Triage(msgspec.Struct, frozen=True):
    """The state of a batch's results; all counts are of lines, all text is foreign.

    Attributes:
        tally: by type.
        errors: what went wrong, biggest group first.
        stop_reasons: of succeeded lines, most frequent first.
        models: that answered, most frequent first.
        usage: the sum over all lines.
    """

    tally: Mapping[str, int]
    errors: tuple[ErrorGroup, ...]
    stop_reasons: Mapping[str, int]
    models: Mapping[str, int]
    usage: Usage


def triage(file: ResultFile) -> Triage:
    """Sum up a result file."""
    index = file.index
    return Triage(
        tally=index.tally(),
        errors=_errors(index),
        stop_reasons=_frequent(index, Column.STOP_REASON),
        models=_frequent(index, Column.MODEL),
        usage=Usage(*(sum(index.column(column)) for column in _USAGE)),
    )


def _frequent(index: Index, column: Column) -> dict[str, int]:
    words = index.names.words
    counts = Counter(index.column(column)).most_common()
    return {words[code]: lines for code, lines in counts if code}


def _errors(index: Index) -> tuple[ErrorGroup, ...]:
    words, shapes = index.names.words, index.names.shapes
    kinds, error_types = index.column(Column.TYPE), index.column(Column.ERROR_TYPE)
    message_shapes = index.column(Column.SHAPE)
    first: dict[tuple[int, int, int], int] = {}
    counts: Counter[tuple[int, int, int]] = Counter()
    for kind in (ERRORED, UNREADABLE):
        for number in index.rows_of(kind):
            key = (kinds[number], error_types[number], message_shapes[number])
            first.setdefault(key, number)
            counts[key] += 1
    return tuple(
        ErrorGroup(words[key[0]], words[key[1]], shapes[key[2]], lines, first[key])
        for key, lines in counts.most_common()
    )
