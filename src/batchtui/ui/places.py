"""Where a person was in the results of a batch, to come back to."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True):
    """A place in a batch's results.

    Attributes:
        tab: the place of the tab, from 0.
        line: the number of the highlighted line.
        warnings: what was odd about the file when it was fetched.
    """

    tab: int = 0
    line: int = 0
    warnings: tuple[str, ...] = ()
