"""Asking for a label or a note."""

from __future__ import annotations

from textual.widgets import Input, TextArea

from batchtui.ui.screens.prompt import LONGEST_TEXT, PromptScreen
from tests.ui.screens.conftest import Hosting, until


async def test_enter_gives_the_line_back(hosting: Hosting) -> None:
    async with hosting(None) as (app, pilot):
        answers: list[str | None] = []
        app.push_screen(PromptScreen("Label", "old"), answers.append)
        await pilot.pause()
        await pilot.press("x", "enter")
        assert answers == ["oldx"]


async def test_escape_gives_nothing_back(hosting: Hosting) -> None:
    async with hosting(None) as (app, pilot):
        answers: list[str | None] = []
        app.push_screen(PromptScreen("Label", "old"), answers.append)
        await pilot.pause()
        await pilot.press("x", "escape")
        assert answers == [None]


async def test_a_line_has_an_end(hosting: Hosting) -> None:
    async with hosting(None, size=(20, 5)) as (app, pilot):
        screen = PromptScreen("Label", "é" * 199)
        await app.push_screen(screen)
        await pilot.pause()
        await pilot.press("x", "y")
        assert len(screen.query_one(Input).value) == 200


async def test_a_note_has_lines_and_an_end(hosting: Hosting) -> None:
    async with hosting(None, size=(60, 15)) as (app, pilot):
        answers: list[str | None] = []
        screen = PromptScreen("Note", "one\x1b[31m", lines=6)
        app.push_screen(screen, answers.append)
        await pilot.pause()
        await pilot.press("enter", "t", "w", "o")
        area = screen.query_one(TextArea)
        area.insert("x" * LONGEST_TEXT)
        await pilot.press("ctrl+s")
        assert not answers
        area.text = area.text[: LONGEST_TEXT - 1]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: answers)
        assert answers[0] is not None
        assert answers[0].startswith("one\ufffd[31m\ntwo")
