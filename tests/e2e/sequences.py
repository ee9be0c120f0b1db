"""What a program told its terminal: control sequences, one by one, and what they leave it in."""

from __future__ import annotations

import re
from collections import Counter

from batchtui.domain.text import UNSAFE

_SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b[]PX^_].*?(?:\x1b\\|\x07|$)"  # OSC, DCS, SOS, PM, APC
    rb"|\x1b[ -/]*[0-~]?"  # any other escape
    rb"|[\x00-\x1f\x7f]",
    re.DOTALL,
)
_MEANT = re.compile(
    rb"\x1b\[[\d;]*m"  # style
    rb"|\x1b\[\d+;\d+H"  # cursor
    rb"|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1049|2004|2026)[hl]"  # modes
    rb"|\x1b\[>\d+u|\x1b\[<u"  # the keyboard protocol, on and off
    rb"|\x1b\[\?20(?:26|48)\$p"  # questions about modes
    rb"|\x1b\]22;[a-z-]+\x07"  # the pointer's shape
    rb"|\x1b\[2[23];0t|\x1b\]2;(?:batchtui(?:: [\d,]+ running)?)?\x07"  # the title
    rb"|[\r\n]",
)
_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
_FIRST = {7: True, 25: True}
"""Modes that are on in a terminal at rest: wrapping, and the cursor shown."""

_STACKS = {
    "keyboard protocol": (re.compile(rb"\x1b\[>\d+u"), re.compile(rb"\x1b\[<u")),
    "title": (re.compile(rb"\x1b\[22;0t"), re.compile(rb"\x1b\[23;0t")),
}
"""What is put aside, and taken back."""


def unmeant(raw: bytes) -> Counter[bytes]:
    """All sequences and characters that an app on the whole screen has no reason to write."""
    found = Counter(each for each in _SEQUENCE.findall(raw) if not _MEANT.fullmatch(each))
    text = _SEQUENCE.sub(b"", raw).decode("utf-8", "surrogateescape")
    found.update(each.encode("utf-8", "surrogateescape") for each in UNSAFE.findall(text))
    return found


def left_behind(raw: bytes) -> list[str]:
    """What is not as it was before: modes, the keyboard protocol, the title."""
    modes = {int(number): end == b"h" for number, end in _MODE.findall(raw)}
    changed = [f"mode {each}" for each, on in modes.items() if on != _FIRST.get(each, False)]
    changed += [
        what
        for what, (pushed, popped) in _STACKS.items()
        if len(pushed.findall(raw)) != len(popped.findall(raw))
    ]
    return changed


def after_the_app(raw: bytes) -> str:
    """What a person reads in the shell once the app has left the screen."""
    rest = raw.rpartition(b"\x1b[?1049l")[2]
    return _SEQUENCE.sub(lambda found: b"\n" if found[0] == b"\n" else b"", rest).decode()
