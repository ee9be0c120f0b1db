from __future__ import annotations

import errno
import io
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.cli.output import Output
from batchtui.domain.errors import StorageError
from batchtui.domain.text import UNSAFE

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
objects = st.lists(st.dictionaries(st.text(), values, min_size=1), max_size=5)


class Pipe(io.BytesIO):
    """A pipe whose reader is gone, or a disk that is full."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code
        self.writes = 0

    def write(self, data: object) -> int:
        self.writes += 1
        raise OSError(self.code, "no")


@given(objects, st.booleans(), st.sampled_from([None, 2]))
def test_json_keeps_its_value_and_obeys_the_terminal_nothing(
    data: list[dict[str, object]], to_terminal: bool, indent: int | None
) -> None:
    stream = io.BytesIO()
    bodies = [
        json.dumps(each, ensure_ascii=False, indent=indent).encode("utf-8", "replace")
        for each in data
    ]
    Output(stream, 80 if to_terminal else None).json(bodies)
    text = stream.getvalue().decode()
    lines = text.split("\n")[:-1]
    assert [json.loads(line) for line in lines] == [json.loads(body) for body in bodies]
    if to_terminal:
        assert not UNSAFE.search(text)


def test_json_off_a_terminal_is_to_the_letter() -> None:
    stream = io.BytesIO()
    Output(stream, None).json([b'{"a": 1.0,\t"b":"\xc2\x9b\\u001b"}'])
    assert stream.getvalue() == b'{"a": 1.0,\t"b":"\xc2\x9b\\u001b"}\n'


def test_characters_beyond_the_first_plane_become_two_escapes() -> None:
    stream = io.BytesIO()
    Output(stream, 80).json([msgspec.json.encode({"tag": "\U000e0041"})])
    assert stream.getvalue() == b'{"tag":"\\udb40\\udc41"}\n'


def test_octets_that_are_not_utf_8_are_replaced() -> None:
    stream = io.BytesIO()
    Output(stream, None).json([b'{"new":"\xff"}'])
    assert json.loads(stream.getvalue()) == {"new": "\ufffd"}


def test_text_is_safe_even_off_a_terminal() -> None:
    stream = io.BytesIO()
    Output(stream, None).text("a\x1b]0;title\x07b\udc80")
    assert stream.getvalue().decode() == "a\ufffd]0;title\ufffdb\ufffd\n"


def test_a_reader_that_went_is_no_reason_to_stop() -> None:
    pipe = Pipe(errno.EPIPE)
    out = Output(pipe, None)
    out.text("one")
    out.text("two")
    assert pipe.writes == 1


def test_a_full_disk_is_told_once() -> None:
    out = Output(Pipe(errno.ENOSPC), None)
    with pytest.raises(StorageError, match="output cannot be written"):
        out.text("one")
    out.text("two")


def test_without_stdout_everything_is_dropped(tmp_path: Path) -> None:
    Output(None, None).text("nothing")


@given(st.binary(max_size=60), st.integers(1, 7))
def test_foreign_bytes_are_kept_in_a_file_and_tamed_at_a_terminal(data: bytes, size: int) -> None:
    data += "ü€😀\x1b[2J\n".encode()
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    for is_json in (True, False):
        kept, shown = io.BytesIO(), io.BytesIO()
        for part in parts:
            Output(kept, None).foreign(part, is_json=is_json)
        terminal = Output(shown, 80)
        for part in parts:
            terminal.foreign(part, is_json=is_json)
        assert kept.getvalue() == data
        text = shown.getvalue().decode()
        assert UNSAFE.search(text) is None
        assert "ü€😀" in text


def test_a_reader_who_has_gone_can_be_noticed() -> None:
    out = Output(Pipe(errno.EPIPE), None)
    assert not out.is_closed
    out.foreign(b"x", is_json=False)
    assert out.is_closed
