from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.forecast import Forecast
from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.facts import Subject, pace, usual
from batchtui.ui.presenters.live_panel import panel, panel_titles, tile, tile_titles

BERLIN = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 23, 12, 1, 3, tzinfo=BERLIN)
FORECAST = Forecast(n=23, alike=(10_000, 50_000), low=840, high=3120, end=1860, ended_by_now=0.41)

RUNNING = RequestCounts(processing=20_000)


def subject(
    status: str = "in_progress",
    counts: RequestCounts = RUNNING,
    *,
    age: timedelta = timedelta(minutes=12),
    forecast: Forecast | None = FORECAST,
    observations: tuple[tuple[datetime, RequestCounts], ...] = (),
    ended: datetime | None = None,
    canceled: datetime | None = None,
    **known: object,
) -> Subject:
    created = (NOW - age).astimezone(UTC)
    url = "https://x" if status == "ended" else None
    batch = Batch(
        "msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d",
        status,
        counts,
        created,
        ended_at=ended,
        cancel_initiated_at=canceled,
        results_url=url,
    )
    record = Record(batch, created, NOW.astimezone(UTC), label="nightly-eval")
    return Subject(msgspec.structs.replace(record, **known), NOW, forecast, observations)


def ended(counts: RequestCounts, **known: object) -> Subject:
    return subject("ended", counts, age=timedelta(days=1), ended=NOW - timedelta(hours=3), **known)  # type: ignore[arg-type]


def text(shown: Subject, width: int = 118, height: int = 12) -> str:
    return "\n".join(line.plain.rstrip() for line in panel(shown, width, height))


def test_a_running_batch_in_full() -> None:
    assert text(subject(note="regression suite")).split("\n") == [
        "",
        f" msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d{'created':>34} 11:49 · seen 12:01:03",
        "",
        f" {'▰' * 15}{'▱' * 25}  12m of about 31m",
        " counts come when the whole batch has ended; this bar is time against your past batches",
        "",
        " processing 20,000    succeeded ·         errored ·         canceled ·         expired ·",
        "",
        "",
        f" like these  {'14–52 min (n = 23, 10k–50k requests)':<48}"
        "by now   39% of yours had ended after 12m",
        f" deadline    {'ends by tomorrow 11:49':<48}results  would be kept until 22 Dec 11:49",
        " note        regression suite",
    ]


def test_a_running_batch_in_short() -> None:
    assert text(subject(note="regression suite"), 78, 5).split("\n") == [
        f" {'▰' * 22}{'▱' * 36}  12m of about 31m",
        " 20,000 processing · counts come when the batch ends",
        " ends by tomorrow 11:49 · results would be kept until 22 Dec 11:49",
        " note  regression suite",
        " like these  14–52 min (n = 23, 10k–50k requests)",
    ]


def test_without_a_past() -> None:
    shown = text(subject(forecast=None))
    assert "no past batches of yours to compare with yet" in shown
    assert "time against its deadline" in shown
    assert "12m of at most 24h" in shown


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        (RequestCounts(succeeded=50), "every request was answered"),
        (RequestCounts(succeeded=5, errored=1), "not all requests were answered: 1 errored of 6"),
        (RequestCounts(errored=1200), "not one of 1,200 requests was answered: 1,200 errored"),
        (RequestCounts(5, expired=3), "the deadline came before all was done: 3 expired of 8"),
        (RequestCounts(succeeded=5, canceled=3), "canceled before all was done: 3 canceled of 8"),
        (RequestCounts(), "the batch had no requests"),
    ],
)
def test_outcomes_are_explained(counts: RequestCounts, why: str) -> None:
    for width in (118, 78):
        assert why in text(ended(counts), width)
    assert "took 21h01m" not in text(ended(counts))
    assert "took 21h, ended 09:01" in text(ended(counts))


def test_canceling() -> None:
    shown = text(subject("canceling", canceled=NOW - timedelta(minutes=4)))
    assert "canceling since 11:57" in shown
    assert "requests already running may still succeed" in shown
    assert "like these" not in shown


