"""One `Command` a verb: the only source of its key, hint, palette row, help row and keymap id."""

from __future__ import annotations

import dataclasses

from textual.binding import Binding


@dataclasses.dataclass(frozen=True)
class Command:
    """Something a person can do on a screen.

    The screen carries it out in `action_<id>`, or in what `action` says, and says in `check_action`
    whether it can be done now; that gates key, hint, palette and help together.

    Attributes:
        id: its name in the keymap of `config.toml`; an identifier.
        keys: the keys it has unless remapped, comma-separated, in Textual's names.
        label: its one word in the hints.
        help: what it does, for help and palette.
        hint: its place in the hints at the foot of the screen, small first; None for not there.
        group: the heading it stands under in the help.
        action: what carries it out if several share that, as in "tab(3)".
    """

    id: str
    keys: str
    label: str
    help: str
    hint: int | None = None
    group: str = "Batches"
    action: str = ""

    @property
    def binding(self) -> Binding:
        """What Textual needs to know of it."""
        return Binding(
            self.keys,
            self.action or self.id,
            self.label,
            show=self.hint is not None,
            id=self.id,
            tooltip=self.help,
        )


def bindings(commands: tuple[Command, ...]) -> list[Binding]:
    """The bindings of a screen's commands."""
    return [command.binding for command in commands]
