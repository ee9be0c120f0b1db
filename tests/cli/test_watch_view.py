"""What is shown of what is watched: the block at a terminal, lines, and JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from batchtui.account.watching import Trouble
from batchtui.cli.block import Block
from batchtui.cli.watch_view import JsonLines, Kind, Lines, LinesAboveBlock
from batchtui.cli.watch_words import standing, tally
from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.forecast import Past

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PAST = Past([(10, 1_800.0)] * 9)


def record(number: int, **fields: object) -> Record:
    created = NOON - timedelta(minutes=10)
    counts = RequestCounts(processing=10)
    batch = Batch(f"msgbatch_{number:024}", "in_progress", counts, created)
    return Record(msgspec.structs.replace(batch, **fields), created, NOON)


def ended(number: int, **counts: int) -> Record:
    return record(
        number, processing_status="ended", request_counts=RequestCounts(**counts), ended_at=NOON
    )


TROUBLE = Trouble("UnreachableError", "The API cannot be reached.", NOON + timedelta(seconds=40))


class Shown:
    """A terminal of 60x8 that remembers what was written."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.written: list[str] = []
        block = Block(self.written.append, self.size)
        self.in_front = True
        lines = Lines(self.said.append)
        self.view = LinesAboveBlock(lines, block, self.size, lambda: self.in_front)

    @staticmethod
    def size() -> tuple[int, int]:
        return 60, 8


def test_rows_in_columns_that_fit() -> None:
    shown = Shown()
    shown.view.draw([record(number) for number in range(12)], NOON, PAST)
    lines = "".join(shown.written).splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("msgbatch_0")
    assert "running    ▰▰▰▰▱▱▱▱▱▱▱▱  10m of about" in lines[0]
    assert lines[-1] == "and 8 more"
    assert all(len(line) < 60 for line in lines)


def test_in_the_background_nothing_is_rewritten(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Shown()
    shown.view.draw([record(1)], NOON, PAST)
    written = list(shown.written)
    shown.in_front = False
    shown.view.draw([record(1)], NOON + timedelta(minutes=1), PAST)
    shown.view.row(Kind.WATCHING, record(1), NOON, PAST)
    for _ in range(2):
        shown.view.trouble(TROUBLE, NOON)
    shown.view.row(Kind.ENDED, ended(1, succeeded=10), NOON, PAST)
    assert shown.written == written
    assert "running" in shown.said[0]
    assert "succeeded" in shown.said[-1]
    assert capsys.readouterr().err.count(TROUBLE.why) == 1
    shown.in_front = True
    shown.view.draw([record(2)], NOON, PAST)
    assert "\x1b" not in shown.written[-1]


def test_trouble_stays_in_the_block_as_long_as_it_lasts() -> None:
    shown = Shown()
    shown.view.trouble(TROUBLE, NOON)
    shown.view.draw([record(1)], NOON, PAST)
    assert "The API cannot be reached. Next try at 12:00:40." in shown.written[-1]
    advice = msgspec.structs.replace(TROUBLE, why=TROUBLE.why + " Look at the cable." * 3)
    shown.view.trouble(advice, NOON)
    shown.view.draw([record(number) for number in range(12)], NOON, PAST)
    lines = shown.written[-1].splitlines()
    assert len(lines) == 6
    assert " ".join(lines[-2:]) == f"{advice.why} Next try at 12:00:40."
    shown.view.trouble(None, NOON)
    shown.view.draw([record(1)], NOON, PAST)
    assert "reached" not in shown.written[-1]


def test_what_happens_is_said_above() -> None:
    shown = Shown()
    shown.view.draw([record(1)], NOON, PAST)
    shown.view.row(Kind.WATCHING, record(1), NOON, PAST)
    assert not shown.said
    shown.view.row(Kind.ENDED, ended(1, succeeded=10), NOON, PAST)
    (line,) = shown.said
    assert line.endswith(": succeeded, all 10 requests, after 10m")
    assert shown.written[-1].endswith("\x1b[J")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ended(1, succeeded=9, errored=1), "partial, 9 succeeded, 1 errored, after 10m"),
        (ended(1), "empty, no requests, after 10m"),
        (msgspec.structs.replace(record(1), gone_at=NOON), "no longer on the server; how it"),
    ],
)
def test_how_it_ended(row: Record, words: str) -> None:
    said: list[str] = []
    Lines(said.append).row(Kind.ENDED, row, NOON, PAST)
    assert words in said[0]


def test_how_all_stands() -> None:
    gone = msgspec.structs.replace(record(1), gone_at=NOON)
    rows = [gone, record(2), ended(3, succeeded=4)]
    assert (
        standing(rows) == "1 of 3 batches ended, 1 no longer on the server, 4 of 24 requests done"
    )
    assert tally(rows) == "4 succeeded"
    assert tally([gone]) == "what became of them is not known"


def test_counts_that_move_are_no_line_each_time() -> None:
    said: list[str] = []
    Lines(said.append).row(Kind.COUNTED, record(1), NOON, PAST)
    assert not said


def test_events_as_json() -> None:
    put: list[bytes] = []
    view = JsonLines(put.append)
    view.trouble(None, NOON)
    view.trouble(TROUBLE, NOON)
    view.trouble(None, NOON)
    view.row(Kind.COUNTED, record(1), NOON, PAST)
    view.row(Kind.ENDED, msgspec.structs.replace(record(1), gone_at=NOON), NOON, PAST)
    trouble, recovered, changed, gone = map(json.loads, put)
    assert (trouble["event"], trouble["retry_at"]) == ("trouble", "2026-11-23T12:00:40Z")
    assert recovered == {"event": "recovered", "at": "2026-11-23T12:00:00Z"}
    assert (changed["event"], changed["outcome"]) == ("changed", "running")
    assert (gone["event"], gone["outcome"], gone["all_succeeded"]) == ("ended", "gone", False)
