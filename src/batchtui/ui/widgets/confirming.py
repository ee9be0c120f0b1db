"""Choices of which some are taken only by who types a number first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from batchtui.ui.presenters.flow import Row
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.widgets.choices import Choices

LONGEST = 9
"""Digits that can be typed."""


class Option(msgspec.Struct, frozen=True):
    """One thing to choose.

    Attributes:
        words: what it is, safe to show.
        confirm: the number to type before it is done; "" if the choice itself is enough.
    """

    words: str | Content
    confirm: str = ""


class Question(msgspec.Struct, frozen=True):
    """Something to choose, and what there is to know before.

    Attributes:
        title: safe to show.
        says: lines of text, safe to show.
        options: the answers; the last one changes nothing, and stands for going back.
    """

    title: str
    says: tuple[Row, ...]
    options: tuple[Option, ...]


class Confirming(Choices):
    """One option a line; the one with the highlight says what is to be typed, and what was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "untype", "Untype", show=False),
    ]

    class Confirmed(Message):
        """An option was chosen, and confirmed if it has to be: this one of so many."""

        def __init__(self, confirming: Confirming, index: int, of: int) -> None:
            super().__init__()
            self.confirming = confirming
            self.index = index
            self.of = of

        @property
        def control(self) -> Confirming:
            """The options."""
            return self.confirming

    class Typed(Message):
        """What was typed is another number."""

    class Refused(Message):
        """An option was chosen without the number that confirms it."""

        def __init__(self, number: str) -> None:
            super().__init__()
            self.number = number

    _options: Sequence[Option] = ()
    _typed = ""

    def offer(self, options: Sequence[Option], *, cursor: int | None = None) -> None:
        """Show these options, with the highlight where it is or on another one."""
        if list(options) != list(self._options):
            self._typed = ""
        self._options = options
        self._show(cursor)

    def _show(self, cursor: int | None = None) -> None:
        here = self.cursor if cursor is None else cursor
        self.show(
            [
                _cell(option, self._typed) if index == here else _plain(option)
                for index, option in enumerate(self._options)
            ],
            cursor=cursor,
        )

    @on(Choices.Moved)
    def _moved(self) -> None:
        self._typed = ""
        self._show()

    def on_key(self, event: events.Key) -> None:
        """Digits are the number that confirms."""
        character = event.character or ""
        if character in set("0123456789") and self._options[self.cursor].confirm:
            event.stop()
            self._type((self._typed + character)[:LONGEST])

    def action_untype(self) -> None:
        """Take the last digit back."""
        self._type(self._typed[:-1])

    def _type(self, digits: str) -> None:
        self._typed = digits
        self._show()
        self.post_message(self.Typed())

    @on(Choices.Chosen)
    def _chosen(self, message: Choices.Chosen) -> None:
        message.stop()
        if message.of != len(self._options):
            return  # enter was pressed twice, and the first one changed what there is to choose
        confirm = self._options[message.index].confirm
        if confirm == self._typed:
            self.post_message(self.Confirmed(self, message.index, message.of))
        else:
            self.post_message(self.Refused(confirm))


def _plain(option: Option) -> Content:
    return Content(option.words) if isinstance(option.words, str) else option.words


def _cell(option: Option, typed: str) -> Content:
    if not option.confirm:
        return _plain(option)
    right = typed == option.confirm
    return Content.assemble(
        _plain(option),
        (f"   type {option.confirm} to confirm: ", QUIET),
        (f"{typed}▏", "bold $success" if right else LOUD),
        (" enter" if right else "", QUIET),
    )
