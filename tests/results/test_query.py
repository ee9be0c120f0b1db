from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.domain.pricing import Price, PriceTable
from batchtui.domain.result import UNREADABLE
from batchtui.results import index_file, order, query
from batchtui.results.builder import IndexBuilder
from batchtui.results.index import Index, Row
from batchtui.results.index_file import Identity
from batchtui.results.pattern import fold
from batchtui.results.query import By, Filter, Order, Range, select
from batchtui.results.slices import now

PRICES = PriceTable(
    "2026-01-01",
    {
        "cheap": (Price(1, 2, 3, 4, 5),),
        "long": (Price(1, 2, 3, 4, 5), Price(2, 4, 6, 8, 10, over_prompt_tokens=200_000)),
    },
    10.0,
    {"us": 1.1},
    frozenset({"cheap"}),
)


def index_of(lines: Sequence[object]) -> Index:
    builder = IndexBuilder()
    builder.feed(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    builder.finish()
    identity = Identity(0, bytes(16))
    found = index_file.decode(b"".join(builder.encode(identity)), identity)
    assert found is not None
    return found


def result(custom_id: str, kind: str, **fields: object) -> dict[str, object]:
    return {"custom_id": custom_id, "result": {"type": kind, **fields}}


TOKENS = st.sampled_from([0, 1, 5, 5, 99_990, 150_000, 200_000, 2**32])
IDS = st.text("aB0129-éÉ\xff", max_size=6) | st.sampled_from(["req-9", "req-10", "", "\ud800"])
MESSAGE = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["cheap", "long", "unheard of"]),
        "stop_reason": st.sampled_from(["end_turn", "max_tokens", "refusal"]),
        "usage": st.fixed_dictionaries(
            {"input_tokens": TOKENS, "output_tokens": TOKENS},
            optional={
                "cache_read_input_tokens": TOKENS,
                "cache_creation_input_tokens": TOKENS,
                "inference_geo": st.sampled_from(["us", "global"]),
                "server_tool_use": st.just({"web_search_requests": 2}),
            },
        ),
    }
)
ERROR = st.builds(
    lambda kind, message: {"type": "error", "error": {"type": kind, "message": message}},
    st.sampled_from(["api_error", "invalid_request_error"]),
    st.sampled_from(["Overloaded", "a: 5 > 4"]),
)
LINE: st.SearchStrategy[object] = st.one_of(
    st.builds(
        lambda custom_id, message: result(custom_id, "succeeded", message=message), IDS, MESSAGE
    ),
    st.builds(lambda custom_id, error: result(custom_id, "errored", error=error), IDS, ERROR),
    st.builds(result, IDS, st.sampled_from(["expired", "canceled", "new"])),
    st.just([]),
)
INDEXES = st.lists(LINE, max_size=30).map(index_of)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "_STEP", 7)
    monkeypatch.setattr(query, "_RUN", 3)
    monkeypatch.setattr(order, "_STEP", 5)


def rows(index: Index) -> list[Row]:
    return [index.row(number) for number in range(len(index))]


# Naive readings

VALUES: dict[By, Callable[[Row], Any]] = {
    By.LINE: lambda row: row.number,
    By.CUSTOM_ID: lambda row: natural(row.custom_id) or None,
    By.TYPE: lambda row: {
        "succeeded": 0,
        "errored": 1,
        "canceled": 2,
        "expired": 3,
        UNREADABLE: 5,
    }.get(row.type, 4),
    By.STOP: lambda row: row.stop_reason or row.error_type or None,
    By.INPUT: lambda row: row.usage.total_input_tokens if row.type == "succeeded" else None,
    By.OUTPUT: lambda row: row.usage.output_tokens if row.type == "succeeded" else None,
    By.COST: lambda row: cost(row),
    By.MODEL: lambda row: row.model or None,
    By.SIZE: lambda row: row.size,
}


def natural(custom_id: str) -> list[tuple[int, int, bytes]]:
    """Numbers as numbers; they stand where digits do in the order of bytes."""
    parts = re.findall(rb"\d+|[^\d]", custom_id.encode("utf-8", "surrogatepass"), re.DOTALL)
    return [(0x30, int(part), b"") if part.isdigit() else (part[0], 0, part) for part in parts]


def cost(row: Row) -> float | None:
    usd = row.cost(PRICES) if row.type == "succeeded" else None
    return None if usd is None else round(usd, 9)


