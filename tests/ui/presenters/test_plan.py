"""Plans in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from batchtui.account.plans import Plan, Verb, plan
from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.plan import (
    Came,
    Step,
    choices,
    plan_lines,
    plan_title,
    plan_words,
    summary_words,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def record(name: str = "a", status: str = "ended", **fields: object) -> Record:
    created = NOW - timedelta(hours=1)
    batch = Batch(
        id=f"msgbatch_{name}",
        processing_status=status,
        request_counts=RequestCounts(succeeded=50) if status == "ended" else RequestCounts(50),
        created_at=created,
        results_url="https://api.example" if status == "ended" else None,
    )
    found = Record(batch, created, created, label=name)
    return msgspec.structs.replace(found, **fields)


def text(proposed: Plan, width: int = 80, came: dict[str, Came] | None = None) -> str:
    return "\n".join(line.plain for line in plan_lines(proposed, came or {}, width))


MIXED = [record("a"), record("b", results_here=True), record("c", "in_progress")]


def test_what_would_be_lost_is_loud() -> None:
    proposed = plan(Verb.DELETE, MIXED, NOW)
    shown = text(proposed)
    assert "! NOT downloaded: 50 answers would be lost" in shown
    assert "results here, kept" in shown
    assert "running: cancel it first" in shown
    assert plan_title(proposed) == "Delete 3 batches"


def test_the_last_choice_changes_nothing_and_the_number_is_asked_for() -> None:
    found = choices(plan(Verb.DELETE, MIXED, NOW), read_only=False)
    assert [each.step for each in found] == [
        Step.DOWNLOAD_FIRST,
        Step.NOW,
        Step.CANCEL_RUNNING,
        Step.BACK,
    ]
    assert [each.confirm for each in found] == ["2", "2", "", ""]
    assert found[0].words == "Download 1 first, then delete 2"


def test_nothing_can_be_chosen_in_read_only_mode() -> None:
    proposed = plan(Verb.DELETE, MIXED, NOW)
    assert [each.step for each in choices(proposed, read_only=True)] == [Step.BACK]
    assert "READ-ONLY" in plan_words(proposed, read_only=True).plain


def test_nothing_possible_says_so() -> None:
    proposed = plan(Verb.CANCEL, MIXED[:1], NOW)
    assert [each.step for each in choices(proposed, read_only=False)] == [Step.BACK]
    assert "Nothing to cancel here." in plan_words(proposed, read_only=False).plain


def test_outcomes_take_the_place_of_intentions() -> None:
    came = {
        "msgbatch_a": Came("No.", failed=True),
        "msgbatch_b": Came("is deleted"),
        "msgbatch_c": Came("waiting", finished=False),
    }
    shown = text(plan(Verb.DELETE, MIXED, NOW), came=came)
    assert "✗ No." in shown
    assert "✓ is deleted" in shown
    assert "… waiting" in shown
    assert "2 of 3 done" in summary_words(Verb.DELETE, came, 3).plain
    came["msgbatch_c"] = Came("is deleted")
    assert "1 could not be deleted" in summary_words(Verb.DELETE, came, 3).plain


@given(st.text(), st.integers(1, 120), st.sampled_from(list(Verb)))
def test_hostile_names_are_only_text(name: str, width: int, verb: Verb) -> None:
    proposed = plan(verb, [record(name)], NOW)
    for line in plan_lines(proposed, {}, width):
        assert not UNSAFE.search(line.plain)
        assert line.cell_length <= max(width, 2)
