"""Results at a glance: tabs, triage, rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.result import Usage
from batchtui.domain.text import UNSAFE
from batchtui.results.index import Row
from batchtui.results.summary import ErrorGroup, Triage
from batchtui.ui.presenters.result_row import COLUMNS, result_cells, result_title
from batchtui.ui.presenters.triage import MOST_GROUPS, tab_line, tabs, triage_lines
from batchtui.ui.widgets.columns import arrange

NAMES = st.text(max_size=30)
COUNTS = st.integers(0, 10**12)


def row(**fields: object) -> Row:
    known: dict[str, object] = {
        "number": 0,
        "custom_id": "case-1",
        "type": "succeeded",
        "error_type": "",
        "shape": "",
        "stop_reason": "end_turn",
        "model": "claude-haiku-4-5",
        "usage": Usage(input_tokens=1234, output_tokens=56),
        "size": 100,
    }
    return Row(**{**known, **fields})  # type: ignore[arg-type]


def cells(of: Row, width: int) -> dict[str, str]:
    widths = {placed.column.id: placed.width for placed in arrange(COLUMNS, width)}
    return dict(zip(widths, map(str, result_cells(of, widths)), strict=True))


def test_tabs_are_always_there_and_others_when_needed() -> None:
    found = tabs({"succeeded": 3, "errored": 1})
    assert [(tab.title, tab.lines) for tab in found] == [
        ("All", 4),
        ("Succeeded", 3),
        ("Errored", 1),
        ("Canceled", 0),
        ("Expired", 0),
    ]
    assert tabs({"unreadable": 2})[-1].title == "Unreadable"
    assert tabs({"unreadable": 2, "postponed": 1})[-1].lines == 3


def test_the_tab_line_says_what_is_no_full_answer_if_there_is_room() -> None:
    found = tabs({"succeeded": 20_000})
    reasons = {"end_turn": 19_000, "max_tokens": 996, "refusal": 4}
    assert tab_line(found, 0, reasons, 120).plain.endswith("max_tokens 996 !   refusal 4 !")
    assert "max_tokens" not in tab_line(found, 0, reasons, 60).plain
    assert "20k" in tab_line(found, 0, reasons, 30).plain


@given(st.dictionaries(NAMES, COUNTS), st.dictionaries(NAMES, COUNTS), st.integers(60, 200))
def test_hostile_tabs(tally: dict[str, int], reasons: dict[str, int], width: int) -> None:
    line = tab_line(tabs(tally), 0, reasons, width)
    assert not UNSAFE.search(line.plain)


@given(
    st.lists(st.tuples(NAMES, NAMES, COUNTS), max_size=5),
    st.dictionaries(NAMES, st.integers(1, 10**12), max_size=5),
    st.integers(12, 100),
)
def test_hostile_triage(
    groups: list[tuple[str, str, int]], names: dict[str, int], width: int
) -> None:
    errors = tuple(ErrorGroup("errored", kind, shape, lines, 0) for kind, shape, lines in groups)
    found = Triage({"succeeded": 7}, errors, names, names, Usage(output_tokens=700))
    for line in triage_lines(found, width):
        assert not UNSAFE.search(line.plain)
        assert line.cell_length <= width


def test_triage_is_loud_about_answers_that_are_none() -> None:
    errors = (ErrorGroup("errored", "overloaded_error", "Overloaded", 3, 0),) * (MOST_GROUPS + 2)
    found = Triage({"succeeded": 10}, errors, {"refusal": 2}, {"m": 10}, Usage(output_tokens=70))
    shown = [line.plain for line in triage_lines(found, 44)]
    assert "overloaded_error  retryable" in shown[1]
    assert "and 2 other kinds" in shown
    assert any("refusal !" in line for line in shown)
    assert any("7  out per answer" in line for line in shown)


def test_a_row() -> None:
    shown = cells(row(), 120)
    assert shown["result"] == "✓ succeeded"
    assert shown["in"] == "1,234"
    assert "!" not in shown["why"]
    assert cells(row(stop_reason="max_tokens"), 80)["why"] == "! max_tokens"
    errored = row(type="errored", error_type="api_error", stop_reason="", usage=Usage())
    assert cells(errored, 80)["why"] == "api_error"
    assert cells(errored, 80)["out"] == ""
    assert "api_error" in result_title(errored).plain


@given(NAMES, NAMES, NAMES, NAMES, st.integers(10, 200))
def test_hostile_rows(custom_id: str, kind: str, why: str, model: str, width: int) -> None:
    hostile = row(custom_id=custom_id, type=kind, stop_reason=why, error_type=why, model=model)
    for cell in cells(hostile, width).values():
        assert not UNSAFE.search(cell)
        assert "\n" not in cell


def test_bars_give_way_to_long_names() -> None:
    reasons = {"end_turn": 455, "model_context_window_exceeded": 1}
    found = Triage({"succeeded": 456}, (), reasons, {}, Usage())
    beside = [line.plain for line in triage_lines(found, 60)]
    assert f"    455  end_turn{' ' * 24}{'█' * 15}" in beside
    alone = [line.plain for line in triage_lines(found, 40)]
    assert "    455  end_turn" in alone
    assert "      1  model_context_window_exceeded !" in alone
