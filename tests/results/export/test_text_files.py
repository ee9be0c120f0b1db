from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.results.export.exporting import Format
from batchtui.results.export.text_files import Names, safe_stem
from tests.results.export.conftest import Make, answer, deep, exported, failure, line


def files(make: Make, *lines: bytes) -> dict[str, bytes]:
    with make(b"\n".join(lines)) as file:
        return exported(file, Format.TEXT).files


def test_a_line_is_a_file(make: Make) -> None:
    found = files(
        make,
        answer("a", "one ", {"type": "thinking", "thinking": "x"}, "zwö\r\n\x1b[2J"),
        failure("b", "overloaded_error", "Overloaded"),
        line("c", "expired"),
        b"garbage",
        answer("d"),
    )
    assert found == {
        "a.txt": "one zwö\r\n\x1b[2J".encode(),
        "b.errored.txt": b"overloaded_error: Overloaded\n",
        "c.expired.txt": b"",
        "line-4.unreadable.txt": b"not JSON",
        "d.txt": b"",
    }


def test_an_answer_without_text_is_json(make: Make) -> None:
    tool = {"type": "tool_use", "id": "1", "name": "look", "input": {"a": 1}}
    found = files(make, answer("a", tool, {"type": "odd", "x": 1}))
    assert json.loads(found["a.txt"]) == [tool, {"type": "odd", "x": 1}]


def test_names_that_are_the_same_are_told_apart(make: Make) -> None:
    lines = [answer(name, name) for name in ("a", "A", "a", "a-2", "a/", "a?", "a_")]
    found = files(make, *lines)
    assert list(found) == [
        *("a.txt", "A-2.txt", "a-3.txt", "a-2-2.txt", "a_.txt", "a_-2.txt", "a_-3.txt")
    ]


@pytest.mark.parametrize(
    ("custom_id", "stem"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\x", "C__x"),
        ("..", ""),
        (".hidden", "hidden"),
        ("con", "_con"),
        ("NUL.x", "_NUL.x"),
        ("com1", "_com1"),
        ("console", "console"),
        ("-rf", "_-rf"),
        ("a b\x00\x1b[2J\n", "a_b___2J_"),
        ("über", "_ber"),
        ("x" * 5000, "x" * 120),
        ("a.", "a"),
        ("\ud800", "_"),
        ("eval-case_1.2", "eval-case_1.2"),
    ],
)
def test_names_are_safe(custom_id: str, stem: str) -> None:
    assert safe_stem(custom_id) == stem


@given(st.lists(st.text() | st.sampled_from(["a", "A", "a-2", "con", "..", "/"])))
def test_names_are_plain_and_never_the_same(custom_ids: list[str]) -> None:
    names = Names()
    given = [names.take(safe_stem(each) or "line-1", ".txt") for each in custom_ids]
    assert len({name.lower() for name in given}) == len(given)
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.txt", name) for name in given)
    assert all(len(name) < 200 for name in given)


def test_very_many_of_one_name_take_no_longer(make: Make) -> None:
    names = Names()
    given = [names.take("a", ".txt") for _ in range(50_000)]
    assert given[-1] == "a-50000.txt"


def test_types_nobody_knows_are_part_of_safe_names(make: Make) -> None:
    assert list(files(make, line("a", "../x" + "y" * 99))) == ["a..._x" + "y" * 16 + ".txt"]


def test_deep_nesting_is_no_end(make: Make) -> None:
    assert files(make, deep(10_000)) == {"deep.unreadable.txt": b"nested too deeply to read"}
    assert files(make, deep(900)).keys() <= {"deep.txt", "deep.unreadable.txt"}