def test_what_became_of_the_results() -> None:
    counts = RequestCounts(succeeded=5)
    assert "on this disk" in text(ended(counts, results_here=True))
    assert "on the server until 21 Dec 12:01 (28d)" in text(ended(counts))
    assert "gone: the batch was deleted 12:01" in text(ended(counts, deleted_at=NOW))
    assert "gone: not on the server since 12:01" in text(ended(counts, gone_at=NOW))
    archived = msgspec.structs.replace(ended(counts).record.batch, archived_at=NOW)
    assert "gone since 12:01" in text(ended(counts, batch=archived))


def test_a_batch_that_vanished() -> None:
    shown = text(subject(gone_at=NOW))
    assert "was running when last seen 12:01; gone since" in shown
    assert "20,000 processing · when last seen" in text(subject(gone_at=NOW), 78)


def test_clocks_that_differ() -> None:
    shown = text(subject(age=timedelta(minutes=-30)))
    assert "0s of about 31m" in shown
    assert "created 12:31 (clocks differ)" in shown


def test_a_state_not_known_here() -> None:
    assert "calls its state “on_\ufffd[2Jhold”" in text(subject("on_\x1b[2Jhold"))


def test_counts_that_move() -> None:
    counts = RequestCounts(processing=400, succeeded=590, errored=10)
    seen = tuple(
        (NOW - timedelta(minutes=5 - at), RequestCounts(1000 - 20 * at, 20 * at)) for at in range(6)
    )
    shown = subject(counts=counts, observations=seen)
    assert pace(shown) == "20/min"
    for lines in (panel(shown, 118, 12), panel(shown, 78, 6), tile(shown, 58, 7)):
        assert any("rate  " in line.plain and "20/min" in line.plain for line in lines)
        assert any("60%  about 45m left" in line.plain for line in lines)


def test_tile() -> None:
    assert [line.plain.rstrip() for line in tile(subject(), 58, 7)] == [
        "",
        f" {'▰' * 14}{'▱' * 24}  12m of about 31m",
        "",
        " 20,000 processing · counts come when the batch ends",
        " like these  14–52 min (n = 23, 10k–50k requests)",
        " ends by tomorrow 11:49",
    ]


def test_titles() -> None:
    titles = panel_titles(subject(pinned=True), 118)
    assert (str(titles.top), str(titles.top_right)) == ("◆ nightly-eval", "● running 12m")
    assert str(tile_titles(subject(), 58).top_right) == "● 12m"
    lost = panel_titles(subject(gone_at=NOW), 118)
    assert str(lost.top_right).endswith("· not on server")


def test_usual() -> None:
    of_all = msgspec.structs.replace(FORECAST, alike=None, low=30.0, high=9000.0)
    assert usual(of_all) == "30s–2h30m (n = 23, all sizes)"
    many = msgspec.structs.replace(FORECAST, alike=(50_000, None))
    assert usual(many) == "14–52 min (n = 23, 50k requests or more)"


tallies = st.integers(0, 100_000)


@given(
    status=st.sampled_from(["in_progress", "canceling", "ended", "paused"]),
    counts=st.builds(RequestCounts, tallies, tallies, tallies, tallies, tallies),
    minutes=st.integers(-100, 100_000),
    forecast=st.sampled_from([None, FORECAST]),
    label=st.text(max_size=200),
    note=st.text(max_size=200),
    width=st.integers(0, 200),
    height=st.integers(0, 30),
)
def test_any_batch_in_any_room(
    status: str,
    counts: RequestCounts,
    minutes: int,
    forecast: Forecast | None,
    label: str,
    note: str,
    width: int,
    height: int,
) -> None:
    shown = subject(
        status,
        counts,
        age=timedelta(minutes=minutes),
        forecast=forecast,
        label=label,
        note=note,
    )
    for lines in (panel(shown, width, height), tile(shown, width, height)):
        assert len(lines) <= height
        assert not any(UNSAFE.search(line.plain) or "\n" in line.plain for line in lines)
    for titles in (panel_titles(shown, width), tile_titles(shown, width)):
        assert not UNSAFE.search(str(titles.top))
