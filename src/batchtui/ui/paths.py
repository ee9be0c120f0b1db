"""Completes paths as they are typed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from textual.suggester import Suggester

LONGEST_PATH = 4_000
"""Characters of a path that can be typed."""

MOST = 10_000
"""Entries of a directory that are looked at."""


class PathSuggester(Suggester):
    """Suggests the first file or directory, by name, that goes on like what is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The whole path; None if there is nothing like it."""
        return await asyncio.to_thread(complete, value) if value else None


def home_path(path: Path) -> str:
    """A path as people write it: with "~" for their home directory."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def complete(typed: str) -> str | None:
    """What a typed path may become: directories end with a slash; None if there is nothing."""
    place, begun = os.path.split(typed)
    if not begun:
        return None
    best = None
    try:
        with os.scandir(os.path.expanduser(place) or ".") as entries:
            for entry, _ in zip(entries, range(MOST), strict=False):
                name = entry.name
                if not name.startswith(begun) or not name.isprintable():
                    continue
                if best is None or name < best[0]:
                    best = (name, entry.is_dir())
    except (OSError, ValueError):
        return None
    if best is None:
        return None
    name, is_directory = best
    return os.path.join(place, name) + ("/" if is_directory else "")
