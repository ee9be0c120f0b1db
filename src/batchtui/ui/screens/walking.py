"""Going through the lines of a list, one at a time, without going back to it."""

from __future__ import annotations

from collections.abc import Sequence

from batchtui.domain.text import count
from batchtui.ui.screens.page import Page


class WalkingPage(Page):
    """A page over one line of a list; a subclass shows it in `show_line`.

    Attributes:
        numbers: the lines of the list, in its order.
        number: the line that is shown.
    """

    numbers: Sequence[int]
    number: int
    _place: int

    def begin_at(self, numbers: Sequence[int], number: int) -> None:
        """Take the list, and the line of it to begin with."""
        self.numbers = numbers
        self.number = number
        self._place = numbers.index(number)

    def show_line(self) -> None:
        """Show the line that `number` is now."""
        raise NotImplementedError

    @property
    def where(self) -> str:
        """Which line of how many is shown."""
        return f"{count(self._place + 1)} of {count(len(self.numbers))}"

    def come_back_to(self, number: int) -> None:
        """Show the line that was shown last on a page over this one."""
        if number != self.number:
            self._go(self.numbers.index(number) - self._place)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is not always a next one."""
        if action == "next":
            return self._place + 1 < len(self.numbers)
        if action == "previous":
            return self._place > 0
        return super().check_action(action, parameters)

    def action_next(self) -> None:
        """Go to the next line of the list."""
        self._go(1)

    def action_previous(self) -> None:
        """Go to the one before."""
        self._go(-1)

    def _go(self, places: int) -> None:
        self._place += places
        self.number = self.numbers[self._place]
        self.show_line()
        self.refresh_bindings()
