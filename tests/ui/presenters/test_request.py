"""Requests in words, whatever is in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.request import RequestLine, decode_request
from batchtui.domain.text import UNSAFE
from batchtui.submissions.request_file import Found
from batchtui.ui.presenters.blocks import Look
from batchtui.ui.presenters.flow import wrap
from batchtui.ui.presenters.request import heading, prompt_rows, prompt_title, request_rows
from batchtui.ui.requests import Prompt

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
KINDS = st.sampled_from(
    ["text", "image", "document", "file", "tool_use", "tool_result", "thinking", "search_result"]
)


def words(params: dict[str, Any], width: int = 120) -> str:
    return "\n".join(line.plain.rstrip() for line in wrap(request_rows(params), width))


def said(*content: object, role: str = "user") -> str:
    return words({"messages": [{"role": role, "content": list(content)}]})


def test_who_said_what() -> None:
    shown = words(
        {
            "model": "claude-haiku-4-5",
            "max_tokens": 1024,
            "temperature": 0.2,
            "thinking": {"type": "enabled", "budget_tokens": 2048},
            "tools": [
                {"name": "get_order", "input_schema": {}},
                {"type": "web_search_20250305", "name": "web_search"},
                {"type": "function", "function": {"name": "old"}},
            ],
            "system": [{"type": "text", "text": "You grade answers."}],
            "messages": [
                {"role": "user", "content": "One\ntwo"},
                {"role": "assistant", "content": [{"type": "text", "text": "**Three**"}]},
            ],
        }
    )
    assert shown.split("\n") == [
        "claude-haiku-4-5 · max_tokens 1,024 · thinking 2,048 · temperature 0.2",
        "tools: get_order, web_search, old",
        "",
        "system    You grade answers.",
        "",
        "user      One",
        "          two",
        "",
        "assistant Three",
        "",
    ]


def source(kind: str, media_type: str = "", **fields: object) -> dict[str, object]:
    return {"type": kind, **fields} | ({"media_type": media_type} if media_type else {})


PDF = source("base64", "application/pdf", data="A" * 549_336)
PNG = source("base64", "image/png", data="A" * 400)
PAGE = source("url", url="https://a.example/b.png")
TEXT = source("text", "text/plain", data="x" * 2000)
DATA = "data:image/png;base64," + "A" * 4000


@pytest.mark.parametrize(
    ("kind", "fields", "shown"),
    [
        ("document", {"title": "paper.pdf", "source": PDF}, "paper.pdf, application/pdf, 412 kB"),
        ("image", {"source": PNG}, "image/png, 300 B"),
        ("image", {"source": PAGE}, "https://a.example/b.png"),
        ("document", {"source": source("file", file_id="file_01")}, "file_01"),
        ("document", {"source": TEXT}, "text/plain, 2,000 characters"),
        ("document", {"source": source("content", content=[1, 2])}, "2 blocks"),
        ("image_url", {"image_url": {"url": DATA}}, "image/png, 3.0 kB"),
        ("image_url", {"image_url": {"url": "https://a.example"}}, "https://a.example"),
        ("search_result", {"title": "Wiki", "source": "https://w.ex"}, "Wiki, https://w.ex"),
    ],
)
def test_what_came_with_it_is_named_and_not_dumped(
    kind: str, fields: dict[str, object], shown: str
) -> None:
    block = {"type": kind, **fields}
    line = f"[{kind.removesuffix('_url')}: {shown}]"
    assert line in said(block)
    assert line in said({"type": "tool_result", "tool_use_id": "t", "content": [block]})
    assert "AAAA" not in said(block)


def test_tools_and_unknown_blocks() -> None:
    shown = said(
        {"type": "tool_use", "id": "toolu_1", "name": "get_order", "input": {"order": 1}},
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": "done", "is_error": True},
        {"type": "thinking", "thinking": "hm"},
        {"type": "hologram", "depth": 3},
    )
    assert "→ tool_use  get_order  toolu_1" in shown
    assert '"order": 1' in shown
    assert "← tool_result  failed  toolu_1" in shown
    assert "  done" in shown
    assert "▸ thinking · 2 characters" in shown
    assert '"type": "hologram"' in shown


@given(st.dictionaries(st.sampled_from(["system", "messages", "tools", "model", "x"]), JSON))
def test_any_params_can_be_shown(params: dict[str, Any]) -> None:
    for line in wrap(request_rows(params), 40):
        assert not UNSAFE.search(line.plain)
        assert line.cell_length <= 40


@given(
    KINDS, st.dictionaries(st.sampled_from(["source", "title", "content", "text", "input"]), JSON)
)
def test_any_block_can_be_shown(kind: str, fields: dict[str, Any]) -> None:
    for role in ("user", "\x1b]0;x\x07"):
        assert not UNSAFE.search(said({**fields, "type": kind}, role=role).replace("\n", ""))


def test_where_it_stands_or_why_it_is_not_there() -> None:
    line = json.dumps({"custom_id": "a", "params": {"model": "m"}}).encode()
    request = decode_request(line)
    assert request is not None
    prompt = Prompt("requests.jsonl", Found(5, line, request))
    assert prompt_title(prompt) == "prompt (requests.jsonl, line 5)"
    assert (
        heading(prompt_title(prompt), 50).plain
        == "── prompt (requests.jsonl, line 5) ───────────────"
    )
    assert prompt_title(Prompt("requests.jsonl")) == "prompt (requests.jsonl)"
    assert [row.content.plain for row in prompt_rows(prompt)][:1] == ["m"]
    raw = [row.content.plain for row in prompt_rows(prompt, Look(raw=True))]
    assert raw[:2] == ["{", '"custom_id": "a",']
    (why,) = prompt_rows(Prompt("requests.jsonl", problem="It is not there."))
    assert why.content.plain == "It is not there."
    (waits,) = prompt_rows(Prompt("requests.jsonl"))
    assert "looked for" in waits.content.plain
    bare = Prompt("requests.jsonl", Found(1, b'{"custom_id":"a"}', RequestLine("a", {})))
    assert "no params" in next(prompt_rows(bare)).content.plain
