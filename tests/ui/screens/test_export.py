"""The dialog that writes results to a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from batchtui.ui.screens.export import ExportScreen
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.widgets.options import Options
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until
from tests.ui.screens.kept import answer, failure, open_kept, seen

RESULTS = [answer("a"), failure("b"), answer("c", "=1+1")]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory."""
    path = tmp_path / "here"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def read(path: Path) -> bytes:
    return path.read_bytes()


async def ask(app: Host, pilot: Pilot[int], *pressed: str) -> ResultsScreen:
    screen = await open_kept(app, pilot, RESULTS)
    await pilot.press(*pressed, "e")
    await until(pilot, lambda: isinstance(app.screen, ExportScreen) and app.screen.is_mounted)
    await pilot.pause()
    return screen


def name(app: Host, words: str | None = None) -> str:
    field = app.screen.query_one(Input)
    if words is not None:
        field.value = words
    return field.value


async def test_all_lines_as_they_are(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen = await ask(app, pilot)
        assert "all 3" in seen(app)
        assert "listed" not in seen(app)
        target = here / name(app)
        assert target.suffix == ".jsonl"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        assert read(target).splitlines() == RESULTS
        assert any("3 lines" in each and target.name in each for each in app.notices)


async def test_what_is_marked_or_listed_comes_first(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen = await ask(app, pilot, "space", "2")
        assert "▏marked 1▕" in seen(app)
        assert "all 3  listed 2" in seen(app)
        await pilot.press("up", "left")
        assert "▏listed 2▕" in seen(app)
        await pilot.press("down", "right")
        assert name(app).endswith("-listed.csv")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        (target,) = here.iterdir()  # noqa: ASYNC240
        assert len(read(target).splitlines()) == 3
        assert b"'=1+1" in read(target)


async def test_nothing_is_overwritten_unasked(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    taken = here / "mine.jsonl"
    taken.write_bytes(b"precious")
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen = await ask(app, pilot)
        name(app, "mine.jsonl")
        await pilot.press("enter")
        await until(pilot, lambda: "There is a file of that name." in seen(app))
        assert read(taken) == b"precious"
        name(app, "other.jsonl")
        await pilot.pause()
        name(app, "mine.jsonl")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: "There is a file of that name." in seen(app))
        assert read(taken) == b"precious"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        assert read(taken).splitlines() == RESULTS


async def test_what_goes_wrong_is_a_sentence(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen = await ask(app, pilot)
        name(app, "nowhere/x.jsonl")
        await pilot.press("enter")
        await until(pilot, lambda: "There is no directory" in seen(app))
        name(app, "~no-such-person/x.jsonl")
        await pilot.press("enter")
        await until(pilot, lambda: "no-such-person" in seen(app))
        name(app, "")
        await pilot.press("enter", "escape")
        await until(pilot, lambda: app.screen is screen)
        assert os.listdir(here) == []


async def test_a_name_of_ones_own_stays(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        await ask(app, pilot)
        proposed = name(app)
        await pilot.press("right")
        assert name(app) == proposed.replace(".jsonl", ".csv")
        name(app, "mine.txt")
        await pilot.press("right")
        assert name(app) == "mine.txt"
        await pilot.click("#how", offset=(12, 0))
        assert app.screen.query_one("#how", Options).taken == 0


async def test_an_export_can_be_canceled(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen = await ask(app, pilot)
        dialog = app.screen
        assert isinstance(dialog, ExportScreen)
        dialog.action_export()
        dialog.action_back()
        await until(pilot, lambda: app.screen is screen)
        assert os.listdir(here) == []
        assert not any("exported" in each for each in app.notices)
