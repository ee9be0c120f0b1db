"""Requests are found in whatever way their file was written, and however large it is."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import RequestFileError, UsageError
from batchtui.submissions import request_file
from batchtui.submissions.request_file import RequestFile

IDS = [f"ticket-{number:03}" for number in range(40)]


def line(custom_id: str, **params: object) -> bytes:
    return json.dumps({"custom_id": custom_id, "params": params or {"model": "m"}}).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "requests.jsonl"


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_file, "BLOCK", 61)


def written(path: Path, *lines: bytes, end: bytes = b"\n") -> RequestFile:
    path.write_bytes(end.join(lines) + end)
    return RequestFile(path)


def test_every_request_is_found_with_its_line(path: Path) -> None:
    file = written(path, *map(line, IDS))
    for number, custom_id in enumerate(IDS, 1):
        found = file.find(custom_id)
        assert found is not None
        assert (found.number, found.request.custom_id) == (number, custom_id)
        assert found.line == line(custom_id)
    assert file.find("ticket-") is None
    assert file.find("") is None


@pytest.mark.usefixtures("small_blocks")
def test_what_lies_across_blocks_is_found(path: Path) -> None:
    file = written(path, *(line(each, model="m" * (place * 7)) for place, each in enumerate(IDS)))
    for number, custom_id in enumerate(IDS, 1):
        found = file.find(custom_id)
        assert found is not None
        assert found.number == number


@pytest.mark.parametrize(
    "spelling",
    [
        b'{"custom_id":"caf\xc3\xa9","params":{"model":"m"}}',
        b'{"custom_id" :\t"caf\\u00e9","params":{"model":"m"}}',
        b'{"custom_id":"\\u0063af\\u00E9","params":{"model":"m"}}',
        b'{"note":{"custom_id":"other"},"params":{"model":"m"},"custom_id": "caf\xc3\xa9"}',
        b'\xef\xbb\xbf{"custom_id":"caf\xc3\xa9","params":{"model":"m"}}',
        b'{"custom_id":"caf\xc3\xa9","method":"POST","body":{"model":"m"}}',
        b'{"custom_id":"caf\xc3\xa9","params":{"model":"m"},"note":"\xff"}',
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b""])
def test_all_spellings_of_an_id(path: Path, spelling: bytes, end: bytes) -> None:
    found = written(path, spelling, end=end).find("café")
    assert found is not None
    assert found.number == 1
    assert found.request.params == {"model": "m"}


@given(st.lists(st.text(), min_size=1, max_size=5, unique=True), st.booleans())
def test_any_id(custom_ids: list[str], ascii_only: bool) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "requests.jsonl"
        lines = [
            json.dumps({"params": {"a": custom_ids}, "custom_id": each}, ensure_ascii=ascii_only)
            for each in custom_ids
        ]
        file = written(path, *(each.encode("utf-8", "replace") for each in lines))
        for number, custom_id in enumerate(custom_ids, 1):
            found = file.find(custom_id)
            assert found is not None
            assert found.number == number


def test_an_id_that_is_only_mentioned_is_no_request(path: Path) -> None:
    mention = json.dumps(line("ticket-001").decode())
    nested = b'{"custom_id":"a","params":{"metadata":{"custom_id":"ticket-001"}}}'
    file = written(path, mention.encode(), nested, b'"custom_id":"ticket-001"', line("ticket-001"))
    found = file.find("ticket-001")
    assert found is not None
    assert found.number == 4


def test_a_line_that_is_no_json_or_too_deep_is_passed_over(path: Path) -> None:
    deep = b'{"custom_id":"a","params":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    assert written(path, b'{"custom_id":"a"', deep).find("a") is None


def test_a_line_too_long_for_a_request_is_passed_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_file, "LONGEST", 5_000)
    monkeypatch.setattr(request_file, "BLOCK", 1_000)
    long = line("a", model="x" * 20_000)
    late = b'{"params":{"model":"' + b"x" * 20_000 + b'"},"custom_id":"a"}'
    found = written(path, long, late, line("a")).find("a")
    assert found is not None
    assert found.number == 3


def test_a_search_can_be_given_up(path: Path) -> None:
    assert written(path, *map(line, IDS)).find("ticket-000", wanted=lambda: False) is None


def test_what_looks_like_requests(path: Path) -> None:
    written(path, b"", b"  ", line("a")).check()
    written(path, b"\xef\xbb\xbf" + line("a")).check()
    for other in (b"", b"custom_id,prompt", b'{"id":"a"}', b"[1]", b"\x00\xff", b"\n" * 99):
        with pytest.raises(UsageError, match="does not look like a file of requests"):
            written(path, other).check()


def test_what_cannot_be_read_is_a_sentence(path: Path) -> None:
    with pytest.raises(RequestFileError, match=r"requests\.jsonl is not there"):
        RequestFile(path).find("a")
    path.mkdir()
    with pytest.raises(RequestFileError, match="is a directory"):
        RequestFile(path).check()
    os.mkfifo(path.with_name("pipe"))
    with pytest.raises(RequestFileError, match="not a file that can be read more than once"):
        RequestFile(path.with_name("pipe")).check()
    with pytest.raises(RequestFileError, match="cannot be read"):
        RequestFile(Path("a\0b")).find("a")


def test_a_file_that_is_cut_while_it_is_searched(path: Path, small_blocks: None) -> None:
    file = written(path, *map(line, IDS))

    def cut() -> bool:
        os.truncate(path, 100)
        return True

    assert file.find(IDS[-1], wanted=cut) is None


PARAMS = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_request_without_an_id_is_found_by_the_number_of_its_line(
    path: Path, bom: bytes, end: bytes
) -> None:
    rows = [json.dumps(PARAMS | {"x": number}).encode() for number in range(2, 400)]
    file = written(path, bom + line("line-5"), *rows, b"", line("own"), rows[0], end=end)
    for number in (2, 4, 200, 399, 402):
        found = file.find(f"line-{number}")
        assert found is not None
        assert (found.number, found.request.custom_id) == (number, f"line-{number}")
        assert found.request.params["messages"] == PARAMS["messages"]
        assert not found.line.endswith(b"\r")
    assert file.find("line-400") is None  # is blank
    assert file.find("line-401") is None  # has an id
    assert file.find("line-403") is None


def test_an_id_that_only_looks_as_if_it_was_made_is_found_where_it_stands(path: Path) -> None:
    file = written(path, line("a"), line("line-1"), line("line-2"))
    for number, custom_id in ((2, "line-1"), (3, "line-2")):
        found = file.find(custom_id)
        assert found is not None
        assert found.number == number


def test_a_request_for_another_api_is_found_as_it_was_sent(path: Path) -> None:
    asked = [{"role": "system", "content": "Be brief"}, *PARAMS["messages"]]  # type: ignore[misc]
    chat = {"custom_id": "c", "method": "POST", "url": "/v1/chat/completions"}
    file = written(path, json.dumps(chat | {"body": PARAMS | {"messages": asked}}).encode())
    file.check()
    found = file.find("c")
    assert found is not None
    assert found.request.params["messages"] == PARAMS["messages"]
    assert found.request.params["system"] == [{"type": "text", "text": "Be brief"}]


def test_params_alone_are_a_file_of_requests(path: Path) -> None:
    written(path, json.dumps(PARAMS).encode()).check()
