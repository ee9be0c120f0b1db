"""What other programs know of batches is read line by line, and bad lines are named."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from batchtui.account.import_file import LONGEST_LINE, Found, Problem, read_items
from batchtui.account.import_line import Item
from batchtui.cli.json_lines import job_line, json_line
from batchtui.domain.batch import Record, decode_batch
from batchtui.domain.errors import UsageError
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.text import UNSAFE
from batchtui.history.taking_in import Arrival

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BODY = msgspec.json.encode(
    {
        "id": "msgbatch_1",
        "type": "message_batch",
        "processing_status": "ended",
        "request_counts": {"succeeded": 1},
        "created_at": NOW,
        "a field of tomorrow": [1, {"batchtui": 12345678901234567890}],
    }
)


def read(data: bytes | str, name: str = "-") -> list[Found]:
    raw = data.encode() if isinstance(data, str) else data
    return list(read_items(io.BytesIO(raw), name))


def arrivals(data: bytes | str, name: str = "-") -> list[Arrival]:
    found = read(data, name)
    assert all(isinstance(each, Item) for each in found), found
    return [each.arrival for each in found if isinstance(each, Item) and each.arrival]


def named(**said: object) -> Arrival:
    return msgspec.convert({"batch_id": "msgbatch_1", **said}, Arrival)


@pytest.mark.parametrize(
    "text",
    [
        "msgbatch_1 evals of today",
        "\n\n  msgbatch_1\tevals of today  \r\n",
        "msgbatch_1,evals of today\n",
        "msgbatch_1 , evals of today",
        "\ufeffmsgbatch_1; evals of today",
        '{"id": "msgbatch_1", "label": "evals of today"}',
        '{"batch_id": "msgbatch_1", "label": " evals of today ", "more": [1]}',
        "id,label\nmsgbatch_1,evals of today\n",
        "\ufeffBatch_ID;Name\r\nmsgbatch_1;evals of today\r\n",
        '"label"\t"id"\n"evals of today"\tmsgbatch_1',
        'label,other,id\n"evals of today",x,msgbatch_1',
    ],
)
def test_ways_to_say_the_same(text: str) -> None:
    assert arrivals(text) == [named(label="evals of today")]


def test_a_table_has_columns_for_all_that_a_person_adds() -> None:
    text = 'id,note,pinned,request_file\nmsgbatch_1,"two\nlines",Yes,/data/r.jsonl\nmsgbatch_2,,,\n'
    first, second = arrivals(text, "batches.csv")
    assert first == named(note="two\nlines", pinned=True, request_file="/data/r.jsonl")
    assert second == Arrival(batch_id="msgbatch_2")


def test_a_heading_of_ids_alone_is_one() -> None:
    assert arrivals("id\nmsgbatch_1\n") == [named()]


def test_an_object_of_the_api_is_taken_to_the_letter() -> None:
    (arrival,) = arrivals(BODY + b"\n")
    assert arrival.sighting
    assert arrival.sighting.body == BODY


def test_what_list_and_export_print_is_read_back_to_the_letter() -> None:
    record = Record(decode_batch(BODY), NOW, NOW, None, NOW, "evals", "v\u202e14", True)
    (arrival,) = arrivals(json_line(record, BODY, NOW, job="a job"))
    assert arrival.sighting
    assert arrival.sighting.body == BODY
    assert (arrival.label, arrival.note, arrival.pinned) == ("evals", "v\u202e14", True)
    assert (arrival.first_seen_at, arrival.gone_at, arrival.deleted_at) == (NOW, NOW, None)


def test_our_field_need_not_be_the_last() -> None:
    moved = b'{"batchtui":{"label":"x"},' + BODY[1:]
    (arrival,) = arrivals(moved)
    assert arrival.label == "x"
    assert arrival.sighting
    assert arrival.sighting.body == BODY


def test_a_job_is_read_back() -> None:
    part = Part(1, 0, 0, 10, 1, 1, 10, b"\xff", state=PartState.CREATED, batch_id="msgbatch_1")
    job = Job(7, "evals", NOW, (Round(0, "/r.jsonl", 10, b"\x00\xff", 1, NOW),), (part,), "n", True)
    (item,) = read(job_line(job))
    assert isinstance(item, Item)
    assert item.job == job


PART = Part(1, 0, 0, 10, 1, 1, 10, state=PartState.CREATED, batch_id="msgbatch_1")
ROUND = Round(0, "/r.jsonl", 10, b"", 1, NOW)


@pytest.mark.parametrize(
    ("rounds", "parts"),
    [
        ([], [PART]),
        ([ROUND, ROUND], [PART]),
        ([ROUND], [PART, PART]),
        ([replace(ROUND, number=1)], [replace(PART, round=1)]),
        ([ROUND], [replace(PART, round=1)]),
        ([ROUND], [PART, replace(PART, number=2)]),
        ([ROUND], [replace(PART, size=2**63)]),
        ([ROUND], [replace(PART, start=-1)]),
        ([ROUND], [replace(PART, batch_id="a b")]),
        ([ROUND], [replace(PART, batch_id="")]),
    ],
)
def test_a_job_that_makes_no_sense(rounds: list[Round], parts: list[Part]) -> None:
    (problem,) = read(job_line(Job(1, "evals", NOW, tuple(rounds), tuple(parts))))
    assert isinstance(problem, Problem)


@pytest.mark.parametrize(
    ("text", "number", "words"),
    [
        ('{"id": "a"}\n{"id": 5}', 2, "not as expected"),
        ('{"id": "a"}\n\n{"label": "x"}', 3, "no id"),
        ('{"id": "a"}\nb', 2, "no JSON object"),
        ('{"id": "a"}\n[]', 2, "no JSON object"),
        ('{"id": "a"}\n' + "[" * 100_000, 2, "no JSON object"),
        ('{"id": "b\\u001b[2J"}', 1, "is not the id"),
        ('{"id": "a b"}', 1, "is not the id"),
        ('{"id": "../../x"}', 1, "is not the id"),
        ('{"id": "' + "a" * 201 + '"}', 1, "more than 200"),
        ('{"id": "a", "label": "' + "a" * 501 + '"}', 1, "label has more than 500"),
        ('{"id": "a", "request_file": "a\\u0000b"}', 1, "no file can have"),
        ('{"id": "a", "processing_status": "ended"}', 1, "no message batch"),
        ('{"batchtui_job": {"name": "x"}}', 1, "job is not as expected"),
        ("id,label\na,b\nc", 3, "values for 2 columns"),
        ("id,pinned\na,perhaps", 2, "neither true nor false"),
        ("a\n\x1b[2J", 2, "is not the id"),
    ],
)
def test_bad_lines_are_named(text: str, number: int, words: str) -> None:
    (problem,) = [each for each in read(text) if isinstance(each, Problem)]
    assert problem.number == number
    assert words in problem.words
    assert not UNSAFE.search(problem.words)


def test_a_line_without_end_is_not_kept() -> None:
    data = b"a\n" + b"x" * (3 * LONGEST_LINE) + b"\nb\n"
    first, problem, last = read(data)
    assert isinstance(problem, Problem)
    assert (problem.number, "longer" in problem.words) == (2, True)
    assert isinstance(first, Item)
    assert isinstance(last, Item)
    assert last.number == 3


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "-", "empty"),
        (b"\n \n", "x.csv", "empty"),
        ("id\n".encode("utf-16"), "-", "UTF-16"),
        (b'[{"id": "a"}]', "x.json", r"jq -c '\.\[\]'"),
        (b'{"data": [{"id": "a"}], "has_more": false}', "-", r"jq -c '\.data\[\]'"),
        (b'{\n  "id": "a"\n}\n', "-", r"jq -c \."),
        (b"name,what\nx,y\n", "x.csv", "No column"),
        (b'id,label\n"x', "x.csv", "quotation mark"),
        (b"id,label,Name\nx,y,z", "-", "Two columns"),
        (b"id,id\nx,y", "-", "Two columns"),
    ],
)
def test_what_is_no_such_file_at_all(data: bytes, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(data, name)


@given(st.binary(max_size=300), st.sampled_from(["-", "x.jsonl", "x.csv", "x.tsv"]))
def test_nothing_foreign_comes_through(data: bytes, name: str) -> None:
    words = ""
    found = []
    try:
        found = read(data, name)
    except UsageError as error:
        words = str(error)
    assert not UNSAFE.search(words)
    for each in found:
        if isinstance(each, Problem):
            assert not UNSAFE.search(each.words)
        elif each.arrival:
            assert each.arrival.batch_id
            assert not UNSAFE.search(each.arrival.batch_id)


@given(
    st.lists(
        st.tuples(st.text("abc_-1", min_size=1), st.text(max_size=20), st.text(max_size=20)),
        max_size=5,
    )
)
def test_json_lines_say_what_was_written(rows: list[tuple[str, str, str]]) -> None:
    lines = [
        msgspec.json.encode({"id": f"b{one}", "label": label, "note": note})
        for one, label, note in rows
    ]
    if lines:
        assert [(each.batch_id, each.label, each.note) for each in arrivals(b"\n".join(lines))] == [
            (f"b{one}", label.strip(), note.strip()) for one, label, note in rows
        ]