def ordered(numbers: list[int], index: Index, order: Order) -> list[int]:
    value = VALUES[order.by]
    there = [number for number in numbers if value(index.row(number)) is not None]
    there.sort(key=lambda number: value(index.row(number)), reverse=order.reverse)
    absent = [number for number in numbers if value(index.row(number)) is None]
    return there + absent


def has_name(name: str, wanted: frozenset[str], names: Sequence[str]) -> bool:
    parts = [each.lower() for each in wanted if each not in names]
    return not wanted or name in wanted or any(part in name.lower() for part in parts)


def within(row: Row, count: int, bounds: Range) -> bool:
    if not bounds:
        return True
    least = bounds.least is None or count >= bounds.least
    most = bounds.most is None or count <= bounds.most
    return row.type == "succeeded" and least and most


def has_part(custom_id: str, part: str) -> bool:
    if part == part.lower():
        return fold(part) in fold(custom_id)
    return part in custom_id


def passes(row: Row, asked: Filter, index: Index) -> bool:
    words, shapes = index.names.words, index.names.shapes
    return (
        has_name(row.type, asked.types, words)
        and has_name(row.stop_reason, asked.stop_reasons, words)
        and has_name(row.error_type, asked.error_types, words)
        and has_name(row.model, asked.models, words)
        and has_name(row.shape, asked.shapes, shapes)
        and within(row, row.usage.total_input_tokens, asked.input_tokens)
        and within(row, row.usage.output_tokens, asked.output_tokens)
        and all(has_part(row.custom_id, part) for part in asked.custom_id.split())
        and not any(passes(row, other, index) for other in asked.without)
    )


ORDERS = st.builds(Order, st.sampled_from(By), st.booleans())
WORDS = [
    *("errored", "succeeded", "type:new", "unreadable", "stop:max", "stop:end_turn", "error:API"),
    *("error:nothing_like_it", "model:long", "model:e", 'shape:""', "shape:over"),
    *("in>5", "in<100k", "out<=1", "out=5", "a", "B", "é", "9"),
]
FILTERS = (
    st.lists(st.sampled_from([*WORDS, *("!" + word for word in WORDS)]), max_size=3)
    .map(" ".join)
    .map(Filter.parse)
)


@settings(deadline=None)
@given(INDEXES, FILTERS, ORDERS, st.data())
def test_lines_are_chosen_and_ordered_as_by_reading_them_one_by_one(
    index: Index, asked: Filter, order: Order, data: st.DataObject
) -> None:
    numbers = list(range(len(index)))
    among = data.draw(st.none() | st.lists(st.sampled_from(numbers)) if numbers else st.none())
    expected = [row.number for row in rows(index) if passes(row, asked, index)]
    if among is not None:
        expected = [number for number in expected if number in among]
    found = now(select(index, asked, order, prices=PRICES, among=among))
    assert list(found) == ordered(expected, index, order)


def test_everything_is_a_range() -> None:
    index = index_of([result(str(number), "expired") for number in range(20)])
    assert now(select(index)) == range(20)
    assert now(select(index, order=Order(reverse=True))) == range(19, -1, -1)


def test_custom_ids_are_ordered_with_their_numbers_as_numbers() -> None:
    ids = ["req-10", "req-9", "", "req-09", "b2", "b10", f"b{10**30}", f"b{10**29}", "b", "B"]
    index = index_of([result(custom_id, "expired") for custom_id in ids])
    found = now(select(index, order=Order(By.CUSTOM_ID)))
    expected = ["B", "b", "b2", "b10", f"b{10**29}", f"b{10**30}", "req-9", "req-09", "req-10", ""]
    assert [ids[number] for number in found] == expected


def test_without_prices_no_line_has_a_cost() -> None:
    message = {"model": "cheap", "usage": {"input_tokens": 5}}
    index = index_of([result(str(number), "succeeded", message=message) for number in range(9)])
    assert list(now(select(index, order=Order(By.COST, reverse=True)))) == list(range(9))


def test_orders_follow_one_another_in_a_circle() -> None:
    seen = [Order(By.LINE, reverse=True)]
    for _ in By:
        seen.append(seen[-1].next)
    assert [each.by for each in seen] == [*By, By.LINE]
    assert not any(each.reverse for each in seen[1:])


@pytest.mark.parametrize("by", By)
def test_work_is_done_in_steps(by: By) -> None:
    index = index_of([result(str(number), "expired") for number in range(100)])
    steps = list(select(index, Filter.parse("expired"), Order(by)))
    assert len(steps) >= 100 / 7
