"""A job as a row, as a panel and as a tile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.forecast import Past, last_to_end
from batchtui.domain.happening import end_of
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.job_record import JobRecord, job_record
from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.batch_columns import OWN
from batchtui.ui.presenters.batch_row import batch_cells
from batchtui.ui.presenters.facts import Subject
from batchtui.ui.presenters.live_panel import panel, panel_titles, tile, tile_titles
from batchtui.ui.presenters.notices import copied_notice, happened_notice
from batchtui.ui.widgets.columns import arrange

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PAST = Past([(100_000, 60.0 * minutes) for minutes in range(10, 55)])
AGE = timedelta(minutes=20)


def running(batch_id: str, age: timedelta = AGE, status: str = "in_progress") -> Record:
    batch = Batch(batch_id, status, RequestCounts(processing=100_000), NOW - age)
    return Record(batch, NOW, NOW)


def ended(batch_id: str, *, succeeded: int = 99_871, errored: int = 129) -> Record:
    counts = RequestCounts(succeeded=succeeded, errored=errored)
    batch = Batch(batch_id, "ended", counts, NOW - AGE, ended_at=NOW, results_url="u")
    return Record(batch, NOW, NOW)


def job(
    *members: Record,
    unsent: int = 0,
    sending: bool = False,
    state: PartState = PartState.PLANNED,
    name: str = "tickets-fr",
) -> JobRecord:
    parts = [
        Part(number, 0, 0, 1, 1, 100_000, 1, state=PartState.CREATED, batch_id=each.id)
        for number, each in enumerate(members, 1)
    ]
    parts += [Part(len(parts) + 1 + at, 0, 0, 1, 1, 50_000, 1, state=state) for at in range(unsent)]
    first = Round(0, "/data/tickets.jsonl", 1, b"", 250_000, NOW)
    made = Job(7, name, NOW - AGE, (first,), tuple(parts))
    return job_record(made, {each.id: each for each in members}, sending=sending)


def subject(of: JobRecord) -> Subject:
    last, forecast = last_to_end(of.in_progress, PAST, NOW) or (None, None)
    return Subject(of, NOW, forecast, last=last)


def row(of: JobRecord, width: int = 115, *, opened: bool = False) -> dict[str, str]:
    widths = {placed.column.id: placed.width for placed in arrange(OWN, width)}
    cells = batch_cells(subject(of), widths, opened=opened)
    return {name: str(cell) for name, cell in zip(widths, cells, strict=True)}


def text(of: JobRecord, width: int = 118, height: int = 12) -> str:
    return "\n".join(line.plain.rstrip() for line in panel(subject(of), width, height))


def test_while_none_has_ended_time_passes_as_for_the_last_batch() -> None:
    cells = row(job(running("a"), running("b", timedelta(minutes=5))))
    assert cells["name"] == "▸ tickets-fr (2 batches)"
    assert cells["state"] == "● running"
    assert cells["progress"].endswith("~27m left")
    assert (cells["requests"], cells["succeeded"]) == ("200,000", "·")
    assert cells["next"] == "ends ≤ 23h40m"


def test_once_one_has_ended_its_counts_are_told() -> None:
    of = job(ended("a"), running("b"), running("c", timedelta(minutes=5)))
    cells = row(of)
    assert cells["progress"].endswith("1 of 3 ended")
    assert (cells["succeeded"], cells["errored"]) == ("99,871", "129")
    narrow = row(of, 75)
    assert narrow["name"] == "▸ tickets-fr (3)"
    assert narrow["progress"].endswith("1/3")
    shown = text(of)
    assert "/data/tickets.jsonl" in shown
    assert "1 of 3 batches ended, about 27m left" in shown
    assert "1 of 3 ended, 2 running" in shown
    assert "░ in batches that have not ended" in shown


@pytest.mark.parametrize(
    ("state", "sending", "word", "why"),
    [
        (PartState.PLANNED, False, "‖ stopped", "interrupted: the rest was not sent"),
        (PartState.PLANNED, True, "↑ sending", "as the API takes them"),
        (PartState.SENDING, True, "↑ sending", "as the API takes them"),
        (PartState.SENDING, False, "? unsure", "whether part 2 became a batch is not known"),
        (PartState.UNKNOWN, True, "? unsure", "whether part 2 became a batch is not known"),
    ],
)
def test_what_is_not_sent_is_told(state: PartState, sending: bool, word: str, why: str) -> None:
    of = job(running("a"), unsent=1, state=state, sending=sending)
    cells = row(of, opened=True)
    assert cells["state"] == word
    assert cells["progress"] == "1 of 2 sent"
    assert cells["name"].startswith("▾ ")
    for width in (118, 78):
        shown = text(of, width)
        assert "1 of 2 batches sent" in shown
        assert why in shown
        assert "1 running, 1 not sent (50,000 requests)" in shown
        assert "150,000" not in shown


def test_a_job_of_which_nothing_was_sent() -> None:
    of = job(unsent=3)
    assert row(of)["next"] == ""
    assert "nothing of it was sent yet · u goes on with it" in text(of)
    assert "nothing of it is running" in text(of)
    lines = "\n".join(line.plain for line in tile(subject(of), 58, 10))
    assert "3 not sent (150,000 requests)" in lines


def test_an_interrupted_job_has_results_that_can_be_fetched() -> None:
    assert row(job(ended("a"), unsent=1))["next"] == "results 28d"


def test_it_is_canceling_when_all_that_runs_is() -> None:
    of = job(ended("a"), running("b", status="canceling"))
    assert row(of)["state"] == "◐ canceling"
    assert "1 of 2 ended, 1 canceling" in text(of)


def test_the_end_of_a_job_is_said_as_that_of_a_batch() -> None:
    done = job(ended("a"), ended("b", succeeded=100_000, errored=0))
    severity, words = happened_notice([end_of(done)])
    assert severity == "warning"
    assert words == "tickets-fr ended: partial, 199,871 of 200,000 succeeded."
    assert happened_notice([end_of(done), end_of(ended("c"))])[1].startswith(
        "2 batches and jobs ended"
    )
    assert copied_notice(done).startswith("The ids of its 2 batches")
    assert copied_notice(job(unsent=1)).startswith("The name of the job")


def test_a_batch_beneath_its_job_is_called_by_its_place() -> None:
    widths = {placed.column.id: placed.width for placed in arrange(OWN, 170)}
    member = msgspec.structs.replace(running("msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d"), label="x 2/3")
    cells = dict(zip(widths, batch_cells(Subject(member, NOW), widths, part="2/3"), strict=True))
    assert str(cells["name"]) == "  2/3  msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d"
    assert str(cells["id"]) == ""


def _live(batch_id: str) -> Record:
    counts = RequestCounts(processing=60_000, succeeded=40_000)
    batch = Batch(batch_id, "in_progress", counts, NOW - AGE)
    return Record(batch, NOW, NOW)


members = st.lists(
    st.sampled_from([running("a"), running("b", status="canceling"), ended("c"), _live("d")]),
    unique_by=lambda each: each.id,
)


@given(
    members=members,
    unsent=st.integers(1, 12),
    sending=st.booleans(),
    state=st.sampled_from([PartState.PLANNED, PartState.SENDING, PartState.UNKNOWN]),
    name=st.text(min_size=1, max_size=200),
    width=st.integers(0, 200),
    height=st.integers(0, 30),
)
def test_any_job_in_any_room(
    members: list[Record],
    unsent: int,
    sending: bool,
    state: PartState,
    name: str,
    width: int,
    height: int,
) -> None:
    of = job(*members, unsent=unsent, sending=sending, state=state, name=name)
    shown = subject(of)
    for lines in (panel(shown, width, height), tile(shown, width, height)):
        assert len(lines) <= height
        assert not any(UNSAFE.search(line.plain) for line in lines)
    panel_titles(shown, width)
    tile_titles(shown, width)
    assert not any(UNSAFE.search(cell) for cell in row(of, max(width, 20)).values())
