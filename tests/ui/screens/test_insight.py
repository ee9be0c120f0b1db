"""The screen that says what became of the batches."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from batchtui.account.insight import Insights
from batchtui.simulator.clock import FixedClock
from batchtui.ui.presenters.insight_plot import MEASURES
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.insight import InsightScreen
from batchtui.ui.screens.insight_export import InsightExportScreen
from tests.ui.conftest import RunApp
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until
from tests.ui.screens.kept import seen

SIZE = (120, 40)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory."""
    path = tmp_path / "here"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


async def look(app: Host, pilot: Pilot[int]) -> InsightScreen:
    screen = InsightScreen(app.session)
    await app.push_screen(screen)
    await until(pilot, lambda: screen.insight and screen.insight.total.batches)
    await pilot.pause()
    return screen


def batches(screen: InsightScreen) -> int:
    assert screen.insight is not None
    return screen.insight.total.batches


async def test_ranges_measures_and_tables(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with hosting(server.base_url, size=SIZE, clock=fixed_clock) as (app, pilot):
        screen = await look(app, pilot)
        month = batches(screen)
        assert "Requests per day" in seen(app)
        await pilot.press("4")
        await until(pilot, lambda: batches(screen) == len(app.session.records))
        await pilot.press("1")
        await until(pilot, lambda: batches(screen) < month)
        assert "17 Nov – 23 Nov" in seen(app)
        for measure in (*MEASURES[1:], MEASURES[0]):
            await pilot.press("m")
            assert f"{measure.title} per day" in seen(app)
        await pilot.press("M")
        assert "Cost per day" in seen(app)
        await pilot.press("v")
        assert "Cost per model" in seen(app)
        await pilot.press("v")
        assert "Cost per day" in seen(app)
        assert "By model" in seen(app)
        await pilot.press("tab", "j")
        await pilot.pause()
        assert "Sun 22 Nov" in seen(app)
        assert screen.stretches.has_focus
        await pilot.press("tab", "escape")
        await until(pilot, lambda: app.screen is not screen)


async def test_the_cursor_does_not_sink_with_the_first_row_there_was(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with hosting(server.base_url, size=SIZE, clock=fixed_clock) as (app, pilot):
        screen = await look(app, pilot)
        assert screen.models.keys == ["None"]
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("up", "enter")
        await until(pilot, lambda: len(screen.models.keys) > 1)
        assert screen.models.cursor_index == 0
        await pilot.press("x")


async def test_columns_are_weeks_where_days_do_not_fit(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with hosting(server.base_url, size=(80, 24), clock=fixed_clock) as (app, pilot):
        screen = await look(app, pilot)
        assert screen.check_action("by", ())
        await pilot.press("3")
        await until(pilot, lambda: "Requests per week" in seen(app))
        await pilot.resize_terminal(60, 15)
        await until(pilot, lambda: not screen.check_action("by", ()))
        await pilot.resize_terminal(160, 40)
        await until(pilot, lambda: "Requests per day" in seen(app))


async def test_another_day_is_another_one_though_nothing_happens(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=FixedClock(fixed_clock()))
    async with hosting(server.base_url, size=SIZE, clock=fixed_clock) as (app, pilot):
        await look(app, pilot)
        assert "25 Oct – 23 Nov" in seen(app)
        fixed_clock.advance(24 * 3600)
        await until(pilot, lambda: "26 Oct – 24 Nov" in seen(app))


async def test_days_are_those_of_the_zone(simulator: StartSimulator, hosting: Hosting) -> None:
    clock = FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    server = simulator("demo", clock=clock)
    async with hosting(server.base_url, size=SIZE, clock=clock) as (app, pilot):
        session = app.session
        zone = ZoneInfo("America/New_York")
        session.insights = Insights(session.account.results, session.prices, zone=zone)
        screen = await look(app, pilot)
        assert screen.insight is not None
        assert screen.insight.days.last == date(2026, 11, 22)


async def test_what_is_missing_is_fetched_when_a_person_agrees(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock
) -> None:
    server = simulator("big:30", clock=fixed_clock)
    async with hosting(server.base_url, size=SIZE, clock=fixed_clock) as (app, pilot):
        screen = await look(app, pilot)
        assert "can be fetched (f)" in seen(app)
        assert screen.insight is not None
        assert screen.insight.total.usd is None
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert not app.session.downloads.busy
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("up", "enter")
        await until(pilot, lambda: screen.insight and not screen.insight.fetchable)
        assert screen.insight.total.usd is not None


async def test_what_is_not_read_yet_is_said_and_read_when_asked_for(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock
) -> None:
    server = simulator("crowd:300", clock=fixed_clock)
    async with hosting(server.base_url, size=SIZE, clock=fixed_clock) as (app, pilot):
        screen = await look(app, pilot)
        await pilot.press("4")
        await until(pilot, lambda: screen.insight and screen.days is None)
        await until(pilot, lambda: "Older batches are not read yet (o reads on)." in seen(app))
        assert batches(screen) < 300
        await pilot.press("o")
        await until(pilot, lambda: batches(screen) == 300)
        assert "Older batches" not in seen(app)
        assert not screen.check_action("read_older", ())


async def test_days_that_are_read_whole_are_not_doubted(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock
) -> None:
    server = simulator("crowd:1000", clock=fixed_clock)
    async with hosting(server.base_url, size=SIZE, clock=fixed_clock) as (app, pilot):
        screen = await look(app, pilot)
        oldest = app.session.records[app.session.paging.oldest or ""]
        assert app.session.paging.more
        assert oldest.batch.created_at < app.session.now() - timedelta(days=1)
        screen.days = 1
        screen._look()
        await until(pilot, lambda: screen.insight and len(screen.insight.stretches) == 1)
        assert "Older batches" not in seen(app)


async def test_figures_are_exported(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock, here: Path
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with hosting(server.base_url, size=(80, 24), clock=fixed_clock) as (app, pilot):
        screen = await look(app, pilot)
        for key in ("e", "tab", "e"):
            await pilot.press(key)
            if key == "e":
                await until(pilot, lambda: isinstance(app.screen, InsightExportScreen))
                await pilot.pause()
                name = app.screen.query_one(Input).value
                await pilot.press("enter")
                await until(pilot, lambda: app.screen is screen)
                rows = "rows are" if screen.has_class("-by-day") else "1 row is"
                assert any(f"{rows} in {name}" in each for each in app.notices)
        by_model, by_day = (
            here / f"batches-2026-10-25-2026-11-23-by-{each}.csv" for each in ("model", "day")
        )
        with by_day.open(newline="") as file:
            assert sum(int(row["batches"]) for row in csv.DictReader(file)) == batches(screen)
        assert by_model.read_text().startswith("model,batches,")


async def test_a_file_that_is_there_is_replaced_at_the_second_enter(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock, here: Path
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with hosting(server.base_url, clock=fixed_clock) as (app, pilot):
        screen = await look(app, pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, InsightExportScreen))
        await pilot.pause()
        await pilot.press("right")
        path = here / app.screen.query_one(Input).value
        assert path.suffix == ".json"
        path.write_text("mine")
        await pilot.press("enter")
        await until(pilot, lambda: "a file of that name" in seen(app))
        assert path.read_text() == "mine"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        assert path.read_text().startswith('{"model":')


async def test_without_batches_there_is_nothing_to_export(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("empty", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        await pilot.press("I")
        await until(pilot, lambda: getattr(app.screen, "insight", None))
        screen = app.screen
        await pilot.press("e", "f")
        await pilot.pause()
        assert app.screen is screen
        assert isinstance(screen, InsightScreen)
        assert batches(screen) == 0
