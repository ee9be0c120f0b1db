"""The benchmarks run; what they measure is for `make bench` to say."""

from __future__ import annotations

from itertools import islice

from benchmarks import (
    answers,
    checking,
    early_keys,
    exporting,
    first_paint,
    home,
    insight,
    listing,
    results,
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


def test_early_keys() -> None:
    usual, slowest = early_keys.run(TINY)
    assert slowest.measured >= usual.measured > 0


def test_home() -> None:
    cpu, left_alone, moved, changed = home.run(TINY)
    assert cpu.measured >= 0
    assert left_alone.measured >= 0
    assert 0 < moved.measured < 10_000
    assert 0 < changed.measured < 10_000


def test_results() -> None:
    fetched, decoded, opened = results.run(TINY)
    assert fetched.ratio
    assert decoded.ratio
    assert opened.measured > 0


def test_answers() -> None:
    """But for the memory at the end, which takes long whatever the size."""
    rows = list(islice(answers.run(TINY), 7))
    assert [row.name for row in rows][3:6] == [
        "    page down, 95th percentile",
        "    sorted by another column, the slowest",
        "    filtered, the slowest",
    ]
    assert all(row.measured > 0 for row in rows)


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
