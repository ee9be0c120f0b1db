"""Prompts with placeholders, tables, and the requests that come of both."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import UsageError
from batchtui.submissions.making import Maker, Recipe
from batchtui.submissions.settings import read_settings
from batchtui.submissions.table import read_table
from batchtui.submissions.template import Template

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def made(data: bytes, name: str = "data.csv", **how: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(data, name, **how)]


def lines(data: bytes, name: str = "data.csv", **how: Any) -> Iterator[bytes]:
    prompt = how.pop("prompt", "{text}")
    recipe = Recipe(prompt=Template.parse(prompt), model="claude-x", max_tokens=10, **how)
    maker = Maker(recipe)
    table = read_table(io.BytesIO(data), name)
    recipe.require(table.columns)
    yield from maker.lines(table.rows)
    maker.check()


def prompts(requests: list[dict[str, Any]]) -> list[str]:
    return [each["params"]["messages"][0]["content"] for each in requests]


# Templates


def test_placeholders_are_filled_and_doubled_braces_are_braces() -> None:
    template = Template.parse('{{"a": {a}}} { b }{a}')
    assert template.columns == ("a", "b")
    assert template.fill({"a": "{b}", "b": "2"}) == '{"a": {b}} 2{b}'


@pytest.mark.parametrize("text", ["{", "}", "a\n{}", "{ }", "{{}", "{a{b}}"])
def test_lone_braces_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"in line \d of the template.*Write"):
        Template.parse(text)


@given(text=TEXT, values=st.dictionaries(TEXT, TEXT))
def test_what_has_no_placeholder_stays(text: str, values: Mapping[str, str]) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert Template.parse(doubled).fill(values) == text


# Requests


@given(cells=st.lists(st.tuples(TEXT, TEXT), min_size=1))
def test_no_cell_can_be_more_than_text(cells: list[tuple[str, str]]) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *cells])
    data = file.getvalue().encode()
    found = made(data, prompt="<{a}> {b}", system=Template.parse("{b}"), allow_empty=True)
    assert found == [
        {
            "custom_id": f"row-{number}",
            "params": {
                "model": "claude-x",
                "max_tokens": 10,
                "system": b,
                "messages": [{"role": "user", "content": f"<{a}> {b}"}],
            },
        }
        for number, (a, b) in enumerate(cells, 1)
    ]


@given(ids=st.lists(TEXT, min_size=1))
def test_ids_fit_and_are_different_or_nothing_is_made(ids: list[str]) -> None:
    data = b"\n".join(json.dumps({"id": each}).encode() for each in ids)
    try:
        found = [each["custom_id"] for each in made(data, "x.jsonl", prompt="x", id_column="id")]
    except UsageError:
        return
    assert len(set(found)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", each) for each in found)


def test_ids_are_made_to_fit_or_refused() -> None:
    assert [
        each["custom_id"] for each in made(b"id\na 1\n b/2 \n", prompt="x", id_column="id")
    ] == [
        "a_1",
        "b_2",
    ]
    with pytest.raises(UsageError, match="In line 3 the id is that of an earlier line"):
        made(b"id\na 1\na/1\n", prompt="x", id_column="id")
    with pytest.raises(UsageError, match="In line 2 the id has more than 64"):
        made(b"id\n" + b"a" * 65, prompt="x", id_column="id")
    with pytest.raises(UsageError, match="In line 2 the id is empty"):
        made(b'id,b\n"",1\n', prompt="x", id_column="id")


def test_settings_are_params() -> None:
    settings = read_settings(["temperature=0.10", 'stop_sequences=["a",\n"b"]', "tier=auto"])
    (line,) = lines(b"text\nhi\n", settings=settings)
    assert b'"temperature":0.10,"stop_sequences":["a","b"],"tier":"auto",' in line
    assert line.count(b"\n") == 1
    for wrong in ("x", "=1", "a=[1", "a=", "a b=1"):
        with pytest.raises(UsageError):
            read_settings([wrong])
    with pytest.raises(UsageError, match="twice"):
        read_settings(["a=1", "a=2"])


# What is wrong with data


def test_all_that_is_wrong_is_named_by_line() -> None:
    data = b"a,b\n1,2\n" + b"1,\n" * 7 + b'"x\ny",\n1,2,3\n'
    with pytest.raises(UsageError) as caught:
        made(data, prompt="{a}{b}")
    assert str(caught.value) == (
        'In lines 3, 4, 5, 6, 7 and 3 more there is no value for "b"; '
        "In line 12 there are 3 values for 2 columns. Nothing was written. "
        "--allow-empty leaves empty what has no value."
    )


def test_unknown_columns_are_named() -> None:
    with pytest.raises(UsageError, match=r'no column "txt".*"id", "text"'):
        made(b"id,text\n1,2\n", prompt="{txt}")
    with pytest.raises(UsageError, match=r'several columns "a"'):
        made(b"a,a\n1,2\n", prompt="{a}")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "data is empty"),
        (b"\n \n", "data is empty"),
        (b"text\n", "no rows"),
        (b'text\n"never closed', "row in line 2"),
        (b'text\nok\n"a"b\n', "row in line 3"),
        (b"text\nok\n\xff\n", "Line 3 of the data is not UTF-8"),
        ("text\nhi\n".encode("utf-16"), "UTF-16"),
        (b"text\n \n", "prompt comes out empty"),
    ],
)
def test_bad_tables_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        made(data)


@pytest.mark.parametrize("line", [b"[1]", b"nothing", b'{"text": }', b"{" * 5000])
def test_bad_objects_are_refused(line: bytes) -> None:
    with pytest.raises(UsageError, match="In line 2 there is no JSON object"):
        made(b'{"text": "a"}\n' + line, "x.jsonl")


# Tables


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_bom_and_line_ends(delimiter: str) -> None:
    rows = ('"the, text"', "n"), ('"a\r\nb; ""c"""', "1")
    data = "\r\n".join(delimiter.join(row) for row in rows).encode("utf-8-sig")
    assert prompts(made(data, "data.txt", prompt="{n}: {the, text}")) == ['1: a\r\nb; "c"']


def test_a_comma_is_nothing_special_between_tabs() -> None:
    assert prompts(made(b"a,b\n1,2\n", "x.tsv", prompt="{a,b}")) == ["1,2"]


def test_objects_give_strings_as_they_are_and_the_rest_as_json() -> None:
    data = b'\n{"a": "\\u00fc\\n", "b": 1.10, "c": [1, "x"], "d": null}\n\n'
    wanted = ['ü\n|1.10|[1, "x"]|']
    assert prompts(made(data, "-", prompt="{a}|{b}|{c}|{d}", allow_empty=True)) == wanted
    with pytest.raises(UsageError, match='In line 2 there is no value for "d"'):
        made(data, "-", prompt="{d}")


def test_blank_lines_are_no_rows() -> None:
    assert prompts(made(b"\n\ntext\n\na\n\nb\n")) == ["a", "b"]
