"""The tabs of the list in any room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.tabs import ALL, OWN, Tab
from batchtui.domain.text import UNSAFE
from batchtui.ui.presenters.list_tabs import list_tabs, name_of, tab_question

TABS = (ALL, *OWN)
COUNTS = (1240, 3, 0, 12, 118)

named = st.builds(Tab, st.text(max_size=40), st.text(max_size=40))


def plain(width: int, chosen: int = 0, counts: tuple[int, ...] = COUNTS) -> str:
    return list_tabs(TABS, counts, chosen, width=width, least=width).content.plain


def test_keys_go_first_then_digits_then_tabs() -> None:
    assert plain(100) == "▏All 1,240▕ 2 Running 3  3 Attention 0  4 Expiring 12  5 Mine 118 "
    assert plain(60) == "▏All 1,240▕ Running 3  Attention 0  Expiring 12  Mine 118 "
    assert plain(57) == "▏All 1.2k▕ Running 3  Attention 0  Expiring 12  Mine 118 "
    assert plain(36) == "▏All 1.2k▕ Running 3  Attention 0 …"
    assert plain(36, chosen=4) == "… Expiring 12 ▏Mine 118▕"


def test_what_stands_beside_them_gives_way_before_they_do() -> None:
    made = list_tabs(TABS, COUNTS, 0, width=58, least=30)
    assert made.content.plain.endswith(" Mine 118 ")


def test_no_digits_before_they_are_known() -> None:
    assert plain(100, counts=()) == "▏All▕ 2 Running  3 Attention  4 Expiring  5 Mine "


def test_each_is_where_it_can_be_clicked() -> None:
    made = list_tabs(TABS, COUNTS, 4, width=36, least=36)
    words = made.content.plain
    assert made.place_at(words.index("Expiring")) == 3
    assert made.place_at(words.index("Mine")) == 4
    assert made.place_at(0) is None


def test_only_nine_have_keys() -> None:
    many = (ALL, *(Tab(f"t{number}", "x") for number in range(2, 12)))
    words = list_tabs(many, range(1, 12), 0, width=200, least=200).content.plain
    assert " 9 t9 9  t10 10  t11 11 " in words


@given(st.lists(named, min_size=1, max_size=12), st.data(), st.integers(0, 250))
def test_hostile_tabs(tabs: list[Tab], data: st.DataObject, width: int) -> None:
    chosen = data.draw(st.integers(0, len(tabs) - 1))
    counts = data.draw(st.lists(st.integers(0, 10**9), max_size=len(tabs)))
    made = list_tabs(tabs, counts, chosen, width=width, least=width // 2)
    shown = [place for _, place in made.places]
    assert chosen in shown
    assert made.content.cell_length <= width or shown == [chosen]
    assert not UNSAFE.search(made.content.plain)
    assert not UNSAFE.search(tab_question(tabs[0]).title)


def test_a_tab_without_a_name_is_called_by_its_filter() -> None:
    assert name_of(Tab("", "failed")) == "failed"
    assert name_of(Tab(" ", "")) == "·"
