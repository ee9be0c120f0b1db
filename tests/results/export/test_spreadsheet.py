from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from batchtui.domain.pricing import Price, PriceTable
from batchtui.results.export.exporting import Format
from batchtui.results.export.spreadsheet import inert
from batchtui.results.export.table import COLUMNS
from batchtui.results.reader import ResultFile
from tests.results.export.conftest import (
    Make,
    answer,
    deep,
    exported,
    failure,
    line,
    opened,
    reading,
)

USAGE = {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 3}
PRICES = PriceTable("2026-01-01", {"claude-x": (Price(1.0, 2.0, 1.0, 1.0, 0.5),)}, web_search=10.0)


@pytest.fixture(autouse=True)
def long_cells() -> Iterator[None]:
    before = csv.field_size_limit(2**30)
    yield
    csv.field_size_limit(before)


def rows(file: ResultFile, prices: PriceTable | None = None) -> list[dict[str, str]]:
    text = exported(file, Format.CSV, prices=prices).data.decode()
    found = list(csv.DictReader(reading(text)))
    assert text.endswith("\r\n")
    assert all(tuple(each) == COLUMNS for each in found)
    return found


def test_a_line_is_a_row(make: Make) -> None:
    lines = [
        answer("a", "one ", {"type": "thinking", "thinking": "x"}, "two", usage=USAGE),
        failure("b", "overloaded_error", "Overloaded, sorry"),
        line("c", "expired"),
        b"garbage",
    ]
    with make(b"\n".join(lines)) as file:
        found = rows(file, PRICES)
    assert found[0] == dict.fromkeys(COLUMNS, "0") | {
        "custom_id": "a",
        "type": "succeeded",
        "stop_reason": "end_turn",
        "error_type": "",
        "error_message": "",
        "model": "claude-x",
        "input_tokens": "10",
        "cache_read_input_tokens": "5",
        "output_tokens": "3",
        "cost_usd": "0.0000185",
        "text": "one two",
    }
    bare = dict.fromkeys(COLUMNS, "") | {"cost_usd": "0"}
    assert found[1:] == [
        bare
        | {
            "custom_id": "b",
            "type": "errored",
            "error_type": "overloaded_error",
            "error_message": "Overloaded, sorry",
        },
        bare | {"custom_id": "c", "type": "expired"},
        bare | {"type": "unreadable", "error_message": "not JSON", "cost_usd": ""},
    ]


def test_without_a_known_price_there_is_no_cost(make: Make) -> None:
    with make(answer("a", "x", model="martian", usage=USAGE)) as file:
        assert [each["cost_usd"] for each in (*rows(file, PRICES), *rows(file))] == ["", ""]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.text(min_size=1), st.text(), st.text()), max_size=5),
    st.booleans(),
)
@example([("a", 'a"b,c\r\nd\x00e', "\r"), ("=1", "\ud800", "'=1")], True)
def test_the_csv_module_reads_the_same_cells(
    tmp_path: Path, triples: list[tuple[str, str, str]], marked: bool
) -> None:
    lines = [
        each
        for custom_id, text, message in triples
        for each in (answer(custom_id, text), failure(custom_id, "x", message))
    ]
    with opened(tmp_path / "a.jsonl", b"\n".join(lines)) as file:
        found = rows(file)
    wanted = [
        each
        for custom_id, text, message in triples
        for each in ((custom_id, "", text), (custom_id, message, ""))
    ]
    read = [tuple(row[name] for name in ("custom_id", "error_message", "text")) for row in found]
    assert read == [tuple(inert(sound(cell)) for cell in row) for row in wanted]


def sound(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\tx", "\rx", "\r\n=1", "  =1", "\n=1"),
        *(
            "＝1",
            "＋1",
            "－1",
            "＠x",
            "\u3000=1",
            "\xa0=1",
            "\ufeff=1",
            "\u200b=1",
            "\x00=1",
            "﹦1",
        ),
        *("'=1", "''=1", "=cmd|'/c calc'!A1", "\x1b=1", "\u202e=1"),
    ],
)
def test_no_cell_runs_as_a_formula(make: Make, text: str) -> None:
    with make(b"\n".join((answer(text, text), failure("b", text, text)))) as file:
        first, second = rows(file)
    assert first["custom_id"] == first["text"] == f"'{text}"
    assert second["error_type"] == second["error_message"] == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "'quoted'", "1-2", "x\t", " x", '"=1"', "#x", "a@b"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert inert(text) == text


@given(st.text(alphabet="=+-@'\t\r a＝\ufeff"))
def test_the_apostrophe_can_be_taken_away_again(text: str) -> None:
    cell = inert(text)
    bare = cell[1:] if cell.startswith("'") and inert(cell[1:]) == cell else cell
    assert bare == text


def test_odd_lines_are_rows_too(make: Make) -> None:
    lines = [
        b'{"custom_id":"invalid","result":{"type":"succeeded","message":'
        b'{"content":[{"type":"text","text":"a\xffb"}]}}}',
        b'{"custom_id":"lone","result":{"type":"succeeded","message":'
        b'{"content":[{"type":"text","text":"a\\ud800b"}]}}}',
        line("string", "succeeded", message={"content": "just text"}),
        line("mixed", "succeeded", message={"content": ["a", {"text": 1}, {"type": "text"}]}),
        line("martian", "beamed_up", message={"content": [{"type": "text", "text": "hi"}]}),
        answer("block", {"type": "odd", "text": 7}, "x"),
        line("null", "succeeded", message=None, error=None),
        line("error", "errored", error={"type": "x", "message": "bare"}),
        deep(300),
        deep(10_000),
    ]
    with make(b"\n".join(lines)) as file:
        found = rows(file)
    assert [each["text"] for each in found] == [
        *("a\ufffdb", "a\ufffdb", "just text", "a", "hi", "x", "", "", "shallow", "")
    ]
    assert found[4]["type"] == "beamed_up"
    assert found[7]["error_message"] == "bare"
    assert (found[9]["custom_id"], found[9]["error_message"]) == (
        "deep",
        "nested too deeply to read",
    )


def test_a_line_of_50_mb_is_a_row(make: Make) -> None:
    text = "x," * 25_000_000
    with make(answer("long", text)) as file:
        data = exported(file, Format.CSV).data
    # The csv module would take seconds to read it.
    assert data.endswith(b',"' + text.encode() + b'"\r\n')


def test_control_sequences_stay_data(make: Make) -> None:
    with make(answer("a", "x\x1b]0;title\x07\u202e")) as file:
        assert rows(file)[0]["text"] == "x\x1b]0;title\x07\u202e"
