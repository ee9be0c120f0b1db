from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App, ComposeResult

from batchtui.ui.widgets.pick_list import Pick, PickList

LINES: Sequence[Pick[str]] = (
    Pick("Fruit"),
    Pick("apples", "a"),
    Pick("  red ones", "a"),
    Pick("pears", "p"),
    Pick(""),
    *(Pick(f"note {number}") for number in range(20)),
    Pick("zucchini", "z"),
    Pick("the end"),
)


class PickApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield PickList[str]()

    @property
    def picks(self) -> PickList[str]:
        return self.query_one(PickList)

    def on_pick_list_chosen(self, message: PickList.Chosen) -> None:
        self.chosen.append(message.key)


def lines(app: PickApp) -> list[str]:
    return [app.picks.render_line(y).text for y in range(app.picks.size.height)]


async def test_the_cursor_goes_from_choice_to_choice() -> None:
    app = PickApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.picks.show(lambda width: LINES)
        app.picks.focus()
        await pilot.pause()
        assert app.picks.key == "a"
        assert [line[1:4] for line in lines(app)[2:5]] == ["▌ap", "▌  ", " pe"]
        await pilot.press("down", "enter")
        assert app.chosen == ["p"]
        await pilot.press("down", "enter", "up", "up", "enter")
        assert app.chosen == ["p", "z", "a"]


async def test_what_cannot_be_chosen_can_be_scrolled_to() -> None:
    app = PickApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.picks.show(lambda width: LINES)
        app.picks.focus()
        await pilot.press("down", "down", "down")
        assert "the end" in lines(app)[-2]
        await pilot.press("g")
        assert "Fruit" in lines(app)[1]
        await pilot.press("up", "pagedown", "G")
        assert "the end" in lines(app)[-2]
        assert app.picks.key == "z"
        await pilot.press("pageup", "pageup", "pageup")
        assert app.picks.key in ("a", "p")


async def test_the_mouse_chooses_and_scrolls() -> None:
    app = PickApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.picks.show(lambda width: LINES)
        await pilot.click(PickList, offset=(5, 4))
        assert app.chosen == ["p"]
        await pilot.click(PickList, offset=(5, 1))
        await pilot.click(PickList, offset=(5, 0))
        assert app.chosen == ["p"]
        app.picks.on_mouse_scroll_down(_wheel())
        assert "Fruit" not in lines(app)[1]


async def test_the_cursor_stays_on_its_choice_when_lines_come() -> None:
    app = PickApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.picks.show(lambda width: LINES[3:])
        app.picks.focus()
        app.picks.show(lambda width: LINES)
        assert app.picks.key == "a"  # nobody has moved it yet
        await pilot.press("down")
        app.picks.show(lambda width: (Pick("new", "n"), *LINES))
        assert app.picks.key == "p"
        app.picks.show(lambda width: (Pick("only", "o"),))
        assert app.picks.key == "o"
        app.picks.show(lambda width: ())
        await pilot.press("enter", "down", "up", "G", "g", "pagedown")
        assert app.chosen == []


def _wheel() -> Any:
    class Wheel:
        def stop(self) -> None: ...

    return Wheel()
