"""A line for a path that completes itself as in a shell, and the files it may become beneath."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from batchtui.domain.text import safe_line
from batchtui.ui.files import Entry, Listing, look, still_there
from batchtui.ui.paths import LONGEST_PATH
from batchtui.ui.presenters.files import file_picks, picker_titles
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.pick_list import PickList

RECENT = 5
"""So many files that were used lately are shown at the most."""

_SIGN = " Request file "


class FilePicker(Vertical):
    """Gives the path of a file that was picked in a message.

    Directories are read in a thread; what is shown lags behind what is typed if that takes long.

    Args:
        used: files that were used before, the last one first, and what became of them.
        now: the present moment, to tell ages.
    """

    DEFAULT_CSS = """
    FilePicker Horizontal { height: 1; }
    FilePicker Lines { width: auto; }
    FilePicker Input { width: 1fr; border: none; height: 1; padding: 0 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete(1)", "Complete", show=False, priority=True, id="picker.complete"),
        Binding("shift+tab", "move(-1)", "Previous", show=False, priority=True, id="picker.back"),
        Binding("down", "move(1)", "Down", show=False, id="picker.down"),
        Binding("up", "move(-1)", "Up", show=False, id="picker.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="picker.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="picker.page_up"),
    ]

    class Picked(Message):
        """A file was picked."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    field = getters.query_one(Input)
    files = getters.query_one("#picker-files", PickList)

    def __init__(
        self,
        used: Mapping[str, str],
        now: Callable[[], datetime],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._used = used
        self._now = now
        self._listing = Listing("")
        self._sought = ""
        self._recent: tuple[Entry, ...] = ()

    def compose(self) -> ComposeResult:
        """The line, and the files."""
        with Horizontal():
            sign = Lines()
            sign.styles.width = len(_SIGN)
            sign.show((Content.styled(_SIGN, "bold $accent"),))
            yield sign
            yield Input(max_length=LONGEST_PATH, compact=True, select_on_focus=False)
        yield PickList[str](led=True, id="picker-files")

    def on_mount(self) -> None:
        """Look at once."""
        self._look_around()

    @work
    async def _look_around(self) -> None:
        self._recent = await asyncio.to_thread(still_there, self._used, RECENT)
        await self._look()

    async def _look(self) -> bool:
        """Show what the line may become; False if something else was typed meanwhile."""
        self._sought = typed = self.field.value
        listing = await asyncio.to_thread(look, typed, wanted=lambda: self._sought == typed)
        if self.field.value != typed:
            return False
        self._listing = listing
        self._show()
        return True

    def _show(self) -> None:
        self.files.titles = picker_titles(self._listing)
        self.files.show(
            lambda width: file_picks(
                self._listing, self._recent, self._used, now=self._now(), width=width
            ),
            at=self._listing.typed,
        )

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._look_again()

    @work(exclusive=True, group="look")
    async def _look_again(self) -> None:
        await self._look()

    # Completing and picking

    @work(exclusive=True, group="complete")
    async def action_complete(self, places: int) -> None:
        """Type what all matches have in common; if that is typed already, go to the next one."""
        if self._listing.typed != self.field.value and not await self._look():
            return
        completed = self._listing.completed
        if completed != self.field.value:
            self._put(completed)
        else:
            self.files.action_move(places)

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        message.stop()
        self._take_shown()

    @work(exclusive=True, group="complete")
    async def _take_shown(self) -> None:
        if self._listing.typed != self.field.value and not await self._look():
            return
        if (key := self.files.key) is not None:
            self._take(key)

    @on(PickList.Chosen)
    def _chosen(self, message: PickList.Chosen) -> None:
        message.stop()
        self._take(message.key)

    def _take(self, path: str) -> None:
        """Pick a file, or go into a directory."""
        if not path.endswith("/"):
            self.post_message(self.Picked(path))
        elif path.isprintable():
            self._put(path)
        else:
            words = f"{safe_line(path, 60)} cannot be typed; start batchtui in it instead"
            self.notify(words, severity="warning", markup=False)

    def _put(self, path: str) -> None:
        self.field.value = path
        self.field.cursor_position = len(path)
        self.field.focus()

    def action_move(self, places: int) -> None:
        """Go to a neighbour in the list."""
        self.files.action_move(places)

    def action_page(self, pages: int) -> None:
        """Go on by a page in the list."""
        self.files.action_page(pages)
