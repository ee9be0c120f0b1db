from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.text import UNSAFE
from batchtui.results.order import By, Order
from batchtui.results.pattern import Pattern
from batchtui.ui.listing import Group, Listing
from batchtui.ui.presenters.result_list import (
    Shown,
    filter_words,
    list_titles,
    no_hit_words,
    nothing_listed,
    order_words,
)
from batchtui.ui.searching import Search


def titles(
    listing: Listing = Listing(),  # noqa: B008
    *,
    listed: int = 20_000,
    marked: int = 0,
    search: Search | None = None,
    trouble: str = "",
) -> tuple[str, str, str]:
    shown = Shown("eval-gpqa", listing, 4, listed, 20_000, marked, search, trouble)
    made = list_titles(shown, 100)
    return str(made.top_right), str(made.bottom), str(made.bottom_right)


def searched(hits: int, share: float, *, running: bool = False) -> Search:
    search = Search(Pattern.compile("refund"))
    search.hits.extend(range(hits))
    search.share, search.running = share, running
    return search


def test_what_is_listed_is_always_said() -> None:
    assert titles() == ("5 of 20,000", "file order", "/ no search")
    narrowed = Listing(words="out>5 ", order=Order(By.COST, reverse=True))
    assert titles(narrowed, listed=312, marked=2)[:2] == (
        "5 of 312",
        "2 marked · out>5 · 312 of 20,000 · by cost ▾",
    )
    assert titles(narrowed, listed=0)[:2] == ("none", "out>5 · 0 of 20,000 · by cost ▾")


def test_orders_are_called_by_what_people_see() -> None:
    assert order_words(Order()) == "file order"
    assert order_words(Order(reverse=True)) == "file order, last first"
    assert order_words(Order(By.TYPE)) == "by result ▴"


def test_how_a_search_stands() -> None:
    assert titles(search=searched(1, 1.0))[2] == "/ refund · 1 hit"
    assert titles(search=searched(41, 0.63, running=True))[2] == "/ refund · 41 hits · 63%"
    assert titles(search=searched(3, 0.5))[2] == "/ refund · 3 hits · stopped at 50%"
    assert titles(search=searched(3, 0.5), trouble="cut")[2] == "/ refund · 3 hits · cut"


def test_groups_are_named() -> None:
    groups = frozenset({Group("errored", "api_error", "Oops"), Group(model="m")})
    listing = Listing(groups=groups, words="x", hits_only=True)
    assert filter_words(listing) == "api_error: Oops + m + x + hits"


def test_why_nothing_is_listed() -> None:
    assert "There are no results." in nothing_listed(Listing(), 0).plain
    assert "esc" in nothing_listed(Listing(words="errored"), 7).plain
    assert "custom_id" not in nothing_listed(Listing(words="errored"), 7).plain
    assert "cost>2 is looked for in custom_ids" in nothing_listed(Listing(words="cost>2"), 7).plain


@given(st.text(max_size=60), st.text(min_size=1, max_size=60), st.integers(10, 240))
def test_hostile_words(words: str, name: str, width: int) -> None:
    listing = Listing(words=words, groups=frozenset({Group(model=name, shape=name)}))
    made = list_titles(Shown("x", listing, 0, 1, 2, 3, Search(Pattern.compile(name))), width)
    assert not UNSAFE.search(f"{made.bottom}{made.bottom_right}")


def test_why_there_is_no_hit_to_go_to() -> None:
    assert no_hit_words(searched(0, 0.5, running=True)) == "No hit here so far."
    assert no_hit_words(searched(0, 1)) == "There is no hit."
    assert no_hit_words(searched(1, 1)) == "The only hit is not listed."
    assert no_hit_words(searched(238, 1)) == "None of the 238 hits is listed."
