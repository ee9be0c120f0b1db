from __future__ import annotations

from textual.app import App, ComposeResult
from textual.content import Content
from textual.geometry import Region

from batchtui.ui.widgets.ask_line import AskLine, AskMessage
from batchtui.ui.widgets.lines import Lines


class AskApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, str, str]] = []

    def compose(self) -> ComposeResult:
        yield AskLine()

    @property
    def line(self) -> AskLine:
        return self.query_one(AskLine)

    def _tell(self, message: AskMessage) -> None:
        self.told.append((type(message).__name__, message.purpose, message.text))

    def on_ask_line_typed(self, message: AskLine.Typed) -> None:
        self._tell(message)

    def on_ask_line_entered(self, message: AskLine.Entered) -> None:
        self._tell(message)

    def on_ask_line_turned(self, message: AskLine.Turned) -> None:
        self._tell(message)


async def test_it_says_what_it_was_asked_for() -> None:
    app = AskApp()
    async with app.run_test(size=(60, 5)) as pilot:
        assert not app.line.display
        app.line.ask("search", "/", value="ab", placeholder="words")
        await pilot.press("c", "ctrl+r", "enter")
        assert app.told == [
            ("Typed", "search", "abc"),
            ("Turned", "search", "abc"),
            ("Entered", "search", "abc"),
        ]
        app.line.close()
        await pilot.pause()
        assert not app.line.display


async def test_to_be_asked_for_another_thing_is_no_typing() -> None:
    app = AskApp()
    async with app.run_test(size=(60, 5)) as pilot:
        app.line.ask("search", "/", value="", placeholder="words")
        await pilot.press("a")
        app.line.ask("filter", "F", value="out>5", placeholder="words")
        await pilot.pause()
        assert app.line.text == "out>5"
        assert app.told == [("Typed", "search", "a")]


async def test_a_note_leaves_room_to_type() -> None:
    app = AskApp()
    async with app.run_test(size=(40, 5)) as pilot:
        app.line.ask("search", "/", value="", placeholder="")
        app.line.note(Content("x" * 200))
        await pilot.pause()
        assert app.line.query_one("#ask-note", Lines).size.width == 26
        assert app.line.field.size.width > 8


async def test_its_sign_is_the_one_of_now_also_after_it_was_hidden() -> None:
    app = AskApp()
    async with app.run_test(size=(40, 5)) as pilot:
        for sign in ("F", "#", "F"):
            app.line.ask("purpose", sign, value="", placeholder="words")
            await pilot.pause()
            (strip,) = app.line.query_one("#ask-sign").render_lines(Region(0, 0, 3, 1))
            assert strip.text == f" {sign} "
            app.line.close()
            await pilot.pause()
