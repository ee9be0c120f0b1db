"""Downloads in the background: one at a time, told about, and stopped on demand."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from batchtui.account.plans import expiring
from batchtui.domain.batch import Outcome, ResultsState
from batchtui.results.checks import Fetched
from batchtui.settings.schema import Settings
from batchtui.simulator.clock import FixedClock
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.prompt import PromptScreen
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.widgets.lines import Lines
from tests.conftest import StartSimulator
from tests.ui.conftest import RunApp, until


def succeeded(app: BatchtuiApp, clock: FixedClock) -> list[str]:
    """Batches whose results can be fetched, newest first."""
    home = app.screen_stack[0]
    assert isinstance(home, BatchesScreen)
    records = app.session.of(list(home.table.keys))
    return [
        each.id
        for each in records
        if each.batch.outcome is Outcome.SUCCEEDED
        and each.results(clock()) is ResultsState.AVAILABLE
    ]


def said(app: BatchtuiApp) -> str:
    return "\n".join(notice.message for notice in app._notifications)


async def test_several_come_one_after_the_other(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        wanted = succeeded(app, fixed_clock)[:3]
        app.session.downloads.add([*wanted, wanted[0]])
        assert all(each in app.session.downloads for each in wanted)
        await until(pilot, lambda: all(app.session.records[each].results_here for each in wanted))
        asked = [call.path for call in server.calls if call.operation == "results"]
        assert len(asked) == 3
        await until(pilot, lambda: "The results of 3 batches are here" in said(app))
        assert said(app).count("are here") == 1


async def test_what_is_kept_stays_within_the_limit(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock, settings=Settings(cache_limit=1000)) as (app, pilot):
        old, new = succeeded(app, fixed_clock)[:2]
        app.session.downloads.add([old])
        await until(pilot, lambda: app.session.records[old].results_here)
        path = app.session.account.results.path(old)
        for each in (path, path.with_suffix(".index")):
            os.utime(each, (0, 0))
        app.session.downloads.add([new])
        await until(pilot, lambda: app.session.records[new].results_here)
        await until(pilot, lambda: not app.session.records[old].results_here)
        await until(pilot, lambda: "to keep within cache_limit" in said(app))
        assert not path.exists()


async def test_one_that_fails_does_not_keep_the_others_from_coming(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        bad, good = succeeded(app, fixed_clock)[:2]
        server.faults.add("403/results:1")
        app.session.downloads.add([bad, good])
        await until(pilot, lambda: app.session.records[good].results_here)
        assert not app.session.records[bad].results_here
        await until(pilot, lambda: "permission" in said(app))


async def test_stopping_leaves_nothing_half(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        first, second = succeeded(app, fixed_clock)[:2]
        server.faults.add("stall/results:1")
        app.session.downloads.add([first, second])
        await until(pilot, lambda: any(call.operation == "results" for call in server.calls))
        await pilot.press("x")
        await until(pilot, lambda: not app.session.downloads.busy)
        assert "stopped" in said(app)
        assert not app.session.records[first].results_here
        assert second not in app.session.downloads
        app.session.downloads.add([first])
        await until(pilot, lambda: app.session.records[first].results_here)


async def test_the_results_screen_waits_for_a_download_under_way(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        (wanted,) = succeeded(app, fixed_clock)[:1]
        server.faults.add("latency=0.3/results:1")
        app.session.downloads.add([wanted])
        await until(pilot, lambda: app.session.downloads.busy)
        await app.push_screen(ResultsScreen(app.session, wanted))
        await until(pilot, lambda: app.screen.has_class("-open"))
        assert [call.operation for call in server.calls].count("results") == 1


async def test_what_is_asked_for_right_after_a_stop_comes(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        first, second = succeeded(app, fixed_clock)[:2]
        server.faults.add("stall/results:1")
        app.session.downloads.add([first])
        await until(pilot, lambda: any(call.operation == "results" for call in server.calls))
        app.session.downloads.stop()
        app.session.downloads.add([second])
        await until(pilot, lambda: app.session.records[second].results_here)
        assert not app.session.records[first].results_here


async def test_what_ends_in_sight_is_fetched_if_so_set(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    settings = Settings(interval=0, auto_fetch=True)
    async with run_app(server, fixed_clock, settings=settings) as (app, pilot):
        before = {each.id for each in app.session.records.values() if each.running}
        assert not app.session.downloads.busy
        fixed_clock.advance(30 * 3600)
        app.session.engine.call(app.session.poller.refresh)
        await until(pilot, lambda: any(app.session.records[each].results_here for each in before))
        await until(pilot, lambda: not app.session.downloads.busy)
        ended = [each for each in before if app.session.records[each].batch.results_url]
        assert all(app.session.records[each].results_here for each in ended)
        here = {each.id for each in app.session.records.values() if each.results_here}
        assert here == set(ended)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("401/results", "The API does not accept"),
        ("lacks=501/results", "This server cannot hand out results"),
    ],
)
async def test_what_would_go_wrong_with_all_of_them_is_said_once(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock, fault: str, words: str
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        server.faults.add(fault)
        app.session.downloads.add(succeeded(app, fixed_clock)[:6])
        await until(pilot, lambda: not app.session.downloads.busy)
        await until(pilot, lambda: words in said(app))
        assert said(app).count(words) == 1
        assert [call.operation for call in server.calls].count("results") <= 3


async def test_what_the_api_drops_soon_is_fetched_when_asked_for(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        records = app.session.records
        wanted = [each.id for each in expiring(records.values(), fixed_clock(), timedelta(20))]
        assert wanted
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.pause()
        foot = app.screen.query_one("#foot", Lines)
        assert "enter fetches · esc leaves" in foot.render_line(0).text
        await pilot.press("backspace", "2", "0", "enter")
        await until(pilot, lambda: all(records[each].results_here for each in wanted))
        assert {each.id for each in app.session.records.values() if each.results_here} == {*wanted}
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.press("x", "enter")
        await until(pilot, lambda: "no number of days" in said(app))


async def test_one_that_is_waited_for_goes_first_and_is_fetched_once(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        downloads = app.session.downloads
        first, *others = succeeded(app, fixed_clock)[:4]
        server.faults.add("stall/results:1")
        downloads.add([first, *others])
        await until(pilot, lambda: any(call.operation == "results" for call in server.calls))
        assert "3 more" in downloads.summary
        fetch = downloads.now(others[-1])
        assert downloads.now(others[-1]) is fetch
        with fetch.watch():
            await until(pilot, lambda: fetch.over)
        assert isinstance(fetch.end, Fetched)
        assert first in downloads
        downloads.stop(first)
        await until(pilot, lambda: not downloads.busy)
        assert all(app.session.records[each].results_here for each in others)
        assert not app.session.records[first].results_here
        assert "The results of 2 batches are here" in said(app)
