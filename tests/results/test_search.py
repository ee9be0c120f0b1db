from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.domain.errors import ResultsError, UsageError
from batchtui.domain.result import decode_line
from batchtui.results import long_lines, pattern
from batchtui.results import search as search_module
from batchtui.results.builder import IndexBuilder
from batchtui.results.full_text import texts_in, texts_of
from batchtui.results.index_file import Identity, decode
from batchtui.results.pattern import Pattern
from batchtui.results.reader import Descriptor, ResultFile
from batchtui.results.search import search


def answer(custom_id: str, *content: object, **fields: object) -> dict[str, object]:
    message = {"model": "claude-x", "role": "assistant", "content": content, **fields}
    return {"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}


def text(words: str) -> dict[str, object]:
    return {"type": "text", "text": words}


def failure(custom_id: str, message: str) -> dict[str, object]:
    error = {"type": "error", "error": {"type": "api_error", "message": message}}
    return {"custom_id": custom_id, "result": {"type": "errored", "error": error}}


def opened(directory: Path, *lines: object) -> ResultFile:
    path = directory / "results.jsonl"
    parts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines]
    path.write_bytes(b"\n".join(parts) + b"\n")
    builder = IndexBuilder()
    builder.feed(path.read_bytes())
    builder.finish()
    identity = Identity(0, bytes(16))
    index = decode(b"".join(builder.encode(identity)), identity)
    assert index is not None
    return ResultFile(path, Descriptor(os.open(path, os.O_RDONLY)), index)


def hits(
    file: ResultFile, words: str, *, regex: bool = False, among: Sequence[int] | None = None
) -> list[int]:
    found = list(search(file, Pattern.compile(words, regex=regex), among=among))
    for one, next_one in pairwise(found):
        assert one.lines <= next_one.lines
        assert one.bytes <= next_one.bytes
    if found:
        assert found[-1].lines == len(file)
        assert found[-1].bytes == found[-1].total
    return [number for each in found for number in each.hits]


EVERYWHERE = [
    answer("the-id", text("plain")),
    answer("1", {"type": "thinking", "thinking": "a thought", "signature": "c2lnbmF0dXJl"}),
    answer("2", {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"id": "Oslo"}}),
    answer(
        "3",
        {
            "type": "web_search_tool_result",
            "tool_use_id": "srvtoolu_1",
            "content": [{"type": "web_search_result", "title": "Tides", "encrypted_content": "Eo"}],
        },
    ),
    answer(
        "4", text("x") | {"citations": [{"type": "c", "cited_text": "quoted", "title": "A book"}]}
    ),
    answer("5", {"type": "new_block", "note": {"deep": ["unheard of", 4711, True]}}),
    failure("6", "prompt is too long"),
    answer(
        "7", stop_reason="refusal", stop_details={"category": "bio", "explanation": "dangerous"}
    ),
    b"garbage: not JSON",
    {"custom_id": "9", "result": {"type": "postponed", "until": "tomorrow"}},
    {"custom_id": "10", "result": {"type": "expired"}},
]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("the-id", [0]),
        ("a thought", [1]),
        ("weather", [2]),
        ("oslo", [2]),
        ("tides", [3]),
        ("quoted", [4]),
        ("a book", [4]),
        ("unheard of", [5]),
        ("4711", [5]),
        ("too long", [6]),
        ("dangerous", [7]),
        ("garbage:", [8]),
        ("tomorrow", [9]),
        # none of it is text that people read
        *((word, []) for word in ("custom_id", "succeeded", "claude-x", "assistant", "expired")),
        *(
            (word, [])
            for word in ("toolu_1", "web_search_result", "signature", "c2lnbm", "new_block")
        ),
        *((word, []) for word in ("Eo", "deep", "api_error", "content", '"', "{", "true")),
    ],
)
def test_what_a_person_reads_is_searched_and_nothing_else(
    tmp_path: Path, words: str, numbers: list[int]
) -> None:
    with opened(tmp_path, *EVERYWHERE) as file:
        assert hits(file, words) == numbers
        assert hits(file, words.replace("{", r"\{"), regex=True) == numbers


MESSAGES = (
    rb'"say \"h\u00e9\" \/ \\n\n\ud83d\ude00"',
    '"HÉ 😀 t\\u0069des"'.encode(),
)
LINES = [
    b'{"custom_id":"%d","result":{"type":"errored","error":{"message":%b}}}' % (number, message)
    for number, message in enumerate(MESSAGES)
]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("hé", [0, 1]),
        ("HÉ", [1]),
        ('"hé"', [0]),
        ('say "', [0]),
        ("é", [0, 1]),
        ("/ \\n\n😀", [0]),
        ("😀", [0, 1]),
        ("tides", [1]),
        ("Tides", []),
        ("u00e9", []),
        ("ud83d", []),
    ],
)
def test_escapes_neither_hide_matches_nor_make_any(
    tmp_path: Path, words: str, numbers: list[int]
) -> None:
    with opened(tmp_path, *LINES) as file:
        assert hits(file, words) == numbers


CHARS = st.sampled_from(
    [*'abAB1 "\\/\n\t', "é", "É", "ß", "日", "😀", "\ud800", "K", "ſ", "ς", "Σ"]
)
WORDS = st.lists(CHARS, max_size=10).map("".join)


@st.composite
def written(draw: st.DrawFn, words: str) -> str:
    """A JSON string, its characters escaped or not in any mixture."""
    body = ""
    for char in words:
        plain = json.dumps(char, ensure_ascii=char == "\ud800")[1:-1]
        units = char.encode("utf-16-be", "surrogatepass")
        codes = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
        escaped = "".join(rf"\u{draw(st.sampled_from([code, code.upper()]))}" for code in codes)
        body += draw(st.sampled_from([plain, plain, plain, escaped]))
    return f'"{body}"'


