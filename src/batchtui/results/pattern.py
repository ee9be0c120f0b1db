"""What to search for, in text as a person sees it: words or a regular expression, smart case."""

from __future__ import annotations

from typing import Self

import msgspec


class Pattern(msgspec.Struct, frozen=True):
    """Something to find in text; without capitals in it, it is found in any case."""

    text: str
    regex: bool = False

    @classmethod
    def compile(cls, text: str, *, regex: bool = False) -> Self:
        """Take what a person typed.

        Raises:
            UsageError: if it is empty, or no regular expression although it should be one.
        """
        raise NotImplementedError

    def found_in(self, text: str) -> bool:
        """Whether the text has a match."""
        raise NotImplementedError

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the matches are in the text, from left to right, those of no length left out."""
        raise NotImplementedError
