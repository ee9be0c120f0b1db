"""The masthead on top of every screen, and the hints at its foot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from textual.content import Content

from batchtui.account.events import Phase, Pulse
from batchtui.domain.text import (
    cell_width,
    clock,
    counted,
    crop_middle,
    long_duration,
    safe_line,
    short_count,
)
from batchtui.ui.presenters.badge import badge
from batchtui.ui.title import LONGEST_NAME, OFFLINE, READ_ONLY, Title

WIDE = 100
"""From this width on (cells) there is room for everything."""

TROUBLE_LINES = 3
"""A reason is cut after so many lines."""

_ROOMY = 60
"""From this width on the number of batches is told."""

_LOUD = "bold $warning"
_LOGO = Content.styled(" batchtui", "bold $primary")

_DROPPED = ("workspace", "known", "logo", "updated", "endpoint", "state")
"""What a line too narrow for everything leaves out, in this order; the modes are shortened last."""

_LEAST_NAME = 6
"""Cells of the name for which even the modes give way."""

_SHORT = {READ_ONLY: "R/O", OFFLINE: "OFF"}


def masthead(title: Title, pulse: Pulse, *, known: int, now: datetime, width: int) -> Content:
    """Whose batches these are, on the left, and how fresh, on the right; `width` cells.

    The name of the account is the last thing to go, and the modes the last but one.
    """
    parts = _parts(title, pulse, known, now, wide=width >= WIDE)
    if width < WIDE:
        del parts["workspace"]
    if width < _ROOMY:
        del parts["known"]
    return _fitted(parts, title, width)


def masthead_of_all(
    *, at_work: int, accounts: int, known: int, modes: Sequence[str], width: int
) -> Content:
    """That these are the batches of all accounts, and how many of those are looked at."""
    title = Title("all accounts", "", "", tuple(modes))
    parts = {
        "logo": _LOGO,
        "name": Content.styled(title.name, "bold"),
        "modes": _modes(title.modes),
        "state": Content(f"{at_work} of {counted(accounts, 'account')} looked at"),
        "known": _batches(known),
    }
    return _fitted(parts, title, width)


def _fitted(parts: dict[str, Content], title: Title, width: int) -> Content:
    line = _line(parts, width)
    for dropped in _DROPPED:
        if line.cell_length <= width:
            break
        parts.pop(dropped, None)
        line = _line(parts, width)
    if line.cell_length > width:
        parts["modes"] = _modes([_SHORT.get(each, each) for each in title.modes])
        line = _line(parts, width)
    if line.cell_length > width and cell_width(title.name) - line.cell_length + width < _LEAST_NAME:
        parts["modes"] = Content()
        line = _line(parts, width)
    if (excess := line.cell_length - width) > 0:
        room = max(cell_width(title.name) - excess, 1)
        parts["name"] = badge(crop_middle(title.name, room), title.color)
        line = _line(parts, width)
    return line


def _parts(
    title: Title, pulse: Pulse, known: int, now: datetime, *, wide: bool
) -> dict[str, Content]:
    """All there is to say, by what it is."""
    updated, state = _freshness(pulse, now, wide=wide)
    places = {"workspace": title.workspace, "endpoint": title.endpoint}
    return {
        "logo": _LOGO,
        "name": badge(title.name, title.color),
        **{
            each: Content(crop_middle(safe_line(place), LONGEST_NAME))
            for each, place in places.items()
        },
        "modes": _modes(title.modes),
        "updated": updated,
        "state": state,
        "known": _batches(known),
    }


def _batches(known: int) -> Content:
    return Content.styled(f"{short_count(known)} batch{'' if known == 1 else 'es'}", "$text-muted")


def _modes(modes: Sequence[str]) -> Content:
    words = "".join(f" {mode} " for mode in modes)
    return Content.styled(words, "bold $warning reverse") if words else Content()


def _line(parts: Mapping[str, Content], width: int) -> Content:
    """The parts that are left, in their places; longer than `width` if they do not fit."""

    def joined(names: Sequence[str], between: Content) -> Content:
        return between.join([part for each in names if (part := parts.get(each))])

    dot = Content.styled(" · ", "$text-muted")
    where = joined(("name", "workspace", "endpoint"), Content(" · "))
    start = parts.get("logo") or Content()
    left = Content("  ").join([each for each in (start, where, parts["modes"]) if each])
    left = left if start else Content.assemble(" ", left)
    right = joined(("updated", "state"), dot)
    if "known" in parts:
        gap = Content("   ") if width >= WIDE else dot
        right = gap.join([each for each in (right, parts["known"]) if each])
    fill = max(width - left.cell_length - right.cell_length - 1, 1)
    return Content.assemble(left, " " * fill, right, " ")


def _freshness(pulse: Pulse, now: datetime, *, wide: bool) -> tuple[Content, Content]:
    """How old what is on screen is, and when it will be looked at again."""
    updated = ""
    if pulse.updated_at:
        updated = ("updated " if wide else "") + clock(pulse.updated_at.astimezone(now.tzinfo))
    soon = long_duration(pulse.next_at - now) if pulse.next_at else ""
    match pulse.phase:
        case Phase.WAITING:
            state = (f"next in {soon}" if soon else "r to refresh", "")
        case Phase.POLLING:
            state = ("updating", "")
        case Phase.CONNECTING:
            state = ("connecting", "")
        case Phase.BACKING_OFF:
            state = (f"next try in {soon}", _LOUD)
        case Phase.PAUSED:
            state = ("PAUSED", _LOUD)
        case Phase.STOPPED:
            state = ("STOPPED, r to retry", _LOUD)
        case Phase.OFFLINE:
            state = ("", "")
    return Content.styled(updated, "$text-muted"), Content.styled(*state)


def trouble(pulse: Pulse, *, width: int) -> list[Content]:
    """Why the API is not being looked at, if so: a sentence over as many lines as it takes."""
    return _troubled(pulse.reason, width)


def trouble_of_all(reasons: Mapping[str, str], *, width: int) -> list[Content]:
    """Which accounts are not being looked at, if any, and of a single one why.

    Args:
        reasons: why they are not, by their names; foreign.
        width: in cells.
    """
    if len(reasons) == 1:
        return _troubled(": ".join(*reasons.items()), width)
    *names, last = (crop_middle(safe_line(each), LONGEST_NAME) for each in reasons or [""])
    words = f"{', '.join(names)} and {last} cannot be looked at; they say why themselves."
    return _troubled(words if names else "", width)


def _troubled(words: str, width: int) -> list[Content]:
    if not words or width < 10:
        return []
    lines = Content(safe_line(words)).wrap(width - 4)[:TROUBLE_LINES]
    marks = ["▲", *[" "] * len(lines)]
    return [
        Content.assemble((f" {mark} ", _LOUD), (line.plain, "$warning"))
        for mark, line in zip(marks, lines, strict=False)
    ]


def hints(keys: Iterable[tuple[str, str]], last: tuple[str, str] | None, *, width: int) -> Content:
    """Keys with what they do, as many as fit into `width` cells; `last`, if any, ends the line."""
    line, end = Content(" "), _hint(*last) if last else Content()
    for key, label in keys:
        hint = _hint(key, label)
        if line.cell_length + hint.cell_length + 2 + end.cell_length > width:
            break
        line = Content.assemble(line, hint, "  ")
    return Content.assemble(line, end)


def _hint(key: str, label: str) -> Content:
    return Content.assemble((key, "bold $accent"), (f" {label}", "$text-muted"))
