"""What is exported here is the same there, whatever it is."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.account.import_file import read_items
from batchtui.account.import_line import Item
from batchtui.cli.json_lines import json_line
from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Record, decode_batch
from batchtui.history.history import History
from batchtui.history.taking_in import Arrival

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACCOUNT = AccountKey("https://api.anthropic.com", "", "abc")

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
moments = st.integers(0, 10**14).map(lambda micros: NOW - timedelta(microseconds=micros))
counts = st.integers(0, 2**40)


@st.composite
def stored(draw: st.DrawFn) -> tuple[Record, bytes]:
    created = draw(moments)
    body = msgspec.json.encode(
        {
            "id": "msgbatch_" + draw(st.text("abcXYZ019", min_size=1, max_size=20)),
            "processing_status": draw(st.sampled_from(["ended", "in_progress", "of tomorrow"])),
            "request_counts": {"succeeded": draw(counts), "errored": draw(counts)},
            "created_at": created,
            "tomorrow": draw(st.dictionaries(words, words | st.integers(0, 2**70), max_size=3)),
        }
    )
    first, last = sorted([draw(moments), draw(moments)])
    record = Record(
        decode_batch(body),
        first,
        last,
        deleted_at=draw(st.none() | moments),
        gone_at=draw(st.none() | moments),
        label=draw(words),
        note=draw(words),
        pinned=draw(st.booleans()),
        request_file=draw(st.sampled_from(["", "/data/requests.jsonl"])),
    )
    return record, body


@settings(max_examples=50)
@given(st.lists(stored(), max_size=5, unique_by=lambda each: each[0].id))
def test_what_is_exported_comes_back(known: list[tuple[Record, bytes]]) -> None:
    lines = b"".join(json_line(record, body, NOW) + b"\n" for record, body in known)
    arrivals: list[Arrival] = []
    for item in read_items(io.BytesIO(lines), "history.jsonl") if lines else ():
        assert isinstance(item, Item), item
        assert item.arrival is not None
        arrivals.append(item.arrival)
    history = History.in_memory(ACCOUNT, now=NOW)
    try:
        history.take_in(arrivals, at=NOW)
        there = {record.id: (record, body) for record, body in history.records_with_bodies()}
        assert there == {record.id: (record, body) for record, body in known}
        again = history.take_in(arrivals, at=NOW)
        assert all(each.before == each.after and not each.kept for each in again)
    finally:
        history.close()