@st.composite
def line(draw: st.DrawFn) -> bytes:
    blocks = ",".join(
        f'{{"type":"text","text":{draw(written(words))}}}'
        for words in draw(st.lists(WORDS, max_size=3))
    )
    custom_id = draw(written(draw(WORDS)))
    message = f'{{"content":[{blocks}]}}'
    result = f'{{"type":"succeeded","message":{message}}}'
    encoded = f'{{"custom_id":{custom_id},"result":{result}}}'.encode()
    return draw(
        st.sampled_from([encoded, encoded, encoded, encoded[:-3], b"", b"  ", b"\xff\xfe a"])
    )


PATTERNS = st.one_of(
    st.builds(Pattern.compile, WORDS.filter(bool)),
    st.lists(
        st.sampled_from(
            ["a", "b+", "B", "é?", "日", "[ab]", r"\s", ".", r"\n", "1{1,2}", "(?:A|b)"]
        ),
        min_size=1,
        max_size=3,
    ).map(lambda parts: Pattern.compile("".join(parts), regex=True)),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(line(), max_size=12), PATTERNS, st.booleans(), st.randoms())
def test_hits_are_those_of_decoding_every_line(
    lines: list[bytes], wanted: Pattern, some: bool, chance: random.Random
) -> None:
    with TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "_BLOCK", 150)
        with opened(Path(directory), *lines) as file:
            numbers = range(len(file))
            among = chance.sample(numbers, len(numbers) // 2) if some else None
            expected = [
                number
                for number in numbers
                if (among is None or number in among)
                and wanted.found_in(*texts_of(file.line(number))[1])
            ]
            found = list(search(file, wanted, among=among))
            assert [number for each in found for number in each.hits] == expected


@settings(deadline=None, max_examples=200)
@given(st.lists(line(), max_size=5), PATTERNS)
def test_long_lines_are_searched_as_short_ones_are(lines: list[bytes], wanted: Pattern) -> None:
    with TemporaryDirectory() as directory, opened(Path(directory), *lines) as file:
        expected = [number for each in search(file, wanted) for number in each.hits]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(search_module, "LONG", 0)
            patch.setattr(search_module, "_BLOCK", 0)
            patch.setattr(long_lines, "_PIECE", 33)
            patch.setattr(long_lines, "_LONG_STRING", 20)
            found = [number for each in search(file, wanted) for number in each.hits]
        assert found == expected


def test_a_line_of_many_megabytes_is_searched_in_pieces(tmp_path: Path) -> None:
    words = "tide " * 1_000_000
    lines = [
        answer("long", text(words + "n\u00e9edle" + words)),
        answer("data", {"type": "image", "source": {"type": "base64", "data": "needle" * 500_000}}),
        b"[" * 3_000_000 + b"needle",
    ]
    with opened(tmp_path, *lines) as file:
        found = list(search(file, Pattern.compile("néedle")))
        assert len(found) > 40
        assert [list(each.hits) for each in found if each.hits] == [[0]]
        assert hits(file, "needle") == [2]
        assert hits(file, "e n.edl", regex=True) == [0]
        assert hits(file, "base64") == []


def test_only_some_lines_are_searched_if_so_wished(tmp_path: Path) -> None:
    with opened(tmp_path, *(answer(str(number), text("same")) for number in range(10))) as file:
        assert hits(file, "same", among=[7, 2]) == [2, 7]
        assert hits(file, "same", among=[]) == []


def test_an_empty_file_has_no_hits(tmp_path: Path) -> None:
    with opened(tmp_path, b"") as file:
        assert list(search(file, Pattern.compile("x"))) == []


@pytest.mark.parametrize("long", [False, True])
def test_a_file_cut_behind_our_back_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long: bool
) -> None:
    if long:
        monkeypatch.setattr(search_module, "LONG", 0)
    monkeypatch.setattr(search_module, "_BLOCK", 2000)
    with opened(tmp_path, *(answer(str(number), text("same")) for number in range(99))) as file:
        finding = search(file, Pattern.compile("same"))
        assert next(each for each in finding if each.hits)
        os.truncate(file.path, 5000)
        with pytest.raises(ResultsError, match="cut short by someone else"):
            list(finding)


def test_a_file_changed_behind_our_back_is_said(tmp_path: Path) -> None:
    lines = [json.dumps(answer(str(number), text("same"))).encode() for number in range(9)]
    with opened(tmp_path, *lines) as file:
        file.path.write_bytes(b"\n".join(lines[::-1]) + b"\n")
        with pytest.raises(ResultsError, match="changed by someone else"):
            hits(file, "same")


def test_a_hopeless_regular_expression_ends_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pattern, "TOO_LONG", 0.05)
    with (
        opened(tmp_path, answer("1", text("a" * 50 + "b"))) as file,
        pytest.raises(UsageError, match="takes too long"),
    ):
        hits(file, "(a+)+$", regex=True)


@given(st.lists(line(), max_size=3), st.sampled_from(EVERYWHERE))
def test_the_quick_way_to_the_text_of_a_line_is_the_long_way(
    lines: list[bytes], other: object
) -> None:
    whole = other if isinstance(other, bytes) else json.dumps(other).encode()
    for each in (*lines, whole):
        result = decode_line(each)
        assert texts_of(each) == (result.custom_id, [result.custom_id, *texts_in(result, each)])
