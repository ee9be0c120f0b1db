"""What differs between two answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from batchtui.domain.result import decode_line
from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.blocks import Look
from batchtui.ui.presenters.comparison import (
    LEFT,
    MOST_ROWS,
    RIGHT,
    Comparison,
    comparable,
    compare,
    comparison_lines,
    told_apart,
)
from batchtui.ui.presenters.flow import Row

WIDTHS = st.sampled_from([40, 79, 100, 120])
MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 12, tzinfo=UTC)
LINES = st.lists(st.text("ab 漢\x1b[/]"), max_size=8)


def rows(text: str) -> list[Row]:
    message = {"content": [{"type": "text", "text": text}]}
    line = msgspec.json.encode(
        {"custom_id": "a", "result": {"type": "succeeded", "message": message}}
    )
    return comparable(decode_line(line), line, Look())


def compared(left: str, right: str, *, patient: bool = True) -> Comparison:
    return compare(rows(left), rows(right), lambda: patient)


def shown(comparison: Comparison, width: int = 120) -> list[str]:
    return [line.plain.rstrip() for line in comparison_lines(comparison, width)]


def styled(row: Row | None, style: str) -> list[str]:
    assert row is not None
    text = row.content.plain
    return [
        text[span.start : span.end].strip() for span in row.content.spans if span.style == style
    ]


def test_the_same() -> None:
    found = compared("one\ntwo", "one\ntwo")
    assert (found.same, found.words) == (True, "the same")
    assert shown(found, 80) == ["  one", "  two"]
    assert [line.split() for line in shown(found)] == [["one", "│", "one"], ["two", "│", "two"]]


def test_words_that_differ_are_marked() -> None:
    found = compared("The cat sat down.", "The dog sat down.")
    (pair,) = found.pairs
    assert styled(pair.left, LEFT) == ["cat"]
    assert styled(pair.right, RIGHT) == ["dog"]
    assert found.words == "1 line differs"
    assert "≠" in shown(found)[0]
    assert shown(found, 80) == ["‹ The cat sat down.", "› The dog sat down."]


def test_ideographs_are_words() -> None:
    (pair,) = compared("今天天气很好", "今天天气不好").pairs
    assert styled(pair.left, LEFT) == ["很"]
    assert styled(pair.right, RIGHT) == ["不"]


def test_lines_that_only_one_has() -> None:
    found = compared("one\ntwo\nthree", "one\nthree\nfour")
    assert shown(found, 80) == ["  one", "‹ two", "  three", "› four"]
    assert ["‹" in line or "›" in line for line in shown(found)] == [False, True, False, True]
    assert found.words == "2 lines differ"


def test_lines_that_have_nothing_in_common_are_marked_as_a_whole() -> None:
    (pair,) = compared("completely other words here", "1 2 3 4 5 6 7 8").pairs
    assert styled(pair.left, LEFT) == ["completely other words here"]


def test_without_patience_whole_lines_are_marked() -> None:
    (pair,) = compared("The cat sat down.", "The dog sat down.", patient=False).pairs
    assert styled(pair.left, LEFT) == ["The cat sat down."]


@pytest.mark.parametrize("width", [80, 120])
def test_what_is_too_long_is_shown_without_marks(width: int) -> None:
    found = compared("a\n" * (MOST_ROWS + 5), "b")
    assert found.same is None
    assert "without marks" in found.words
    assert "a" in shown(found, width)[0]


def test_structured_answers_are_compared_laid_out() -> None:
    found = compared('{"a":1,"b":2}', '{"a":1,"b":3}')
    assert shown(found, 80) == ["  {", '    "a": 1,', '‹   "b": 2', '›   "b": 3', "  }"]


@given(LINES, LINES, WIDTHS)
def test_everything_is_there_and_nothing_too_wide(
    left: list[str], right: list[str], width: int
) -> None:
    found = compared("\n".join(left), "\n".join(right))
    lines = list(comparison_lines(found, width))
    assert all(line.cell_length <= width for line in lines)
    assert not any(UNSAFE.search(line.plain) for line in lines)
    text = "".join(line.plain for line in lines)
    for word in ("a", "b", "漢"):
        both = sum(each.count(word) for each in left), sum(each.count(word) for each in right)
        assert text.count(word) >= max(both)
    assert found.same is (rows_of(left) == rows_of(right))


def rows_of(lines: list[str]) -> list[Any]:
    return [row.content.plain for row in rows("\n".join(lines))]


def test_pairs_keep_their_indent() -> None:
    row = Row(Content("x"), Content("  "), Content("    "))
    assert shown(compare([row], [row], lambda: True), 80) == ["    x"]


def test_batches_of_one_name_are_told_apart() -> None:
    assert told_apart(("a", "b"), (NOON, LATER)) == ("a", "b")
    assert told_apart(("a", "a"), (NOON, LATER)) == ("a 21 Nov", "a 22 Nov")
    same_day = told_apart(("a", "a"), (MORNING, NOON))
    assert same_day == ("a 21 Nov 08:00", "a 21 Nov 12:00")
