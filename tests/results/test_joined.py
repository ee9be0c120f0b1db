"""Joined files are like one file with the same lines, whatever is asked of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchtui.domain.errors import ResultsError
from batchtui.domain.pricing import Price, PriceTable
from batchtui.results.billing import Billing
from batchtui.results.export.exporting import Format, export
from batchtui.results.export.pieces import Piece
from batchtui.results.index import Row
from batchtui.results.joined import join
from batchtui.results.opening import open_results_now
from batchtui.results.pattern import Pattern
from batchtui.results.query import By, Filter, Order, select
from batchtui.results.reader import ResultFile
from batchtui.results.search import search
from batchtui.results.slices import now
from batchtui.results.summary import Triage, triage

PRICES = PriceTable("2026-01-01", {"cheap": (Price(1, 2, 3, 4, 5),)}, 10.0)
TOKENS = st.sampled_from([0, 1, 5, 99_990, 150_000, 2**32])
MESSAGES = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["cheap", "new", "(others)"]),
        "stop_reason": st.sampled_from(["end_turn", "max_tokens", "refusal"]),
        "stop_details": st.sampled_from([None, {"type": "refusal", "category": "cyber"}]),
        "content": st.sampled_from([[], [{"type": "text", "text": "a needle"}]]),
        "usage": st.fixed_dictionaries({"input_tokens": TOKENS, "output_tokens": TOKENS}),
    }
)
ERRORS = st.sampled_from(["needle: 5 > 4", "Overloaded"]).map(
    lambda message: {"type": "error", "error": {"type": "api_error", "message": message}}
)
RESULTS = st.one_of(
    st.builds(lambda message: {"type": "succeeded", "message": message}, MESSAGES),
    st.builds(lambda error: {"type": "errored", "error": error}, ERRORS),
    st.sampled_from([{"type": "expired"}, {"type": "martian"}]),
)
LINES = st.one_of(
    st.builds(
        lambda custom_id, result: json.dumps({"custom_id": custom_id, "result": result}).encode(),
        st.sampled_from(["a", "b-10", "b-9", "ü", ""]),
        RESULTS,
    ),
    st.just(b"garbage"),
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\n\n", b""])


class Case(msgspec.Struct):
    """A file: its lines, which of them are wanted, and what stands after the last one."""

    lines: list[bytes]
    wanted: list[int]
    end: bytes
    between: bytes


@st.composite
def cases(draw: st.DrawFn) -> Case:
    lines = draw(st.lists(LINES, max_size=6))
    wanted = draw(st.lists(st.integers(0, 1), min_size=len(lines), max_size=len(lines)))
    return Case(lines, wanted, draw(ENDS), draw(ENDS.filter(bool)))


CASES = st.lists(cases(), max_size=4)
slow = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)


def joined(directory: Path, files: Sequence[Case]) -> ResultFile:
    opened = []
    for number, each in enumerate(files):
        path = directory / f"{number}.jsonl"
        path.write_bytes(each.between.join(each.lines) + each.end)
        opened.append(open_results_now(path))
    found = now(join(opened, [bytes(each.wanted) for each in files]))
    for file in opened:
        file.close()
    return found


def plain(directory: Path, files: Sequence[Case]) -> ResultFile:
    """One file with the lines that are wanted."""
    lines = [
        line
        for each in files
        for line, wanted in zip(each.lines, each.wanted, strict=True)
        if wanted
    ]
    path = directory / "plain.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return open_results_now(path)


def rows(file: ResultFile) -> list[Row]:
    return [file.row(number) for number in range(len(file))]


def at_a_glance(found: Triage) -> dict[str, Any]:
    """What triage says, but for the order of what is equally frequent."""
    fields: dict[str, Any] = msgspec.structs.asdict(found)
    fields["errors"] = sorted(map(repr, found.errors))
    fields["billing"] = billed(found.billing)
    return fields


def billed(billing: Billing) -> list[str]:
    return sorted(map(repr, billing.groups))


def exported(file: ResultFile, format_: Format) -> bytes:
    written: list[bytes] = []

    class Sink:
        def write(self, piece: Piece) -> None:
            written.append(piece.data)

    for _ in export(file, range(len(file)), format_, Sink(), prices=PRICES):
        pass
    return b"".join(written)


ASKED: Sequence[Callable[[ResultFile], object]] = [
    rows,
    lambda file: [file.line(number) for number in range(len(file))],
    lambda file: [file.result(number) for number in range(len(file))],
    lambda file: [file.find(custom_id) for custom_id in ("a", "b-9", "ü", "none")],
    lambda file: at_a_glance(triage(file)),
    lambda file: [list(now(select(file.index, order=Order(by), prices=PRICES))) for by in By],
    lambda file: list(now(select(file.index, Filter.parse("succeeded out>2 !model:cheap b")))),
    lambda file: [
        number for found in search(file, Pattern.compile("needle")) for number in found.hits
    ],
    lambda file: exported(file, Format.JSONL),
    lambda file: exported(file, Format.CSV),
]


@slow
@given(CASES)
def test_joined_files_are_like_one(tmp_path: Path, files: list[Case]) -> None:
    one, other = joined(tmp_path, files), plain(tmp_path, files)
    for asked in ASKED:
        assert asked(one) == asked(other)


def test_blocks_of_bytes_go_on_over_the_ends_of_files(tmp_path: Path) -> None:
    files = [Case([b"one", b"two"], [1, 1], b"", b"\n"), Case([], [], b"\n", b"\n")]
    files.append(Case([b"three"], [1], b"\r\n", b"\n"))
    file = joined(tmp_path, files)
    assert file.read(100, 0) == b"one\ntwo\nthree\n"
    assert file.read_whole(7, 5) == b"wo\nthre"
    assert file.read(3, 7) == b"\nth"
    assert file.read(3, 100) == b""


def test_a_file_that_was_cut_is_not_taken_for_whole(tmp_path: Path) -> None:
    files = [Case([b"one", b"two"], [1, 1], b"\n", b"\n"), Case([b"three"], [1], b"\n", b"\n")]
    file = joined(tmp_path, files)
    (tmp_path / "0.jsonl").write_bytes(b"one")
    assert file.line(0) == b"one"
    assert file.line(2) == b"three"
    with pytest.raises(ResultsError, match="cut short"):
        file.read_whole(13, 0)


def test_a_closed_file_cannot_be_joined(tmp_path: Path) -> None:
    (tmp_path / "closed.jsonl").write_bytes(b"one\n")
    file = open_results_now(tmp_path / "closed.jsonl")
    file.close()
    with pytest.raises(ResultsError, match="closed"):
        now(join([file], [b"\x01"]))


def test_names_have_the_same_numbers_in_all_of_it(tmp_path: Path) -> None:
    def line(custom_id: str, kind: str) -> bytes:
        return json.dumps({"custom_id": custom_id, "result": {"type": kind}}).encode()

    files = [
        Case([line("a", "expired"), line("b", "canceled")], [1, 1], b"\n", b"\n"),
        Case([line("c", "canceled"), line("d", "expired")], [1, 1], b"\n", b"\n"),
    ]
    file = joined(tmp_path, files)
    assert file.tally() == {"expired": 2, "canceled": 2}
    assert list(file.index.rows_of("expired")) == [0, 3]
