"""What to search for, in text as a person sees it: words or a regular expression, smart case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from operator import contains
from typing import Final, Self

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.results.timeout import TookTooLongError, timeout

LONGEST: Final = 64 * 1024
"""Characters of a text that a regular expression is tried on at once."""

OVERLAP: Final = 4 * 1024
"""Characters that two such stretches share: a match of no more than that is never missed."""

TOO_LONG: Final = 0.25
"""Seconds a regular expression may take for one text."""

_CODES: Final = re.compile(r"\\(?:x..|u.{4}|U.{8}|N\{[^}]*\}|.)|\(\?P", re.DOTALL)
"""Where capitals are syntax, not something to find."""


def fold(text: str) -> str:
    """The text with small letters only, each at the place of its own in `text`.

    No other letters become those of ASCII, so that ASCII can be looked for in bytes, too.
    """
    if text.isascii():
        return text.lower()
    # The dotted I would become two characters, the Kelvin sign a "k", and a capital sigma one of
    # two small ones, depending on its place.
    text = text.replace("\u0130", "\u0131").replace("\u212a", "\ufffe")
    return text.lower().replace("\u03c2", "\u03c3")


def has_capitals(text: str) -> bool:
    """Whether some letter of the text is a capital, so that its case matters."""
    return text != text.lower()


class Pattern(msgspec.Struct, frozen=True):
    """Something to find in text; without capitals in it, it is found in any case.

    Make one with `compile`.

    Attributes:
        text: as typed.
        regex: whether that is a regular expression; "^" and "$" are the ends of each line.
        any_case: whether small letters stand for capitals as well.
        needle: the text to look for, folded if in any case.
        compiled: the same as an expression.
    """

    text: str
    regex: bool
    any_case: bool
    needle: str
    compiled: re.Pattern[str]

    @classmethod
    def compile(cls, text: str, *, regex: bool = False) -> Self:
        """Take what a person typed.

        Raises:
            UsageError: if that is nothing, or no regular expression although it should be one.
        """
        if not text:
            raise UsageError("There is nothing to search for")
        any_case = not has_capitals(_CODES.sub("", text) if regex else text)
        if regex:
            needle = text.replace("\u03c2", "\u03c3") if any_case else text
        else:
            needle = fold(text) if any_case else text
        try:
            with timeout(TOO_LONG):
                compiled = re.compile(needle if regex else re.escape(needle), re.MULTILINE)
        except (re.error, OverflowError, RecursionError, TookTooLongError) as error:
            reason = f": {error}" if isinstance(error, re.error) else ""
            raise UsageError(f"This is no regular expression{reason}") from error
        return cls(text, regex, any_case, needle, compiled)

    def found_in(self, *texts: str) -> bool:
        """Whether one of the texts has a match.

        Raises:
            UsageError: if it takes too long to tell.
        """
        folded = map(fold, texts) if self.any_case else texts
        if not self.regex:
            return any(map(contains, folded, repeat(self.needle)))
        with _patience():
            return any(True for text in folded for _ in self._stretched(text))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the matches are, from left to right; those without length are left out.

        Raises:
            UsageError: if it takes too long to find them.
        """
        text = fold(text) if self.any_case else text
        if not self.regex:
            return [found.span() for found in self.compiled.finditer(text)]
        with _patience():
            return [span for span in self._stretched(text) if span[0] < span[1]]

    def _stretched(self, text: str) -> Iterator[tuple[int, int]]:
        """Match stretch by stretch: what takes the square of their length takes not long."""
        start, end = 0, LONGEST
        while end < len(text):
            # What begins in the overlap is found in the next stretch, with more room.
            for found in self.compiled.finditer(text, start, end):
                if found.start() >= end - OVERLAP:
                    break
                yield found.span()
                start = found.end()
            start = max(start, end - OVERLAP)
            end = start + LONGEST
        for found in self.compiled.finditer(text, start):
            yield found.span()


@contextmanager
def _patience() -> Iterator[None]:
    try:
        with timeout(TOO_LONG):
            yield
    except TookTooLongError as error:
        raise UsageError(
            "This regular expression takes too long to match",
            todo="Avoid repetitions within repetitions",
        ) from error
