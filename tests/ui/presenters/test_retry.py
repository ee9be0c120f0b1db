"""What the retry dialog says."""

from __future__ import annotations

from pathlib import Path

from batchtui.account.resending import Prepared
from batchtui.account.retrying import Apart, Reason, RetryPlan, Wanted
from batchtui.account.rewriting import Written
from batchtui.domain.batch import RequestCounts
from batchtui.domain.job import Part
from batchtui.domain.pricing import PriceTable
from batchtui.submissions.checked import Checked, Group
from batchtui.submissions.estimate import Estimate
from batchtui.ui.presenters.retry import (
    acts,
    retry_rows,
    retry_title,
    toggle_cell,
    toggles,
    unsendable,
    usual,
)
from batchtui.ui.title import Title

ESCAPE = "\x1b[2J"
PRICES = PriceTable("2026-01-01", {}, 10.0)


def plan(*reasons: Reason, apart: tuple[Apart, ...] = ()) -> RetryPlan:
    return RetryPlan(Wanted(), {}, reasons, apart)


def prepared(*problems: Group, parts: int = 1) -> Prepared:
    part = Part(1, 0, 0, 1, 1, 5, 1)
    checked = Checked(
        Path("x"), 1000, 0, b"", 5, 0, {}, {}, problems, (), (part,) * parts, Estimate()
    )
    return Prepared(None, Written(5, 1000, {}, RequestCounts()), checked)  # type: ignore[arg-type]


def test_reasons_of_a_kind_are_one_toggle() -> None:
    found = toggles(
        plan(
            Reason("max_tokens", "max_tokens", 9),
            Reason("errored", "api_error", 3),
            Reason("expired", "expired", 2),
            Reason("errored", "overloaded_error", 1),
        )
    )
    assert [(each.kind, each.requests, each.is_type) for each in found] == [
        ("errored", 4, True),
        ("expired", 2, True),
        ("max_tokens", 9, False),
    ]
    assert found[0].whys == "api_error 3, overloaded_error 1"
    assert usual(found) == {"errored", "expired"}
    assert toggle_cell(found[2], on=False).plain.startswith("[ ] max_tokens")
    assert toggle_cell(found[0], on=True).plain.startswith("[x] errored, may succeed now")


def test_errors_that_would_come_again_are_named_and_harmless() -> None:
    apart = tuple(Apart(f"e{n}{ESCAPE}", f"no {ESCAPE}", 2, (f"a{ESCAPE}",)) for n in range(6))
    words = "\n".join(
        each.content.plain for each in retry_rows(None, plan(apart=apart), None, PRICES)
    )
    assert "12 requests kept apart" in words
    assert "and 2 more kinds of errors" in words
    assert "There is nothing to be sent again." in words
    assert "\x1b" not in words
    assert "\x1b" not in retry_title(Title(ESCAPE, "", ""), ESCAPE, 3).plain
    (errors,) = toggles(plan(apart=apart))
    assert (errors.requests, errors.whys, errors.is_type) == (0, "12 kept apart", True)


def test_only_what_can_be_sent_is_offered() -> None:
    assert [each.word for each in acts(None, PRICES, may_send=True, where="work")] == ["back"]
    assert [each.word for each in acts(prepared(), PRICES, may_send=True, where="work")] == [
        "send",
        "write",
        "back",
    ]
    assert [each.word for each in acts(prepared(), PRICES, may_send=False, where="work")] == [
        "write",
        "back",
    ]
    bad = prepared(Group("params.stream", "is not supported", 5))
    assert [each.word for each in acts(bad, PRICES, may_send=True, where="work")] == [
        "write",
        "back",
    ]
    assert acts(prepared(parts=3), PRICES, may_send=True, where="work")[0].option.confirm == "3"
    assert unsendable(read_only=True, offline=True).startswith("READ-ONLY")
    assert unsendable(read_only=False, offline=False) == ""
    assert "takes no new batches" in unsendable(read_only=False, offline=False, lacking=True)
