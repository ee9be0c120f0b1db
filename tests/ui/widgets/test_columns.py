from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchtui.ui.widgets.columns import GAP, Column, Placed, arrange

COLUMNS = (
    Column("state", "State", 11),
    Column("name", "Name", 8, most=40),
    Column("age", "Age", 4, align="right", priority=2),
    Column("progress", "Progress", 13, most=20, priority=1),
    Column("wide", "Wide", 9, priority=3, from_width=60),
    Column("narrow", "Narrow", 3, priority=3, to_width=60),
)


def ids(placed: tuple[Placed, ...]) -> list[str]:
    return [each.column.id for each in placed]


def taken(placed: tuple[Placed, ...]) -> int:
    return sum(each.width for each in placed) + GAP * max(len(placed) - 1, 0)


def test_drops_the_least_important_first() -> None:
    assert ids(arrange(COLUMNS, 43)) == ["state", "name", "age", "progress", "narrow"]
    assert ids(arrange(COLUMNS, 42)) == ["state", "name", "age", "progress"]
    assert ids(arrange(COLUMNS, 38)) == ["state", "name", "progress"]
    assert ids(arrange(COLUMNS, 30)) == ["state", "name"]


def test_never_drops_the_essential() -> None:
    assert ids(arrange(COLUMNS, 5)) == ["state", "name"]


def test_takes_the_form_for_the_width() -> None:
    assert "wide" in ids(arrange(COLUMNS, 60))
    assert "narrow" not in ids(arrange(COLUMNS, 60))


def test_gives_what_is_left_to_the_most_important_first() -> None:
    placed = {each.column.id: each.width for each in arrange(COLUMNS, 80)}
    assert placed["name"] == 39
    assert placed["progress"] == 13
    placed = {each.column.id: each.width for each in arrange(COLUMNS, 85)}
    assert (placed["name"], placed["progress"]) == (40, 17)


@given(st.integers(20, 300))
def test_never_takes_more_than_there_is(width: int) -> None:
    placed = arrange(COLUMNS, width)
    assert taken(placed) <= width
    for each in placed:
        assert each.column.width <= each.width <= (each.column.most or each.column.width)
