"""JSON laid out without decoding it."""

from __future__ import annotations

import json
import time
from itertools import islice
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.flow import PIECE
from batchtui.ui.presenters.raw_json import raw_rows

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text('ab\\" \n漢'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab\\" 漢'), inner),
    max_leaves=20,
)


def words(line: bytes) -> list[str]:
    return [f"{row.first.plain}{row.content.plain}" for row in raw_rows(line)]


@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_it_is_the_same_json(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps({"a": value}, indent=indent, ensure_ascii=ascii_only)
    laid_out = words(text.encode())
    assert json.loads("\n".join(laid_out)) == {"a": value}
    assert "".join("".join(laid_out).split()) == "".join(text.split())


def test_how_it_is_laid_out() -> None:
    assert words(b'{"a":[1,{"b":{}},[ ]],"c":"x"}') == [
        "{",
        '  "a": [',
        "    1,",
        "    {",
        '      "b": {}',
        "    },",
        "    []",
        "  ],",
        '  "c": "x"',
        "}",
    ]


@given(st.text('ab漢\\n"', min_size=PIECE - 5, max_size=3 * PIECE), st.integers(0, 3))
def test_long_strings_come_in_pieces_of_whole_characters(text: str, shift: int) -> None:
    line = json.dumps({"k" * shift: text}, ensure_ascii=False).encode()
    rows = list(raw_rows(line))
    assert all(len(row.content.plain) <= 2 * PIECE for row in rows)
    assert not any("\ufffd" in row.content.plain for row in rows)
    assert (
        "".join(row.content.plain for row in rows).split()
        == (b"{" + line[1:-1].replace(b'": "', b'": "') + b"}").decode().split()
    )


@given(st.binary().map(lambda rest: b"{" + rest))
def test_what_is_no_json_is_shown_all_the_same(line: bytes) -> None:
    shown = "".join(words(line))
    assert not UNSAFE.search(shown)
    for char in b"abcxyz0123":
        assert shown.count(chr(char)) == line.count(bytes([char]))


def test_depth_costs_nothing() -> None:
    assert len(words(b"[" * 10_000 + b"1" + b"]" * 10_000)) == 20_001
    assert len(words(b"]" * 10_000)) < 10
    assert len(words(b"{" + b"]" * 10_000)) > 1_000


def test_the_start_of_a_huge_line_needs_only_the_start() -> None:
    line = b'{"a":"' + b"x" * 50_000_000 + b'"}'
    begun = time.perf_counter()
    assert len(list(islice(raw_rows(line), 20))) == 20
    assert time.perf_counter() - begun < 1
