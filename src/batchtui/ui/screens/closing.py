"""Screens that close once, however often they are told to."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import Screen

T = TypeVar("T")


class Closing(Screen[T]):
    """A screen that can be closed by clicks and keys that come faster than it closes."""

    def close(self, result: T | None = None) -> None:
        """Go back to the screen below, with a result for who asked; only from the top.

        A second click may come before the first was dealt with. By then another screen is on top,
        and Textual would take that one away instead.
        """
        if self.is_active:
            self.dismiss(result)
