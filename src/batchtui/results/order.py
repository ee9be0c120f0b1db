"""What the lines of a result file can be ordered by, and the keys that put them in order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from operator import mul
from typing import Any, Final

import msgspec

from batchtui.domain.pricing import PROMPT_BOUNDS, PriceTable
from batchtui.domain.result import CANCELED, ERRORED, EXPIRED, SUCCEEDED, UNREADABLE, Usage
from batchtui.results.index import ID_MARK, Column, Index
from batchtui.results.slices import Steps

_STEP: Final = 4096
"""Lines whose keys are made in a step."""


class By(StrEnum):
    """What lines are ordered by."""

    LINE = "line"
    CUSTOM_ID = "custom_id"
    TYPE = "type"
    STOP = "stop"
    INPUT = "input"
    OUTPUT = "output"
    COST = "cost"
    MODEL = "model"
    SIZE = "size"


class Order(msgspec.Struct, frozen=True):
    """An order of lines; equal ones stay in the order of the file."""

    by: By = By.LINE
    reverse: bool = False

    @property
    def next(self) -> Order:
        """The order by what follows in `By`, not reversed."""
        ways = tuple(By)
        return Order(ways[(ways.index(self.by) + 1) % len(ways)])


FILE_ORDER: Final = Order()

Key = Any
"""Comparable with the other keys of its column; None if a line has no value there."""

Chunk = Callable[[int, int], Iterable[Key]]
"""The keys of the lines from one number to before another."""


def keys_of(index: Index, by: By, prices: PriceTable | None) -> Steps[Sequence[Key]]:
    """A key for each line of the file.

    custom_ids are compared with their numbers as numbers; words (models, how answers stopped or
    what error came instead) by the alphabet; types from good to bad.
    """
    chunk = _chunk(index, by, prices)
    keys: list[Key] = []
    for start in range(0, len(index), _STEP):
        keys += chunk(start, min(start + _STEP, len(index)))
        yield
    return keys


def _chunk(index: Index, by: By, prices: PriceTable | None) -> Chunk:
    match by:
        case By.LINE:
            return range
        case By.CUSTOM_ID:
            return lambda start, stop: _natural(index.custom_ids(start, stop))
        case By.TYPE:
            return _named(index, Column.TYPE, _TYPES)
        case By.MODEL:
            return _named(index, Column.MODEL)
        case By.STOP:
            return _endings(index)
        case By.INPUT:
            return _tokens(index, PROMPT)
        case By.OUTPUT:
            return _tokens(index, (Column.OUTPUT_TOKENS,))
        case By.SIZE:
            sizes = index.column(Column.LENGTH)
            return lambda start, stop: sizes[start:stop]
        case By.COST:
            return _costs(index, prices)


# custom_ids

_DIGITS: Final = re.compile(rb"\d+")


def _natural(custom_ids: Iterable[bytes]) -> list[str | None]:
    weighed = _DIGITS.sub(_weighed, ID_MARK.join(custom_ids))
    # Latin-1 keeps the order of bytes, and comparing text is quicker than comparing bytes.
    return [key or None for key in weighed.decode("latin-1").split(ID_MARK.decode("latin-1"))]


def _weighed(found: re.Match[bytes]) -> bytes:
    """A number after its length, so that longer ones come later."""
    digits = found[0].lstrip(b"0")
    length = len(digits)
    return _LENGTHS[length] + digits if length < 15 else b"?%08d%b" % (length, digits)


_LENGTHS: Final = [bytes([ord("0") + length]) for length in range(15)]

# Words

_TYPES: Final = (SUCCEEDED, ERRORED, CANCELED, EXPIRED, "", UNREADABLE)
"""From good to bad; "" stands for all that is not known here."""


def _named(index: Index, column: Column, first: Sequence[str] = ()) -> Chunk:
    codes, places = index.column(column), _places(index.names.words, first)
    return lambda start, stop: map(places.__getitem__, codes[start:stop])


def _places(words: Sequence[str], first: Sequence[str] = ()) -> list[int | None]:
    """The places of words in their order; none for the empty one."""

    def key(code: int) -> tuple[int, str]:
        word = words[code]
        known = word if word in first else ""
        return (first.index(known) if first else 0, word)

    places: list[int | None] = [None] * len(words)
    for place, code in enumerate(sorted(range(1, len(words)), key=key)):
        places[code] = place
    return places


def _endings(index: Index) -> Chunk:
    places = _places(index.names.words)
    reasons, errors = index.column(Column.STOP_REASON), index.column(Column.ERROR_TYPE)
    return lambda start, stop: (
        places[reason or error]
        for reason, error in zip(reasons[start:stop], errors[start:stop], strict=True)
    )


# Tokens and dollars

PROMPT: Final = (
    Column.INPUT_TOKENS,
    Column.EPHEMERAL_5M_INPUT_TOKENS,
    Column.EPHEMERAL_1H_INPUT_TOKENS,
    Column.CACHE_READ_INPUT_TOKENS,
)
"""The columns whose sum is the length of the prompt."""


def totals(index: Index, columns: Sequence[Column]) -> Callable[[int, int], Iterable[int]]:
    """The sums of columns, for the lines from one number to before another."""
    parts = [index.column(column) for column in columns]
    if len(parts) == 1:
        return lambda start, stop: parts[0][start:stop]
    return lambda start, stop: map(sum, zip(*(part[start:stop] for part in parts), strict=True))


def _tokens(index: Index, columns: Sequence[Column]) -> Chunk:
    types, has_tokens = index.column(Column.TYPE), _succeeded(index)
    counts = totals(index, columns)
    return lambda start, stop: (
        count if has_tokens[kind] else None
        for kind, count in zip(types[start:stop], counts(start, stop), strict=True)
    )


def _succeeded(index: Index) -> list[bool]:
    """By the number of a word, whether it is the type of lines that have tokens."""
    return [word == SUCCEEDED for word in index.names.words]


_USAGE: Final = tuple(Column[name.upper()] for name in Usage.__struct_fields__)
_BOUNDS: Final = (0, *PROMPT_BOUNDS)
_UNIT: Final = 1_000_000


def _costs(index: Index, prices: PriceTable | None) -> Chunk:
    types, has_tokens = index.column(Column.TYPE), _succeeded(index)
    terms = [index.column(column) for column in _TERMS]
    counts = [index.column(column) for column in _USAGE]
    prompts = totals(index, PROMPT)
    rates = _Rates(index.names.words, prices or PriceTable("", {}, 0.0))

    def chunk(start: int, stop: int) -> Iterable[Key]:
        overs = [bisect_left(PROMPT_BOUNDS, prompt) for prompt in prompts(start, stop)]
        priced = zip(*(term[start:stop] for term in terms), overs, strict=True)
        usages = zip(*(count[start:stop] for count in counts), strict=True)
        for kind, rate, usage in zip(
            types[start:stop], map(rates.__getitem__, priced), usages, strict=True
        ):
            yield None if rate is None or not has_tokens[kind] else sum(map(mul, rate, usage))

    return chunk


_TERMS: Final = (
    Column.MODEL,
    Column.INFERENCE_GEO,
    Column.STOP_CATEGORY,
    Column.REFUSED_OUTRIGHT,
)


class _Rates(dict[tuple[int, ...], tuple[float, ...] | None]):
    """US dollars for one of each that a usage counts, by what the price depends on."""

    def __init__(self, words: Sequence[str], prices: PriceTable) -> None:
        super().__init__()
        self._words, self._prices = words, prices

    def __missing__(self, terms: tuple[int, ...]) -> tuple[float, ...] | None:
        model, geo, category, outright, over = terms
        costs = [
            self._prices.cost(
                self._words[model],
                Usage(**{name: _UNIT}),
                inference_geo=self._words[geo],
                refusal_category=self._words[category] if outright else None,
                prompt_tokens=_BOUNDS[over] + 1,
            )
            for name in Usage.__struct_fields__
        ]
        known = [cost / _UNIT for cost in costs if cost is not None]
        self[terms] = tuple(known) if len(known) == len(costs) else None
        return self[terms]
