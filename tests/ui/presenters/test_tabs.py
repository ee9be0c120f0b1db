from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.tabs import TabLine, loud_reasons, tab_line, tabs

NAMES = st.text(max_size=30)
COUNTS = st.integers(0, 10**12)
REASONS = {"end_turn": 19_000, "max_tokens": 996, "refusal": 4}
NONE: frozenset[str] = frozenset()


def line(width: int, *, active: frozenset[str] = NONE) -> TabLine:
    return tab_line(tabs({"succeeded": 20_000}), 0, REASONS, active, width)


def test_tabs_are_always_there_and_others_when_needed() -> None:
    found = tabs({"succeeded": 3, "errored": 1})
    assert [(tab.title, tab.lines) for tab in found] == [
        ("All", 4),
        ("Succeeded", 3),
        ("Errored", 1),
        ("Canceled", 0),
        ("Expired", 0),
    ]
    assert tabs({"unreadable": 2})[-1].title == "Unreadable"
    assert tabs({"unreadable": 2, "postponed": 1})[-1].lines == 3


def test_what_is_no_full_answer_is_loud_at_the_right() -> None:
    wide = line(120).content.plain
    assert wide.endswith(" 6 max_tokens 996 !   7 refusal 4 ! ")
    assert len(wide) == 120
    narrow = line(80).content.plain
    assert "Succeeded" not in narrow
    assert "max_tokens 996 !" in narrow
    assert "20k" in line(30).content.plain


def test_each_entry_is_where_it_can_be_clicked() -> None:
    made = line(120)
    plain = made.content.plain
    for words, place in (("All", 0), ("Errored", 2), ("max_tokens", 5), ("refusal", 6)):
        assert made.place_at(plain.index(words)) == place
    assert made.place_at(plain.index("6 max_tokens") - 3) is None


def test_active_reasons_look_chosen() -> None:
    assert "▏max_tokens 996 !▕" in line(120, active=frozenset({"max_tokens"})).content.plain


def test_there_are_no_more_reasons_than_keys() -> None:
    reasons = {"max_tokens": 3, "refusal": 2, "pause_turn": 1, "end_turn": 9}
    assert loud_reasons(reasons, 7) == ("max_tokens", "refusal")


@given(st.dictionaries(NAMES, COUNTS), st.dictionaries(NAMES, COUNTS), st.integers(60, 200))
def test_hostile_tabs(tally: dict[str, int], reasons: dict[str, int], width: int) -> None:
    made = tab_line(tabs(tally), 0, reasons, NONE, width)
    assert not UNSAFE.search(made.content.plain)
