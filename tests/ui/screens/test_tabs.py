"""Tabs of the list, in the running app."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Input

from batchtui.domain.tabs import ALL
from batchtui.settings.schema import Settings
from batchtui.simulator.clock import FixedClock
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.prompt import PromptScreen
from tests.conftest import StartSimulator
from tests.ui.conftest import AppPilot, RunApp, until


def home(app: BatchtuiApp) -> BatchesScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, BatchesScreen)
    return screen


def top(app: BatchtuiApp) -> str:
    return str(home(app).table.titles.top)


def in_file(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "config" / "config.toml"
    found = tomllib.loads(file.read_text()) if file.exists() else {}
    return msgspec.convert(found.get("tabs", {}), dict[str, str])


async def enter(pilot: AppPilot, app: BatchtuiApp, words: str) -> None:
    """Answer the line that is asked for."""
    await until(pilot, lambda: isinstance(app.screen, PromptScreen))
    app.screen.query_one(Input).value = words
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is home(app))


async def test_tabs_follow_the_width(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        wide = top(app)
        assert " 2 Running " in wide
        await pilot.resize_terminal(70, 24)
        await until(pilot, lambda: " 2 Running " not in top(app))
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: top(app) == wide)


async def test_keys_turn_to_tabs_and_the_filter_stays(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        table, everything = home(app).table, len(home(app).table.keys)
        assert top(app).startswith(f"▏All {everything}▕ 2 Running ")
        await pilot.press("2")
        assert all(record.running for record in app.session.of(table.keys))
        running = len(table.keys)
        assert 0 < running < everything
        assert f"▏Running {running}▕" in top(app)
        await pilot.press("slash", *"<1h", "enter")
        assert 0 < len(table.keys) < running
        assert f"{len(table.keys)} of {running}" in str(table.titles.bottom_right)
        assert f"▏Running {running}▕" in top(app)
        await pilot.press("tab")
        assert home(app).tab.name == "Attention"
        await pilot.press("left_square_bracket", "shift+tab")
        assert home(app).tab is ALL
        assert 0 < len(table.keys) < everything
        await pilot.press("shift+tab")
        assert home(app).tab.name == "Mine"
        await pilot.press("escape")
        assert home(app).typed == ""
        assert home(app).tab.name == "Mine"
        await pilot.press("escape")
        assert home(app).tab is ALL
        await pilot.press("9")
        assert home(app).tab is ALL


async def test_the_tab_stays_while_one_looks_elsewhere(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("3", "b")
        await pilot.press("escape")
        assert home(app).tab.name == "Attention"


async def test_a_click_turns_to_a_tab(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        where = top(app).index("Expiring") + 3
        await pilot.click("#batches", offset=(where, 0))
        await pilot.pause()
        assert home(app).tab.name == "Expiring"


async def test_counts_follow_what_happens_and_what_time_does(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        before = top(app)
        fixed_clock.advance(25 * 3600)
        for _ in range(30):
            home(app).tick()
        assert top(app) != before
        await pilot.press("r")
        await until(pilot, lambda: "Running 9" not in top(app))


async def test_a_filter_becomes_a_tab_and_is_changed_and_removed(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock, tmp_path: Path
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("T")
        assert "Filter with /" in str([each.message for each in app._notifications])
        await pilot.press("2", "slash", *"<3h", "enter", "T")
        await enter(pilot, app, "New [/one]")
        assert home(app).tab.text == "is:running <3h"
        assert home(app).typed == home(app).filter_input.value == ""
        assert "▏New [/one] " in top(app)
        await until(pilot, lambda: "New [/one]" in in_file(tmp_path))
        assert in_file(tmp_path)["New [/one]"] == "is:running <3h"
        assert next(iter(in_file(tmp_path))) == "Running"

        for pressed, words in ((["enter"], "Young"), (["down", "enter"], "<2h")):
            await pilot.press("T")
            await until(pilot, lambda: isinstance(app.screen, AskScreen))
            await pilot.press("up", "up", "up", *pressed)
            await enter(pilot, app, words)
        await until(pilot, lambda: in_file(tmp_path).get("Young") == "<2h")
        assert home(app).tab.name == "Young"

        await pilot.press("T")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.screen is home(app))
        assert home(app).tab is ALL
        own = ["Running", "Attention", "Expiring", "Mine"]
        await until(pilot, lambda: list(in_file(tmp_path)) == own)
        assert app.accounts.settings.tabs == in_file(tmp_path)


@pytest.mark.parametrize("name", ["running", "", "x" * 30])
async def test_a_name_that_cannot_be_is_refused(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock, tmp_path: Path, name: str
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("slash", *"nightly", "enter", "T")
        await enter(pilot, app, name)
        assert not (tmp_path / "config" / "config.toml").exists()
        assert home(app).typed == "nightly"


async def test_whatever_the_file_says_can_be_shown(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    tabs = {"[@click=app.quit]x[/]": "[/", "": "\x1b[2J", "All": "", "long " * 40: "!", "e": "is:x"}
    settings = Settings(interval=0, tabs=tabs, columns=("age", "colour", "name"))
    async with run_app(
        simulator("demo", clock=fixed_clock), fixed_clock, settings=settings, size=(80, 24)
    ) as (app, pilot):
        said = " ".join(str(each.message) for each in app._notifications)
        assert '"colour"' in said
        for _ in range(7):
            await pilot.press("tab")
        assert home(app).tab is not ALL
        for _ in range(5):
            await pilot.press("tab")
        assert home(app).tab is ALL


async def test_a_state_there_is_not_is_named_where_nothing_is_listed(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    settings = Settings(interval=0, tabs={"Typo": "is:runing"})
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock, settings=settings) as (app, pilot):
        await pilot.press("2")
        await until(pilot, lambda: "no state is:runing" in str(home(app).table.empty))


async def test_settings_that_are_new_are_taken_over(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("2")
        home(app).adopt(Settings(tabs={"Running": "nightly"}, columns=("name", "note")))
        assert home(app).tab.text == "nightly"
        assert "Note" in home(app).table._painter.header().text
        home(app).adopt(Settings(tabs={}))
        assert home(app).tab is ALL
        assert top(app) == "Batches"
        await pilot.press("tab", "2")
        assert home(app).tab is ALL
