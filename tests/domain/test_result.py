from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain import result
from batchtui.domain.result import (
    Citation,
    Message,
    OtherBlock,
    RequestError,
    ResultLine,
    StopDetails,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
    Usage,
    decode_line,
)


def line(kind: str, **fields: object) -> bytes:
    return json.dumps({"custom_id": "a", "result": {"type": kind, **fields}}).encode()


def message(**fields: object) -> Message:
    decoded = decode_line(line("succeeded", message=fields)).message
    assert decoded is not None
    return decoded


def test_errored_line_has_the_inner_error() -> None:
    error = {
        "type": "error",
        "error": {"details": None, "type": "invalid_request_error", "message": "max_tokens: bad"},
        "request_id": "req_1",
    }
    assert decode_line(line("errored", error=error)) == ResultLine(
        "a", "errored", error=RequestError("invalid_request_error", "max_tokens: bad", "req_1")
    )


def test_errored_line_without_the_inner_error_shows_the_outer() -> None:
    error = decode_line(line("errored", error={"type": "api_error", "message": "oops"})).error
    assert error == RequestError("api_error", "oops")


@pytest.mark.parametrize("kind", ["canceled", "expired", "paused_by_the_moon"])
def test_bare_and_unknown_types_stay_as_they_are(kind: str) -> None:
    assert decode_line(line(kind)) == ResultLine("a", kind)


def test_succeeded_line_has_its_answer() -> None:
    content = [
        {"type": "thinking", "thinking": "hm", "signature": "x"},
        {"type": "redacted_thinking", "data": "x"},
        {
            "type": "text",
            "text": "Yes",
            "citations": [
                {"type": "page_location", "cited_text": "yes", "document_title": "Book"},
                {"type": "web_search_result_location", "cited_text": "", "title": None, "url": "u"},
            ],
        },
        {"type": "tool_use", "id": "t", "name": "add", "input": {"a": [1]}, "caller": None},
        {"type": "web_search_tool_result", "tool_use_id": "t", "content": [{"url": "u"}]},
        {"type": "text", "text": ", no.", "citations": None},
        {"type": "hologram", "depth": 3},
        "loose text",
        7,
    ]
    decoded = message(id="msg_1", model="claude-x", content=content, stop_reason="end_turn")
    assert decoded.content == (
        ThinkingBlock("hm"),
        ThinkingBlock("", redacted=True),
        TextBlock(
            "Yes",
            (
                Citation("page_location", "yes", "Book"),
                Citation("web_search_result_location", "", "u"),
            ),
        ),
        ToolUseBlock("tool_use", "t", "add", {"a": [1]}),
        ToolResultBlock("web_search_tool_result", "t", [{"url": "u"}]),
        TextBlock(", no."),
        OtherBlock("hologram", {"type": "hologram", "depth": 3}),
        TextBlock("loose text"),
        OtherBlock("", 7),
    )
    assert decoded.text == "Yes, no.loose text"
    assert (decoded.id, decoded.model, decoded.stop_reason) == ("msg_1", "claude-x", "end_turn")


def test_refusal_says_why() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": None}
    assert message(stop_reason="refusal", stop_details=details).stop_details == StopDetails(
        "bio", ""
    )
    assert message(stop_reason="end_turn", stop_details=None).stop_details is None


def test_usage_is_read_field_by_field() -> None:
    usage = {
        "input_tokens": 1,
        "cache_creation_input_tokens": 6,
        "cache_read_input_tokens": 8,
        "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 4},
        "output_tokens": 16,
        "output_tokens_details": {"thinking_tokens": 5},
        "server_tool_use": {"web_search_requests": 3},
    }
    decoded = message(usage=usage).usage
    assert decoded == Usage(1, 2, 4, 8, 16, 5, 3)
    assert decoded.cache_creation_input_tokens == 6
    assert decoded.total_input_tokens == 15


def test_cache_writes_without_lifetimes_count_as_the_default() -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "cache_creation_input_tokens": 3}
    assert message(usage=usage).usage == Usage(1, 3, 0, 0, 2)


@pytest.mark.parametrize("odd", [None, "3", True, -1, float("nan"), float("inf"), [], {}])
def test_odd_token_counts_are_zero(odd: object) -> None:
    assert message(usage={"output_tokens": odd}).usage == Usage()


@pytest.mark.parametrize(
    ("odd", "problem", "custom_id"),
    [
        (b"", result.NOT_JSON, ""),
        (b"<html>", result.NOT_JSON, ""),
        (b'{"custom_id":"a","result":{"type":"succ', result.NOT_JSON, "a"),
        (b"[1, 2]", result.NOT_AN_OBJECT, ""),
        (b'{"result":{"type":"expired"}}', result.NO_CUSTOM_ID, ""),
        (b'{"custom_id":7,"result":{"type":"expired"}}', result.NO_CUSTOM_ID, ""),
        (b'{"custom_id":"a"}', result.NO_RESULT, "a"),
        (b'{"custom_id":"a","result":{"type":null}}', result.NO_RESULT, "a"),
        (
            b'{"custom_id":"a","x":%b%b}' % (b"[" * 100_000, b"]" * 100_000),
            result.TOO_DEEP,
            "a",
        ),
    ],
)
def test_unreadable_lines_say_why(odd: bytes, problem: str, custom_id: str) -> None:
    assert decode_line(odd) == ResultLine(custom_id, "unreadable", problem=problem)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b'"\xff\xfe"', "\ufffd\ufffd"),
        (b'"\\ud800 alone"', "\ud800 alone"),
        (b'"a\\u0000b"', "a\x00b"),
    ],
)
def test_odd_characters_do_not_hide_an_answer(text: bytes, shown: str) -> None:
    content = b'[{"type":"text","text":%b}]' % text
    odd = b'{"custom_id":"a","result":{"type":"succeeded","message":{"content":%b}}}' % content
    decoded = decode_line(odd).message
    assert decoded is not None
    assert decoded.text == shown


@pytest.mark.parametrize("digits", [b"1" * 40, b"1" * 10_000, b"1e999"])
def test_numbers_beyond_64_bits_do_not_hide_an_answer(digits: bytes) -> None:
    odd = b'{"custom_id":"a","result":{"type":"expired","number":%b}}' % digits
    assert decode_line(odd) == ResultLine("a", "expired")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["type", "message", "error", "content", "usage", "input_tokens", "stop_details", "text"]
)


@given(st.binary())
def test_no_bytes_make_decoding_fail(data: bytes) -> None:
    assert decode_line(data).type


@given(st.recursive(JSON, lambda inner: st.dictionaries(FIELDS, inner, max_size=4)))
def test_no_value_makes_decoding_fail(value: object) -> None:
    odd = json.dumps({"custom_id": "a", "result": {"type": "t", "message": value, "error": value}})
    decoded = decode_line(odd.encode())
    assert (decoded.custom_id, decoded.type, decoded.problem) == ("a", "t", "")


def test_succeeded_is_not_always_an_answer() -> None:
    short = {"max_tokens", "refusal", "pause_turn", "model_context_window_exceeded"}
    others = {"end_turn", "stop_sequence", "tool_use", "compaction", ""}
    assert [word for word in (*short, *others) if result.stopped_short(word)] == list(short)


def test_faults_of_the_service_are_worth_retrying() -> None:
    service = {"rate_limit_error", "api_error", "overloaded_error", "timeout_error"}
    own = {"invalid_request_error", "not_found_error", "billing_error", "permission_error", ""}
    assert [word for word in (*service, *own) if result.worth_retrying(word)] == list(service)
