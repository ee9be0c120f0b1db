"""The least a Textual app with a table can be: a header, 50 rows, a footer. Knows no batchtui."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header

ROWS = 50
FIRST = "first cell of the first row"


class BareApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable[str]()
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.cursor_type = "row"
        table.add_columns("name", "state", "age", "requests")
        table.add_row(FIRST, "running", "1m", "100")
        for number in range(1, ROWS):
            table.add_row(f"row {number}", "running", "1m", "100")


if __name__ == "__main__":
    BareApp().run()
