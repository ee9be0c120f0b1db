"""What the environment says of the terminal (cursor, colours), and streams that nobody reads."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import BinaryIO, TextIO

NO_COLOR = "NO_COLOR"


def is_dumb(environ: Mapping[str, str]) -> bool:
    """Whether it can only write one line below the other."""
    return environ.get("TERM") == "dumb"


def can_rewrite(stream: TextIO | None) -> bool:
    """Whether what was written to a stream of this process can be written over."""
    return stream is not None and stream.isatty() and not is_dumb(os.environ)


def is_pipe(stream: TextIO | None) -> bool:
    """Whether another program reads a stream, and may write what it makes of it at any time."""
    if stream is None:
        return False
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def is_in_front(stream: TextIO) -> bool:
    """Whether who is at the terminal of a stream waits for this process, and not for another.

    A job in the background may write there, but not where others have written since.
    """
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except (AttributeError, OSError, ValueError):  # there are no jobs, or it is no terminal
        return True


def write_error(text: str) -> None:
    """Write to stderr as it is, if there is one and somebody reads it."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        point_nowhere(sys.stderr)


def point_nowhere(stream: BinaryIO | TextIO) -> None:
    """Have a stream that fails lead nowhere from now on.

    What is left in its buffer would fail again when the interpreter ends, and change the exit code.
    """
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def wants_color(environ: Mapping[str, str]) -> bool:
    """Whether a person at a terminal wants colours.

    A NO_COLOR that is not empty wins over CLICOLOR_FORCE, and that over CLICOLOR.
    """
    if environ.get(NO_COLOR):
        return False
    forced = environ.get("CLICOLOR_FORCE", "") not in ("", "0")
    return forced or environ.get("CLICOLOR") != "0"


def settle_color(environ: MutableMapping[str, str]) -> None:
    """Say it in the one way Textual understands: it takes an empty NO_COLOR for a full one."""
    if wants_color(environ):
        environ.pop(NO_COLOR, None)
    else:
        environ[NO_COLOR] = "1"
