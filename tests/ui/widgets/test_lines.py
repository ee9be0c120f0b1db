from __future__ import annotations

from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.geometry import Region, Size

from batchtui.ui.theme import THEMES
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.lines import Lines


class LinesApp(App[None]):
    def __init__(self, *, framed: bool = False) -> None:
        super().__init__()
        self.lines = Lines(framed=framed)

    def compose(self) -> ComposeResult:
        yield self.lines


def shown(lines: Lines) -> list[str]:
    return [lines.render_line(y).text.rstrip() for y in range(lines.size.height)]


async def test_is_as_high_as_its_lines_and_cuts_them() -> None:
    app = LinesApp()
    async with app.run_test(size=(12, 10)) as pilot:
        app.lines.show(("[b]one[/b]", Content("a line too long")))
        await pilot.pause()
        assert shown(app.lines) == ["[b]one[/b]", "a line too …"]
        app.lines.show(("only",))
        await pilot.pause()
        assert shown(app.lines) == ["only"]


async def test_repaints_only_what_differs() -> None:
    app = LinesApp()
    async with app.run_test(size=(60, 10)) as pilot:
        app.lines.show(("updated 12:01:03 · next in 9s", "steady"))
        await pilot.pause()
        app.lines._repaint_regions.clear()
        app.lines.show(("updated 12:01:03 · next in 8s", "steady"))
        assert app.lines._repaint_regions == {Region(27, 0, 1, 1)}
        app.lines._repaint_regions.clear()
        app.lines.show(("updated 12:01:03 · next in 8s", "steady"))
        assert not app.lines._repaint_regions


async def test_a_drawing_is_made_for_the_size() -> None:
    app = LinesApp(framed=True)
    async with app.run_test(size=(20, 10)) as pilot:
        app.lines.styles.height = 4
        app.lines.show(lambda size: (f"{size.width}x{size.height}",))
        await pilot.pause()
        assert shown(app.lines)[1].startswith("│18x2")
        await pilot.resize_terminal(30, 10)
        await pilot.pause()
        assert shown(app.lines)[1].startswith("│28x2")
        assert app.lines.inner == Size(28, 2)


async def test_titles_give_way() -> None:
    app = LinesApp(framed=True)
    async with app.run_test(size=(30, 10)) as pilot:
        app.lines.styles.height = 4
        app.lines.titles = Titles("a name", Content("● running"))
        await pilot.pause()
        assert shown(app.lines)[0] == f"╭─ a name {'─' * 7} ● running ─╮"
        await pilot.resize_terminal(14, 10)
        await pilot.pause()
        assert shown(app.lines)[0] == "╭─ a name ───╮"


async def test_a_title_costs_no_more_than_its_cells() -> None:
    app = LinesApp(framed=True)
    async with app.run_test(size=(40, 10)) as pilot:
        app.lines.styles.height = 4
        app.lines.titles = Titles("name", "12m")
        await pilot.pause()
        app.lines._repaint_regions.clear()
        app.lines.titles = Titles("name", "13m")
        assert app.lines._repaint_regions == {Region(35, 0, 1, 1)}


async def test_another_theme_another_accent() -> None:
    app = LinesApp()
    async with app.run_test(size=(20, 5)) as pilot:
        for theme in THEMES:
            app.register_theme(theme)
        for theme in THEMES:
            app.theme = theme.name
            app.lines.show((Content.styled("running", "$accent"),))
            await pilot.pause()
            style = next(iter(app.lines.render_line(0))).style
            assert style is not None
            assert style.color == Color.parse(theme.accent or "").rich_color


async def test_a_line_in_another_style_is_drawn_again() -> None:
    app = LinesApp()
    async with app.run_test(size=(20, 10)) as pilot:
        app.lines.show((Content.styled("count", "red"), "steady"))
        await pilot.pause()
        red, steady = app.lines.render_line(0), app.lines.render_line(1)
        app.lines.show((Content.styled("count", "blue"), "steady"))
        assert app.lines.render_line(0) != red
        assert app.lines.render_line(1) is steady
