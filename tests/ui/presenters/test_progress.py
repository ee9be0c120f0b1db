from __future__ import annotations

from datetime import UTC, datetime, timedelta

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.forecast import Forecast
from batchtui.domain.progress import Observations, Progress, progress, rate, rates, time_left
from batchtui.ui.presenters.bars import progress_bar

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FORECAST = Forecast(
    n=23, alike=(10_000, 50_000), low=840, high=3120, end=1860, ended_by_now=0.41
)  # fmt: skip
LATE = Forecast(n=41, alike=None, low=840, high=3120, end=None, ended_by_now=1.0)


def said(
    counts: RequestCounts,
    *,
    status: str = "in_progress",
    minutes: float = 12,
    forecast: Forecast | None = None,
    canceling: float | None = None,
    observations: Observations = (),
) -> Progress:
    created = NOW - timedelta(minutes=minutes)
    batch = Batch(
        "msgbatch_1",
        status,
        counts,
        created,
        ended_at=NOW if status == "ended" else None,
        cancel_initiated_at=None if canceling is None else NOW - timedelta(minutes=canceling),
    )
    return progress(Record(batch, created, NOW), NOW, forecast, observations)


def seen(*finished: int, every: int = 60) -> Observations:
    start = NOW - timedelta(seconds=every * (len(finished) - 1))
    return [
        (
            start + timedelta(seconds=every * at),
            RequestCounts(processing=1000 - done, succeeded=done),
        )
        for at, done in enumerate(finished)
    ]


def test_time_against_the_forecast_while_counts_stand_still() -> None:
    done = said(RequestCounts(processing=20_000), forecast=FORECAST)
    assert (done.brief, done.words) == ("~19m", "~19m left")
    assert done.sentence == "12m of about 31m"
    assert progress_bar(done, 10).plain == "▰▰▰▱▱▱▱▱▱▱"


def test_what_was_not_looked_at_for_long_is_not_measured() -> None:
    created = NOW - timedelta(hours=4)
    batch = Batch("msgbatch_1", "in_progress", RequestCounts(processing=20_000), created)
    done = progress(Record(batch, created, NOW - timedelta(hours=3)), NOW, FORECAST)
    assert (done.brief, done.words) == ("3h ago", "seen 3h ago")
    assert done.sentence == "running when last seen, 3h ago"
    assert not progress_bar(done, 10).plain
    just_now = progress(Record(batch, created, NOW - timedelta(minutes=9)), NOW, FORECAST)
    assert just_now.share is not None


def test_longer_than_nearly_all() -> None:
    done = said(RequestCounts(processing=20_000), minutes=125, forecast=LATE)
    assert (done.brief, done.words) == (">p95", ">p95 of 41")
    assert done.sentence == "2h05m, longer than 95% of yours"
    assert progress_bar(done, 4).plain == "▰▰▰▰"


def test_without_a_past_there_is_only_the_deadline() -> None:
    done = said(RequestCounts(processing=5), minutes=60)
    assert done.sentence == "1h of at most 24h"
    assert progress_bar(done, 24).plain == "▰" + "▱" * 23
    assert "%" not in done.words + done.brief + done.sentence


def test_past_its_deadline() -> None:
    done = said(RequestCounts(processing=5), minutes=25 * 60, forecast=FORECAST)
    assert done.sentence == "past its deadline"


def test_counts_speak_once_they_move() -> None:
    counts = RequestCounts(processing=400, succeeded=590, errored=10)
    done = said(counts, forecast=FORECAST)
    assert (done.brief, done.words, done.sentence) == ("60%", "60%", "60%")
    done = said(counts, observations=seen(500, 600))
    assert done.words == "60% 4m left"
    assert done.sentence == "60%  about 4m left"
    assert progress_bar(done, 10).plain == "█████▓░░░░"


def test_how_it_ended() -> None:
    nearly = said(RequestCounts(succeeded=99_997, errored=3), status="ended")
    assert (nearly.brief, nearly.words) == ("99%", "99.9%")
    assert said(RequestCounts(succeeded=50), status="ended").sentence == "100% succeeded"
    assert said(RequestCounts(errored=50), status="ended").brief == "0%"
    empty = said(RequestCounts(), status="ended")
    assert (empty.words, progress_bar(empty, 10).plain) == ("no requests", "")


def test_canceling_has_no_bar() -> None:
    done = said(RequestCounts(processing=5), status="canceling", canceling=4)
    assert (done.words, progress_bar(done, 10).plain) == ("since 4m", "")
    assert said(RequestCounts(processing=5), status="canceling").words == "canceling"


def test_created_in_the_future() -> None:
    done = said(RequestCounts(processing=5), minutes=-10, forecast=FORECAST)
    assert done.sentence == "0s of about 31m"
    assert progress_bar(done, 5).plain == "▱▱▱▱▱"


def test_rate() -> None:
    assert rate(seen(0, 60, 120)) == 1.0
    assert time_left(seen(0, 60, 120)) == 880
    assert rate(seen(100)) is None
    assert rate(()) is None
    assert rate(seen(100, 50)) is None
    assert time_left(seen(100, 100)) is None


def test_rate_forgets_what_is_long_ago() -> None:
    assert rate(seen(0, *[600] * 20, 660)) == 60 / (15 * 60)
    assert rate(seen(0, 3600, every=3600)) == 1.0


def test_rates_spread_over_the_time_observed() -> None:
    assert rates(seen(0, 60, 60, 180), 3) == [1.0, 0.0, 2.0]
    assert rates(seen(0, 120, every=120), 2) == [1.0, 1.0]
    assert rates(seen(0), 3) == []
    assert rates([(NOW, RequestCounts()), (NOW, RequestCounts())], 3) == []
