from __future__ import annotations

from textual.app import App, ComposeResult

from batchtui.ui.widgets.confirming import Confirming, Option

OPTIONS = (Option("Delete 12", "12"), Option("Delete 1"), Option("Back"))


class ConfirmingApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.confirmed: list[int] = []
        self.refused: list[str] = []

    def compose(self) -> ComposeResult:
        yield Confirming()

    def on_mount(self) -> None:
        self.options.offer(OPTIONS, cursor=2)
        self.options.focus()

    @property
    def options(self) -> Confirming:
        return self.query_one(Confirming)

    @property
    def seen(self) -> list[str]:
        return [self.options.render_line(y).text.rstrip() for y in range(3)]

    def on_confirming_confirmed(self, message: Confirming.Confirmed) -> None:
        self.confirmed.append(message.index)

    def on_confirming_refused(self, message: Confirming.Refused) -> None:
        self.refused.append(message.number)


async def test_an_option_without_a_number_is_taken_at_once() -> None:
    app = ConfirmingApp()
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("1", "enter", "up", "enter")
        assert app.confirmed == [2, 1]
        assert app.seen[0] == "  Delete 12"


async def test_one_with_a_number_wants_it_typed() -> None:
    app = ConfirmingApp()
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("up", "up", "enter", "1", "enter", "x", "3", "enter")
        assert app.refused == ["12"] * 3
        assert app.seen[0] == "▸ Delete 12   type 12 to confirm: 13▏"
        await pilot.press("backspace", "2", "enter")
        assert app.confirmed == [0]
        assert app.seen[0].endswith("12▏ enter")


async def test_what_was_typed_for_one_is_not_for_another() -> None:
    app = ConfirmingApp()
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("up", "up", "1", "2", "down", "up", "enter")
        assert app.refused == ["12"]
        await pilot.press("1", "2")
        app.options.offer((Option("Delete 12 more", "12"), *OPTIONS[1:]))
        await pilot.press("enter")
        assert app.confirmed == []
