"""Results of a batch, over the simulated API."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from batchtui.domain.batch import Outcome, Record, ResultsState
from batchtui.domain.text import UNSAFE
from batchtui.simulator.clock import FixedClock
from batchtui.ui.screens.result import ResultScreen
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.widgets.canvas import Canvas
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until


def pick(app: Host, wanted: Callable[[Record, datetime], bool]) -> Record:
    now = app.session.now()
    found = [each for each in app.session.records.values() if wanted(each, now)]
    return min(found, key=lambda each: each.batch.request_counts.total)


def mixed(record: Record, now: datetime) -> bool:
    counts = record.batch.request_counts
    return record.results(now) is not ResultsState.GONE and counts.errored > 3 < counts.succeeded


def seen(app: Host) -> str:
    """The text of all that is shown."""
    widgets = [each for each in app.screen.query(Canvas) if each.display and each.size]
    return "\n".join(
        widget.render_line(y).text for widget in widgets for y in range(widget.size.height)
    )


async def open_screen(app: Host, pilot: Pilot[int], record: Record) -> ResultsScreen:
    screen = ResultsScreen(app.session, record.id)
    await app.push_screen(screen)
    await until(pilot, lambda: screen.shown)
    await pilot.pause()
    return screen


async def test_results_are_fetched_listed_and_read(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator()
    async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
        record = pick(app, mixed)
        counts = record.batch.request_counts
        screen = await open_screen(app, pilot, record)
        await until(pilot, lambda: "Stop reasons" in seen(app))
        assert f"All {counts.total}" in seen(app)
        await pilot.press("3")
        await until(pilot, lambda: f"1 of {counts.errored}" in seen(app))
        await until(pilot, lambda: "request id:" in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ResultScreen))
        await pilot.press("n", "n", "J")
        await until(pilot, lambda: '"custom_id":' in seen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert screen.table.cursor_index == 2
        assert len([call for call in server.calls if call.path.endswith("/results")]) == 1


async def test_coming_back_finds_the_place(simulator: StartSimulator, hosting: Hosting) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        record = pick(app, mixed)
        screen = await open_screen(app, pilot, record)
        await pilot.press("2", "down", "down")
        line = screen.table.cursor_key
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)
        again = await open_screen(app, pilot, app.session.records[record.id])
        assert again.listing.tab == 1
        assert again.table.cursor_key == line
        assert len([call for call in server.calls if call.path.endswith("/results")]) == 1


async def test_a_fetch_can_be_cancelled_and_begun_again(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        record = pick(app, mixed)
        server.faults.add("stall=30/results:1")
        screen = ResultsScreen(app.session, record.id)
        await app.push_screen(screen)
        await until(pilot, lambda: "fetching" in seen(app).lower())
        await pilot.press("x")
        await until(pilot, lambda: "Stopped; nothing was kept." in seen(app))
        assert "f fetch " in seen(app)
        assert not app.session.account.results.here().stems
        await pilot.press("f")
        await until(pilot, lambda: screen.shown)


async def test_leaving_while_it_fetches(simulator: StartSimulator, hosting: Hosting) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        server.faults.add("stall=30/results:1")
        await app.push_screen(ResultsScreen(app.session, pick(app, mixed).id))
        await until(pilot, lambda: "fetching" in seen(app).lower())
        app.exit()


async def test_what_goes_wrong_is_a_sentence(simulator: StartSimulator, hosting: Hosting) -> None:
    server = simulator()
    async with hosting(server.base_url, size=(60, 15)) as (app, pilot):
        server.faults.add("403/results:1")
        screen = ResultsScreen(app.session, pick(app, mixed).id)
        await app.push_screen(screen)
        await until(pilot, lambda: "f tries again" in seen(app))
        await pilot.press("f")
        await until(pilot, lambda: screen.shown)


async def test_running_ones_open_when_they_end(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock
) -> None:
    server = simulator(clock=fixed_clock)
    async with hosting(server.base_url, clock=fixed_clock) as (app, pilot):
        record = pick(app, lambda each, now: each.batch.outcome is Outcome.RUNNING)
        screen = ResultsScreen(app.session, record.id)
        await app.push_screen(screen)
        await until(pilot, lambda: "There are no results yet." in seen(app))
        assert "only these" not in seen(app)
        fixed_clock.advance(30 * 3600)
        app.session.engine.call(app.session.poller.refresh)
        await until(pilot, lambda: screen.shown)


async def test_what_is_gone_says_so(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator().base_url, size=(20, 5)) as (app, pilot):
        record = pick(app, lambda each, now: each.results(now) is ResultsState.GONE)
        screen = ResultsScreen(app.session, record.id)
        await app.push_screen(screen)
        await until(pilot, lambda: "gone" in seen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)


async def test_on_the_smallest_screen_there_is_still_a_row(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator().base_url, size=(20, 5)) as (app, pilot):
        screen = await open_screen(app, pilot, pick(app, mixed))
        await pilot.pause()
        number = screen.table.cursor_key
        assert screen.file is not None
        assert number is not None
        assert screen.file.row(number).custom_id[:6] in seen(app)


async def test_triage_takes_the_place_of_the_list_where_there_is_no_room_for_both(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator().base_url) as (app, pilot):
        screen = await open_screen(app, pilot, pick(app, mixed))
        assert "Stop reasons" not in seen(app)
        await pilot.press("T")
        await until(pilot, lambda: "Triage" in seen(app))
        assert not screen.table.display
        await pilot.press("escape")
        await until(pilot, lambda: screen.table.display)
        assert app.screen is screen


async def test_copying_and_saving(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with hosting(simulator().base_url) as (app, pilot):
        screen = await open_screen(app, pilot, pick(app, mixed))
        await pilot.press("2")
        await until(pilot, lambda: screen.shown and screen.shown.result.message)
        await pilot.press("y", "w")
        await until(pilot, lambda: any("was saved as" in each for each in app.notices))
        await pilot.press("w")
        await until(pilot, lambda: len(list(tmp_path.glob("*.txt"))) == 2)
        assert any("sent to the terminal's clipboard" in each for each in app.notices)
        assert screen.shown is not None
        assert screen.shown.result.message is not None
        text = screen.shown.result.message.text
        assert app.copied == text
        assert [path.read_text() for path in tmp_path.glob("*.txt")] == [text, text]  # noqa: ASYNC240


async def test_a_file_that_was_cut_behind_our_back(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator().base_url) as (app, pilot):
        record = pick(app, mixed)
        screen = await open_screen(app, pilot, record)
        os.truncate(app.session.account.results.path(record.id), 100)
        await pilot.press("G")
        await until(pilot, lambda: "cut short by someone else" in seen(app))
        assert app.screen is screen


async def test_warnings_of_the_download_stay_in_view(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        server.faults.add("garbage/results:1")
        screen = await open_screen(app, pilot, pick(app, mixed))
        assert screen.warnings
        await until(pilot, lambda: screen.warnings[0] in seen(app))


async def test_hostile_results_are_only_text(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator("hostile").base_url, size=(100, 30)) as (app, pilot):
        now = app.session.now()
        record = max(
            (
                each
                for each in app.session.records.values()
                if each.results(now) is ResultsState.AVAILABLE
                and each.batch.request_counts.total < 1000
            ),
            key=lambda each: each.batch.request_counts.total,
        )
        screen = await open_screen(app, pilot, record)
        assert screen.file is not None
        for number in range(len(screen.file)):
            screen.read(screen.file, number)
            await pilot.pause()
            text = seen(app).replace("\n", "")
            assert not UNSAFE.search(text)
