"""A job's results as one: the best answers of all rounds, and what is missing by its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui.account.merging import Absence, Merged, Missing, open_job, standing_words
from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.errors import ResultsError
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.results.store import ResultStore

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
GOOD, SHORT, EXPIRED = "end_turn", "max_tokens", "expired"


def record(batch_id: str, status: str = "ended", *, age: timedelta = timedelta(hours=1)) -> Record:
    batch = Batch(
        batch_id,
        status,
        RequestCounts(succeeded=3),
        NOW - age,
        results_url="/results" if status == "ended" else None,
    )
    return Record(batch, NOW, NOW)


def part(
    number: int, batch_id: str = "", *, of: int = 0, state: PartState = PartState.PLANNED
) -> Part:
    state = PartState.CREATED if batch_id else state
    return Part(number, of, 0, 1, 1, 3, 1, state=state, batch_id=batch_id)


def job(*parts: Part) -> Job:
    numbers = sorted({each.round for each in parts})
    sizes = [3 * sum(each.round == number for each in parts) for number in numbers]
    rounds = [Round(number, "/r.jsonl", 1, b"", sizes[number], NOW) for number in numbers]
    return Job(7, "tickets", NOW, tuple(rounds), parts)


def line(custom_id: str, how: str) -> bytes:
    result: dict[str, object] = {"type": how}
    if how in (GOOD, SHORT):
        result = {"type": "succeeded", "message": {"stop_reason": how}}
    return json.dumps({"custom_id": custom_id, "result": result}).encode() + b"\n"


class Shelf:
    """Result files on a disk, and what is known of their batches."""

    def __init__(self, directory: Path) -> None:
        self.store = ResultStore(directory)
        self.records: dict[str, Record] = {}

    def put(self, batch_id: str, lines: Mapping[str, str]) -> None:
        self.records[batch_id] = record(batch_id)
        data = b"".join(line(*each) for each in lines.items())
        self.store.path(batch_id).write_bytes(data)

    def open(self, wanted: Job) -> Merged:
        return open_job(wanted, self.store, self.records, at=NOW)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def ids(merged: Merged) -> list[str]:
    return [merged.file.row(number).custom_id for number in range(len(merged.file))]


def test_every_request_has_its_best_answer_of_all_rounds(shelf: Shelf) -> None:
    shelf.put("one", {"a": GOOD, "b": EXPIRED, "c": SHORT})
    shelf.put("two", {"d": GOOD, "e": EXPIRED, "f": GOOD})
    shelf.put("again", {"b": GOOD, "c": EXPIRED, "e": SHORT})
    merged = shelf.open(job(part(1, "one"), part(2, "two"), part(3, "again", of=1)))
    assert ids(merged) == ["a", "c", "d", "f", "b", "e"]
    origins = [merged.origin(number).batch_id for number in range(6)]
    assert origins == ["one", "one", "two", "two", "again", "again"]
    assert [(each.number, each.left) for each in merged.rounds] == [(0, 3), (1, 2)]
    assert (merged.requests, merged.answered, merged.unanswered, merged.left) == (6, 6, 0, 2)
    assert merged.missing == ()
    assert standing_words(merged) == ["2 of 6 requests have no good answer"]


def test_what_is_not_here_is_named_by_its_reason(shelf: Shelf) -> None:
    shelf.put("here", {"a": GOOD, "b": GOOD})
    shelf.records["runs"] = record("runs", "in_progress")
    shelf.records["waits"] = record("waits")
    shelf.records["old"] = record("old", age=timedelta(days=40))
    merged = shelf.open(
        job(
            part(1, "here"),
            part(2, "runs"),
            part(3, "waits"),
            part(4, "old"),
            part(5, "unheard-of"),
            part(6),
            part(7, state=PartState.UNKNOWN),
            part(8, state=PartState.SENDING),
        )
    )
    assert merged.missing == (
        Missing(Absence.NO_LINE, 1, ("here",)),
        Missing(Absence.RUNNING, 3, ("runs",)),
        Missing(Absence.AVAILABLE, 6, ("waits", "unheard-of")),
        Missing(Absence.GONE, 3, ("old",)),
        Missing(Absence.UNSENT, 3),
        Missing(Absence.IN_DOUBT, 6),
    )
    assert sum(each.requests for each in merged.missing) == merged.unanswered == 22
    assert merged.missing[2].words == "6 in batches whose results are not fetched"
    assert standing_words(merged)[0] == "1 of 8 batches is here"


def test_a_round_that_is_not_here_takes_nothing_away(shelf: Shelf) -> None:
    shelf.put("one", {"a": GOOD, "b": EXPIRED, "c": SHORT})
    shelf.records["again"] = record("again", "in_progress")
    merged = shelf.open(job(part(1, "one"), part(2, "again", of=1)))
    assert ids(merged) == ["a", "b", "c"]
    assert merged.unanswered == 0
    assert [each.left for each in merged.rounds] == [2, 2]
    assert merged.rounds[1].missing == (Missing(Absence.RUNNING, 3, ("again",)),)


def test_a_job_without_results_has_none(shelf: Shelf) -> None:
    merged = shelf.open(job(part(1)))
    assert len(merged.file) == 0
    assert (merged.here, merged.answered, merged.left) == (0, 0, 3)


def test_a_file_that_cannot_be_read_is_said(shelf: Shelf) -> None:
    shelf.store.path("one").mkdir()
    with pytest.raises(ResultsError):
        shelf.open(job(part(1, "one")))
