"""What is listed, where one was, and what a search found, as values."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from batchtui.domain.pricing import PriceTable
from batchtui.results.opening import open_results_now
from batchtui.results.order import By, Order
from batchtui.results.pattern import Pattern
from batchtui.results.reader import ResultFile
from batchtui.results.slices import now
from batchtui.ui.listing import Group, Listing
from batchtui.ui.places import Place, continues
from batchtui.ui.searching import Search

PRICES = PriceTable("2026-11-09", {}, 10.0)
Make = Callable[[Sequence[object]], ResultFile]


def answer(custom_id: str, words: str = "Yes.", stop: str = "end_turn") -> object:
    content = [{"type": "text", "text": words}]
    message = {"content": content, "stop_reason": stop, "model": "m", "usage": {}}
    return {"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}


def failure(custom_id: str, message: str) -> object:
    error = {"type": "error", "error": {"type": "api_error", "message": message}}
    return {"custom_id": custom_id, "result": {"type": "errored", "error": error}}


LINES = [
    answer("a"),
    failure("b", "One thing"),
    answer("c", stop="max_tokens"),
    failure("d", "Another thing"),
    failure("e", "One thing"),
]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes and opens a result file."""
    numbers = iter(range(100))

    def made(lines: Sequence[object]) -> ResultFile:
        path = tmp_path / f"{next(numbers)}.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)))
        return open_results_now(path)

    return made


def lines(
    listing: Listing, file: ResultFile, kinds: Sequence[str] = (), hits: Sequence[int] = ()
) -> list[int]:
    return list(now(listing.lines(file.index, kinds, PRICES, hits)))


def test_tab_groups_words_and_hits_all_have_to_hold(make: Make) -> None:
    file = make(LINES)
    assert lines(Listing(), file) == [0, 1, 2, 3, 4]
    assert lines(Listing(), file, ["errored"]) == [1, 3, 4]
    one = Group("errored", "api_error", "One thing")
    assert lines(Listing(groups=frozenset({one})), file) == [1, 4]
    assert lines(Listing(groups=frozenset({one}), words="e"), file) == [4]
    assert lines(Listing(hits_only=True), file, hits=[2, 3]) == [2, 3]
    assert lines(Listing(hits_only=True, words="errored"), file, hits=[2, 3]) == [3]


def test_of_groups_about_endings_one_has_to_hold_and_of_models_one(make: Make) -> None:
    file = make(LINES)
    groups = {
        Group("errored", "api_error", "Another thing"),
        Group(stop_reason="max_tokens"),
        Group(stop_reason="end_turn"),
    }
    assert lines(Listing(groups=frozenset(groups)), file) == [0, 2, 3]
    groups.add(Group(model="m"))
    assert lines(Listing(groups=frozenset(groups)), file) == [0, 2]


def test_an_error_without_words_is_a_group_of_its_type(make: Make) -> None:
    file = make([failure("a", ""), answer("b")])
    group = Group("errored", "api_error", "")
    assert lines(Listing(groups=frozenset({group})), file) == [0]


def test_orders_follow_one_another_and_turn_round() -> None:
    listing = Listing().sorted_by(By.COST)
    assert listing.order == Order(By.COST, reverse=True)
    assert listing.sorted_by(By.COST).order == Order(By.COST)
    assert Listing().sorted_by(By.MODEL).order == Order(By.MODEL)
    listing = Listing()
    seen = []
    for _ in By:
        seen.append(listing.order.by)
        listing = listing.next_order()
    assert seen == list(By)
    assert listing == Listing()
    assert listing.reversed().order == Order(reverse=True)


def test_what_filters_can_be_taken_off() -> None:
    listing = Listing(tab=2, words="x", hits_only=True).toggled(Group(model="m"))
    assert listing.filtered
    assert listing.unfiltered() == Listing(tab=2)
    assert not Listing(tab=2, words=" ").filtered
    assert listing.toggled(Group(model="m")).groups == frozenset()


def test_a_place_is_found_again_by_custom_id(make: Make) -> None:
    old, new = make(LINES), make([answer("z"), *reversed(LINES[1:])])
    place = Place(line=3).left(old, {0: None, 2: None}.keys())
    assert place.found_in(old) == place
    found = place.found_in(new)
    assert new.row(found.line).custom_id == "d"
    assert [new.row(number).custom_id for number in found.marks] == ["c"]
    assert place.found_in(make([])).line == 0
    assert Place(line=3).found_in(new).line == 3


def test_a_file_continues_another_if_it_has_its_lines_and_more(make: Make) -> None:
    assert continues(make(LINES[:3]), make(LINES))
    assert continues(make([]), make(LINES))
    assert not continues(make(LINES), make(LINES[:3]))
    assert not continues(make(LINES[:3]), make(LINES[::-1]))


async def test_a_search_goes_on_where_the_file_grew(make: Make) -> None:
    search = Search(Pattern.compile("thing"))
    await search.run(make(LINES[:3]), lambda: None)
    assert (list(search.hits), search.share, search.running) == ([1], 1.0, False)
    await search.run(make(LINES), lambda: None)
    assert list(search.hits) == [1, 3, 4]
    assert 3 in search
    assert 2 not in search
    assert 99 not in search


async def test_the_nearest_hit_of_a_list(make: Make) -> None:
    search = Search(Pattern.compile("thing"))
    await search.run(make(LINES), lambda: None)
    listed = [4, 2, 0, 1]
    assert search.next_in(listed, 0, 1) == 0
    assert search.next_in(listed, 1, 1) == 3
    assert search.next_in(listed, 2, -1) == 0
    assert search.next_in(listed, 4, 1) is None
    assert search.next_in([], 0, 1) is None
    assert search.next_in([0, 2], 1, -1) is None
