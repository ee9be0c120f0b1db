"""Text of any length, a few lines at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot

from batchtui.ui.theme import THEMES
from batchtui.ui.widgets.reader import AHEAD, MOST, Reader


class Host(App[None]):
    def __init__(self, lines: int) -> None:
        super().__init__()
        self.lines = lines
        self.made = 0
        self.places: list[str] = []
        self.register_theme(THEMES[0])
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        yield Reader(framed=True, overlong="too long")

    def on_mount(self) -> None:
        self.reader.show(self.text)
        self.reader.focus()

    @property
    def reader(self) -> Reader:
        return self.query_one(Reader)

    def text(self, width: int) -> Iterator[Content]:
        for number in range(self.lines):
            self.made += 1
            yield Content(f"line {number} of {width}")

    def on_reader_moved(self, message: Reader.Moved) -> None:
        self.places.append(message.place)

    @property
    def shown(self) -> list[str]:
        reader = self.reader
        return [reader.render_line(y).text.strip("│┃ ") for y in range(1, reader.size.height - 1)]


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    for _ in range(500):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to hold")


async def until_whole(pilot: Pilot[None], app: Host) -> None:
    await until(pilot, lambda: app.reader.whole)


async def test_only_what_is_near_is_made() -> None:
    app = Host(10**9)
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause(0.2)
        assert app.shown[0] == "line 0 of 36"
        assert app.made <= AHEAD + 20
        await pilot.press("pagedown")
        assert app.shown[0] == "line 9 of 36"
        assert app.made <= AHEAD + 40


async def test_the_end_is_the_end() -> None:
    app = Host(AHEAD * 3)
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("G")
        await until_whole(pilot, app)
        await pilot.pause()
        assert app.shown[-1] == f"line {AHEAD * 3 - 1} of 36"
        assert app.places[-1] == f"{AHEAD * 3 - 9:,}–{AHEAD * 3:,} of {AHEAD * 3:,}"
        await pilot.press("j", "k", "ctrl+u", "g")
        assert app.shown[0] == "line 0 of 36"


async def test_what_is_too_long_says_so() -> None:
    app = Host(10**9)
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("end")
        await until_whole(pilot, app)
        await pilot.pause()
        assert app.shown[-1] == "too long"
        assert app.made == MOST + 1


async def test_another_width_makes_the_lines_anew_at_about_the_same_place() -> None:
    app = Host(500)
    async with app.run_test(size=(40, 12)) as pilot:
        for _ in range(10):
            await pilot.press("pagedown")
        before = app.reader.top
        await pilot.resize_terminal(76, 12)
        await pilot.pause()
        assert app.shown[0] == f"line {app.reader.top} of 72"
        assert app.reader.top == before * 36 // 72


async def test_a_short_text_has_no_place_and_no_text_is_fine() -> None:
    for lines in (0, 1, 10):
        app = Host(lines)
        async with app.run_test(size=(40, 12)) as pilot:
            await pilot.press("pagedown", "G", "k")
            await pilot.pause()
            assert not app.reader.place
            assert app.reader.top == 0


async def test_a_line_that_is_looked_for_comes_into_view_however_far_down() -> None:
    app = Host(AHEAD * 3)
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        wanted = f"line {AHEAD * 2} of"
        app.reader.show(app.text, seek=lambda line: line.plain.startswith(wanted))
        await until(pilot, lambda: app.reader.top)
        assert any(line.startswith(wanted) for line in app.shown)
        await pilot.press("j", "g")
        assert app.shown[0] == "line 0 of 36"


async def test_a_line_that_is_not_there_is_looked_for_once() -> None:
    app = Host(AHEAD * 3)
    async with app.run_test(size=(40, 12)) as pilot:
        app.reader.show(app.text, seek=lambda line: False)
        await until_whole(pilot, app)
        assert app.shown[0] == "line 0 of 36"
        await pilot.press("pagedown")
        assert app.shown[0] == "line 9 of 36"


async def test_one_as_high_as_its_text_grows_and_shrinks_with_it() -> None:
    app = Host(1)
    async with app.run_test(size=(40, 20)) as pilot:
        app.reader.styles.height = "auto"
        await pilot.pause()
        for lines in (1, 5, 2):
            app.lines = lines
            app.reader.show(app.text)
            await until(pilot, lambda: app.reader.size.height == app.lines + 2)
            assert app.reader.place == ""
