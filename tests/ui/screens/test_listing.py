"""The list of results: tabs, triage, filter, order, marks, and the way back to them."""

from __future__ import annotations

from textual.widgets import Input

from batchtui.domain.text import UNSAFE
from batchtui.results.order import By
from batchtui.ui.listing import Group
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.pick_list import PickList
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until
from tests.ui.screens.kept import answer, current, enter, failure, listed, open_kept, seen

WIDE = (120, 40)
RESULTS = [
    answer("a", tokens=30),
    failure("b", "overloaded_error", "Overloaded"),
    answer("c", tokens=10, stop="max_tokens"),
    failure("d"),
    answer("e", tokens=20, model="claude-unheard-of"),
    answer("f", tokens=40, stop="max_tokens"),
]


def write(screen: ResultsScreen, words: str) -> None:
    screen.query_one("#ask Input", Input).value = words


async def test_sorting_keeps_the_cursor_on_its_line(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        assert "file order" in seen(app)
        await pilot.press("j", "j")
        assert current(screen) == "c"
        await pilot.press(*"sssss")
        assert screen.listing.order.by is By.OUTPUT
        assert listed(screen) == ["f", "a", "e", "c", "b", "d"]
        assert current(screen) == "c"
        assert "by output ▾" in seen(app)
        assert "Out▾" in seen(app)
        await pilot.press("S")
        assert listed(screen)[:4] == ["c", "e", "a", "f"]
        assert "Out▴" in seen(app)


async def test_a_click_on_a_title_sorts_by_it(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        x = screen.table.render_line(1).text.index("Cost")
        await pilot.click(LineTable, offset=(x, 1))
        await until(pilot, lambda: screen.listing.order.by is By.COST)
        assert listed(screen)[0] == "f"
        assert listed(screen)[3:] == ["e", "b", "d"] or listed(screen)[-1] == "e"
        await pilot.click(LineTable, offset=(x, 1))
        await until(pilot, lambda: listed(screen)[0] == "c")


async def test_a_filter_applies_while_it_is_typed_and_esc_takes_it_back(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await pilot.press("F", *"out")
        write(screen, "out>=30")
        await until(pilot, lambda: listed(screen) == ["a", "f"])
        assert "out>=30 · 2 of 6" in seen(app)
        assert "out>=30" in str(screen.table.titles.bottom)
        await pilot.press("enter", "2")
        assert listed(screen) == ["a", "f"]
        await pilot.press("3")
        assert "No result matches." in seen(app)
        assert "0 of 2" in seen(app)
        await pilot.press("1", "F", "escape")
        assert len(listed(screen)) == 6
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)


async def test_groups_of_triage_are_filters(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await until(pilot, lambda: screen.panel.key)
        await pilot.press("T", "enter")
        await until(pilot, lambda: listed(screen) == ["b"])
        assert "◆overloaded_error" in seen(app)
        await pilot.press("down", "space")
        await until(pilot, lambda: listed(screen) == ["b", "d"])
        await pilot.press("T")
        assert screen.table.has_focus
        await pilot.press("escape")
        await until(pilot, lambda: len(listed(screen)) == 6)
        assert "◆" not in seen(app)


async def test_groups_of_models_narrow_those_of_endings(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        screen.toggle(Group(stop_reason="end_turn"))
        screen.toggle(Group(stop_reason="max_tokens"))
        screen.toggle(Group(model="claude-haiku-4-5"))
        await until(pilot, lambda: listed(screen) == ["a", "c", "f"])


async def test_what_stopped_short_has_a_key_and_can_be_clicked(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await until(pilot, lambda: "max_tokens 2 !" in seen(app))
        await pilot.press("3", "6")
        await until(pilot, lambda: listed(screen) == ["c", "f"])
        assert screen.listing.tab == 0  # among the errored ones there is none of them
        x = screen.query_one("#tabs", Lines).render_line(0).text.index("max_tokens")
        await pilot.click("#tabs", offset=(x, 0))
        await until(pilot, lambda: len(listed(screen)) == 6)
        x = screen.query_one("#tabs", Lines).render_line(0).text.index("Errored")
        await pilot.click("#tabs", offset=(x, 0))
        await until(pilot, lambda: listed(screen) == ["b", "d"])


async def test_costs_are_those_of_lines_with_a_known_price(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await until(pilot, lambda: "no price known" in _all_of(screen.panel))
        assert app.session.prices.date in _all_of(screen.panel)
        assert "      1  no price known for\n         claude-unheard-of" in _all_of(screen.panel)


def _all_of(panel: PickList[Group]) -> str:
    return "\n".join(str(pick.cell) for pick in panel.picks)


async def test_marks_are_counted_and_taken_back(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await pilot.press("space", "space", "3", "asterisk")
        await until(pilot, lambda: "3 marked" in seen(app))
        assert sorted(screen.table.marks) == [0, 1, 3]
        await pilot.press("1", "escape")
        assert not screen.table.marks
        assert app.screen is screen


async def test_everything_is_as_it_was_on_coming_back(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await pilot.press("2", "s", "s", "s", "s", "s", "down", "space")
        before = listed(screen), current(screen), list(screen.table.marks)
        screen.close()
        await until(pilot, lambda: app.screen is not screen)
        again = await enter(app, pilot, screen.batch_id)
        assert (listed(again), current(again), list(again.table.marks)) == before


async def test_marks_and_place_are_found_again_in_another_file(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await pilot.press("space", "down", "space", "down")
        assert current(screen) == "e"
        screen.close()
        await until(pilot, lambda: app.screen is not screen)
        again = await open_kept(app, pilot, [answer("z"), *reversed(RESULTS[1:])])
        assert current(again) == "e"
        assert again.file is not None
        assert [again.file.row(number).custom_id for number in again.table.marks] == ["c"]


async def test_everything_works_while_rows_arrive_and_nothing_jumps_when_they_end(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator("big:400", faults=["stall/results:1"])
    async with hosting(server.base_url, size=WIDE) as (app, pilot):
        screen = await enter(app, pilot, next(iter(app.session.records)))
        await until(pilot, lambda: "fetching" in seen(app))
        await pilot.press("down", "down", "space", "F")
        write(screen, "succeeded")
        await pilot.press("enter", "slash", "e", "enter")
        await until(pilot, lambda: screen.search and screen.search.share == 1)
        assert screen.search is not None
        here, part, hits = current(screen), len(listed(screen)), len(screen.search.hits)
        assert 0 < part < 400
        server.faults.clear()
        app.session.downloads.stop(screen.batch_id)
        await until(pilot, lambda: "Stopped;" in seen(app))
        await pilot.press("f")
        await until(pilot, lambda: screen.fetch is None and len(listed(screen)) > part)
        await until(pilot, lambda: screen.search and len(screen.search.hits) > hits)
        assert screen.listing.words == "succeeded"
        assert current(screen) == here
        assert len(screen.table.marks) == 1


async def test_narrow_screens_show_triage_or_the_list(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await pilot.press("T", "enter")
        await until(pilot, lambda: "1 of 6 listed" in seen(app))
        await pilot.press("F", *"x", "enter")
        assert screen.panel.has_focus
        await pilot.press("escape")
        assert screen.table.has_focus
        assert "No result matches." in seen(app)


async def test_keys_in_triage_are_hinted_and_esc_goes_back_to_the_list_first(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    for size in (WIDE, (80, 24)):
        async with hosting(simulator("crowd:3").base_url, size=size) as (app, pilot):
            screen = await open_kept(app, pilot, RESULTS)
            await pilot.press("T", "enter")
            await until(pilot, lambda: "1 of 6 listed" in seen(app))
            assert "⏎ only these  esc list" in seen(app)
            await pilot.press("escape")
            assert screen.table.has_focus
            assert screen.listing.groups
            assert "⏎ read" in seen(app)
            await pilot.press("escape")
            assert not screen.listing.groups
            await pilot.press("tab", "escape")
            assert screen.table.has_focus
            assert app.screen is screen


async def test_a_filter_that_is_not_kept_leaves_groups_and_place_as_they_were(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        screen.toggle(Group(stop_reason="max_tokens"))
        await pilot.press("G", "F")
        assert current(screen) == "f"
        assert "? help" not in seen(app)
        write(screen, "c")
        await until(pilot, lambda: listed(screen) == ["c"])
        await pilot.press("escape")
        assert listed(screen) == ["c", "f"]
        assert current(screen) == "f"


async def test_a_filter_that_lets_nothing_through_loses_no_place(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=WIDE) as (app, pilot):
        screen = await open_kept(app, pilot, RESULTS)
        await pilot.press("G", "F")
        write(screen, "nowhere")
        await until(pilot, lambda: not listed(screen))
        write(screen, "")
        await until(pilot, lambda: len(listed(screen)) == 6)
        assert current(screen) == "f"


async def test_odd_files(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen = await open_kept(app, pilot, [])
        assert "There are no results." in seen(app)
        await pilot.press("down", "G", "space", "asterisk", "s", "T", "enter", "escape")
        screen.close()
        await until(pilot, lambda: app.screen is not screen)
        again = await open_kept(app, pilot, [b"no json", b"{nor this"])
        await until(pilot, lambda: "unreadable" in seen(app))
        await pilot.press("6", "space", "s", "slash", *"this", "enter")
        await until(pilot, lambda: again.search and again.search.share == 1)


async def test_hostile_names_are_only_text(simulator: StartSimulator, hosting: Hosting) -> None:
    hostile = "\x1b]0;t\x07[@click=app.quit]x[/]\u202e\x9b31m" + "字" * 70
    lines = [
        answer(hostile, stop=hostile, model=hostile),
        failure(hostile, hostile, hostile),
        failure("x", "", hostile),
    ]
    for size in ((60, 15), WIDE, (20, 5)):
        async with hosting(simulator("crowd:3").base_url, size=size) as (app, pilot):
            screen = await open_kept(app, pilot, lines)
            for group in (Group(stop_reason=hostile), Group(model=hostile)):
                screen.toggle(group)
                await pilot.pause()
                _check(app)
            screen.toggle(Group(stop_reason=hostile))
            await pilot.press("F")
            write(screen, hostile)
            await pilot.press("enter", "T")
            _check(app)


def _check(app: Host) -> None:
    assert not UNSAFE.search(seen(app).replace("\n", ""))
