"""Results at a glance: triage as lines to choose from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.pricing import Price, PriceTable
from batchtui.domain.result import Usage
from batchtui.domain.text import UNSAFE
from batchtui.results.billing import Billing
from batchtui.results.billing import Group as Billed
from batchtui.results.summary import OUTPUT_BOUNDS, Distribution, ErrorGroup, Triage
from batchtui.ui.listing import Group
from batchtui.ui.presenters.triage import MOST_GROUPS, Glance, triage_picks, triage_titles

NAMES = st.text(max_size=30)
COUNTS = st.integers(0, 10**12)
PRICES = PriceTable("2026-11-09", {"known": (Price(1, 2, 1, 1, 1),)}, 10.0)


def shown(triage: Triage, width: int, *active: Group, listed: int = 0) -> list[str]:
    glance = Glance(triage, PRICES, active, listed)
    return [str(pick.cell) for pick in triage_picks(glance, width)]


def billed(model: str, lines: int, tokens: int) -> Billed:
    return Billed(model, "", None, 0, lines, Usage(output_tokens=tokens))


@given(
    st.lists(st.tuples(NAMES, NAMES, COUNTS), max_size=5),
    st.dictionaries(NAMES, st.integers(1, 10**12), max_size=5),
    st.integers(12, 100),
)
def test_hostile_triage(
    groups: list[tuple[str, str, int]], names: dict[str, int], width: int
) -> None:
    errors = tuple(ErrorGroup("errored", kind, shape, lines, 0) for kind, shape, lines in groups)
    billing = Billing(tuple(billed(name, lines, lines) for name, lines in names.items()))
    found = Triage(
        {"succeeded": 7}, errors, names, names, Usage(output_tokens=700), billing=billing
    )
    active = [Group.of(each) for each in errors]
    for pick in triage_picks(Glance(found, PRICES, active), width):
        assert not UNSAFE.search(str(pick.cell))
        assert isinstance(pick.cell, str) or pick.cell.cell_length <= width


def test_triage_is_loud_about_answers_that_are_none() -> None:
    errors = (ErrorGroup("errored", "overloaded_error", "Overloaded", 3, 0),) * (MOST_GROUPS + 2)
    found = Triage({"succeeded": 10}, errors, {"refusal": 2}, {"m": 10}, Usage(output_tokens=70))
    lines = shown(found, 44)
    assert "overloaded_error  retryable" in lines[1]
    assert "and 2 other kinds" in lines
    assert any("refusal !" in line for line in lines)


def test_groups_can_be_chosen_and_active_ones_are_marked() -> None:
    error = ErrorGroup("errored", "api_error", "Internal server error", 5, 0)
    found = Triage({"errored": 5}, (error,), {"max_tokens": 2}, {"known": 10}, Usage())
    active = Group.of(error)
    picks = triage_picks(Glance(found, PRICES, {active}), 44)
    keys = {pick.key for pick in picks if pick.key}
    assert keys == {active, Group(stop_reason="max_tokens"), Group(model="known")}
    assert [str(pick.cell) for pick in picks if pick.key == active] == [
        "      5 ◆api_error  retryable",
        "         Internal server error",
    ]
    titles = triage_titles(Glance(found, PRICES, {active}, 5))
    assert str(titles.bottom) == "5 of 5 listed"


def test_tokens_are_summed_and_spread() -> None:
    outputs = Distribution((1,) * (len(OUTPUT_BOUNDS) + 1), median=281, p90=1900, most=4096)
    usage = Usage(input_tokens=14_200_000, output_tokens=6_100_000)
    lines = shown(Triage({"succeeded": 14}, (), {}, {}, usage, outputs), 44)
    assert "    14M  in" in lines
    assert f"    281  out per answer {'█' * 14}" in lines
    assert "         nine in ten ≤ 1,900, most 4,096" in lines


def test_what_has_no_known_price_is_said_and_not_guessed() -> None:
    billing = Billing((billed("known", 3, 1_000_000), billed("unheard-of", 312, 5)))
    found = Triage(
        {"succeeded": 315}, (), {}, {"unheard-of": 312, "known": 3}, Usage(), billing=billing
    )
    lines = shown(found, 60)
    assert "  $2.00  batch prices of 2026-11-09" in lines
    assert "    312  no price known for unheard-of" in lines
    assert "         unheard-of" in shown(found, 30)
    assert "      3  known  $2.00" in lines
    assert "    312  unheard-of" in lines
    assert str(triage_titles(Glance(found, PRICES)).top_right) == "$2.00 and more"


def test_bars_give_way_to_long_names() -> None:
    reasons = {"end_turn": 455, "model_context_window_exceeded": 1}
    found = Triage({"succeeded": 456}, (), reasons, {}, Usage())
    assert f"    455  end_turn{' ' * 24}{'█' * 15}" in shown(found, 60)
    alone = shown(found, 40)
    assert "    455  end_turn" in alone
    assert "      1  model_context_window_exceeded !" in alone
