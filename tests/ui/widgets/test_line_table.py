from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual import events, on
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message

from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.columns import Column
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.painting import Cell

COLUMNS = (Column("key", "Key", 9), Column("value", "Value", 10, most=30, align="right"))


class TableApp(App[None]):
    CSS = "LineTable { height: 100%; }"

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.values: dict[int, str] = {}
        self.asked: list[int] = []
        self.rows = rows
        self.told: list[Message] = []
        self.table: LineTable[int] = LineTable(COLUMNS, self.cells, empty="nothing\nhere")

    def cells(self, key: int, widths: Mapping[str, int]) -> Sequence[Cell]:
        self.asked.append(key)
        return [
            {"key": f"row {key}", "value": self.values.get(key, "[b]0[/]")}[at] for at in widths
        ]

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.set_rows(range(self.rows))
        self.table.focus()

    @on(LineTable.CursorMoved)
    @on(LineTable.RowSelected)
    @on(LineTable.NearEnd)
    @on(LineTable.MarksChanged)
    def take(self, message: Message) -> None:
        self.told.append(message)

    def heard(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.told if isinstance(message, kind)]

    def shows(self) -> list[str]:
        height = self.table.size.height
        return [self.table.render_line(y).text for y in range(height)]


async def test_shows_header_rows_and_frame() -> None:
    app = TableApp(3)
    async with app.run_test(size=(40, 8)):
        app.table.titles = Titles("Batches", "newest first", "1 marked", "/ no filter")
        lines = app.shows()
        assert lines[0] == f"╭─ Batches {'─' * 13} newest first ─╮"
        assert lines[1].split() == ["│", "Key", "Value│"]
        assert lines[2].startswith("│▌  row 0 ")
        assert lines[2].endswith("[b]0[/]│")
        assert lines[-1].startswith("╰─ 1 marked ──")
        assert lines[-1].endswith("─ / no filter ─╯")
        assert all(len(line) == 40 for line in lines)


async def test_only_looks_at_rows_it_shows() -> None:
    app = TableApp(100_000)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("G")
        assert app.table.cursor_key == 99_999
        assert app.shows()[-2].startswith("│▌  row 99999")
        assert len(set(app.asked)) < 50
        await pilot.press("g")
        assert app.table.cursor_key == 0


async def test_keys() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 13)) as pilot:
        for key, index in (
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("k", 0), ("pagedown", 10), ("ctrl+d", 15),
            ("ctrl+u", 10), ("pageup", 0), ("end", 99), ("j", 99), ("home", 0), ("G", 99),
        ):  # fmt: skip
            await pilot.press(key)
            assert app.table.cursor_index == index, key
        app.table.action_select()
        await pilot.pause()
        assert [message.key for message in app.heard(LineTable.RowSelected)] == [99]


async def test_a_cursor_move_repaints_two_rows() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        app.table._repaint_regions.clear()
        app.table.action_move(1)
        rows = {region.y for region in app.table._repaint_regions}
        assert rows == {2, 3}


async def test_a_changed_row_repaints_the_cells_that_changed() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        app.table._repaint_regions.clear()
        app.values[4] = "[b]1[/]"
        app.table.refresh_rows([4])
        assert app.table._repaint_regions == {Region(35, 6, 1, 1)}


async def test_nothing_is_repainted_when_nothing_changed() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        app.table._repaint_regions.clear()
        app.table.refresh_rows()
        app.table.refresh_rows([70])
        app.table.set_rows(range(100))
        app.table.titles = Titles()
        assert not app.table._repaint_regions


async def test_styles_that_stayed_the_same_stop_nothing() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        app.table.notify_style_update()
        app.table._repaint_regions.clear()
        app.table.action_move(1)
        assert {region.y for region in app.table._repaint_regions} == {2, 3}


