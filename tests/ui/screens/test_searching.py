"""Searching results, and going to one of them."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Input

from batchtui.ui.screens.result import ResultScreen
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.widgets.lines import Lines
from tests.ui.screens.conftest import Hosting, StartSimulator, until
from tests.ui.screens.kept import answer, current, enter, failure, listed, open_kept, seen

WIDE = (120, 40)
RESULTS = [
    answer("case-1", "The cat sat."),
    answer("case-2", "A dog."),
    failure("case-3", message="no cat here"),
    answer("case-4", "A Cat and another."),
    answer("7", "nothing"),
]


async def search(screen: ResultsScreen, pilot: Pilot[int], words: str) -> None:
    await pilot.press("slash")
    screen.query_one("#ask Input", Input).value = words
    await pilot.press("enter")
    await until(pilot, lambda: screen.search and screen.search.share == 1)
    await pilot.pause(0.05)


async def go(screen: ResultsScreen, pilot: Pilot[int], where: str) -> None:
    await pilot.press("number_sign")
    screen.query_one("#ask Input", Input).value = where
    await pilot.press("enter")
    await pilot.pause(0.05)


def note(screen: ResultsScreen) -> str:
    return screen.query_one("#ask-note", Lines).render_line(0).text.strip()


async def test_hits_are_marked_counted_and_gone_to(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await pilot.press("down")
        await search(screen, pilot, "cat")
        assert screen.search
        assert list(screen.search.hits) == [0, 2, 3]
        assert "/ cat · 3 hits" in seen(app)
        assert "• case-1" in seen(app)
        assert "• case-2" not in seen(app)
        assert current(screen) == "case-3"
        await pilot.press("n")
        assert current(screen) == "case-4"
        await pilot.press("n")
        assert current(screen) == "case-1"
        await pilot.press("p")
        assert current(screen) == "case-4"
        await pilot.press("h")
        assert listed(screen) == ["case-1", "case-3", "case-4"]
        await pilot.press("escape")
        await until(pilot, lambda: len(listed(screen)) == 5)
        assert "•" not in seen(app)
        assert "no search" in seen(app)
        assert app.screen is screen


async def test_words_without_capitals_are_found_in_any_case_others_as_they_are(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await search(screen, pilot, "Cat")
        assert screen.search
        assert list(screen.search.hits) == [3]
        assert current(screen) == "case-4"


async def test_a_bad_regular_expression_is_a_sentence_at_the_line(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await pilot.press("slash", "(", "ctrl+r")
        assert "regular expression" in note(screen)
        await pilot.press("enter")
        assert "no regular expression" in note(screen)
        assert "no search" in seen(app)
        await pilot.press("backspace", *"c.t", "enter")
        await until(pilot, lambda: screen.search and screen.search.share == 1)
        assert screen.search
        assert len(screen.search.hits) == 3
        await pilot.press("slash")
        assert "regular expression  ctrl+r plain text" in note(screen)


async def test_without_a_hit_it_says_so(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await search(screen, pilot, "giraffe")
        assert "/ giraffe · 0 hits" in seen(app)
        await pilot.press("n")
        await until(pilot, lambda: any("no hit" in each for each in app.notices))
        await pilot.press("slash", "escape")
        assert screen.table.has_focus


async def test_a_search_is_there_again_on_coming_back(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await search(screen, pilot, "cat")
        screen.close()
        await until(pilot, lambda: app.screen is not screen)
        again = await enter(app, pilot, screen.batch_id)
        await until(pilot, lambda: again.search and again.search.share == 1)
        assert again.search
        assert len(again.search.hits) == 3
        assert current(again) == "case-1"


async def test_reading_goes_from_hit_to_hit_and_marks_them(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await search(screen, pilot, "cat")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ResultScreen))
        await until(pilot, lambda: "1 of 3" in seen(app))
        await pilot.press("n", "n")
        await until(pilot, lambda: "A Cat and another." in seen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert current(screen) == "case-4"


async def test_going_to_a_line_or_a_custom_id(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        for where, there in (
            ("3", "case-3"),
            ("case-2", "case-2"),
            ("7", "7"),
            ("ase", "case-1"),
            ("ase", "case-2"),
            ("SE-4", "SE-4"),
        ):
            await go(screen, pilot, where)
            if there == where == "SE-4":
                assert "There is no line and no custom_id SE-4" in note(screen)
                await pilot.press("escape")
            else:
                assert current(screen) == there
                assert screen.table.has_focus
        await pilot.press("3")
        await go(screen, pilot, "1")
        assert "Line 1 is not among those listed" in note(screen)
        await pilot.press("escape")
        assert current(screen) == "case-3"
        await pilot.press("2")
        await go(screen, pilot, "case-4")
        await go(screen, pilot, "ase")
        assert current(screen) == "case-1"  # case-3 is not among those listed
        await go(screen, pilot, "ase-3")
        assert "Line 3 is not among those listed" in note(screen)
