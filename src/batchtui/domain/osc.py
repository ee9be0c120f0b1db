"""What a program can ask of a terminal besides drawing: its bell, a notification, its title.

Everything here may be written between two drawings: it moves no cursor and changes no colours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from batchtui.domain.text import safe_line

Desktop: TypeAlias = Literal["osc9", "osc777", "none"]
"""The sequence for a notification of the desktop that a terminal understands."""

BELL = "\x07"
SAVE_TITLE = "\x1b[22;0t"
"""Puts the titles of window and icon on the terminal's stack (xterm, XTWINOPS)."""

RESTORE_TITLE = "\x1b[23;0t"
"""Takes them from there again."""

_LONGEST = 200
_LONGEST_TITLE = 80

# Found in the documents and trackers of these terminals. Those of VTE swallow both sequences,
# Alacritty and Terminal.app have neither.
_BY_PROGRAM: dict[str, Desktop] = {
    "iterm.app": "osc9",
    "wezterm": "osc9",
    "ghostty": "osc9",
    "warpterminal": "osc9",
    "kitty": "osc9",
    "zed": "osc9",
}
_BY_TERM: dict[str, Desktop] = {
    "xterm-kitty": "osc9",
    "xterm-ghostty": "osc9",
    "wezterm": "osc9",
    "foot": "osc777",
    "rxvt-unicode": "osc777",
    "contour": "osc777",
}
# Of use where TERM and TERM_PROGRAM name what is in between: tmux, or nothing at all over SSH,
# which hands on what begins with LC_.
_BY_PRESENCE: dict[str, Desktop] = {
    "ITERM_SESSION_ID": "osc9",
    "KITTY_WINDOW_ID": "osc9",
    "GHOSTTY_RESOURCES_DIR": "osc9",
    "WEZTERM_PANE": "osc9",
    "KONSOLE_VERSION": "osc777",
    "WT_SESSION": "osc777",
}


class Abilities(msgspec.Struct, frozen=True):
    """What the terminal of an environment is taken to understand.

    Attributes:
        desktop: the sequence for notifications.
        titles: whether it has a title, or at least takes no harm from being given one.
        tmux: whether tmux is in between, which passes on just what is wrapped for it.
    """

    desktop: Desktop = "none"
    titles: bool = True
    tmux: bool = False


def abilities(environ: Mapping[str, str]) -> Abilities:
    """Tell from its environment what a terminal understands; what is not known counts as nothing.

    Args:
        environ: the environment of a program that runs in the terminal.
    """
    term = environ.get("TERM", "")
    return Abilities(
        desktop=_desktop(environ, term),
        titles=term not in ("", "dumb", "linux") or "WT_SESSION" in environ,
        tmux=bool(environ.get("TMUX")),
    )


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is at the other end of an SSH connection."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def notification(words: str, desktop: Desktop, *, tmux: bool = False) -> str:
    """What asks a terminal for a notification of the desktop.

    Args:
        words: what it says; foreign text may be in it.
        desktop: the sequence to use; "none" gives "".
        tmux: whether to wrap it for tmux, which passes it on if its `allow-passthrough` is on.
    """
    text = safe_line(words, _LONGEST)
    match desktop:
        case "osc9":
            # What begins with a digit and a semicolon is a command of ConEmu's.
            sequence = f"\x1b]9;batchtui: {text}\x07"
        case "osc777":
            # A semicolon begins the next of its fields, of which the text is the last.
            sequence = f"\x1b]777;notify;batchtui;{text.replace(';', ',')}\x07"
        case "none":
            return ""
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\" if tmux else sequence


def title(words: str) -> str:
    """What gives the terminal's window a title; foreign text may be in it."""
    return f"\x1b]2;{safe_line(words, _LONGEST_TITLE)}\x07"


def _desktop(environ: Mapping[str, str], term: str) -> Desktop:
    for name in ("TERM_PROGRAM", "LC_TERMINAL"):
        program = environ.get(name, "").casefold()
        program = "iterm.app" if program == "iterm2" else program
        if known := _BY_PROGRAM.get(program):
            return known
    for start, known in _BY_TERM.items():
        if term == start or term.startswith(f"{start}-"):
            return known
    return next((known for name, known in _BY_PRESENCE.items() if environ.get(name)), "none")
