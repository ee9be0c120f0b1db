"""The screens and states that matter, each the same every time: what to open, and how to get there.

Compared with their pictures by `test_pictures`; some of them are the pictures in the README.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from textual.widgets import Input

from batchtui.account.opening import open_account
from batchtui.cli.demo import remember
from batchtui.domain.batch import Outcome
from batchtui.settings.config import Settings
from batchtui.settings.credentials import identify
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.lifecycle import Counting
from batchtui.simulator.server import KEY, RunningServer
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.results import ResultsScreen
from tests.ui.conftest import AppPilot, settled, until

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WIDE, NARROW, SMALL, HUGE = (120, 40), (80, 24), (60, 15), (240, 60)

Stage = Callable[[AppPilot, BatchtuiApp], Awaitable[None]]
Size = tuple[int, int]


@dataclasses.dataclass(frozen=True)
class Scene:
    """One screen in one state.

    Attributes:
        stage: brings the app there, once the list has been read.
        sizes: the terminals it is shown in.
        offline: whether there is no API at all.
        faults: what goes wrong from the start, in the simulator's grammar.
    """

    name: str
    stage: Stage
    sizes: tuple[Size, ...] = (WIDE, NARROW)
    scenario: str = "demo"
    counts: Counting = "api"
    theme: str | None = None
    offline: bool = False
    faults: tuple[str, ...] = ()
    read_only: bool = False


def keys(*pressed: str) -> Stage:
    """Press keys, and let the app come to rest."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        for each in app.query(Input):
            each.cursor_blink = False
        await pilot.press(*pressed)
        await pilot.pause(0.1)

    return stage


def on(outcome: Outcome, *pressed: str) -> Stage:
    """Put the cursor on the newest batch with an outcome first."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        home = app.screen
        assert isinstance(home, BatchesScreen)
        records = app.session.records
        home.table.move_to(
            next(each for each in home.table.keys if records[each].batch.outcome is outcome)
        )
        await keys(*pressed)(pilot, app)

    return stage


def typed(words: str) -> Stage:
    """Filter the list."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await pilot.press("slash")
        line = app.screen.query_one(Input)
        line.cursor_blink = False
        line.value = words
        await pilot.pause(0.1)

    return stage


def results_of(outcome: Outcome, *pressed: str) -> Stage:
    """Open the results of the newest batch with an outcome."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await on(outcome, "enter")(pilot, app)
        screen = app.screen
        assert isinstance(screen, ResultsScreen)
        await until(pilot, lambda: screen.has_class("-open"))
        await pilot.pause(0.2)
        await keys(*pressed)(pilot, app)

    return stage


SCENES = (
    Scene("batches", on(Outcome.RUNNING, "j", "j"), sizes=(WIDE, NARROW, SMALL, HUGE)),
    Scene("batches-live", on(Outcome.RUNNING, "j", "j", "j"), counts="live"),
    Scene("batches-partial", on(Outcome.PARTIAL)),
    Scene("batches-light", on(Outcome.RUNNING, "j", "j"), theme="batchtui-light", sizes=(WIDE,)),
    Scene("batches-contrast", on(Outcome.PARTIAL), theme="batchtui-contrast", sizes=(NARROW,)),
    Scene("batches-read-only", keys(), read_only=True, sizes=(NARROW,)),
    Scene("batches-marked", keys("space", "j", "space", "s")),
    Scene("batches-empty", keys(), scenario="empty", sizes=(NARROW,)),
    Scene("batches-hostile", keys("j"), scenario="hostile"),
    Scene("batches-more-below", keys("j"), scenario="crowd:450", sizes=(WIDE,)),
    Scene("filter", typed("running >10m")),
    Scene("filter-without-matches", typed("[/no] such batch"), sizes=(NARROW,)),
    Scene("trouble", keys(), faults=("429=40/list",)),
    Scene("no-access", keys(), faults=("401/list",), sizes=(NARROW,)),
    Scene("offline", keys(), offline=True, sizes=(NARROW,)),
    Scene("board", keys("b", "right"), sizes=(WIDE, NARROW, HUGE)),
    Scene("board-live", keys("b"), counts="live", sizes=(WIDE,)),
    Scene("board-empty", keys("b"), scenario="empty", sizes=(NARROW,)),
    Scene("results", results_of(Outcome.PARTIAL, "3"), sizes=(WIDE, NARROW, SMALL)),
    Scene("results-all", results_of(Outcome.PARTIAL, "j", "j")),
    Scene("results-running", on(Outcome.RUNNING, "enter"), sizes=(NARROW,)),
    Scene("result", results_of(Outcome.PARTIAL, "enter")),
    Scene("result-raw", results_of(Outcome.PARTIAL, "enter", "J"), sizes=(NARROW,)),
    Scene("plan-cancel", on(Outcome.RUNNING, "c")),
    Scene("plan-delete", on(Outcome.PARTIAL, "space", "space", "d")),
    Scene("label", keys("l")),
    Scene("help", keys("question_mark")),
    Scene("palette", keys("colon")),
)


@contextmanager
def opened(scene: Scene, directory: Path) -> Iterator[BatchtuiApp]:
    """The app of a scene on a server of its own, not yet running; times are shown in UTC."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    clock = FixedClock(NOON)
    with RunningServer(
        scene.scenario, clock=clock, counts=scene.counts, faults=scene.faults
    ) as server:
        account = open_account(
            directory=directory,
            settings=Settings(interval=0, theme=scene.theme, read_only=scene.read_only),
            identity=identify({}, base_url=server.base_url, api_key=KEY),
            offline=scene.offline,
            clock=clock,
            api_key=KEY,
        )
        if scene.scenario == "demo":
            remember(account.account, server.world)
        app = BatchtuiApp(account, modes=("DEMO",))
        try:
            yield app
        finally:
            app.session.engine.stop()


async def play(scene: Scene, pilot: AppPilot) -> None:
    """Bring a running app to the state of the scene."""
    app = pilot.app
    assert isinstance(app, BatchtuiApp)
    await settled(pilot, app)
    await scene.stage(pilot, app)
