"""Finds ids that are there twice, among tens of millions, with 8 bytes for each.

Only their hashes are kept, which Python salts anew in every process: two ids with the same hash
are all but surely one, and nobody can make others. Who wants to know looks at the file again.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

_BUCKETS = 256


class Seen:
    """The ids seen so far."""

    def __init__(self) -> None:
        self._buckets = [array("q") for _ in range(_BUCKETS)]
        self._add = [bucket.append for bucket in self._buckets]

    def add(self, ids: Iterable[str]) -> None:
        """Remember these."""
        add = self._add
        for number in map(hash, ids):
            add[number & 255](number)

    def repeated(self, most: int) -> tuple[set[int], int]:
        """The hashes that are there more than once.

        Returns:
            So many of them at most, and how many ids there are beyond the first of each hash.
        """
        found: set[int] = set()
        surplus = 0
        for bucket in self._buckets:
            once = set(bucket)
            if len(once) == len(bucket):
                continue
            surplus += len(bucket) - len(once)
            for number in bucket:
                if number in once:
                    once.remove(number)
                elif len(found) < most:
                    found.add(number)
        return found, surplus
