"""The keys that work on the screen below, as they are mapped now, and what the signs mean."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen

from batchtui.ui.commands import Command
from batchtui.ui.presenters.help import Entry, Legend, footer, help_lines
from batchtui.ui.screens.closing import Closing
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.reader import Reader

MOVING = "Moving"
"""The heading of what widgets do with keys, rather than screens."""


class HelpScreen(ModalScreen[None], Closing[None]):
    """Help for another screen.

    Args:
        screen: the screen on top when help was called.
    """

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "close", "Close", show=False, id="help.close"),
    ]

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        self._keys = active_keys(screen)
        self._legend: Legend = getattr(screen, "LEGEND", {})

    def compose(self) -> ComposeResult:
        """A text to scroll through."""
        with Vertical(id="box") as box:
            box.border_title = "Help"
            yield Reader(id="text")
            yield Lines(id="foot")

    def on_mount(self) -> None:
        """Show it."""
        reader = self.query_one("#text", Reader)
        reader.show(lambda width: help_lines(self._keys, self._legend, width))
        reader.focus()
        self.query_one("#foot", Lines).show((footer(),))

    def on_resize(self) -> None:
        """The text takes what the frame and the foot leave of the screen."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        edge = self.query_one("#box").gutter.height + self.query_one("#foot").size.height
        self.query_one("#text").styles.max_height = max(self.size.height - edge, 1)

    @on(Reader.Moved)
    def _scrolled(self, message: Reader.Moved) -> None:
        self.query_one("#box").border_subtitle = message.place

    def action_close(self) -> None:
        """Go back."""
        self.close()


def active_keys(screen: Screen[object]) -> dict[str, list[Entry]]:
    """What the keys of a screen do now, under the headings of their commands."""
    own: tuple[Command, ...] = getattr(screen, "VERBS", ())
    everywhere: tuple[Command, ...] = getattr(screen.app, "VERBS", ())
    known = {each.id: each for each in own}
    known |= {each.id: each for each in everywhere if each.id not in known}
    keys: dict[str, list[str]] = {}
    words: dict[str, tuple[str, str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if not binding.id or not binding.description or not active.enabled:
            continue
        command = known.get(binding.id)
        keys.setdefault(binding.id, []).append(screen.app.get_key_display(binding))
        words[binding.id] = (
            (command.group, command.help) if command else (MOVING, binding.description)
        )
    order = {each: place for place, each in enumerate(known)}
    groups: dict[str, list[Entry]] = {}
    by_place = sorted(keys, key=lambda each: order.get(each, len(order)))
    for each in by_place:
        group, does = words[each]
        entries = groups.setdefault(group, [])
        alike = [entries.pop()[0]] if entries and entries[-1][1] == does else []
        entries.append((" ".join((*alike, *keys[each])), does))
    return groups
