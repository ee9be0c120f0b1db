"""A result beside the one of the same custom_id in another batch."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from batchtui.domain.text import UNSAFE
from batchtui.results.opening import open_results_now
from batchtui.ui.presenters.result import Look
from batchtui.ui.screens.choosing import ChoosingScreen
from batchtui.ui.screens.compare import CompareScreen
from batchtui.ui.screens.result import ResultScreen
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until
from tests.ui.screens.test_reading import HOSTILE, answer, seen, text, write


async def keep(app: Host, results: dict[int, list[bytes]]) -> list[str]:
    """Have results of the newest batches here; returns the ids of all batches, newest first."""
    account = app.session.account
    records = sorted(app.session.records.values(), key=lambda each: each.batch.created_at)[::-1]
    account.results.directory.mkdir(parents=True, exist_ok=True)
    for place, lines in results.items():
        write(account.results.path(records[place].id), b"\n".join(lines))
    await app.session.engine.get(account.reload_if_changed)
    await app.session.reload()
    return [record.id for record in records]


async def compare_first(app: Host, pilot: Pilot[int], batch_id: str) -> CompareScreen:
    file = open_results_now(app.session.account.results.path(batch_id))
    numbers = range(len(file))
    result = ResultScreen(app.session, batch_id, file, numbers, 0, Look())
    await app.push_screen(result)
    await until(pilot, lambda: result.shown)
    await pilot.press("v")
    await until(pilot, lambda: "enter compares" in seen(app))
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, CompareScreen))
    screen = app.screen
    assert isinstance(screen, CompareScreen)
    await until(pilot, lambda: screen.comparison)
    await pilot.pause()
    return screen


NEW = [
    answer("a", text("The cat sat."), usage={"output_tokens": 4}),
    answer("b", text("The same.")),
    answer("c", text("Only here.")),
]
OLD = [
    answer("b", text("The same.")),
    answer("a", text("The dog sat."), stop_reason="max_tokens", usage={"output_tokens": 5}),
]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_two_answers_are_compared_and_their_neighbours(
    simulator: StartSimulator, hosting: Hosting, size: tuple[int, int]
) -> None:
    async with hosting(simulator("crowd:4").base_url, size=size) as (app, pilot):
        ids = await keep(app, {0: NEW, 1: OLD, 2: [answer("other")]})
        screen = await compare_first(app, pilot, ids[0])
        shown = seen(app)
        for words in ("The cat sat.", "The dog sat.", "1 line differs", "max_tokens", "out 5"):
            assert words in shown
        await pilot.press("n")
        await until(pilot, lambda: screen.comparison and screen.comparison.same)
        await pilot.press("n")
        await until(pilot, lambda: "not in this batch" in seen(app))
        await pilot.press("p", "J")
        await until(pilot, lambda: '"custom_id": "b"' in seen(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ResultScreen))
        await until(pilot, lambda: app.screen.number == 1)  # type: ignore[attr-defined]
        assert app.session.compared_with == {ids[0]: ids[1]}


async def test_where_there_is_nothing_to_compare_with(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        ids = await keep(app, {0: NEW, 1: [answer("z")]})
        file = open_results_now(app.session.account.results.path(ids[0]))
        result = ResultScreen(app.session, ids[0], file, range(len(file)), 0, Look())
        await app.push_screen(result)
        await until(pilot, lambda: result.shown)
        await pilot.press("v")
        await until(pilot, lambda: "No other batch" in seen(app))
        await pilot.press("enter", "escape")
        await until(pilot, lambda: app.screen is result)


async def test_the_batch_chosen_last_is_offered_first(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator("crowd:4").base_url) as (app, pilot):
        ids = await keep(app, {0: NEW, 1: OLD, 2: OLD})
        app.session.compared_with[ids[0]] = ids[2]
        screen = ChoosingScreen(app.session, ids[0], "a", ids[2])
        await app.push_screen(screen)
        await until(pilot, lambda: "enter compares" in seen(app))
        assert screen.choosing.cursor == 1


async def test_hostile_answers_are_only_text(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path
) -> None:
    async with hosting(simulator("crowd:4").base_url, size=(120, 30)) as (app, pilot):
        model = {"model": HOSTILE, "stop_reason": HOSTILE}
        one, other = answer(HOSTILE, text(HOSTILE)), answer(HOSTILE, text(HOSTILE * 2), **model)
        ids = await keep(app, {0: [one], 1: [other]})
        screen = await compare_first(app, pilot, ids[0])
        for width in (120, 60, 20):
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
            assert not UNSAFE.search(seen(app).replace("\n", ""))
        assert app.screen is screen
