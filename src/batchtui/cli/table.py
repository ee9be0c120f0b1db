"""Text in columns: in full where a program reads, fitted to the width where a person does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

from batchtui.domain.text import cell_width, count, crop_middle, pad, safe_line

Row = TypeVar("Row")

GAP = INDENT = "  "
_LONGEST_CELL = 100_000
_LONGEST_NAME = 200


class Column(msgspec.Struct, Generic[Row], frozen=True):
    """One column.

    Attributes:
        title: its heading.
        cell: what it shows of a row. Foreign text is allowed.
        right: whether it is aligned right, as numbers are.
        leaves: when there is no room, the column with the highest number leaves first; 0 stays.
        narrowest: cells to which its text may be cut; 0 if it is not to be cut.
        optional: whether it leaves when no row has anything to show in it.
    """

    title: str
    cell: Callable[[Row], str]
    right: bool = False
    leaves: int = 0
    narrowest: int = 0
    optional: bool = False


class _Laid(msgspec.Struct):
    """A column with its cells."""

    column: Column[object]
    cells: list[str]
    width: int


def lay_out(
    columns: Sequence[Column[Row]], rows: Sequence[Row], width: int | None = None
) -> list[str]:
    """The heading and a line for each row.

    Args:
        columns: from left to right.
        rows: from top to bottom.
        width: cells there are; None for no limit, and then every column is there in full.
    """
    laid = [_lay(column, rows) for column in columns]
    if width is not None:
        laid = _fit([each for each in laid if not _idle(each)], width)
    return [
        GAP.join(
            pad(crop_middle(each.cells[line], each.width), each.width, right=each.column.right)
            for each in laid
        ).rstrip()
        for line in range(len(rows) + 1)
    ]


def _lay(column: Column[Row], rows: Sequence[Row]) -> _Laid:
    cells = [column.title, *(safe_line(column.cell(row), _LONGEST_CELL) for row in rows)]
    return _Laid(column, cells, max(map(cell_width, cells)))  # type: ignore[arg-type]


def _idle(laid: _Laid) -> bool:
    return laid.column.optional and not any(laid.cells[1:])


def _fit(laid: list[_Laid], width: int) -> list[_Laid]:
    """Cut what may be cut, then let columns leave, then give back what room is left."""
    full = {each.column.title: each.width for each in laid}
    for each in laid:
        if each.column.narrowest:
            each.width = min(each.width, each.column.narrowest)
    while _taken(laid) > width:
        leaving = max(laid, key=lambda each: each.column.leaves)
        if not leaving.column.leaves:
            break
        laid.remove(leaving)
    for each in laid:
        spare = max(0, width - _taken(laid))
        each.width = min(full[each.column.title], each.width + spare)
    return laid


def _taken(laid: Sequence[_Laid]) -> int:
    return sum(each.width for each in laid) + len(GAP) * (len(laid) - 1)


def numbered(title: str, numbers: Mapping[str, int]) -> Iterator[str]:
    """Lines of a page: a title, and below it each number with what it counts; none for nothing."""
    if not numbers:
        return
    yield ""
    yield title
    width = max(len(count(number)) for number in numbers.values())
    for name, number in numbers.items():
        yield f"{INDENT}{count(number):>{width}}  {safe_line(name, _LONGEST_NAME)}"
