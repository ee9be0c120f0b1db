"""Which files a typed path may become: a look into one directory, however large; for a thread."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from stat import S_ISREG

import msgspec

MOST = 500
"""So many entries of a directory are shown; more are counted, and found by typing on."""

REQUESTS = (".jsonl", ".ndjson")
"""What the names of files of requests usually end with."""

_ASK_EVERY = 1024
"""Entries looked at between two questions whether anybody still wants to know."""

_REQUEST, _DIRECTORY, _OTHER = range(3)


class Entry(msgspec.Struct, frozen=True):
    """A file or a directory.

    Attributes:
        path: as it would have to be typed; "~" and relative paths stay as they are.
        name: the last part of it; foreign text.
        size: bytes; 0 for a directory.
        changed_at: seconds since the epoch; None if that cannot be told.
    """

    path: str
    name: str
    directory: bool = False
    size: int = 0
    changed_at: float | None = None

    @property
    def typable(self) -> bool:
        """Whether its path can stand in a line that is typed into."""
        return self.path.isprintable()


class Listing(msgspec.Struct, frozen=True):
    """What there is that goes on like a typed path.

    Attributes:
        typed: the path as it was typed.
        entries: files of requests first, then directories, then all others; each by name.
        matches: how many there are, shown or not.
        completed: what is typed, and as much more as all matches have in common.
        trouble: why the directory cannot be read; "" if it was.
    """

    typed: str
    entries: tuple[Entry, ...] = ()
    matches: int = 0
    completed: str = ""
    trouble: str = ""


def look(typed: str, *, wanted: Callable[[], bool] = lambda: True) -> Listing:
    """Find what a typed path may become.

    Args:
        typed: a directory with a slash at its end, or the beginning of a name in one.
        wanted: asked now and then whether to go on; if not, what was found by then is returned.
    """
    place, begun = os.path.split(typed)
    if typed in ("~", ".."):
        return Listing(typed, completed=f"{typed}/")
    gathered = _Gathered(begun)
    try:
        with os.scandir(os.path.expanduser(place) or ".") as entries:
            best = heapq.nsmallest(MOST, gathered.ranked(entries, wanted))
    except (OSError, ValueError) as error:
        return Listing(typed, completed=typed, trouble=_trouble(error))
    found = tuple(_entry(place, each, kind) for kind, _, each in best)
    completed = os.path.join(place, gathered.common) if gathered.common else typed
    if len(found) == 1 and found[0].directory and found[0].typable:
        completed = found[0].path
    return Listing(typed, found, gathered.matches, completed)


def still_there(paths: Iterable[str], most: int) -> tuple[Entry, ...]:
    """The first few of these files that can still be found, each once; for a thread."""
    return tuple(islice(_found(paths), most))


def _found(paths: Iterable[str]) -> Iterator[Entry]:
    for path in dict.fromkeys(paths):
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            continue
        if S_ISREG(found.st_mode):
            name = os.path.basename(path)
            yield Entry(path, name, size=found.st_size, changed_at=found.st_mtime)


class _Gathered:
    """What can be said of the entries of a directory that begin with some letters."""

    def __init__(self, begun: str) -> None:
        self._begun = begun
        self._first = self._last = ""
        self.matches = 0

    @property
    def common(self) -> str:
        """What the names that can be typed have in common."""
        return os.path.commonprefix((self._first, self._last))  # noqa: RUF071 - letter by letter

    def ranked(
        self, entries: Iterable[os.DirEntry[str]], wanted: Callable[[], bool]
    ) -> Iterator[tuple[int, str, os.DirEntry[str]]]:
        """Those that match, with what they are sorted by; no two have the same name."""
        for number, entry in enumerate(entries):
            if number % _ASK_EVERY == 0 and not wanted():
                return
            name = entry.name
            if not name.startswith(self._begun) or self._hidden(name):
                continue
            self.matches += 1
            if name.isprintable():
                self._first = min(self._first or name, name)
                self._last = max(self._last, name)
            yield _kind(entry), name, entry

    def _hidden(self, name: str) -> bool:
        """Whether it is one of those that are shown only to who types their dot."""
        return name.startswith(".") and not self._begun.startswith(".")


def _kind(entry: os.DirEntry[str]) -> int:
    try:
        directory = entry.is_dir()
    except OSError:
        directory = False
    if directory:
        return _DIRECTORY
    return _REQUEST if entry.name.lower().endswith(REQUESTS) else _OTHER


def _entry(place: str, entry: os.DirEntry[str], kind: int) -> Entry:
    path = os.path.join(place, entry.name)
    directory = kind == _DIRECTORY
    try:
        found = entry.stat()
    except OSError:
        return Entry(path + "/" * directory, entry.name, directory)
    size = 0 if directory else found.st_size
    return Entry(path + "/" * directory, entry.name, directory, size, found.st_mtime)


def _trouble(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or "there is no such directory"
