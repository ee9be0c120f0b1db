"""Requests in each of the shapes, as they are read and as they go to the API."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import RequestFileError
from batchtui.submissions.shapes import Shape, line_of, made_id, native, read_request, request_line

PARAMS: dict[str, object] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 16,
    "messages": [{"role": "user", "content": "Hello"}],
}
CHAT = {"custom_id": "c-1", "method": "POST", "url": "/v1/chat/completions"}


def line(value: object) -> bytes:
    return json.dumps(value).encode()


def problems(value: object) -> list[str]:
    read = read_request(line(value), 3)
    return [f"{each.field} {each.message}".strip() for each in read.problems]


def translated(**body: object) -> dict[str, object]:
    """The params that a body becomes, beside those of `PARAMS`."""
    value = CHAT | {"body": PARAMS | body}
    assert problems(value) == []
    sent = json.loads(native(line(value), 1))
    assert sent["custom_id"] == "c-1"
    return {
        name: each
        for name, each in sent["params"].items()
        if name not in PARAMS or each != PARAMS[name]
    }


def test_a_native_line_goes_out_as_it_stands() -> None:
    text = b' {"params" : {"max_tokens":1e0, "x":"\\u00e9", "x":2}, "custom_id":"a"}\r'
    assert native(text + b"\n", 1) == text


def test_params_alone_get_the_number_of_their_line_for_an_id() -> None:
    text = b'{"model": "m",  "messages": [{"role":"user"}]}'
    assert native(text + b"\r\n", 12) == b'{"custom_id":"line-12","params":' + text + b"}"
    assert read_request(line(PARAMS), 12).custom_id == "line-12" == made_id(12)
    assert read_request(line(PARAMS), 12).shape is Shape.PLAIN
    assert line_of("line-12") == 12
    assert [line_of(each) for each in ("line-012", "line-", "line-0", "xline-1", "a")] == [None] * 5


def test_params_may_bring_an_id() -> None:
    value = PARAMS | {"custom_id": "mine"}
    assert problems(value) == []
    assert json.loads(native(line(value), 5)) == {"custom_id": "mine", "params": PARAMS}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([], ["must be a JSON object"]),
        ({}, ["custom_id is missing", "params is missing"]),
        ({"custom_id": "a"}, ["params is missing"]),
        ({"custom_id": "a", "params": []}, ["params must be an object"]),
        ({"custom_id": "a", "params": PARAMS, "note": 1}, ["note is not a field of a request"]),
        (PARAMS | {"max_tokens": 0}, ["max_tokens must be 1 or more in a batch"]),
        (CHAT, ["body is missing"]),
        (CHAT | {"body": PARAMS, "method": "GET"}, ["method must be POST"]),
        (
            CHAT | {"body": PARAMS, "url": "/v1/embeddings"},
            ["url must be /v1/chat/completions or /v1/messages"],
        ),
        (CHAT | {"body": PARAMS | {"max_tokens": None}}, ["body.max_tokens is missing"]),
        (
            CHAT | {"body": PARAMS | {"seed": 3, "logprobs": True}},
            [
                "body.seed has no counterpart in the Messages API",
                "body.logprobs has no counterpart in the Messages API",
            ],
        ),
    ],
)
def test_problems_name_the_field_in_its_line(value: object, found: list[str]) -> None:
    assert problems(value) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"hello", "is not JSON: invalid character"),
        (b'{"custom_id": "a", "par', "is not JSON: it breaks off"),
        (b'{"custom_id": "\xff"}', "is not UTF-8"),
        ('{"custom_id": "a"}'.encode("utf-16"), "holds NUL bytes, as text in UTF-16 does"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"{} {}", "is not JSON: trailing characters"),
    ],
)
def test_what_is_not_json_is_said_to_be_so(text: bytes, found: str) -> None:
    (problem,) = read_request(text, 1).problems
    assert problem.message.startswith(found)
    assert problem.field == ""


def test_a_body_for_the_messages_api_is_taken_as_it_is() -> None:
    text = b'{"custom_id":"a","method":"POST","url":"/v1/messages","body":{"model":  "m"}}'
    assert native(text, 1) == b'{"custom_id":"a","params":{"model":  "m"}}'


def test_what_means_the_same_is_translated() -> None:
    assert translated(stop="END", user="u", n=1, temperature=1, stream=False, seed=None) == {
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u"},
    }
    assert translated(max_completion_tokens=16) == {}
    assert translated(parallel_tool_calls=False) == {
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}
    }
    schema = {"type": "object"}
    wished = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    assert translated(response_format=wished) == {
        "output_config": {"format": {"type": "json_schema", "schema": schema}}
    }
    function = {"name": "f", "description": "d", "parameters": schema, "strict": True}
    named = {"type": "function", "function": {"name": "f"}}
    assert translated(tools=[{"type": "function", "function": function}], tool_choice=named) == {
        "tools": [{"name": "f", "input_schema": schema, "description": "d", "strict": True}],
        "tool_choice": {"type": "tool", "name": "f"},
    }


def test_messages_are_translated() -> None:
    called = {"id": "t1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    data = "data:image/png;base64,iVBOR"
    assert translated(
        messages=[
            {"role": "system", "content": "Be brief"},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind"}]},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": data, "detail": "auto"}},
                    {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
                ],
            },
            {"role": "assistant", "content": None, "refusal": None, "tool_calls": [called] * 2},
            {"role": "tool", "tool_call_id": "t1", "content": "1"},
            {"role": "tool", "tool_call_id": "t1", "content": "2"},
            {"role": "user", "content": "And?"},
        ]
    ) == {
        "system": [{"type": "text", "text": "Be brief"}, {"type": "text", "text": "Be kind"}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": "iVBOR"},
                    },
                    {
                        "type": "image",
                        "source": {"type": "url", "url": "https://example.com/a.png"},
                    },
                ],
            },
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}] * 2,
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": "1"},
                    {"type": "tool_result", "tool_use_id": "t1", "content": "2"},
                ],
            },
            {"role": "user", "content": "And?"},
        ],
    }


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"role": "critic", "content": "Hm"}, "body.messages.0.role"),
        ({"role": "user", "content": "Hi", "name": "Ann"}, "body.messages.0.name"),
        ({"role": "user", "content": [{"type": "input_audio"}]}, "body.messages.0.content.0"),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {"detail": "high"}}]},
            "body.messages.0.content.0.image_url.detail",
        ),
        (
            {"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]},
            "body.messages.0.content.0.file",
        ),
        (
            {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "["}}]},
            "body.messages.0.tool_calls.0.function.arguments",
        ),
        ({"role": "tool", "content": "1"}, "body.messages.0.tool_call_id"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_name(message: object, field: str) -> None:
    value = CHAT | {"body": PARAMS | {"messages": [message]}}
    assert [each.field for each in read_request(line(value), 1).problems] == [field]


def test_a_request_is_shown_as_the_api_gets_it_if_it_can_get_it() -> None:
    asked = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hello"}]
    good = request_line(line(CHAT | {"body": PARAMS | {"messages": asked}}), 1)
    assert good is not None
    assert good.params["messages"] == PARAMS["messages"]
    bad = request_line(line(CHAT | {"body": PARAMS | {"messages": asked, "seed": 1}}), 1)
    assert bad is not None
    assert bad.params["messages"] == asked


def test_a_line_that_became_something_else_is_not_sent() -> None:
    for text in (b"", b"[]", b'{"method":1}', b'{"body":1,"custom_id":"a"}'):
        with pytest.raises(RequestFileError, match="Line 7 "):
            native(text, 7)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
PART = st.dictionaries(
    st.sampled_from(["role", "content", "type", "text", "image_url", "file", "tool_calls", "url"]),
    JSON | st.sampled_from(["user", "assistant", "tool", "system", "text", "image_url", "file"]),
)
BODY = st.dictionaries(
    st.sampled_from(["model", "max_tokens", "messages", "tools", "tool_choice", "stop", "n", "x"]),
    JSON | st.lists(PART, max_size=3),
)


@given(BODY)
def test_whatever_passes_can_be_translated(body: dict[str, object]) -> None:
    text = msgspec.json.encode(CHAT | {"body": body})
    read = read_request(text, 1)
    if not read.refused:
        assert json.loads(native(text, 1))["params"] == read.params


@given(st.binary(max_size=80) | JSON.map(line))
def test_no_line_is_too_strange_to_be_read(text: bytes) -> None:
    read = read_request(text, 1)
    assert read.refused or native(text, 1)
    request_line(text, 1)
