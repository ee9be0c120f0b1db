"""Bytes that are only ever added to, so that a view of what is there stays true."""

from __future__ import annotations

import mmap


class AppendOnly:
    """A buffer with room to spare; pages that were never written to take no memory."""

    def __init__(self, room: int) -> None:
        self._data = _memory(room)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, more: bytes | bytearray) -> None:
        """Put more bytes at the end."""
        end = self._size + len(more)
        if end > len(self._data):
            self._move(2 * end)
        self._data[self._size : end] = more
        self._size = end

    @property
    def data(self) -> mmap.mmap:
        """What is there so far, and the room after it; more may go there, but nothing changes."""
        return self._data

    def view(self) -> memoryview:
        """What is there so far."""
        return memoryview(self._data).toreadonly()[: self._size]

    def _move(self, room: int) -> None:
        # Not resized in place: views of the old one stay what they are, as long as they are held.
        wider = _memory(room)
        memoryview(wider)[: self._size] = memoryview(self._data)[: self._size]
        self._data = wider


def _memory(size: int) -> mmap.mmap:
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
