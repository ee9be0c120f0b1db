"""Answers read tolerantly: all that is good in them is kept, and nonsense is named."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.api.replies import Page, read_batch, read_date, read_page
from batchtui.domain.errors import BadReplyError

GOOD = {
    "id": "msgbatch_1",
    "type": "message_batch",
    "processing_status": "ended",
    "request_counts": {"processing": 0, "succeeded": 1, "paused": 2},
    "created_at": "2026-11-01T00:00:00+00:00",
    "news": {"of": ["a", "later", "version"]},
}


def page(*entries: object, **fields: object) -> bytes:
    return json.dumps({"data": entries, **fields}).encode()


@pytest.mark.parametrize(
    "bad",
    [
        None,
        {},
        [],
        "x",
        GOOD | {"id": ""},
        GOOD | {"id": None},
        GOOD | {"created_at": "yesterday"},
        GOOD | {"created_at": "2026-11-01T00:00:00"},
        GOOD | {"request_counts": {"processing": -1}},
        GOOD | {"request_counts": None},
        GOOD | {"processing_status": None},
    ],
)
def test_one_bad_entry_does_not_lose_the_others(bad: object) -> None:
    read = read_page(page(GOOD, bad, GOOD | {"id": "msgbatch_2"}, has_more=True))
    assert [s.batch.id for s in read.sightings] == ["msgbatch_1", "msgbatch_2"]
    assert read.unreadable == 1
    assert (read.first_id, read.last_id, read.has_more) == ("msgbatch_1", "msgbatch_2", True)
    with pytest.raises(BadReplyError):
        read_batch(json.dumps(bad).encode())


def test_an_entry_that_is_not_utf_8_does_not_either() -> None:
    body = page(GOOD, GOOD | {"id": "msgbatch_2"}).replace(b"msgbatch_2", b"\xff\xfe")
    read = read_page(body)
    assert (len(read.sightings), read.unreadable) == (1, 1)


def test_half_a_surrogate_pair_does_not_lose_the_page() -> None:
    odd = GOOD | {"id": "\udc00\ud83d\ude00\ud800", "new": "\\\ud800\\ud800"}
    read = read_page(page(GOOD, odd))
    assert [each.batch.id for each in read.sightings] == ["msgbatch_1", "\ufffd😀\ufffd"]
    assert json.loads(read.sightings[1].body)["new"] == "\\\ufffd\\ud800"
    assert read_batch(json.dumps(odd).encode()).batch.id == "\ufffd😀\ufffd"


def test_unknown_fields_and_states_are_kept() -> None:
    odd = GOOD | {"processing_status": "paused"}
    sighting = read_page(page(odd)).sightings[0]
    assert sighting.batch.processing_status == "paused"
    assert json.loads(sighting.body) == odd


def test_the_servers_own_cursors_win() -> None:
    read = read_page(page(GOOD, first_id="a", last_id="b"))
    assert (read.first_id, read.last_id) == ("a", "b")


json_values = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_a_sentence(body: bytes) -> None:
    for read in (read_page, read_batch):
        with pytest.raises(BadReplyError):
            read(body)


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("Mon, 23 Nov 2026 12:00:00 GMT", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 13:00:00 +0100", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 12:00:00 -0000", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("Mon, 23 Nov 99999 12:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:30:00 -2300", None),
    ],
)
def test_dates_of_answers(header: str, moment: datetime | None) -> None:
    assert read_date(header) == moment


@given(st.text())
def test_any_other_date_is_none(header: str) -> None:
    read_date(header)


@pytest.mark.parametrize(
    ("page", "cursor"),
    [
        (Page((), has_more=True, last_id="b"), "b"),
        (Page((), has_more=False, last_id="b"), None),
        (Page((), has_more=True, last_id="a"), None),
        (Page((), has_more=True), None),
    ],
)
def test_the_list_is_read_on_as_long_as_that_leads_further(page: Page, cursor: str | None) -> None:
    assert page.next_after("a") == cursor