async def test_cursor_and_marks_belong_to_rows() -> None:
    app = TableApp(50)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press(*"jjj")
        app.table.toggle_mark()
        app.table.toggle_mark(7)
        app.table.set_rows([*reversed(range(50))])
        assert app.table.cursor_key == 3
        app.table.set_rows(range(50))
        app.table.set_rows([1, 4, 5])
        assert app.table.cursor_key == 4
        assert list(app.table.marks) == [3, 7]
        app.table.set_rows(range(50))
        await pilot.pause()
        lines = app.shows()
        assert lines[5].startswith("│ ✔ row 3")
        assert lines[6].startswith("│▌  row 4")
        app.table.toggle_mark(3)
        assert list(app.table.marks) == [7]
        app.table.mark_all()
        assert len(app.table.marks) == 50
        app.table.clear_marks([7])
        assert len(app.table.marks) == 49
        app.table.clear_marks()
        assert list(app.table.marks) == []
        await pilot.pause()
        assert len(app.heard(LineTable.MarksChanged)) == 6


async def test_says_where_the_cursor_went() -> None:
    app = TableApp(5)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("j")
        app.table.set_rows([3, 4])
        app.table.set_rows([3, 4, 5])
        app.table.set_rows([])
        await pilot.pause()
        moves = [(message.key, message.index) for message in app.heard(LineTable.CursorMoved)]
        assert moves == [(0, 0), (1, 1), (3, 0), (None, -1)]
        assert app.table.move_to(3) is False


async def test_says_when_the_end_is_near() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 13)) as pilot:
        await pilot.press("j", "pagedown")
        assert not app.heard(LineTable.NearEnd)
        app.table.move_to(95)
        await pilot.pause()
        assert app.heard(LineTable.NearEnd)[0].index == 95


async def test_says_that_there_is_nothing() -> None:
    app = TableApp(0)
    async with app.run_test(size=(21, 9)) as pilot:
        assert [line.strip("│ ") for line in app.shows()[2:-1]] == [
            "",
            "",
            "nothing",
            "here",
            "",
            "",
        ]
        await pilot.press("j", "G")
        app.table.action_select()
        await pilot.pause()
        app.table.toggle_mark()
        assert list(app.table.marks) == []
        assert not app.heard(LineTable.RowSelected)


async def test_mouse() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 13)) as pilot:
        await pilot.click(LineTable, offset=(5, 6))
        assert app.table.cursor_key == 4
        assert not app.heard(LineTable.RowSelected)
        await pilot.click(LineTable, offset=(5, 6))
        assert [message.key for message in app.heard(LineTable.RowSelected)] == [4]
        for outside in ((5, 0), (5, 1), (0, 5), (5, 12)):
            await pilot.click(LineTable, offset=outside)
        assert app.table.cursor_key == 4
        assert len(app.heard(LineTable.RowSelected)) == 1
        await pilot.mouse_down(LineTable, offset=(39, 11))
        await pilot.mouse_up(LineTable, offset=(39, 11))
        assert app.shows()[-2].startswith("│   row 99")
        assert app.shows()[-2].endswith("┃")
        assert app.table.cursor_key == 4


async def test_wheel_scrolls_without_the_cursor() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 13)) as pilot:
        for kind, first in (
            (events.MouseScrollDown, "│   row 3 "),
            (events.MouseScrollDown, "│   row 6 "),
            (events.MouseScrollUp, "│   row 3 "),
        ):
            app.table.post_message(kind(app.table, 5, 5, 0, 0, 0, False, False, False))
            await pilot.pause()
            assert app.shows()[2].startswith(first)
        assert app.table.cursor_key == 0
        await pilot.press("j")
        assert app.shows()[2].startswith("│▌  row 1 ")


async def test_double_click_opens() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 13)) as pilot:
        await pilot.click(LineTable, offset=(5, 6), times=2)
        assert [message.key for message in app.heard(LineTable.RowSelected)] == [4]


async def test_resizing_keeps_the_cursor_in_view() -> None:
    app = TableApp(100)
    async with app.run_test(size=(60, 30)) as pilot:
        app.table.move_to(25)
        for width, height in ((60, 12), (20, 5), (3, 3), (1, 1), (120, 40)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            lines = app.shows()
            assert len(lines) == height
            assert all(len(line) == width for line in lines)
            if height >= 5:
                assert any("▌" in line for line in lines)
        assert app.table.cursor_key == 25


async def test_a_row_of_any_width_fits() -> None:
    app = TableApp(3)
    async with app.run_test(size=(40, 8)) as pilot:
        app.values[1] = "日本語" * 20
        app.table.refresh_rows([1])
        await pilot.pause()
        assert app.table.render_line(3).cell_length == 40
