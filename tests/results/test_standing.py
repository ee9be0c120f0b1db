"""Which line stands for a request that several files have an answer to."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from batchtui.results.builder import IndexBuilder
from batchtui.results.index import Index
from batchtui.results.slices import now
from batchtui.results.standing import Worth, stand, worth

GOOD, SHORT, ERRORED, EXPIRED, NOTHING = "end_turn", "max_tokens", "errored", "expired", "?"
Line = tuple[str, str]


def index_of(lines: Sequence[Line]) -> Index:
    builder = IndexBuilder()
    for custom_id, how in lines:
        result: dict[str, object] = {"type": how}
        if how in (GOOD, SHORT):
            result = {"type": "succeeded", "message": {"stop_reason": how}}
        line: dict[str, object] = {"custom_id": custom_id}
        line |= {} if how == NOTHING else {"result": result}
        builder.feed(json.dumps(line).encode() + b"\n")
    builder.finish()
    return builder.snapshot()


def standing(*files: Sequence[Line]) -> list[str]:
    """The lines that stand, as `file/line`."""
    found = now(stand([index_of(lines) for lines in files]))
    return [
        f"{place}/{number}"
        for place, mask in enumerate(found.masks)
        for number, stands in enumerate(mask)
        if stands
    ]


def value(how: str) -> Worth:
    if how == NOTHING:
        return Worth.UNREADABLE
    return worth("succeeded", how) if how in (GOOD, SHORT) else worth(how, "")


def test_the_newest_good_answer_stands() -> None:
    assert standing([("a", GOOD)], [("a", GOOD)], [("a", ERRORED)]) == ["1/0"]


def test_a_full_answer_stands_before_a_newer_one_that_stopped_short() -> None:
    assert standing([("a", GOOD)], [("a", SHORT)]) == ["0/0"]
    assert standing([("a", SHORT)], [("a", GOOD)]) == ["1/0"]
    assert standing([("a", SHORT)], [("a", ERRORED)]) == ["0/0"]


def test_of_failures_the_newest_that_can_be_read_stands() -> None:
    assert standing([("a", ERRORED)], [("a", EXPIRED)], [("a", NOTHING)]) == ["1/0"]


def test_the_first_of_equal_lines_in_a_file_stands() -> None:
    assert standing([("a", EXPIRED), ("b", GOOD), ("a", GOOD), ("a", GOOD)]) == ["0/1", "0/2"]


def test_lines_without_a_custom_id_stand_for_themselves() -> None:
    assert standing([("", NOTHING), ("", NOTHING)], [("", GOOD)]) == ["0/0", "0/1", "1/0"]


def test_good_answers_are_counted_up_to_each_file() -> None:
    files = [
        [("a", GOOD), ("b", SHORT), ("c", ERRORED)],
        [("b", GOOD), ("c", SHORT)],
        [("d", GOOD)],
    ]
    found = now(stand([index_of(lines) for lines in files]))
    assert found.good == (1, 2, 3)
    assert found.answered == (3, 3, 4)


def test_no_files_have_no_lines() -> None:
    assert now(stand([])).masks == ()


WAYS = st.sampled_from([GOOD, SHORT, ERRORED, EXPIRED, NOTHING])
FILES = st.lists(st.lists(st.tuples(st.sampled_from("abcde"), WAYS), max_size=6), max_size=4)


@given(FILES)
def test_each_custom_id_stands_once_and_by_its_best_line(files: list[list[Line]]) -> None:
    best: dict[str, tuple[Worth, int, int]] = {}
    for place, lines in enumerate(files):
        for number, (custom_id, how) in enumerate(lines):
            mine = (value(how), place, -number)
            best[custom_id] = max(best.get(custom_id, mine), mine)
    expected = sorted(f"{place}/{-number}" for _, place, number in best.values())
    assert standing(*files) == expected
