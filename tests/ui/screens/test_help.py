"""Help shows the keys as they are, not as they were written."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from batchtui.ui.commands import Command, bindings
from batchtui.ui.presenters.help import help_lines
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.compare import CompareScreen
from batchtui.ui.screens.help import HelpScreen, active_keys
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.widgets.reader import Reader
from tests.ui.screens.conftest import Hosting, StartSimulator, until
from tests.ui.screens.kept import answer, open_kept, seen


class Below(Screen[None]):
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("boil", "b", "boil", "Boil the water", 1, "Kitchen"),
        Command("fry", "f", "fry", "Fry the fish", 2, "Kitchen"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    def compose(self) -> ComposeResult:
        yield Reader()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "fry"


async def test_remapped_keys_show_and_what_cannot_be_done_does_not(hosting: Hosting) -> None:
    async with hosting(None) as (app, pilot):
        app.set_keymap({"boil": "x,ctrl+b"})
        app.push_screen(Below())
        await pilot.pause()
        keys = active_keys(app.screen)
        assert keys["Kitchen"] == [("x ^b", "Boil the water")]
        assert "Leave batchtui" in [does for _, does in keys["Everywhere"]]
        assert ("↓ j", "Down") in keys["Moving"]


@pytest.mark.parametrize(
    ("screen", "said", "unsaid"),
    [
        (BatchesScreen, "younger or older", "stop reason"),
        (ResultsScreen, "stop reason", "younger or older"),
        (CompareScreen, "not the same in both", "stop reason"),
    ],
)
def test_each_screen_explains_its_own_filter_and_signs(
    screen: type[BatchesScreen | ResultsScreen | CompareScreen], said: str, unsaid: str
) -> None:
    lines = "\n".join(line.plain for line in help_lines({}, screen.LEGEND, 120))
    assert said in lines
    assert unsaid not in lines


async def test_keys_that_do_the_same_share_a_line(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    lines = [answer("a", stop="refusal"), answer("b", stop="max_tokens")]
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        await open_kept(app, pilot, lines)
        await until(pilot, lambda: "7 max_tokens" in seen(app))
        keys = active_keys(app.screen)["Results"]
        assert ("6 7", "List what the tab of that number says") in keys


async def test_help_scrolls_and_closes(hosting: Hosting) -> None:
    for size in ((80, 24), (20, 5), (120, 40)):
        async with hosting(None, size=size) as (app, pilot):
            screen = HelpScreen(app.screen)
            await app.push_screen(screen)
            await pilot.pause()
            reader = screen.query_one(Reader)
            text = [reader.render_line(y).text for y in range(reader.size.height)]
            assert text[0].startswith("Batches")
            await pilot.press("G")
            await pilot.pause(0.1)
            await pilot.press("k")
            await pilot.pause()
            assert any("marked" in reader.render_line(y).text for y in range(reader.size.height))
            await pilot.press("question_mark")
            await pilot.pause()
            assert app.screen is not screen
