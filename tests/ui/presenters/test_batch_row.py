from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.forecast import Past
from batchtui.domain.pricing import Cost
from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.batch_columns import OWN
from batchtui.ui.presenters.batch_row import batch_cells
from batchtui.ui.presenters.facts import Subject
from batchtui.ui.presenters.state import LOOKS, look, mark
from batchtui.ui.widgets.columns import arrange

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PAST = Past([(20_000, 60.0 * minutes) for minutes in range(10, 55)])

tallies = st.one_of(st.just(0), st.integers(0, 100_000))
moments = st.datetimes(
    datetime(2026, 10, 1), datetime(2026, 12, 1), timezones=st.just(UTC)
)  # fmt: skip
maybe = st.none() | moments
batches = st.builds(
    Batch,
    id=st.text(min_size=1, max_size=60),
    processing_status=st.sampled_from(["in_progress", "canceling", "ended", "\x1b[2J"]),
    request_counts=st.builds(RequestCounts, tallies, tallies, tallies, tallies, tallies),
    created_at=moments,
    expires_at=maybe,
    ended_at=maybe,
    cancel_initiated_at=maybe,
    archived_at=maybe,
    results_url=st.none() | st.just("https://x"),
)
records = st.builds(
    Record,
    batch=batches,
    first_seen_at=moments,
    last_seen_at=moments,
    deleted_at=maybe,
    gone_at=maybe,
    label=st.text(max_size=60),
    note=st.text(max_size=60),
    pinned=st.booleans(),
    results_here=st.booleans(),
)


def record(
    status: str = "ended",
    counts: RequestCounts = RequestCounts(succeeded=50),  # noqa: B008
    age: timedelta = timedelta(hours=1),
    **known: object,
) -> Record:
    created = NOW - age
    url = "https://x" if status == "ended" else None
    batch = Batch("msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d", status, counts, created, results_url=url)
    return msgspec.structs.replace(Record(batch, created, NOW), **known)


def row(shown: Record, width: int = 115, *, cost: Cost | None = None) -> dict[str, str]:
    widths = {placed.column.id: placed.width for placed in arrange(OWN, width)}
    forecast = None
    if shown.running:
        counts = shown.batch.request_counts
        forecast = PAST.forecast(counts.total, shown.batch.elapsed(NOW).total_seconds())
    cells = batch_cells(Subject(shown, NOW, forecast, cost=cost), widths)
    return {name: str(cell) for name, cell in zip(widths, cells, strict=True)}


def test_a_running_batch() -> None:
    cells = row(record("in_progress", RequestCounts(processing=20_000), timedelta(minutes=12)))
    assert cells["state"] == "● running"
    assert cells["age"] == "12m"
    assert cells["progress"].endswith("▱ ~21m left")
    assert cells["requests"] == "20,000"
    assert [cells[name] for name in ("succeeded", "errored", "canceled", "expired")] == ["·"] * 4
    assert cells["next"] == "ends ≤ 23h48m"


def test_an_ended_batch_says_how_it_ended() -> None:
    counts = RequestCounts(succeeded=19_950, errored=50)
    cells = row(record(counts=counts, label="eval-gpqa"))
    assert (cells["state"], cells["name"]) == ("! partial", "eval-gpqa")
    assert cells["progress"].endswith("█▓ 99.7%")
    assert (cells["succeeded"], cells["errored"], cells["canceled"]) == ("19,950", "50", "0")
    assert cells["next"] == "results 28d"


@pytest.mark.parametrize(
    ("cost", "long", "short"),
    [
        (Cost(34.81, priced=20_000), "here $34.81", "here $34.81"),
        (Cost(0.0017, priced=1), "here <$0.01", "here <$0.01"),
        (Cost(0.25, priced=1), "here $0.25", "here $0.25"),
        (Cost(1204.5, priced=90_000), "here $1,204", "here $1,204"),
        (Cost(123_456.0, priced=90_000), "here $123,456", "here"),
        (Cost(34.81, {"a-model": 3}, 20), "here $34.81+", "here"),
        (Cost(4.81, {"a-model": 3}, 20), "here $4.81+", "here $4.81+"),
        (Cost(0.0, {"a-model": 3}), "results here", "here"),
        (Cost(0.0), "results here", "here"),
        (None, "results here", "here"),
    ],
)
def test_what_results_cost_that_are_here(cost: Cost | None, long: str, short: str) -> None:
    kept = record(results_here=True)
    assert row(kept, cost=cost)["next"] == long
    assert row(kept, 75, cost=cost)["next"] == short


def test_narrow() -> None:
    counts = RequestCounts(succeeded=8_000, errored=1_000, expired=200)
    cells = row(record(counts=counts), 75)
    assert cells["bad"] == "1.2k"
    assert "succeeded" not in cells
    assert cells["next"] == "28d"
    assert list(row(record(), 25)) == ["glyph", "name", "next"]


@pytest.mark.parametrize(
    ("shown", "long", "short"),
    [
        (record(results_here=True), "results here", "here"),
        (record(age=timedelta(days=27)), "GONE IN 2d", "GONE IN 2d"),
        (record(age=timedelta(days=31)), "results gone", "gone"),
        (record(deleted_at=NOW), "deleted", "deleted"),
        (record(deleted_at=NOW, results_here=True), "deleted, here", "only here"),
        (record(gone_at=NOW), "not on server", "off server"),
        (record(gone_at=NOW, results_here=True), "only here", "only here"),
        (record("in_progress", age=timedelta(days=2)), "past deadline", "overdue"),
    ],
)
def test_what_comes_next(shown: Record, long: str, short: str) -> None:
    assert row(shown)["next"] == long
    assert row(shown, 75)["next"] == short


def test_no_results_url_no_results() -> None:
    batch = msgspec.structs.replace(record().batch, results_url=None)
    assert row(record(batch=batch))["next"] == "no results"


def test_every_outcome_has_its_own_glyph_and_word() -> None:
    assert len({each.glyph for each in LOOKS.values() if each.glyph != "?"}) == len(LOOKS) - 1
    assert len({each.word for each in LOOKS.values()}) == len(LOOKS)


def test_a_batch_that_is_gone_is_not_running() -> None:
    assert look(record("in_progress", gone_at=NOW)).word == "lost"
    assert look(record(deleted_at=NOW)).word == "succeeded"
    assert mark(record()) == ""
    assert mark(record(deleted_at=NOW)) == "deleted"
    assert mark(record(gone_at=NOW)) == "not on server"


def test_a_pin_is_shown_and_long_ids_are_cut_in_the_middle() -> None:
    assert row(record(pinned=True), 60)["name"].startswith("◆ msg")
    assert "…" in row(record(), 60)["name"]
    assert row(record(), 60)["name"].endswith("8d")


def test_created_in_the_future() -> None:
    shown = record("in_progress", RequestCounts(processing=3), timedelta(minutes=-30))
    assert row(shown)["age"] == "0s"


@given(records, st.integers(1, 260))
def test_any_batch_fits_any_width_and_is_safe(shown: Record, width: int) -> None:
    cells = row(shown, width)
    widths = {placed.column.id: placed.width for placed in arrange(OWN, width)}
    for name, text in cells.items():
        assert not UNSAFE.search(text)
        if name not in ("name", "id"):
            assert len(text) <= widths[name], (name, text)
