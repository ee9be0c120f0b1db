"""Judges the config directory: whose it is, who may read it, how much room there is."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from batchtui.cli.checkup.finding import Finding, fail, ok, warn
from batchtui.domain.text import safe_line, size
from batchtui.system import is_ours

LITTLE = 1_000_000_000
"""Bytes; results of a few large batches may take as much."""

NOTHING = 50_000_000
"""Bytes with which not even the history can be relied on to be written."""

_PRIVATE = ("config.toml", "history.db")


def check_directory(directory: Path) -> Iterator[Finding]:
    """Whether everything can be kept there, and by nobody else be read."""
    shown = safe_line(str(directory), 300)
    if not os.path.lexists(directory):
        yield _missing(directory, shown)
        return
    if not directory.is_dir():
        todo = "Move the file away, or choose another directory with --config-dir"
        yield fail("directory", f"{shown} is no directory", todo)
        return
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        todo = "Give it back its permissions, or choose another with --config-dir"
        yield fail("directory", f"{shown} cannot be written", todo)
        return
    yield _privacy(directory, shown)


def _missing(directory: Path, shown: str) -> Finding:
    above = next(each for each in directory.absolute().parents if os.path.exists(each))
    if os.access(above, os.W_OK | os.X_OK):
        return ok("directory", f"{shown} is not there yet; it is made when it is needed")
    todo = "Choose another directory with --config-dir"
    return fail("directory", f"{shown} cannot be made", todo)


def _privacy(directory: Path, shown: str) -> Finding:
    """Windows has no such modes, and keeps a person's files to that person by itself."""
    if os.name == "nt":
        return ok("directory", shown)
    status = directory.stat()
    if not is_ours(status):
        todo = "Choose a directory of your own with --config-dir"
        return warn("directory", f"{shown} belongs to somebody else", todo)
    there = [directory, *(directory / name for name in _PRIVATE)]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in there if path.exists()}
    lax = [path for path, mode in modes.items() if mode & 0o077]
    if lax:
        names = " and ".join(safe_line(str(path), 300) for path in lax)
        words = safe_line(shlex.join(map(str, lax)), 600)
        return warn(
            "directory", f"Others on this machine may get at {names}", f"Run `chmod go= {words}`"
        )
    return ok("directory", f"{shown} is yours alone")


def check_room(directory: Path) -> Finding:
    """Whether there is room on its disk."""
    there = next(
        each for each in (directory, *directory.absolute().parents) if os.path.exists(each)
    )
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return warn("disk", f"How much room there is cannot be told: {reason}", "Look at the disk")
    return judge_room(free)


def judge_room(free: int) -> Finding:
    """The same by the number of bytes."""
    found = f"{size(free)} are free"
    todo = "Make room; `batchtui cache prune` removes kept results that can be had again"
    if free < NOTHING:
        return fail("disk", f"Only {found}", todo)
    return warn("disk", f"Only {found}", todo) if free < LITTLE else ok("disk", found)
