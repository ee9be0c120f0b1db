"""What is sent is what stands in the file, whatever its lines look like and wherever it is cut."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import RequestFileError
from batchtui.domain.job import Part
from batchtui.submissions.body import Body, measured
from batchtui.submissions.check import check
from batchtui.submissions.checked import Limits

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)
BREAKS = st.sampled_from(["\n", "\r\n", "\n\n", "\n \t\r\n"])
SHAPES = st.sampled_from(["native", "native", "native", "plain", "plain with id", "openai"])


def line_of(shape: str, number: int, words: str, *, escaped: bool) -> str:
    params: dict[str, object] = {
        "model": "claude-haiku-4-5",
        "max_tokens": 16,
        "messages": [{"role": "user", "content": words}],
    }
    custom_id = f"r{number}"
    value: dict[str, object] = {"custom_id": custom_id, "params": params}
    if shape == "plain":
        value = params
    elif shape == "plain with id":
        value = {"custom_id": custom_id} | params
    elif shape == "openai":
        value = {
            "custom_id": custom_id,
            "method": "POST",
            "url": "/v1/messages",
            "body": params,
        }
    return json.dumps(value, ensure_ascii=escaped)


@given(
    lines=st.lists(st.tuples(SHAPES, WORDS, st.booleans(), BREAKS), min_size=1, max_size=12),
    per_batch=st.integers(1, 5),
    bom=st.booleans(),
    cut=st.booleans(),
)
def test_the_body_holds_the_requests_of_its_lines(
    lines: list[tuple[str, str, bool, str]], per_batch: int, bom: bool, cut: bool
) -> None:
    text = "\ufeff" * bom
    wanted = []
    for number, (shape, words, escaped, line_break) in enumerate(lines, 1):
        place = text.count("\n") + 1
        text += line_of(shape, number, words, escaped=escaped) + line_break
        wanted.append((f"line-{place}" if shape == "plain" else f"r{number}", words))
    if cut:
        text = text.rstrip("\r\n\t ")
    with TemporaryDirectory() as directory:
        path = Path(directory) / "asks.jsonl"
        path.write_bytes(text.encode())
        checked = check(path, Limits(requests=per_batch))
        assert checked.ok
        found = []
        for part in checked.parts:
            blocks = list(Body(path, part).blocks())
            assert all(blocks)
            body = b"".join(blocks)
            assert len(body) == part.size
            requests = json.loads(body)["requests"]
            assert len(requests) == part.requests
            found += requests
        assert measured(path) == (checked.size, checked.digest)
    texts = [(each["custom_id"], each["params"]["messages"][0]["content"]) for each in found]
    assert texts == wanted


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of several blocks."""
    path = tmp_path / "asks.jsonl"
    lines = (line_of("native", n, "x" * 60_000, escaped=True) for n in range(1, 21))
    path.write_text("\n".join(lines) + "\n")
    return path


def part_of(path: Path) -> Part:
    (part,) = check(path).parts
    return part


def taken_before_it_failed(path: Path, part: Part) -> int:
    taken = 0
    blocks = Body(path, part).blocks()
    try:
        for block in blocks:
            taken += len(block)
    except RequestFileError:
        return taken
    pytest.fail("it did not fail")


def test_bytes_of_lines_are_never_rewritten(path: Path) -> None:
    part = part_of(path)
    assert part.verbatim
    body = b"".join(Body(path, part).blocks())
    assert body == b'{"requests":[' + b",".join(path.read_bytes().splitlines()) + b"]}"


@pytest.mark.parametrize("shape", ["native", "plain"])
def test_translated_bodies_come_in_pieces(tmp_path: Path, shape: str) -> None:
    path = tmp_path / "asks.jsonl"
    lines = (line_of(shape, n, "x" * 60_000, escaped=True) for n in range(1, 21))
    path.write_text("\n\n".join(lines))
    part = part_of(path)
    assert not part.verbatim
    blocks = list(Body(path, part).blocks())
    assert len(blocks) > 3
    assert len(json.loads(b"".join(blocks))["requests"]) == 20


@pytest.mark.parametrize("at", [0, 100, 300_000, -2, -1])
@pytest.mark.parametrize("how", ["changed", "cut", "grown"])
def test_a_file_that_changed_never_gives_a_whole_body(path: Path, at: int, how: str) -> None:
    part = part_of(path)
    content = bytearray(path.read_bytes())
    if how == "changed":
        content[at] ^= 1
    elif how == "cut":
        del content[at]
    else:
        content[at:at] = b" "
    path.write_bytes(content)
    assert taken_before_it_failed(path, part) < part.size


@pytest.mark.parametrize("verbatim", [True, False])
def test_lines_that_grew_do_not_fill_the_body(tmp_path: Path, verbatim: bool) -> None:
    """So many more bytes that they would, were they handed out."""
    path = tmp_path / "asks.jsonl"
    shape = "native" if verbatim else "plain"
    path.write_text(line_of(shape, 1, "x" * 1_000_000, escaped=True) + "\n")
    part = part_of(path)
    path.write_text(line_of(shape, 1, "y" * 9_000_000, escaped=True) + "\n")
    assert taken_before_it_failed(path, part) < part.size


def test_a_file_that_is_gone(path: Path) -> None:
    part = part_of(path)
    path.unlink()
    with pytest.raises(RequestFileError, match="not there"):
        list(Body(path, part).blocks())


async def test_bytes_taken_are_counted_anew_each_time(path: Path) -> None:
    part = await asyncio.to_thread(part_of, path)
    told: list[int] = []
    body = Body(path, part, on_sent=told.append)
    once = b"".join([block async for block in body])
    assert told[-1] == body.sent == part.size
    assert told == sorted(told)
    assert b"".join([block async for block in body]) == once
    assert body.sent == part.size
