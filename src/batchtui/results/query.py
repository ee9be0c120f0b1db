"""Which lines of a result file are listed, and in what order, as values; read from its index.

A filter is typed as words, all of which must hold:

- a type of the API, or `unreadable`; any other as `type:WORD`
- `stop:WORD`, `error:WORD`, `model:WORD`, `shape:WORD`: the name, else a part of names
- `in` or `out`, one of `> >= < <= =`, and a number of tokens (`out>1.5k`)
- anything else: a part of the custom_id, in any case unless it has capitals

Of several words of one kind (types, `stop:` ...) one must hold. `!` before a word turns it round;
in double quotes blanks are part of a word, and a word in quotes is part of the custom_id. Every
text is a filter: of what is only half typed (`stop:`, `out>`) nothing is asked yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from batchtui.results.index import Index
from batchtui.results.slices import Steps

_NONE: frozenset[str] = frozenset()


class Range(msgspec.Struct, frozen=True):
    """Numbers from `least` to `most`, both included; None is no bound."""

    least: int | None = None
    most: int | None = None

    def __bool__(self) -> bool:
        return self.least is not None or self.most is not None


class Filter(msgspec.Struct, frozen=True):
    """What lines must be like; nothing is asked where a set, range or text is empty.

    Attributes:
        types, stop_reasons, error_types, models, shapes: names, one of which the line has to
            have; a name that the file does not have stands for all that contain it.
        input_tokens: the length of the prompt; only succeeded lines have tokens.
        output_tokens: likewise.
        custom_id: parts of it, between blanks.
        without: filters that must not hold.
    """

    types: frozenset[str] = _NONE
    stop_reasons: frozenset[str] = _NONE
    error_types: frozenset[str] = _NONE
    models: frozenset[str] = _NONE
    shapes: frozenset[str] = _NONE
    input_tokens: Range = Range()
    output_tokens: Range = Range()
    custom_id: str = ""
    without: tuple[Filter, ...] = ()

    def __bool__(self) -> bool:
        return self != EVERYTHING

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read a filter as typed; nothing a person types is an error."""
        raise NotImplementedError

    @property
    def words(self) -> str:
        """The filter as a person would type it: `Filter.parse(f.words) == f`."""
        raise NotImplementedError


EVERYTHING = Filter()


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
        """The order by what comes next in `By`, in its own direction."""
        all_of_them = tuple(By)
        return Order(all_of_them[(all_of_them.index(self.by) + 1) % len(all_of_them)])


def select(
    index: Index,
    filter: Filter = EVERYTHING,  # noqa: A002
    order: Order = Order(),  # noqa: B008
    *,
    prices: object = None,
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
    yield
    raise NotImplementedError
