"""What the app tells of on its screens and beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from batchtui.settings.schema import Hooks, Settings
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.prose import EVALS
from batchtui.simulator.scripted import Scripted
from batchtui.simulator.server import RunningServer
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.screens.board import BoardScreen
from tests.conftest import StartSimulator
from tests.ui.conftest import RunApp, until

HOUR = 3600.0


def world(simulator: StartSimulator, clock: FixedClock, *hours: float) -> RunningServer:
    """A server whose batches take so many hours."""
    server = simulator("empty", clock=clock)
    for number, each in enumerate(hours, 1):
        batch_id = f"msgbatch_{number:024}"
        script = Scripted(number, EVALS, 10)
        server.world.add(Plan(batch_id, clock(), timedelta(hours=each), script))
    return server


def said(app: BatchtuiApp) -> Sequence[str]:
    return [notice.message for notice in app._notifications]


async def test_says_and_hands_on_that_batches_ended(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    hook = ("sh", "-c", f'echo "$BATCHTUI_ID" >> {log}')
    settings = Settings(interval=0, hooks=Hooks(on_end=hook))
    server = world(simulator, fixed_clock, 1, 1, 9)
    async with run_app(server, fixed_clock, settings=settings) as (app, pilot):
        fixed_clock.advance(2 * HOUR)
        await pilot.press("r")
        await until(pilot, lambda: any("2 batches ended" in each for each in said(app)))
        await until(pilot, lambda: log.exists() and len(log.read_text().split()) == 2)
        await pilot.press("r")
        await pilot.pause(0.2)
        assert sum("ended" in each for each in said(app)) == 1
        assert app.session.running == 1


async def test_says_what_expires_and_what_is_about_to_vanish(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = world(simulator, fixed_clock, 1, 23.9)
    async with run_app(server, fixed_clock) as (app, pilot):
        fixed_clock.advance(23.5 * HOUR)
        await pilot.press("r")
        await until(pilot, lambda: any("expires" in each for each in said(app)))
        fixed_clock.advance(27.9 * 24 * HOUR)
        await pilot.press("r")
        await until(pilot, lambda: any("gone within a day" in each for each in said(app)))


async def test_of_two_apps_one_tells(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = world(simulator, fixed_clock, 1)
    async with (
        run_app(server, fixed_clock) as (one, pilot),
        run_app(server, fixed_clock) as (two, other),
    ):
        fixed_clock.advance(2 * HOUR)
        for each in (pilot, other):
            await each.press("r")
        await until(pilot, lambda: not one.session.running)
        await until(other, lambda: not two.session.running)
        await until(pilot, lambda: bool(said(one)) or bool(said(two)))
        await pilot.pause(0.2)
        assert sum("ended" in each for app in (one, two) for each in said(app)) == 1


async def test_what_ended_while_nobody_looked_is_told_at_the_next_start(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = world(simulator, fixed_clock, 1)
    async with run_app(server, fixed_clock):
        pass
    fixed_clock.advance(2 * HOUR)
    for number in (1, 0):
        async with run_app(server, fixed_clock) as (app, pilot):
            await pilot.pause(0.2)
            assert sum("ended" in each for each in said(app)) == number


async def test_hooks_that_misbehave_hold_nothing_up(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock, tmp_path: Path
) -> None:
    path = tmp_path / "pid"
    hangs = ("sh", "-c", f"echo $$ > {path}.new; mv {path}.new {path}; sleep 1000")
    hooks = Hooks(on_end=("/no/such/program",), on_partial=hangs)
    server = world(simulator, fixed_clock, 9, 9)
    server.world.cancel(f"msgbatch_{1:024}")
    server.world.cancel(f"msgbatch_{2:024}")
    settings = Settings(interval=0, hooks=hooks)
    async with run_app(server, fixed_clock, settings=settings) as (app, pilot):
        fixed_clock.advance(HOUR)
        await pilot.press("r")
        await until(pilot, lambda: any("no such program" in each for each in said(app)))
        await until(pilot, path.exists)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        assert sum("no such program" in each for each in said(app)) == 1
    assert not is_alive(path)


def is_alive(path: Path) -> bool:
    """Whether the process is there whose id stands in a file, and is no zombie."""
    try:
        state = Path(f"/proc/{int(path.read_text())}/stat").read_text().rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"


async def test_a_hook_begun_at_the_start_is_stopped_at_the_end(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock, tmp_path: Path
) -> None:
    path = tmp_path / "pid"
    hangs = ("sh", "-c", f"echo $$ > {path}.new; mv {path}.new {path}; sleep 1000")
    settings = Settings(interval=0, hooks=Hooks(on_vanishing=hangs))
    server = world(simulator, fixed_clock, 1)
    fixed_clock.advance(2 * HOUR)
    async with run_app(server, fixed_clock):
        pass
    fixed_clock.advance(28.5 * 24 * HOUR)
    async with run_app(server, fixed_clock, settings=settings) as (_, pilot):
        await until(pilot, path.exists)
    assert not is_alive(path)
