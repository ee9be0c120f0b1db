"""What became of many batches, summed up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import Batch, Outcome, Record, RequestCounts
from batchtui.domain.calendar import Days, Unit
from batchtui.domain.insight import Fact, Figures, Insight, Told, Use, day_of, fact_of, study
from batchtui.domain.insight_words import (
    axis_words,
    cost,
    cut_words,
    days_words,
    stretch_words,
    succeeded,
    tokens,
    unknown_words,
    unpriced_words,
)
from batchtui.domain.pricing import Cost

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
HAIKU, OPUS = "claude-haiku-4-5", "claude-opus-4-5"


def record(
    *,
    age: timedelta = timedelta(hours=2),
    took: timedelta | None = timedelta(minutes=20),
    here: bool = False,
    url: str | None = "https://api.anthropic.com/results",
    **counts: int,
) -> Record:
    created = NOW - age
    batch = Batch(
        "msgbatch_1",
        "in_progress" if took is None else "ended",
        RequestCounts(**counts),
        created_at=created,
        ended_at=None if took is None else created + took,
        results_url=url if took is not None else None,
    )
    return Record(batch, created, NOW, results_here=here)


def use(answers: int, usd: float | None = 1.0) -> Use:
    price = Cost(unpriced={HAIKU: answers}) if usd is None else Cost(usd, priced=answers)
    return Use(answers, 100 * answers, 10 * answers, price)


def fact(record: Record, **uses: Use) -> Fact:
    return fact_of(record, TODAY, uses or None, NOW)


def studied(*facts: Fact, days: Days = Days(TODAY, TODAY), unit: Unit = Unit.DAY) -> Insight:  # noqa: B008
    steps = study(facts, days, unit)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Insight = end.value
            return found


# The day


def test_a_batch_counts_on_the_day_it_is_where_the_person_is() -> None:
    late = record(age=timedelta(hours=11, minutes=30))  # half past midnight in London
    assert day_of(late, NOW, UTC) == date(2026, 11, 23)
    assert day_of(late, NOW, ZoneInfo("America/New_York")) == date(2026, 11, 22)
    assert day_of(late, NOW, timezone(timedelta(hours=14))) == date(2026, 11, 23)


def test_days_around_a_change_of_the_clocks_are_local() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    midnight = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)  # summer time: 00:30 on the 25th
    later = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)  # winter time: 23:30 on the 25th
    for moment in (midnight, later):
        assert day_of(record(age=NOW - moment), NOW, berlin) == date(2026, 10, 25)


def test_a_batch_of_a_server_whose_clock_is_ahead_counts_today() -> None:
    assert day_of(record(age=-timedelta(days=3)), NOW, UTC) == TODAY


# What is known of one


def test_without_results_here_it_is_said_why_nothing_is_known() -> None:
    ended = record(succeeded=9, errored=1)
    assert fact(ended).told is Told.FETCHABLE
    assert fact(record(succeeded=9, url=None)).told is Told.GONE
    assert fact(record(age=timedelta(days=30), succeeded=9)).told is Told.GONE
    assert fact(msgspec.structs.replace(ended, deleted_at=NOW)).told is Told.GONE
    assert fact(msgspec.structs.replace(ended, results_here=True)).told is Told.UNREAD
    assert fact(record(took=None, processing=10)).told is Told.RUNNING


def test_what_answered_nothing_took_nothing() -> None:
    found = fact(record(errored=10))
    assert found.told is Told.KNOWN
    assert not found.uses


def test_results_that_are_not_whole_tell_nothing() -> None:
    assert fact(record(succeeded=9, here=True), haiku=use(8)).told is Told.UNREAD
    assert fact(record(succeeded=9, here=True), haiku=use(9)).told is Told.KNOWN


def test_a_batch_lost_while_it_ran_is_not_said_to_run() -> None:
    lost = msgspec.structs.replace(record(took=None, processing=5), gone_at=NOW)
    found = fact(lost)
    assert (found.outcome, found.told) == (Outcome.UNKNOWN, Told.GONE)


# Sums


def test_durations_are_those_of_batches_that_ran_to_their_own_end() -> None:
    minutes = [fact(record(took=timedelta(minutes=each), succeeded=1)) for each in range(1, 12)]
    stopped = fact(record(took=timedelta(hours=9), canceled=1))
    expired = fact(record(took=timedelta(hours=24), expired=3, succeeded=1))
    total = studied(*minutes, stopped, expired, fact(record(took=None, processing=1))).total
    assert (total.median, total.p90) == (360, 600)
    assert total.outcomes == {
        Outcome.SUCCEEDED: 11,
        Outcome.CANCELED: 1,
        Outcome.EXPIRED: 1,
        Outcome.RUNNING: 1,
    }


def test_stretches_without_batches_are_there_too() -> None:
    days = Days(TODAY - timedelta(days=2), TODAY)
    old = msgspec.structs.replace(fact(record(succeeded=3)), day=days.first)
    found = studied(old, fact(record(succeeded=4)), days=days)
    assert [each.figures.batches for each in found.stretches] == [1, 0, 1]
    assert [each.figures.counts.total for each in found.stretches] == [3, 0, 4]
    assert found.stretches[1].figures == Figures()


def test_what_failed_is_of_the_model_that_alone_answered() -> None:
    found = studied(fact(record(succeeded=8, errored=2, here=True), haiku=use(8)))
    (only,) = found.models
    assert only.model == "haiku"
    assert only.figures.counts == RequestCounts(succeeded=8, errored=2)


def test_what_failed_among_several_models_is_of_none() -> None:
    several = fact(record(succeeded=8, errored=2, here=True), haiku=use(5, 1), opus=use(3, 9))
    found = studied(several)
    shares = {each.model: each.figures.counts for each in found.models}
    assert list(shares) == ["opus", "haiku", None]
    assert shares["opus"] == RequestCounts(succeeded=3)
    assert shares["haiku"] == RequestCounts(succeeded=5)
    assert shares[None] == RequestCounts(errored=2)
    assert found.total.batches == 1
    assert found.total.cost.usd == 10


def test_fetchable_batches_are_named() -> None:
    known = fact(record(succeeded=8, here=True), haiku=use(8))
    assert studied(known).fetchable == ()
    assert studied(known, fact(record(succeeded=9))).fetchable == ("msgbatch_1",)


facts = st.builds(
    Fact,
    id=st.text(max_size=3),
    day=st.dates(TODAY - timedelta(days=50), TODAY),
    outcome=st.sampled_from(Outcome),
    counts=st.builds(RequestCounts, succeeded=st.integers(20, 40), errored=st.integers(0, 9)),
    seconds=st.none() | st.floats(0, 1e6),
    told=st.just(Told.KNOWN),
    uses=st.dictionaries(st.sampled_from([HAIKU, OPUS, "x"]), st.just(use(5)), max_size=3),
)


@given(st.lists(facts, max_size=30), st.sampled_from(Unit))
def test_nothing_is_lost_between_days_models_and_total(given: list[Fact], unit: Unit) -> None:
    found = studied(*given, days=Days(TODAY - timedelta(days=50), TODAY), unit=unit)
    parts = [each.figures for each in found.stretches]
    assert sum(each.batches for each in parts) == found.total.batches == len(given)
    assert sum(each.counts.total for each in parts) == found.total.counts.total
    assert sum(each.output_tokens for each in parts) == found.total.output_tokens
    models = [each.figures for each in found.models]
    assert sum(each.output_tokens for each in models) == found.total.output_tokens
    assert sum(each.counts.errored for each in models) == found.total.counts.errored


# Words


def test_what_is_known_in_part_is_said_to_be_so_much_at_least() -> None:
    known = fact(record(succeeded=8, here=True), haiku=use(8))
    unknown = fact(record(succeeded=9))
    whole, part, nothing = (studied(*each).total for each in ([known], [known, unknown], [unknown]))
    assert tokens(whole, whole.input_tokens) == "800"
    assert tokens(part, part.input_tokens) == "≥800"
    assert tokens(nothing, nothing.input_tokens) == "·"
    assert [cost(each) for each in (whole, part, nothing)] == ["$1.00", "≥$1.00", "·"]
    assert cost(Figures()) == tokens(Figures(), 0) == ""


def test_a_price_that_is_not_known_is_no_zero() -> None:
    without = studied(fact(record(succeeded=8, here=True), haiku=use(8, None))).total
    both = studied(
        fact(record(succeeded=8, here=True), haiku=use(8, None)),
        fact(record(succeeded=1, here=True), haiku=use(1, 2)),
    ).total
    assert (cost(without), cost(both)) == ("·", "≥$2.00")
    assert unpriced_words(both) == f"No price is known for 8 answers of {HAIKU}."


def test_that_failures_cost_nothing_makes_the_rest_no_better_known() -> None:
    failed, unknown = fact(record(errored=3)), fact(record(succeeded=9))
    assert cost(studied(failed).total) == "$0.00"
    assert cost(studied(failed, unknown).total) == "·"


def test_it_is_said_of_how_many_batches_figures_are() -> None:
    known = fact(record(succeeded=8, here=True), haiku=use(8))
    fetchable, gone = fact(record(succeeded=9)), fact(record(succeeded=9, url=None))
    running = fact(record(took=None, processing=10))
    unread = fact(record(succeeded=1, here=True))
    assert unknown_words(studied(known).total, "f") == ""
    assert unknown_words(studied(known, fetchable, fetchable, gone, running).total, "f") == (
        "Tokens and cost are those of 1 of 5 batches: "
        "results of 2 can be fetched (f), of 1 are gone; 1 still runs."
    )
    assert unknown_words(studied(running, running, unread).total, "") == (
        "Tokens and cost are not known: "
        "results of 1 are here, but not whole or not indexed yet; 2 still run."
    )


def test_shares_are_of_what_is_no_longer_processing() -> None:
    assert succeeded(Figures(counts=RequestCounts(succeeded=1, processing=9))) == "100%"
    assert succeeded(Figures(counts=RequestCounts(processing=9))) == "·"
    assert succeeded(Figures()) == ""


def test_days_have_names() -> None:
    assert days_words(Days(TODAY, TODAY)) == "23 Nov"
    assert days_words(Days(date(2026, 10, 25), TODAY)) == "25 Oct – 23 Nov"
    assert days_words(Days(date(2025, 12, 30), TODAY)) == "30 Dec 2025 – 23 Nov 2026"
    assert stretch_words(TODAY, Unit.DAY, TODAY) == "Mon 23 Nov"
    assert stretch_words(TODAY, Unit.WEEK, TODAY) == "week of 23 Nov"
    assert stretch_words(date(2026, 11, 1), Unit.MONTH, TODAY) == "Nov 2026"
    assert stretch_words(date(2026, 1, 1), Unit.YEAR, TODAY) == "2026"


def test_days_of_another_year_are_told_from_those_of_this_one() -> None:
    before = date(2025, 11, 24)
    assert stretch_words(before, Unit.DAY, TODAY) == "Mon 24 Nov 2025"
    assert stretch_words(before, Unit.WEEK, TODAY) == "week of 24 Nov 2025"
    assert axis_words(before, Unit.WEEK, Days(before, TODAY)) == "24 Nov"
    assert axis_words(before, Unit.WEEK, Days(date(2024, 1, 1), TODAY)) == "Nov 2025"


def test_stretches_that_are_not_whole_are_named() -> None:
    monday, friday = TODAY, TODAY + timedelta(days=4)
    sunday, wednesday = TODAY + timedelta(days=6), TODAY - timedelta(days=47)
    for first, last, unit, words in (
        (wednesday, friday, Unit.WEEK, "first and last week"),
        (wednesday, sunday, Unit.WEEK, "first week"),
        (monday - timedelta(days=70), monday, Unit.WEEK, "last week"),
        (monday - timedelta(days=70), sunday, Unit.WEEK, ""),
        (monday, friday, Unit.WEEK, ""),
        (wednesday, friday, Unit.DAY, ""),
        (date(2026, 1, 1), date(2026, 11, 30), Unit.MONTH, ""),
    ):
        assert cut_words(Days(first, last), unit, since_ever=False) == words
    assert cut_words(Days(wednesday, friday), Unit.WEEK, since_ever=True) == "last week"


def test_days_without_any_answers_known_are_not_said_to_be_known_in_part() -> None:
    failed, unknown = fact(record(errored=3)), fact(record(succeeded=9))
    assert unknown_words(studied(failed, unknown).total, "f") == (
        "Tokens and cost are not known: results of 1 can be fetched (f)."
    )
