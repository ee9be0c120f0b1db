"""Closing a screen again before it is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from batchtui.account.plans import Verb, plan
from batchtui.ui.screens.board import BoardScreen
from batchtui.ui.screens.closing import Closing
from batchtui.ui.screens.help import HelpScreen
from batchtui.ui.screens.plan import PlanScreen
from batchtui.ui.screens.prompt import PromptScreen
from batchtui.ui.screens.results import ResultsScreen
from tests.ui.screens.conftest import Host, Hosting

Make = Callable[[Host], Closing[Any]]

SCREENS: dict[str, Make] = {
    "board": lambda app: BoardScreen(app.session),
    "help": lambda app: HelpScreen(app.screen),
    "plan": lambda app: PlanScreen(app.session, plan(Verb.DELETE, (), app.session.now())),
    "prompt": lambda app: PromptScreen("Label"),
    "results": lambda app: ResultsScreen(app.session, "msgbatch_1"),
}


@pytest.mark.parametrize("make", SCREENS.values(), ids=SCREENS)
async def test_closing_twice_closes_once(hosting: Hosting, make: Make) -> None:
    async with hosting(None) as (app, pilot):
        await app.push_screen(HelpScreen(app.screen))
        between = app.screen
        screen = make(app)
        await app.push_screen(screen)
        screen.close()
        screen.close()
        await pilot.pause()
        assert app.screen is between
