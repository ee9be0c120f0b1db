from __future__ import annotations

import json
from collections import Counter
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.domain import result
from batchtui.domain.pricing import Price, PriceTable
from batchtui.domain.result import Usage, decode_line
from batchtui.results import billing, index, index_file, records
from batchtui.results import builder as builder_module
from batchtui.results.builder import IndexBuilder, SlicedFeed
from batchtui.results.head import message_shape
from batchtui.results.index import Index
from batchtui.results.index_file import Identity
from batchtui.results.records import OTHERS

IDENTITY = Identity(0, bytes(16))


def build(*chunks: bytes) -> IndexBuilder:
    builder = IndexBuilder()
    for chunk in chunks:
        builder.feed(chunk)
    builder.finish()
    return builder


def index_of(*chunks: bytes) -> Index:
    return loaded(build(*chunks))


def encoded(builder: IndexBuilder) -> bytes:
    return b"".join(builder.encode(IDENTITY))


def loaded(builder: IndexBuilder) -> Index:
    found = index_file.decode(encoded(builder), IDENTITY)
    assert found is not None
    return found


def lines_of(found: Index, data: bytes) -> list[bytes]:
    spans = map(found.span, range(len(found)))
    return [data[offset : offset + size] for offset, size in spans]


def line(custom_id: str, kind: str = "canceled", **fields: object) -> bytes:
    return json.dumps({"custom_id": custom_id, "result": {"type": kind, **fields}}).encode()


# What a file may be made of: true lines, lines that are nearly true, and anything else.
COUNTS = st.none() | st.integers(-5, 2**70) | st.floats() | st.just("7")
USAGE: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {},
    optional={
        "input_tokens": COUNTS,
        "output_tokens": COUNTS,
        "cache_read_input_tokens": COUNTS,
        "cache_creation_input_tokens": COUNTS,
        "cache_creation": st.none()
        | st.fixed_dictionaries({}, optional={"ephemeral_1h_input_tokens": COUNTS}),
        "output_tokens_details": st.none() | st.just({"thinking_tokens": 5}) | st.just([]),
        "server_tool_use": st.none() | st.just({"web_search_requests": 3}),
        "inference_geo": st.none() | st.sampled_from(["us", "global", "\ud800", 7]),
    },
)
DETAILS = st.none() | st.fixed_dictionaries(
    {}, optional={"category": st.none() | st.sampled_from(["bio", "cyber", 7])}
)
WORDS = (
    st.none()
    | st.text(max_size=5)
    | st.sampled_from(["end_turn", "refusal", "\ud800"])
    | st.integers()
)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "model": WORDS,
        "stop_reason": WORDS,
        "stop_details": DETAILS | WORDS,
        "usage": USAGE | st.none(),
        "content": WORDS | st.just([]) | st.just([{"type": "odd"}]),
    },
)
ERROR = st.recursive(
    st.fixed_dictionaries({}, optional={"type": WORDS, "message": WORDS}),
    lambda inner: st.fixed_dictionaries({"error": inner | WORDS}, optional={"type": WORDS}),
    max_leaves=3,
)
RESULT = st.fixed_dictionaries(
    {"type": st.sampled_from(["succeeded", "errored", "expired", "odd"]) | WORDS},
    optional={"message": MESSAGE | WORDS, "error": ERROR | WORDS},
)
LINE = st.fixed_dictionaries({"custom_id": WORDS | st.sampled_from("ab"), "result": RESULT})
ENCODED = st.builds(lambda value, escape: json.dumps(value, ensure_ascii=escape).encode(
    "utf-8", "surrogatepass"), LINE, st.booleans())  # fmt: skip
GARBAGE = st.binary(max_size=30) | st.sampled_from(
    [b"", b" \t", b"\xef\xbb\xbf", b"{", b"}", b"[]"]
)
FILE = st.builds(
    lambda parts, ends: b"".join(a + b for a, b in zip(parts, ends, strict=False)),
    st.lists(ENCODED | GARBAGE, max_size=8),
    st.lists(st.sampled_from([b"\n", b"\n", b"\r\n", b"\n\n", b""]), min_size=8, max_size=8),
)


