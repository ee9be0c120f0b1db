"""What was written in small changes must leave the terminal as a full repaint would."""

from __future__ import annotations

import gc
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pyte
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.strip import Strip

from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.columns import Column
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.narrow import NarrowScreen
from batchtui.ui.widgets.painting import Cell

WORDS = ("● running", "✓ succeeded", "日本語", "", "a b c d e f g", "12 of 900", "▰▰▰▱▱▱")
STYLES = ("", "$accent", "$error", "bold $warning", "$text-muted on $error 30%", "underline")


class TerminalApp(App[None]):
    """An app that keeps the terminal its updates would have been shown on."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.terminal = pyte.Screen(50, 12)
        self.stream = pyte.Stream(self.terminal)
        self.written = 0
        self.table: LineTable[int] = LineTable(
            (Column("a", "A", 20), Column("b", "B", 12)), self.cells
        )
        self.lines = Lines(framed=True)

    def get_default_screen(self) -> Screen[Any]:
        return NarrowScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield self.table
        yield self.lines

    def on_mount(self) -> None:
        self.table.set_rows(range(30))
        self.table.focus()

    def cells(self, key: int, widths: Mapping[str, int]) -> Sequence[Cell]:
        return [self.word() for _ in widths]

    def word(self) -> Content:
        return Content.styled(self.chance.choice(WORDS), self.chance.choice(STYLES))

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate):
            sequences = renderable.render_segments(self.console)
            self.written += len(sequences)
            self.stream.feed(sequences)
        super()._display(screen, renderable)

    def change(self) -> None:
        match self.chance.randrange(5):
            case 0:
                self.table.action_move(self.chance.randint(-9, 9))
            case 1:
                self.table.refresh_rows([self.chance.randrange(30)])
            case 2:
                self.table.set_rows(self.chance.sample(range(30), 25))
            case 3:
                self.lines.show([self.word() for _ in range(3)])
            case 4:
                self.table.titles = Titles(self.word(), self.word(), self.word(), self.word())

    def shown(self) -> list[list[tuple[str, str, str]]]:
        rows = []
        for y in range(12):
            row = self.terminal.buffer[y]
            rows.append([(row[x].data, row[x].fg, row[x].bg) for x in range(50)])
        return rows


async def test_small_changes_add_up_to_the_whole() -> None:
    for seed in range(3):
        app = TerminalApp(seed)
        async with app.run_test(size=(50, 12)) as pilot:
            app.table.styles.height = 7
            app.lines.styles.height = 5
            await pilot.pause()
            for _ in range(40):
                app.change()
                await pilot.pause()
            pieces = app.shown()
            app.terminal.reset()
            app.screen.refresh()
            await pilot.pause()
            assert pieces == app.shown()


async def test_a_change_at_the_end_of_a_line_costs_its_own_cells() -> None:
    app = TerminalApp(0)
    async with app.run_test(size=(50, 12)) as pilot:
        app.lines.styles.height = 5
        app.lines.show(("x" * 40 + "1",))
        await pilot.pause()
        before = app.written
        app.lines.show(("x" * 40 + "2",))
        await pilot.pause()
        assert 0 < app.written - before < 60


async def test_repainting_leaves_no_cycles_of_strips_behind() -> None:
    app = TerminalApp(1)
    async with app.run_test(size=(50, 12)) as pilot:
        await pilot.pause()
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            for _ in range(30):
                await pilot.press("pagedown", "up")
            gc.collect()
            left = [each for each in gc.garbage if isinstance(each, Strip)]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
    assert len(left) < 30  # those of the few repaints of everything
