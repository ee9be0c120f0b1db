"""Results on the screen while they arrive, over the simulated API."""

from __future__ import annotations

from batchtui.domain.batch import Record, ResultsState
from batchtui.simulator.server import RunningServer
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.widgets.canvas import Canvas
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until

WORLD = "big:400"


def big(app: Host) -> Record:
    return next(iter(app.session.records.values()))


def seen(app: Host) -> str:
    """The text of all that is shown."""
    widgets = [each for each in app.screen.query(Canvas) if each.display and each.size]
    return "\n".join(
        widget.render_line(y).text for widget in widgets for y in range(widget.size.height)
    )


def downloads(server: RunningServer) -> int:
    return [call.operation for call in server.calls].count("results")


async def test_rows_are_there_before_the_end(simulator: StartSimulator, hosting: Hosting) -> None:
    server = simulator(WORLD, faults=["stall/results:1"])
    async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
        screen = ResultsScreen(app.session, big(app).id)
        await app.push_screen(screen)
        await until(pilot, lambda: screen.file)
        rows = screen.file
        assert rows
        assert 0 < len(rows) < 400
        await until(pilot, lambda: screen.shown)
        await until(pilot, lambda: "of 400 lines" in seen(app))
        await pilot.press("x")
        await until(pilot, lambda: "Stopped; nothing was kept." in seen(app))
        await until(pilot, lambda: "f fetch  esc back" in seen(app))
        assert not [word for word in ("read", "filter", "triage", "copy") if word in seen(app)]
        await pilot.press("6", "F", "T", "s", "space", "enter", "y")
        assert screen.file is None
        assert not screen.has_class("-open")
        assert not app.session.account.results.here().stems
        await pilot.press("f")
        await until(pilot, lambda: screen.file and len(screen.file) == 400)
        assert "of 400 lines" not in seen(app)


async def test_after_a_cut_they_begin_anew(simulator: StartSimulator, hosting: Hosting) -> None:
    server = simulator(WORLD, faults=["reset/results:1"])
    async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
        screen = ResultsScreen(app.session, big(app).id)
        await app.push_screen(screen)
        await until(pilot, lambda: screen.file)
        await until(pilot, lambda: screen.fetch is None)
        await until(pilot, lambda: screen.file and len(screen.file) == 400)
        assert downloads(server) == 2


async def test_what_fails_in_the_end_is_said_and_not_shown(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator(WORLD, faults=["reset/results:1", "403/results:1"])
    async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
        screen = ResultsScreen(app.session, big(app).id)
        await app.push_screen(screen)
        await until(pilot, lambda: screen.file)
        await until(pilot, lambda: "Nothing was kept" in seen(app))
        assert screen.file is None
        assert not screen.has_class("-open")


async def test_fetching_again_keeps_the_old_until_the_new_is_whole(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator(WORLD)
    async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
        screen = ResultsScreen(app.session, big(app).id)
        await app.push_screen(screen)
        await until(pilot, lambda: screen._whole and screen.shown)
        old = screen.file
        server.faults.add("stall/results:1")
        await pilot.press("f")
        await until(pilot, lambda: "of 400 lines" in seen(app))
        assert screen.file is old
        await pilot.press("x")
        await until(pilot, lambda: any("fetched earlier are kept" in each for each in app.notices))
        assert screen.file is old
        await pilot.press("f")
        await until(pilot, lambda: screen.file is not old)
        assert screen.file
        assert len(screen.file) == 400
        assert downloads(server) == 3


async def test_a_fetch_goes_on_when_its_screen_is_left_and_is_found_again(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator(WORLD, faults=["stall/results:1"])
    async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
        record = big(app)
        first = ResultsScreen(app.session, record.id)
        await app.push_screen(first)
        await until(pilot, lambda: first.file)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not first)
        assert record.id in app.session.downloads
        again = ResultsScreen(app.session, record.id)
        await app.push_screen(again)
        await until(pilot, lambda: again.file)
        assert downloads(server) == 1
        app.session.downloads.stop()
        await until(pilot, lambda: "Stopped;" in seen(app))


async def test_what_is_odd_is_said_also_after_a_restart(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator(WORLD, faults=["garbage/results:1"])
    for attempt in range(2):
        async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
            screen = ResultsScreen(app.session, big(app).id)
            await app.push_screen(screen)
            await until(pilot, lambda: screen.fetch is None and screen.shown)  # noqa: B023
            await until(pilot, lambda: "Unreadable lines: 1" in seen(app))
            assert downloads(server) == 1, attempt
            record = app.session.records[screen.batch_id]
            assert record.results(app.session.now()) is ResultsState.HERE
