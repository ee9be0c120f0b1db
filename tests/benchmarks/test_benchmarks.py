"""The benchmarks run; what they measure is for `make bench` to say."""

from __future__ import annotations

from benchmarks import (
    checking,
    exporting,
    first_paint,
    insight,
    listing,
    retrying,
    searching,
    status,
    submitting,
    watching,
)
from benchmarks.stage import Size

TINY = Size(batches=30, rounds=1, presses=1, idle_seconds=0.1, lines=10, kept_lines=10, ticks=20)


def test_first_paint() -> None:
    (row,) = first_paint.run(TINY)
    assert row.measured > 0
    assert row.ratio


def test_listing() -> None:
    newest, everything, heavy = listing.run(TINY)
    assert newest.ratio
    assert everything.ratio
    assert heavy.met, "Textual or the SDK was imported"


def test_insight() -> None:
    command, whole, longest = insight.run(TINY)
    assert command.ratio
    assert whole.measured >= longest.measured > 0


def test_searching() -> None:
    rows = list(searching.run(TINY))
    assert any(row.name.startswith("search for") for row in rows)
    assert any(row.name.startswith("filter 10 lines") for row in rows)


def test_exporting() -> None:
    csv, jsonl = exporting.run(TINY)
    assert csv.ratio
    assert jsonl.ratio


def test_submitting() -> None:
    first, *_, memory = submitting.run(TINY)
    assert first.ratio
    assert memory.met


def test_retrying() -> None:
    (row,) = retrying.run(TINY)
    assert row.ratio


def test_checking() -> None:
    time, memory = checking.run(TINY)
    assert time.ratio
    assert memory.met


def test_status() -> None:
    default, brief = status.run(TINY)
    assert default.ratio
    assert brief.ratio


def test_watching() -> None:
    cpu, written, requests, computing, memory = watching.run(TINY)
    assert cpu.measured >= 0
    assert written.measured >= 0
    assert requests.met
    assert computing.measured > 0
    assert memory.ratio
