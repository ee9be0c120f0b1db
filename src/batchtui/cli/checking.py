"""Looks at a request file for a command, with progress on stderr."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISCHR, S_ISFIFO
from tempfile import TemporaryDirectory

from batchtui.cli import diagnostics
from batchtui.domain.errors import RequestFileError
from batchtui.domain.text import counted, safe_line, size
from batchtui.submissions.check import check
from batchtui.submissions.checked import Checked, Limits, Progress
from batchtui.submissions.spooling import spool

STDIN = Path("-")


def look_at(path: Path, limits: Limits) -> Checked:
    """Check a request file, and say meanwhile how far that is.

    Raises:
        RequestFileError: if it cannot be read.
    """
    with diagnostics.Progress() as line:

        def show(progress: Progress) -> None:
            if progress.again:
                share = progress.bytes * 100 // max(progress.of, 1)
                line.show(f"Looking for lines with the same custom_id: {share} % …")
                return
            bad = f", {counted(progress.problems, 'bad line')}" if progress.problems else ""
            line.show(
                f"{counted(progress.requests, 'request')}, {size(progress.bytes)}"
                f" of {size(progress.of)}{bad} …"
            )

        return check(path, limits, on_progress=show)


def keep_stream(path: Path, directory: Path) -> Path:
    """Copy stdin, or a pipe, to a private file in a directory.

    Raises:
        RequestFileError: if it cannot be read.
        StorageError: if it cannot be written.
    """
    with diagnostics.Progress() as line:

        def show(done: int) -> None:
            line.show(f"{size(done)} read …")

        if path == STDIN:
            if sys.stdin is None:
                raise RequestFileError("There is no stdin to read")
            return spool(sys.stdin.buffer, directory, on_progress=show)
        try:
            with path.open("rb") as stream:
                return spool(stream, directory, on_progress=show)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            shown = safe_line(path.name, 100)
            raise RequestFileError(f"{shown} cannot be read: {reason}") from error


def is_stream(path: Path) -> bool:
    """Whether it can be read but once: stdin, a pipe, a device."""
    if path == STDIN:
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False  # whoever reads it says why that is not possible
    return S_ISFIFO(mode) or S_ISCHR(mode)


def tell_file(path: Path, requests: int, written: int) -> None:
    """Say what was written where, and what to do next."""
    verb = "is" if requests == 1 else "are"
    diagnostics.say(
        f"{counted(requests, 'request')}, {size(written)}, {verb} in {safe_line(str(path), 500)}\n"
        f"Next: batchtui check {shlex.quote(safe_line(str(path), 500))}"
    )


@contextmanager
def as_file(path: Path) -> Iterator[Path]:
    """A request file that can be read again and again, for as long as this lasts."""
    if not is_stream(path):
        yield path
        return
    with TemporaryDirectory(prefix="batchtui-") as directory:
        yield keep_stream(path, Path(directory))
