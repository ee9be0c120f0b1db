from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchtui.cli.table import Column, lay_out
from batchtui.domain.text import UNSAFE, cell_width

COLUMNS = (
    Column[tuple[str, str, str]]("ID", lambda row: row[0], narrowest=8),
    Column[tuple[str, str, str]]("N", lambda row: row[1], right=True, leaves=2),
    Column[tuple[str, str, str]]("LABEL", lambda row: row[2], leaves=1, narrowest=6, optional=True),
)
ROWS = [("msgbatch_0123456789", "7", "nightly"), ("msgbatch_9876543210", "12,345", "")]


def test_everything_is_there_without_a_width() -> None:
    assert lay_out(COLUMNS, ROWS) == [
        "ID                        N  LABEL",
        "msgbatch_0123456789       7  nightly",
        "msgbatch_9876543210  12,345",
    ]


def test_ids_are_cut_in_the_middle_before_a_column_leaves() -> None:
    heading, *lines = lay_out(COLUMNS, ROWS, 26)
    assert heading.split() == ["ID", "N", "LABEL"]
    assert all(line.startswith("msgb") and "…" in line for line in lines)


def test_the_least_important_column_leaves_first() -> None:
    narrow = lay_out(COLUMNS, ROWS, 16)
    assert narrow[0].split() == ["ID", "LABEL"]


def test_a_column_with_nothing_to_say_leaves_where_a_person_reads() -> None:
    rows = [("a", "1", ""), ("b", "2", "")]
    assert "LABEL" not in lay_out(COLUMNS, rows, 80)[0]
    assert "LABEL" in lay_out(COLUMNS, rows)[0]


@given(
    st.lists(st.tuples(st.text(), st.text(max_size=9), st.text()), max_size=4), st.integers(8, 120)
)
def test_foreign_text_is_safe_and_fits(rows: list[tuple[str, str, str]], width: int) -> None:
    for line in lay_out(COLUMNS, rows, width):
        assert cell_width(line) <= width
        assert not UNSAFE.search(line)
        assert "\n" not in line
