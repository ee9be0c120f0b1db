from __future__ import annotations

from textual.app import App, ComposeResult

from batchtui.ui.widgets.options import Options


class OptionsApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.taken: list[int] = []

    def compose(self) -> ComposeResult:
        yield Options("Format", ["jsonl", "csv", "markdown"])

    @property
    def options(self) -> Options:
        return self.query_one(Options)

    def on_options_changed(self, message: Options.Changed) -> None:
        self.taken.append(message.options.taken)


async def test_options_are_taken_with_keys_and_mouse() -> None:
    app = OptionsApp()
    async with app.run_test(size=(60, 3)) as pilot:
        app.options.focus()
        await pilot.press("right", "l", "space", "left")
        assert app.taken == [1, 2, 0, 2]
        line = app.options.render_line(0).text
        assert "▏markdown▕" in line
        assert line.startswith("▸ Format")
        await pilot.click(Options, offset=(line.index("csv"), 0))
        await pilot.click(Options, offset=(0, 0))
        assert app.taken[4:] == [1]


async def test_where_not_all_fit_the_one_that_is_taken_is_seen() -> None:
    app = OptionsApp()
    async with app.run_test(size=(24, 3)) as pilot:
        app.options.focus()
        await pilot.press("right")
        line = app.options.render_line(0).text
        assert "▏csv▕" in line
        assert "jsonl" not in line
