"""What the environment says of the terminal: whether it can move its cursor, and show colours."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from typing import TextIO

NO_COLOR = "NO_COLOR"


def is_dumb(environ: Mapping[str, str]) -> bool:
    """Whether it can only write one line below the other."""
    return environ.get("TERM") == "dumb"


def can_rewrite(stream: TextIO | None) -> bool:
    """Whether what was written to a stream of this process can be written over."""
    return stream is not None and stream.isatty() and not is_dumb(os.environ)


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
