"""What is in a result file at a glance, read from its index alone."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate

import msgspec

from batchtui.domain.result import ERRORED, SUCCEEDED, UNREADABLE, Usage, worth_retrying
from batchtui.results.billing import Billing
from batchtui.results.index import Column, Index, Names
from batchtui.results.reader import ResultFile
from batchtui.results.slices import Steps, now

OUTPUT_BOUNDS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
"""Where the parts of a distribution of output tokens begin, but for the first, which does at 0."""

_BLOCK = 2048
"""Lines, or different values, that are looked at in one step: well under two milliseconds."""


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

    @property
    def retryable(self) -> bool:
        """Whether the same requests may succeed next time."""
        return worth_retrying(self.error_type)


class Distribution(msgspec.Struct, frozen=True):
    """How output tokens are spread over succeeded lines.

    Attributes:
        lines: how many lines lie in each part between `OUTPUT_BOUNDS`; empty if there are none.
        median: half of the lines have no more output tokens than this.
        p90: nine in ten have no more than this.
        most: the greatest number of output tokens.
    """

    lines: tuple[int, ...] = ()
    median: int = 0
    p90: int = 0
    most: int = 0


class Triage(msgspec.Struct, frozen=True):
    """The state of a batch's results; all counts are of lines, all text is foreign.

    Attributes:
        tally: by type.
        errors: what went wrong, biggest group first.
        stop_reasons: of succeeded lines, most frequent first.
        models: that answered, most frequent first.
        usage: the sum over succeeded lines.
        outputs: how output tokens are spread over them.
        billing: what is billed, also by model.
    """

    tally: Mapping[str, int]
    errors: tuple[ErrorGroup, ...]
    stop_reasons: Mapping[str, int]
    models: Mapping[str, int]
    usage: Usage
    outputs: Distribution = Distribution()
    billing: Billing = Billing()


def triage(file: ResultFile) -> Triage:
    """Sum up a result file."""
    return now(triage_steps(file))


def triage_steps(file: ResultFile) -> Steps[Triage]:
    """Sum up a result file, a little in each step."""
    index = file.index
    words = index.names.words
    kinds, stop_reasons, models, outputs = (
        index.column(column)
        for column in (Column.TYPE, Column.STOP_REASON, Column.MODEL, Column.OUTPUT_TOKENS)
    )
    succeeded = _codes(words, SUCCEEDED)
    by_kind, by_stop_reason, by_model = Counter[int](), Counter[int](), Counter[int]()
    by_output = Counter[int]()
    for start in range(0, len(index), _BLOCK):
        block = slice(start, start + _BLOCK)
        by_kind.update(kinds[block])
        by_stop_reason.update(stop_reasons[block])
        by_model.update(models[block])
        lines = zip(kinds[block], outputs[block], strict=True)
        by_output.update(tokens for kind, tokens in lines if kind in succeeded)
        yield
    errors = yield from _errors(index)
    return Triage(
        tally={words[code]: lines for code, lines in by_kind.items()},
        errors=errors,
        stop_reasons=_frequent(by_stop_reason, words),
        models=_frequent(by_model, words),
        usage=index.billing.usage,
        outputs=(yield from _distribution(by_output)),
        billing=index.billing,
    )


def _codes(words: Sequence[str], *kinds: str) -> frozenset[int]:
    return frozenset(code for code, word in enumerate(words) if word in kinds)


def _frequent(counts: Counter[int], words: Sequence[str]) -> dict[str, int]:
    return {words[code]: lines for code, lines in counts.most_common() if code}


def _errors(index: Index) -> Steps[tuple[ErrorGroup, ...]]:
    columns = [index.column(column) for column in (Column.TYPE, Column.ERROR_TYPE, Column.SHAPE)]
    wanted = _codes(index.names.words, ERRORED, UNREADABLE)
    first: dict[tuple[int, ...], int] = {}
    counts = Counter[tuple[int, ...]]()
    for start in range(0, len(index), _BLOCK):
        block = (column[start : start + _BLOCK] for column in columns)
        for number, key in enumerate(zip(*block, strict=True), start):
            if key[0] in wanted:
                first.setdefault(key, number)
                counts[key] += 1
        yield
    found = counts.most_common()
    return tuple(_group(index.names, key, lines, first[key]) for key, lines in found)


def _group(names: Names, key: Sequence[int], lines: int, first: int) -> ErrorGroup:
    kind, error_type, shape = key
    return ErrorGroup(names.words[kind], names.words[error_type], names.shapes[shape], lines, first)


def _distribution(counts: Counter[int]) -> Steps[Distribution]:
    """The distribution of so many lines with so many tokens, by tokens."""
    if not counts:
        return Distribution()
    parts: list[dict[int, int]] = [{} for _ in range(len(OUTPUT_BOUNDS) + 1)]
    for place, (tokens, lines) in enumerate(counts.items()):
        parts[bisect_right(OUTPUT_BOUNDS, tokens)][tokens] = lines
        if not place % _BLOCK:
            yield
    sizes = [sum(part.values()) for part in parts]
    total = sum(sizes)
    return Distribution(
        tuple(sizes),
        _at(parts, sizes, (total + 1) // 2),
        _at(parts, sizes, (total * 9 + 9) // 10),
        max(max(part) for part in parts if part),
    )


def _at(parts: Sequence[Mapping[int, int]], sizes: Sequence[int], rank: int) -> int:
    """The tokens of the line of that rank, from 1; only the part it lies in is put in order."""
    ends = list(accumulate(sizes))
    place = next(place for place, end in enumerate(ends) if end >= rank)
    ordered = sorted(parts[place].items())
    left = rank - (ends[place] - sizes[place])
    reached = accumulate(lines for _, lines in ordered)
    return next(
        tokens for (tokens, _), lines in zip(ordered, reached, strict=True) if lines >= left
    )
