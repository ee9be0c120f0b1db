"""Results in words, whatever is in them."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.pricing import Price, PriceTable
from batchtui.domain.result import decode_line
from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.json_lines import json_lines
from batchtui.ui.presenters.prose import prose_rows
from batchtui.ui.presenters.result import Look, result_lines, result_rows, taken


def words(result: dict[str, Any], *, look: Look | None = None, width: int = 80) -> str:
    line = json.dumps({"custom_id": "a", "result": result}).encode()
    lines = result_lines(decode_line(line), line, width, look or Look())
    return "\n".join(each.plain for each in lines)


def answer(*content: object, look: Look | None = None, **fields: object) -> str:
    message = {"content": content, "stop_reason": "end_turn", **fields}
    return words({"type": "succeeded", "message": message}, look=look, width=120)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_laid_out_json_is_the_same_json(value: Any) -> None:
    assert repr(json.loads("\n".join(json_lines(value)))) == repr(value)


def test_json_as_deep_as_it_likes() -> None:
    value: list[object] = []
    for _ in range(50_000):
        value = [value]
    assert sum(1 for _ in json_lines(value)) == 100_001


def test_text_of_several_lines_in_json_can_be_read() -> None:
    assert list(json_lines({"code": "a = 1\nb = 2\n"}, readable=True)) == [
        "{",
        '  "code": |',
        "    a = 1",
        "    b = 2",
        "}",
    ]


@given(JSON, st.sampled_from([Look(), Look(plain=True), Look(raw=True), Look(thinking=True)]))
def test_any_result_can_be_shown(value: Any, look: Look) -> None:
    for result in (
        value,
        {"type": "succeeded", "message": value},
        {"type": "errored", "error": value},
        {"type": "succeeded", "message": {"content": [value]}},
        {"type": "succeeded", "message": {"content": [{"type": "text", "text": value}]}},
        {"type": "succeeded", "message": {"content": [{"type": "tool_use", "input": value}]}},
    ):
        line = json.dumps({"custom_id": "a", "result": result}).encode()
        for each in result_lines(decode_line(line), line, 40, look):
            assert not UNSAFE.search(each.plain)
            assert "\n" not in each.plain
            assert each.cell_length <= 40


@given(st.binary())
def test_any_line_can_be_shown(line: bytes) -> None:
    shown = list(result_lines(decode_line(line), line, 40))
    assert "cannot be read" in shown[0].plain
    assert not any(UNSAFE.search(each.plain) for each in shown)
    assert list(result_lines(decode_line(line), line, 40, Look(raw=True))) is not None


@given(st.text(st.sampled_from("*`#>-_+~ 1.)ab\n")))
def test_markdown_loses_no_letters(text: str) -> None:
    shown = "".join(row.content.plain for row in prose_rows(text))
    for letter in "ab":
        assert shown.count(letter) == text.count(letter)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# Title #", "Title"),
        ("**bold** and *it* and `x**2`", "bold and it and x**2"),
        ("2**3**4 and a*b*c", "2**3**4 and a*b*c"),
        ("snake_case_name", "snake_case_name"),
        ("[click](https://evil.example)", "[click](https://evil.example)"),
        ("- item", "• item"),
        ("12. item", "12. item"),
        ("> quoted", "▎ quoted"),
    ],
)
def test_markdown(text: str, shown: str) -> None:
    assert answer({"type": "text", "text": text}).split("\n")[0] == shown


def test_code_is_left_alone() -> None:
    shown = answer({"type": "text", "text": "```python\n# not a title\n**x\n```\nafter"})
    assert shown.split("\n")[:4] == ["│ python", "│ # not a title", "│ **x", "after"]


def test_plain_is_as_written() -> None:
    assert answer({"type": "text", "text": "# **x**"}, look=Look(plain=True))[:7] == "# **x**"


def test_structured_answers_are_laid_out() -> None:
    assert answer({"type": "text", "text": '{"a":[1]}'}).startswith('{\n  "a": [\n    1\n  ]\n}')


def test_thinking_is_folded_until_asked_for() -> None:
    block = {"type": "thinking", "thinking": "because of this"}
    assert "▸ thinking · 15 characters" in answer(block)
    assert "because of this" in answer(block, look=Look(thinking=True))
    assert "redacted" in answer({"type": "redacted_thinking", "data": "…"})


def test_tools_citations_and_unknown_blocks() -> None:
    shown = answer(
        {"type": "tool_use", "id": "toolu_1", "name": "get_order", "input": {"order": "A-1"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
        {
            "type": "text",
            "text": "It is so.",
            "citations": [{"type": "page_location", "cited_text": "so", "document_title": "Book"}],
        },
        {"type": "hologram", "data": 1},
    )
    assert "→ tool_use  get_order  toolu_1" in shown
    assert '"order": "A-1"' in shown
    assert "← web_search_tool_result  srvtoolu_1" in shown
    assert "[1] Book “so”" in shown
    assert "◇ hologram" in shown


def test_text_that_citations_cut_in_pieces_is_one_text() -> None:
    def cited(text: str, *sources: str) -> dict[str, Any]:
        return {"type": "text", "text": text, "citations": [{"title": each} for each in sources]}

    shown = answer(
        cited("It opens "), cited("at ten", "Hours", "Wiki"), cited(", says "), cited("it", "Blog")
    )
    assert shown.split("\n")[:4] == [
        "It opens at ten [1][2], says it [3]",
        "  [1] Hours",
        "  [2] Wiki",
        "  [3] Blog",
    ]


def tool(name: str, content: object) -> str:
    return answer({"type": f"{name}_tool_result", "tool_use_id": "t", "content": content})


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (
            "web_search",
            [{"type": "web_search_result", "title": "Open", "url": "http://a.ex"}],
            ["  • Open", "    http://a.ex"],
        ),
        (
            "web_search",
            {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"},
            ["  ✗ failed: max_uses_exceeded"],
        ),
        (
            "code_execution",
            {
                "type": "code_execution_result",
                "stdout": "48213\n",
                "stderr": "oh",
                "return_code": 1,
                "content": [{"type": "code_execution_output", "file_id": "file_1"}],
            },
            ["  48213", "  stderr │ oh", "  ✗ exit code 1", "  [file: file_1]"],
        ),
        (
            "text_editor_code_execution",
            {"type": "text_editor_code_execution_str_replace_result", "lines": ["-a", "+b"]},
            ["  -a", "  +b"],
        ),
        ("mcp", [{"type": "text", "text": "hello"}], ["  hello"]),
        ("mcp", [{"type": "hologram"}], ['      "type": "hologram"']),
    ],
)  # fmt: skip
def test_what_server_tools_gave_is_readable(name: str, content: object, says: list[str]) -> None:
    shown = tool(name, content).split("\n")
    assert all(line in shown for line in says)


@pytest.mark.parametrize("name", ["code", "command", "query", "url"])
def test_a_program_a_tool_is_given_is_shown_as_one(name: str) -> None:
    block = {"type": "server_tool_use", "id": "s", "name": "x", "input": {name: "a = 1\nb = 2\n"}}
    assert answer(block).split("\n")[1:3] == ["  a = 1", "  b = 2"]


def test_the_cost_is_told_if_it_is_known() -> None:
    prices = PriceTable("2026-11-23", {"m": (Price(1.0, 5.0, 1.0, 1.0, 1.0),)}, 10.0)
    usage = {"input_tokens": 1000, "output_tokens": 100}

    def cost(**fields: object) -> str:
        message = {"content": [{"type": "text", "text": "x"}], "usage": usage, **fields}
        result = {"type": "succeeded", "message": message}
        line = json.dumps({"custom_id": "a", "result": result}).encode()
        return "\n".join(
            row.content.plain for row in result_rows(decode_line(line), line, prices=prices)
        )

    assert "out 100 tokens · $0.0015 at batch price" in cost(model="m")
    assert "no price known for other" in cost(model="other")
    assert "not billed" in cost(model="m", stop_reason="refusal", content=[])


@pytest.mark.parametrize(
    ("stop", "says"),
    [
        ("max_tokens", "Cut off"),
        ("model_context_window_exceeded", "Cut off"),
        ("pause_turn", "Paused"),
        ("refusal", "Refused"),
    ],
)
def test_what_is_no_full_answer_says_so_first(stop: str, says: str) -> None:
    shown = answer({"type": "text", "text": "x"}, stop_reason=stop)
    assert shown.startswith(f"! {says}")


def test_of_unknown_errors_nothing_is_foretold() -> None:
    error = {"type": "error", "error": {"type": "odd_error", "message": "No."}}
    shown = words({"type": "errored", "error": error})
    assert "odd_error" in shown
    assert "again" not in shown


def test_a_refusal_gives_its_reasons() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "It asks for\nmalware."}
    shown = answer(stop_reason="refusal", stop_details=details)
    assert "category: cyber" in shown
    assert "malware." in shown


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("invalid_request_error", "will happen again unless the request is changed"),
        ("overloaded_error", "may succeed when sent again"),
        ("billing_error", "will happen again unless account or key are changed"),
    ],
)
def test_an_error_says_whether_it_will_happen_again(kind: str, says: str) -> None:
    error = {"type": "error", "error": {"type": kind, "message": "No."}, "request_id": None}
    shown = words({"type": "errored", "error": error})
    assert shown.startswith("No.")
    assert f"{kind} · {says}" in shown
    assert "request id: none" in shown


def test_canceled_expired_and_unknown_types() -> None:
    assert "nothing billed" in words({"type": "canceled"})
    assert "24 hours" in words({"type": "expired"})
    assert "not known here: postponed" in words({"type": "postponed"})


def test_usage_is_told_in_full() -> None:
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": 1000,
        "cache_creation_input_tokens": 200,
        "output_tokens": 300,
        "output_tokens_details": {"thinking_tokens": 250},
        "server_tool_use": {"web_search_requests": 2},
    }
    shown = answer({"type": "text", "text": "x"}, usage=usage, model="claude-haiku-4-5")
    assert "in 1,210 (1,000 from cache, 200 written to cache)" in shown
    assert "out 300 (250 thinking) tokens" in shown
    assert "2 web searches" in shown
    assert "claude-haiku-4-5 · end_turn" in shown


def test_the_start_of_a_huge_answer_needs_only_the_start() -> None:
    text = "word " * 1_000_000
    message = {"type": "succeeded", "message": {"content": [{"type": "text", "text": text}]}}
    line = json.dumps({"custom_id": "a", "result": message}).encode()
    lines = list(islice(result_lines(decode_line(line), line, 80), 100))
    assert len(lines) == 100
    assert taken(decode_line(line), line, Look()).text == text


def test_a_huge_line_is_laid_out_raw_from_its_start() -> None:
    message = {"type": "succeeded", "message": {"content": "x" * 1_000_000}}
    line = json.dumps({"custom_id": "a", "result": message}).encode()
    lines = list(islice(result_lines(decode_line(line), line, 80, Look(raw=True)), 100))
    assert [each.plain for each in lines[:3]] == ["{", '  "custom_id": "a",', '  "result": {']
    assert lines[99].plain.strip("x ") == ""
