"""The name of an account in its colour, readable whatever colour that is and on every theme."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from textual.color import Color, ColorParseError
from textual.content import Content

from batchtui.ui.title import Title

CONTRAST: Final = 7.0
"""Of the name on its colour at least (WCAG 2 AAA): it says in which account one is about to act."""

_STEPS = 10


def badge(name: str, color: str) -> Content:
    """The name on its colour, with a blank on both sides; plain without one that can be shown.

    Args:
        name: safe.
        color: as it was written; foreign.
    """
    style = badge_style(color)
    return Content.styled(f" {name} ", style) if style else Content(name)


def named(what: str, title: Title, of: str = "") -> Content:
    """What would be done, and in which account, such as "Delete 3 batches in work (host)".

    Args:
        what: safe.
        title: of the account.
        of: to which one thing, if it is one with a name: "Label in work: nightly"; safe. It stands
            behind the account, which frames too narrow for both do not cut then.
    """
    rest = f": {of}" if of else title.where.removeprefix(title.name)
    return Content.assemble(what, " in ", badge(title.name, title.color), rest)


@lru_cache(64)
def badge_style(color: str) -> str:
    """The style of a badge of this colour; "" if there is none or it cannot be shown."""
    found = _parsed(color)
    if found is None:
        return ""
    black, white = Color(0, 0, 0), Color(255, 255, 255)
    paper, ink = sorted((black, white), key=lambda each: contrast(found, each))
    # The colours in the middle are not readable enough on either; they give way a little.
    shades = (found.blend(paper, step / _STEPS) for step in range(_STEPS + 1))
    shade = next(each for each in shades if contrast(each, ink) >= CONTRAST)
    return f"bold {ink.hex} on {shade.hex}"


def color_trouble(name: str, color: str) -> str:
    """What to say of a colour that cannot be shown; "" if it can, or there is none."""
    if not color or _parsed(color) is not None:
        return ""
    return (
        f"The account {name} has no colour that can be shown; in config.toml, write one such as"
        ' "green" or "#3fa34d".'
    )


def contrast(one: Color, other: Color) -> float:
    """How much two colours differ for reading, from 1 to 21 (WCAG 2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in color.normalized
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parsed(color: str) -> Color | None:
    """The colour, if it is one that looks the same everywhere."""
    try:
        found = Color.parse(color) if color else None
    except ColorParseError:
        return None
    if found is None or found.ansi is not None or found.auto or found.a < 1:
        return None
    return found
