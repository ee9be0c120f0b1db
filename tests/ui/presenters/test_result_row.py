from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.result import Usage
from batchtui.domain.text import UNSAFE
from batchtui.results.index import Row
from batchtui.ui.presenters.result_row import (
    COLUMNS,
    SORTS,
    Listed,
    result_cells,
    result_title,
)
from batchtui.ui.widgets.columns import arrange

NAMES = st.text(max_size=30)


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


def cells(of: Row, width: int, usd: float | None = 0.0017, *, hit: bool = False) -> dict[str, str]:
    widths = {placed.column.id: placed.width for placed in arrange(COLUMNS, width)}
    made = result_cells(Listed(of, usd, hit), widths)
    return dict(zip(widths, map(str, made), strict=True))


def test_a_row() -> None:
    shown = cells(row(), 120)
    assert shown["result"] == "✓ succeeded"
    assert shown["in"] == "1,234"
    assert shown["cost"] == "$0.0017"
    assert shown["hit"] == ""
    assert "!" not in shown["why"]
    assert cells(row(stop_reason="max_tokens"), 80)["why"] == "! max_tokens"
    errored = row(type="errored", error_type="api_error", stop_reason="", usage=Usage())
    assert cells(errored, 80)["why"] == "api_error"
    assert cells(errored, 80)["out"] == ""
    assert cells(errored, 80, usd=0.0)["cost"] == ""
    assert "api_error" in result_title(errored).plain


def test_an_unknown_price_is_no_number() -> None:
    assert cells(row(), 120, usd=None)["cost"] == "?"
    assert cells(row(), 120, usd=0.0)["cost"] == "$0"


def test_hits_have_a_sign() -> None:
    assert cells(row(), 120, hit=True)["hit"] == "•"
    assert cells(row(), 120, hit=True)["custom_id"] == "case-1"


def test_every_column_with_a_title_sorts() -> None:
    assert {column.id for column in COLUMNS if column.title} <= set(SORTS)
    assert len(set(SORTS.values())) == len(SORTS)


@given(NAMES, NAMES, NAMES, NAMES, st.integers(10, 200), st.booleans())
def test_hostile_rows(
    custom_id: str, kind: str, why: str, model: str, width: int, hit: bool
) -> None:
    hostile = row(custom_id=custom_id, type=kind, stop_reason=why, error_type=why, model=model)
    for cell in cells(hostile, width, hit=hit).values():
        assert not UNSAFE.search(cell)
        assert "\n" not in cell