def naive_lines(data: bytes) -> list[bytes]:
    stripped = (part.strip() for part in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    return [part for part in stripped if part]


def shown(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def clamped(usage: Usage) -> list[int]:
    return [min(getattr(usage, name), 2**32 - 1) for name in usage.__struct_fields__]


@settings(max_examples=300)
@given(FILE)
def test_index_says_what_a_naive_reading_says(data: bytes) -> None:
    found = index_of(data)
    assert [part.strip() for part in lines_of(found, data)] == naive_lines(data)
    for number, part in enumerate(naive_lines(data)):
        row, full = found.row(number), decode_line(part)
        message, error = full.message, full.error
        assert (row.number, row.custom_id, row.type) == (number, full.custom_id, shown(full.type))
        assert row.stop_reason == shown(message.stop_reason if message else "")
        assert row.model == shown(message.model if message else "")
        assert row.inference_geo == shown(message.inference_geo if message else "")
        refused = message is not None and message.stop_reason == result.REFUSAL
        details = message.stop_details if message and refused else None
        assert row.stop_category == (details.category if details else "")
        assert row.refused_outright == (message is not None and message.refused_outright)
        assert list(map(int, clamped(row.usage))) == clamped(message.usage if message else Usage())
        assert row.error_type == shown(error.type if error else "")
        assert row.shape == shown(full.problem or message_shape(error.message if error else ""))


PRICES = PriceTable(
    date="",
    models={
        "": (Price(1, 2, 3, 4, 5), Price(10, 20, 30, 40, 50, over_prompt_tokens=100_000)),
        "end_turn": (Price(6, 5, 4, 3, 2), Price(1, 1, 1, 1, 1, over_prompt_tokens=200_000)),
    },
    web_search=10,
    geo_factors={"us": 1.5},
    geo_models=frozenset({""}),
    billed_refusals=frozenset({"bio"}),
)
REFUSED = st.fixed_dictionaries(
    {"custom_id": st.just("r")},
    optional={
        "result": st.fixed_dictionaries(
            {
                "type": st.just("succeeded"),
                "message": st.fixed_dictionaries(
                    {"stop_reason": st.just("refusal"), "model": st.just("end_turn")},
                    optional={
                        "stop_details": DETAILS,
                        "content": st.just([]) | st.just([{"type": "text", "text": "No"}]),
                        "usage": USAGE,
                    },
                ),
            }
        )
    },
).map(lambda value: json.dumps(value).encode())


@given(st.lists(ENCODED | REFUSED, max_size=8), st.integers(1, 3))
def test_what_is_billed_costs_what_its_lines_cost(parts: list[bytes], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_AT_ONCE", at_once)
        found = index_of(b"\n".join(parts))
    rows = [row for row in map(found.row, range(len(found))) if row.type == "succeeded"]
    costs = {row.number: row.cost(PRICES) for row in rows}
    cost = found.billing.cost(PRICES)
    assert cost.usd == pytest.approx(sum(filter(None, costs.values())))
    assert cost.priced == sum(usd is not None for usd in costs.values())
    assert cost.unpriced == Counter(row.model for row in rows if costs[row.number] is None)
    assert found.billing.lines == len(rows)
    for name in Usage.__struct_fields__:
        summed = sum(getattr(row.usage, name) for row in rows)
        assert getattr(found.billing.usage, name) == summed
    for model, part in found.billing.by_model().items():
        assert part.lines == sum(row.model == model for row in rows)
        assert part.cost(PRICES) == found.billing.cost_by_model(PRICES)[model]


def answer(custom_id: str, model: str, **usage: object) -> bytes:
    return line(custom_id, "succeeded", message={"model": model, "usage": usage})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (2**32 - 1, 2**32 - 1),
        (2**32, 2**32 - 1),
        (2**63, 2**32 - 1),
        (2**64, 2**32 - 1),
        (10**40, 2**32 - 1),
        (-1, 0),
        (-(2**70), 0),
        (3.0, 3),
        (3.7, 3),
        (1e300, 0),
        ("7", 0),
        (True, 0),
        (None, 0),
        ([5], 0),
        ({"n": 5}, 0),
    ],
)
def test_counts_that_are_none(given: object, kept: int) -> None:
    found = index_of(answer("a", "m", input_tokens=given, output_tokens=5))
    assert found.row(0).usage == Usage(input_tokens=kept, output_tokens=5)
    assert found.billing.usage == found.row(0).usage


def test_only_so_many_groups_are_billed_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(billing, "MOST_GROUPS", 2)
    lines = [answer(str(number), f"m{number}", output_tokens=1) for number in range(5)]
    found = index_of(b"\n".join(lines))
    assert [(group.model, group.lines) for group in found.billing.groups] == [
        ("m0", 1),
        ("m1", 1),
        (OTHERS, 3),
    ]


def test_a_snapshot_does_not_change_when_more_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_ROOM", 64)
    builder = IndexBuilder()
    snapshots = [builder.snapshot()]
    for number in range(50):
        builder.feed(answer(f"id-{number}", f"m{number}", output_tokens=number) + b"\n")
        snapshots.append(builder.snapshot())
    for lines, found in enumerate(snapshots):
        assert len(found) == len(found.column(index.Column.LENGTH)) == lines
        rows = [found.row(number) for number in range(lines)]
        assert [row.custom_id for row in rows] == [f"id-{number}" for number in range(lines)]
        assert [row.model for row in rows] == [f"m{number}" for number in range(lines)]
        assert found.find(f"id-{lines - 1}") == (lines - 1 if lines else None)
        assert found.find(f"id-{lines}") is None
        assert found.billing.lines == lines
        assert found.billing.usage.output_tokens == sum(range(lines))


@given(FILE, st.lists(st.integers(0, 200), max_size=12))
def test_index_does_not_depend_on_where_chunks_are_cut(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(places)]
    whole, pieces = build(data), build(*chunks)
    assert encoded(pieces) == encoded(whole)
    assert pieces.bytes == whole.bytes == len(data)


def test_offsets_leave_line_breaks_blanks_and_the_byte_order_mark_out() -> None:
    lines = [line("a"), line("b"), b"garbage", line("c")]
    data = b"\xef\xbb\xbf%b\r\n\r\n \n%b\n\n  %b \n%b" % tuple(lines)
    for chunks in ([data], [bytes([octet]) for octet in data]):
        assert [part.strip() for part in lines_of(index_of(*chunks), data)] == lines


def test_a_line_of_megabytes_in_small_chunks() -> None:
    big = line("big", "succeeded", message={"content": "x" * 50_000_000})
    data = line("a") + b"\n" + big + b"\n" + line("z")
    found = index_of(*(data[at : at + 65_536] for at in range(0, len(data), 65_536)))
    assert [found.row(number).custom_id for number in range(3)] == ["a", "big", "z"]
    assert found.row(1).size == len(big)


def test_a_line_too_long_for_memory_is_recorded_and_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(builder_module, "LONGEST_LINE", 100)
    data = line("a") + b"\n" + b"x" * 1000 + b"\n" + line("z")
    found = index_of(*(data[at : at + 30] for at in range(0, len(data), 30)))
    assert lines_of(found, data) == data.split(b"\n")
    assert (found.row(1).type, found.row(1).shape) == ("unreadable", result.TOO_LONG)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\n?"])
@pytest.mark.parametrize(("size", "kept"), [(99, True), (100, True), (101, False), (102, False)])
def test_what_a_line_may_have_at_most(
    monkeypatch: pytest.MonkeyPatch, size: int, kept: bool, ending: bytes
) -> None:
    monkeypatch.setattr(builder_module, "LONGEST_LINE", 100)
    data = line("x" * (size - len(line("")))) + ending
    builder = IndexBuilder()
    for at in range(0, len(data), 30):
        builder.feed(data[at : at + 30])
    assert builder.finish() is (ending == b"\n?" or (not kept and not ending))
    found = builder.snapshot()
    assert lines_of(found, data) == data.splitlines()
    assert (found.row(0).type == "canceled") is kept


@pytest.mark.parametrize(
    ("tail", "cut"),
    [
        (b"", False),
        (b"\n", False),
        (b"  ", False),
        (line("z"), False),
        (line("z")[:-1], True),
        (b"garbage", True),
        (b"garbage\n", False),
        (b'{"a":1}', False),
        (b'{"a":%b1%b}' % (b'{"b":' * 50_000, b"}" * 50_000), False),
        (b'{"a":%b1%b' % (b'{"b":' * 50_000, b"}" * 50_000), True),
        (b'{"a":%b"}' % (b'{"b":' * 50_000), True),
    ],
)
def test_the_end_of_a_file_is_told_from_a_cut(tail: bytes, cut: bool) -> None:
    builder = IndexBuilder()
    builder.feed(line("a") + b"\n" + tail)
    assert builder.finish() is cut


def test_lines_that_repeat_a_custom_id_are_noted() -> None:
    found = index_of(b"\n".join([line("a"), line("b"), line("a"), b"?", b"?", line("a")]))
    assert list(found.duplicates()) == [2, 5]


def test_names_without_number_are_told_apart_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_WORDS", 4)
    kinds = ["one", "two", "three", "four"]
    found = index_of(b"\n".join(line("a", kind) for kind in kinds))
    assert [found.row(number).type for number in range(4)] == ["one", "two", OTHERS, OTHERS]


def test_long_names_are_cut() -> None:
    assert index_of(line("a", "x" * 10_000)).row(0).type == "x" * 200


def test_slices_stop_when_their_time_is_up() -> None:
    """With a clock that moves one millisecond at each look, a long chunk takes several slices."""
    ticks = count()
    builder = IndexBuilder()
    slices = SlicedFeed(builder, clock=lambda: next(ticks) / 1000)
    data = b"\n".join(line(str(number)) for number in range(2000))
    fed = [builder.bytes for _ in slices.feed(data)]
    assert len(fed) > 5
    builder.finish()
    assert len(builder) == 2000
    assert encoded(builder) == encoded(build(data))


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        (
            "max_tokens: 100000 > 64,000, which is the maximum",
            "max_tokens: N > N, which is the maximum",
        ),
        ("messages.12.content.3.text: Field required", "messages.N.content.N.text: Field required"),
        (
            "custom_id's must be unique. Duplicate custom_id found: 'dup'",
            "custom_id's must be unique. Duplicate custom_id found: …",
        ),
        ('model: "a b" and `c`', "model: … and …"),
        ("see req_011CSHoEeqs5C35K2UUqR7Fy please", "see … please"),
        ("file 123e4567-e89b-12d3-a456-426614174000 gone", "file … gone"),
        ("two\n lines", "two lines"),
        ("", ""),
    ],
)
def test_shape_is_what_messages_have_in_common(message: str, shape: str) -> None:
    assert message_shape(message) == shape
