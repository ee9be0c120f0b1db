"""Filters of the list that have a name: its tabs, and how many rows each of them lets through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from batchtui.domain.batch import Record
from batchtui.domain.errors import UsageError
from batchtui.domain.view import Filter

LONGEST_NAME: Final = 20
"""Characters in the name of a tab that is made in the app."""


class Tab(msgspec.Struct, frozen=True):
    """A filter with a name; without words, everything.

    Attributes:
        name: as written, which may be by somebody else.
        text: the filter as typed.
    """

    name: str
    text: str = ""

    @property
    def filter(self) -> Filter:
        """The filter."""
        return Filter.parse(self.text)


ALL: Final = Tab("All")
"""Always the first."""

OWN: Final = (
    Tab("Running", "is:running"),
    Tab("Attention", "is:attention"),
    Tab("Expiring", "is:expiring"),
    Tab("Mine", "is:mine"),
)
"""What there is beside it as long as a person wants nothing else."""


def tabs_of(saved: Mapping[str, str] | None) -> tuple[Tab, ...]:
    """All tabs: that of everything, and those that were saved, or our own if none ever were."""
    if saved is None:
        return (ALL, *OWN)
    return (ALL, *(Tab(name, text) for name, text in saved.items()))


def saved_form(tabs: Iterable[Tab]) -> dict[str, str]:
    """What is written down of tabs, for `tabs_of`."""
    return {tab.name: tab.text for tab in tabs if tab is not ALL}


def new_name(given: str, tabs: Iterable[Tab]) -> str:
    """The name a tab is to have beside these.

    Raises:
        UsageError: if there is none, it is too long, or another tab has it.
    """
    name = " ".join(given.split())
    if not name:
        raise UsageError("A tab needs a name")
    if len(name) > LONGEST_NAME:
        raise UsageError(f"The name of a tab can have {LONGEST_NAME} characters")
    if name.casefold() in (tab.name.casefold() for tab in tabs):
        raise UsageError(f'There is a tab "{name}" already')
    return name


def tally(filters: Sequence[Filter], rows: Iterable[Record], now: datetime) -> tuple[int, ...]:
    """How many of the rows each filter lets through; one pass, to be made off the screen's loop."""
    counts = [0] * len(filters)
    narrowing = [(place, each) for place, each in enumerate(filters) if each.words]
    total = 0
    for row in rows:
        total += 1
        for place, each in narrowing:
            counts[place] += each.shows(row, now)
    return tuple(
        number if each.words else total for number, each in zip(counts, filters, strict=True)
    )
