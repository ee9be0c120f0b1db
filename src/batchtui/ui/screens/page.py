"""What the full screens have in common: the masthead on top, the hints at the foot, and events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Input

from batchtui.account.events import Event
from batchtui.domain.text import safe_line
from batchtui.ui.commands import Command
from batchtui.ui.presenters.chrome import hints, masthead, trouble
from batchtui.ui.presenters.notices import Severity
from batchtui.ui.screens.closing import Closing
from batchtui.ui.session import Session
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.narrow import NarrowScreen

LEAST_ROWS = 10
"""On a screen of fewer rows there is something better to show than hints."""


class Page(NarrowScreen[None], Closing[None]):
    """A full screen over the session.

    A subclass yields its own widgets in `compose_body`, and names what can be done on it in
    `VERBS` (with `BINDINGS = bindings(VERBS)`).
    """

    VERBS: ClassVar[tuple[Command, ...]] = ()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def compose(self) -> ComposeResult:
        """Masthead, trouble if any, body, hints."""
        yield Lines(id="masthead")
        yield Lines(id="trouble")
        yield from self.compose_body()
        yield Lines(id="hints")

    def compose_body(self) -> ComposeResult:
        """The screen's own widgets."""
        raise NotImplementedError

    async def hear(self, event: Event) -> None:
        """React to an event of the account, which the session has taken in already."""

    def tick(self) -> None:
        """React to the passing of a second."""
        self.show_masthead()

    def say(self, words: str, *, severity: Severity = "information") -> None:
        """Show a sentence for a while."""
        self.notify(safe_line(words), severity=severity, markup=False)

    def show_masthead(self) -> None:
        """Bring masthead and trouble up to date; only what differs is repainted."""
        session, width = self.session, self.size.width
        line = masthead(
            session.title,
            session.pulse,
            known=len(session.records),
            now=session.now(),
            width=width,
        )
        self.query_one("#masthead", Lines).show((line,))
        troubled = self.query_one("#trouble", Lines)
        troubled.display = bool(session.pulse.reason)
        troubled.show(trouble(session.pulse, width=width))

    def show_hints(self) -> None:
        """Bring the hints up to date with what can be done now."""
        keys = self._active_keys()
        typing = isinstance(self.focused, Input)  # a key is a character there
        last = None if typing else (keys.get("help", "?"), "help")
        line = hints(self.hinted(keys), last, width=self.size.width)
        foot = self.query_one("#hints", Lines)
        foot.display = self.size.height >= LEAST_ROWS
        foot.show((line,))

    def hinted(self, keys: Mapping[str, str]) -> list[tuple[str, str]]:
        """What the hints say: keys and labels, the most useful first.

        Args:
            keys: the keys of the commands that can be given now, by command id.
        """
        shown = [each for each in self.VERBS if each.hint is not None and each.id in keys]
        shown.sort(key=lambda command: command.hint or 0)
        return [(keys[command.id], command.label) for command in shown]

    def _active_keys(self) -> dict[str, str]:
        active = reversed(list(self.active_bindings.values()))
        return {
            each.binding.id: self.app.get_key_display(each.binding)
            for each in active
            if each.enabled and each.binding.id
        }

    def on_mount(self) -> None:
        """Fill masthead and hints; again whenever what can be done changes."""
        self.bindings_updated_signal.subscribe(self, lambda _: self.show_hints())
        self.show_masthead()
        self.show_hints()

    def on_resize(self) -> None:
        """Masthead and hints are made for the width."""
        self.show_masthead()
        self.show_hints()

    def on_screen_resume(self) -> None:
        """What happened while another screen was on top is shown at once."""
        self.show_masthead()
