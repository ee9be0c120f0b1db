"""What the server lacks is said once, and switched off."""

from __future__ import annotations

from textual.content import Content

from batchtui.domain.operation import Operation
from batchtui.simulator.clock import FixedClock
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.line_table import LineTable
from tests.conftest import StartSimulator
from tests.ui.conftest import AppPilot, RunApp, until


def said(app: BatchtuiApp) -> list[str]:
    return [each.message for each in app._notifications]


def offers(app: BatchtuiApp, action: str) -> bool:
    return bool(app.screen.check_action(action, ()))


def seen(app: BatchtuiApp) -> str:
    return "\n".join(
        widget.render_line(y).text
        for widget in app.screen.query(Canvas)
        for y in range(widget.size.height)
    )


async def lacks(pilot: AppPilot, app: BatchtuiApp, operation: Operation) -> None:
    await until(pilot, lambda: operation in app.session.lacks)
    await pilot.pause(0.05)


async def test_a_verb_that_is_lacking_is_switched_off(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("crowd:5", clock=fixed_clock, lacks=["results=405"])
    async with run_app(server, fixed_clock) as (app, pilot):
        assert offers(app, "fetch")
        await pilot.press("f")
        await lacks(pilot, app, Operation.RESULTS)
        assert not offers(app, "fetch")
        assert not offers(app, "fetch_expiring")
        assert offers(app, "delete")
        words = "This server cannot hand out results, so that is switched off."
        assert said(app).count(words) == 1
        asked = len(server.calls)
        await pilot.press("f", "F")
        assert len(server.calls) == asked
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ResultsScreen))
        await pilot.pause(0.1)
        assert "f tries again" not in seen(app)
        await pilot.press("escape")
        assert said(app).count(words) == 1


async def test_without_a_list_the_app_goes_on(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        known = set(app.session.records)
        server.faults.add("lacks=501/list")
        await pilot.press("r")
        await lacks(pilot, app, Operation.LIST)
        assert any("cannot list batches" in each for each in said(app))
        assert set(app.session.records) == known
        assert app.session.pulse.updated_at is not None
        assert not app.session.pulse.reason
        title = app.screen.query_one(LineTable).titles.bottom_right
        assert f"{len(known)} known" in Content(str(title)).plain


async def test_without_a_list_an_empty_one_promises_nothing(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock, lacks=["list=501"])
    async with run_app(server, fixed_clock) as (app, pilot):
        await lacks(pilot, app, Operation.LIST)
        words = str(app.screen.query_one(LineTable).empty)
        assert "This server cannot list batches." in words
        assert "`batchtui import`" in words
        assert "by themselves" not in words
