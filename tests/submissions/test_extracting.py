"""Requests taken out of files: which, in what order, and that their bytes stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import RequestFileError
from batchtui.submissions.extracting import (
    Stretch,
    continued,
    custom_ids,
    extract,
    with_settings,
)
from batchtui.submissions.settings import read_settings

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
PARAMS = st.dictionaries(TEXT, VALUES, max_size=5)


def spaced(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(" , ", " : ")).encode()


def request(custom_id: str, **params: Any) -> bytes:
    usual = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "é"}]}
    return spaced({"params": usual | params, "custom_id": custom_id})


def test_lines_come_in_the_order_of_the_file_to_the_letter(tmp_path: Path) -> None:
    path = tmp_path / "asks.jsonl"
    lines = [request(each) for each in "abcde"]
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n\n".join(lines))
    found = list(extract(path, {"d", "a", "x"}))
    assert [each.custom_id for each in found] == ["a", "d"]
    assert [each.line for each in found] == [lines[0], lines[3]]
    assert list(custom_ids(path)) == list("abcde")


def test_only_some_stretches_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "asks.jsonl"
    lines = [request(each) + b"\n" for each in "abcde"]
    path.write_bytes(b"".join(lines))
    size = len(lines[0])
    stretches = (Stretch(size, 2 * size, 2), Stretch(3 * size, None, 4))
    assert list(custom_ids(path, stretches)) == ["b", "d", "e"]


def test_other_shapes_come_as_the_api_takes_them(tmp_path: Path) -> None:
    path = tmp_path / "asks.jsonl"
    params = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
    batch = {"custom_id": "o", "method": "POST", "url": "/v1/messages", "body": params}
    path.write_bytes(b"\n" + spaced(params) + b"\n" + spaced(batch) + b"\nnothing\n")
    assert list(custom_ids(path)) == ["line-2", "o"]
    for each in extract(path, None):
        assert json.loads(each.line) == {"custom_id": each.custom_id, "params": params}


@pytest.mark.parametrize("name", ["nowhere", ".", "nul\0"])
def test_files_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestFileError):
        list(custom_ids(tmp_path / name))


@given(params=PARAMS, name=st.sampled_from(["max_tokens", "model", "a"]), value=VALUES)
def test_what_is_not_set_stays_to_the_letter(
    params: dict[str, Any], name: str, value: object
) -> None:
    line = spaced({"custom_id": "a", "params": params})
    settings = read_settings([f"{name}={json.dumps(value)}"])
    changed = with_settings(line, settings)
    wanted = params | {name: value}
    if value is None:
        del wanted[name]
    assert json.loads(changed) == {"custom_id": "a", "params": wanted}
    for other in wanted.keys() - {name}:
        assert spaced(params[other]) in changed
    assert with_settings(line, {}) == line


@given(content=st.lists(st.dictionaries(TEXT, VALUES, max_size=3), max_size=3))
def test_a_paused_answer_is_gone_on_with(content: list[object]) -> None:
    message = {"stop_reason": "pause_turn", "content": content}
    answer = spaced({"custom_id": "a", "result": {"type": "succeeded", "message": message}})
    params = json.loads(continued(request("a", tools=[{"x": 1.50}]), answer))["params"]
    assert params["messages"] == [
        {"role": "user", "content": "é"},
        {"role": "assistant", "content": content},
    ]
    assert b'[{"x" : 1.5}]' in continued(request("a", tools=[{"x": 1.50}]), answer)
    assert spaced(content) in continued(request("a"), answer)


def test_the_container_of_an_answer_is_used_on() -> None:
    message = {"content": [], "container": {"id": "container_1", "expires_at": "x"}}
    answer = spaced({"custom_id": "a", "result": {"message": message}})
    assert json.loads(continued(request("a"), answer))["params"]["container"] == "container_1"
    own = json.loads(continued(request("a", container="mine"), answer))
    assert own["params"]["container"] == "mine"


@pytest.mark.parametrize("answer", [b"x", b"{}", b'{"result":{"type":"expired"}}'])
def test_nothing_can_be_gone_on_with(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|Object"):
        continued(request("a"), answer)
