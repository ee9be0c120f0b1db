"""A window on a long sequence of rows, with a cursor that stays on its row whatever happens."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Window(Generic[K]):
    """Which rows of a sequence are in view, and which of them has the cursor.

    Rows are known by key; keys are unique. Nothing is kept beside them, so a `range` or an array of
    any length takes no memory of its own.

    Attributes:
        keys: the rows, in order.
        cursor: the index of the row with the cursor; -1 if there is none.
        top: the index of the first row in view.
        height: how many rows fit into the view.
    """

    def __init__(self) -> None:
        self.keys: Sequence[K] = ()
        self.cursor = -1
        self.top = 0
        self.height = 0

    @property
    def key(self) -> K | None:
        """The key of the row with the cursor."""
        return self.keys[self.cursor] if self.cursor >= 0 else None

    @property
    def visible(self) -> range:
        """The indexes of the rows in view."""
        return range(self.top, min(self.top + self.height, len(self.keys)))

    @property
    def near_end(self) -> bool:
        """Whether the view, or the cursor plus a page, reaches the last row."""
        reach = max(self.cursor + self.height, self.top + self.height)
        return reach >= len(self.keys)

    def place(self, key: K) -> int | None:
        """The index of a row, or None if there is no such row."""
        try:
            return self.keys.index(key)
        except ValueError:
            return None

    def replace(self, keys: Sequence[K]) -> None:
        """Take other rows: the cursor stays on its row, else goes to the nearest that is left.

        The row with the cursor (if out of view, the first row in view) keeps its place on the
        screen, but a view that was at the very top stays there as long as the cursor is in it.
        """
        old, cursor, top = self.keys, self.cursor, self.top
        self.keys = keys
        self.cursor = self._nearest(old, cursor)
        anchor = cursor if cursor in range(top, top + self.height) else top
        place = self.cursor if anchor == cursor else self._nearest(old, anchor)
        if top or place >= self.height:
            self.top = place - (anchor - top)
        self.fit(self.height, follow=anchor == cursor)

    def fit(self, height: int, *, follow: bool = True) -> None:
        """Give the view another height; with `follow` the cursor stays in it."""
        self.height = max(height, 0)
        self.scroll(self.top)
        if follow and self.height and self.cursor >= 0:
            self.scroll(min(max(self.top, self.cursor - self.height + 1), self.cursor))

    def move(self, index: int) -> None:
        """Put the cursor on the row nearest to this index, and bring it into view."""
        self.cursor = min(max(index, 0), len(self.keys) - 1)
        self.fit(self.height)

    def scroll(self, top: int) -> None:
        """Bring this row to the top of the view, as far as there are rows to fill it."""
        self.top = max(min(top, len(self.keys) - self.height), 0)

    def reveal(self, index: int) -> None:
        """Bring a row below into view, as far as the row with the cursor stays in it."""
        self.scroll(max(self.top, min(index - self.height + 1, self.cursor)))

    def thumb(self) -> range:
        """The lines of the view beside which a scroll bar's thumb stands; none if all is seen."""
        return thumb(self.top, self.height, len(self.keys))

    def _nearest(self, old: Sequence[K], index: int) -> int:
        """Where the old row at `index` is now, or the closest one to it that is left."""
        if not len(self.keys):
            return -1
        if not 0 <= index < len(old):
            return 0
        if (place := self.place(old[index])) is not None:
            return place
        left = self.keys if isinstance(self.keys, range) else set(self.keys)
        for distance in range(1, len(old)):
            for at in (index + distance, index - distance):
                if 0 <= at < len(old) and old[at] in left:
                    return self.keys.index(old[at])
        return min(index, len(self.keys) - 1)


def thumb(top: int, height: int, total: int) -> range:
    """The lines of a view beside which a scroll bar's thumb stands; none if all is seen.

    Args:
        top: the first line in view.
        height: how many lines are in view.
        total: how many there are.
    """
    if total <= height or height <= 0:
        return range(0)
    size = max(height * height // total, 1)
    start = round(top / (total - height) * (height - size))
    return range(start, start + size)
