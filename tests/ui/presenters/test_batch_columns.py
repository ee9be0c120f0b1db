"""The columns a person names, in any width."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import Record
from batchtui.domain.columns import COLUMN_WORDS
from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.batch_columns import OWN, read_columns
from batchtui.ui.presenters.batch_row import batch_cells
from batchtui.ui.presenters.facts import Subject
from batchtui.ui.widgets.columns import GAP, arrange
from tests.ui.presenters.test_batch_row import NOW, record, records

ANY = st.lists(st.sampled_from([*COLUMN_WORDS, "colour"]), max_size=8)


def shown(names: list[str], width: int) -> list[str]:
    return [each.column.id for each in arrange(read_columns(names).columns, width)]


def test_our_own_unless_some_are_named() -> None:
    assert read_columns(None).columns == OWN
    assert read_columns(None).notices == ()


def test_they_stand_in_the_order_they_are_named_in() -> None:
    names = ["age", "succeeded", "name", "note"]
    for width in (60, 100, 200):
        assert shown(names, width) == names


def test_the_least_important_go_where_there_is_little_room() -> None:
    names = ["note", "id", "state", "age", "name", "next"]
    assert shown(names, 120) == names
    assert shown(names, 40) == ["state", "age", "name", "next"]
    assert shown(["state", "name"], 30) == ["glyph", "name"]
    assert shown(["glyph", "state", "name"], 80) == ["state", "name"]


def test_the_name_takes_the_room_that_nothing_else_needs() -> None:
    (_, name) = arrange(read_columns(["state", "name"]).columns, 76)
    assert name.width == 60


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["name", "succeded"], 'Did you mean "succeeded"?'),
        (["name", "\x1b[2J"], "There are state, glyph, name"),
        ([], "config.toml names no column"),
    ],
)
def test_what_cannot_be_is_said(names: list[str], said: str) -> None:
    chosen = read_columns(names)
    assert said in chosen.notices[-1]
    assert not UNSAFE.search(" ".join(chosen.notices))
    assert chosen.columns == (OWN if not names else read_columns(["name"]).columns)


def test_only_unknown_names_leave_the_list_as_it_was() -> None:
    chosen = read_columns(["colour"])
    assert chosen.columns == OWN
    assert len(chosen.notices) == 2


@given(ANY, st.integers(20, 250), records)
def test_every_column_has_its_cells_in_every_width(
    names: list[str], width: int, of: Record
) -> None:
    placed = arrange(read_columns(names).columns, width)
    widths = {each.column.id: each.width for each in placed}
    assert len(widths) == len(placed)
    cells = batch_cells(Subject(of, NOW), widths)
    assert len(cells) == len(placed)
    essential = sum(each.width + GAP for each in placed if not each.column.priority)
    assert sum(each.width + GAP for each in placed) <= max(width + GAP, essential)


def test_what_further_columns_say() -> None:
    of = record(label="a", note="see\nme")
    batch = msgspec.structs.replace(of.batch, ended_at=NOW - timedelta(minutes=40))
    of = msgspec.structs.replace(of, batch=batch)
    names = ("created", "ended", "took", "cost", "note")
    said = [str(each) for each in batch_cells(Subject(of, NOW), dict.fromkeys(names, 20))]
    assert said == ["11:00", "11:20", "20m", "", "see⏎me"]
