"""What the full screens have in common: the masthead on top, the hints at the foot, and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from batchtui.account.events import Event
from batchtui.ui.commands import Command
from batchtui.ui.presenters.chrome import hints, masthead, trouble
from batchtui.ui.presenters.notices import Severity
from batchtui.ui.saying import say
from batchtui.ui.screens.closing import Closing
from batchtui.ui.session import Session
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.narrow import NarrowScreen

LEAST_ROWS = 10
"""On a screen of fewer rows there is something better to show than hints."""


class Sheet(NarrowScreen[None], Closing[None]):
    """A full screen.

    A subclass yields its own widgets in `compose_body`, says whose batches it shows in
    `masthead_line`, and names what can be done on it in `VERBS` (with `BINDINGS =
    bindings(VERBS)`).
    """

    VERBS: ClassVar[tuple[Command, ...]] = ()

    def compose(self) -> ComposeResult:
        """Masthead, trouble if any, body, hints."""
        yield Lines(id="masthead")
        yield Lines(id="trouble")
        yield from self.compose_body()
        yield Lines(id="hints")

    def compose_body(self) -> ComposeResult:
        """The screen's own widgets."""
        raise NotImplementedError

    def masthead_line(self, width: int) -> Content:
        """Whose batches these are and how fresh, in so many cells."""
        raise NotImplementedError

    def trouble_lines(self, width: int) -> Sequence[Content]:
        """Why they cannot be fresh, in lines of so many cells; none if they can."""
        return ()

    def tick(self) -> None:
        """React to the passing of a second."""
        self.show_masthead()

    def show_masthead(self) -> None:
        """Bring masthead and trouble up to date; only what differs is repainted."""
        width = self.size.width
        self.query_one("#masthead", Lines).show((self.masthead_line(width),))
        troubled, lines = self.query_one("#trouble", Lines), self.trouble_lines(width)
        troubled.display = bool(lines)
        troubled.show(lines)

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


class Page(Sheet):
    """A full screen over the session of one account."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    async def hear(self, event: Event) -> None:
        """React to an event of the account, which the session has taken in already."""

    def say(self, words: str, *, severity: Severity = "information") -> None:
        """Show a sentence for a while."""
        say(self.app, self.session, words, severity=severity)

    def masthead_line(self, width: int) -> Content:
        """The account's."""
        session = self.session
        return masthead(
            session.title,
            session.pulse,
            known=len(session.records),
            now=session.now(),
            width=width,
        )

    def trouble_lines(self, width: int) -> Sequence[Content]:
        """Why the API is not being looked at."""
        return trouble(self.session.pulse, width=width)
