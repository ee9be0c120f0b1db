"""The masthead on top of every screen, and the hints at its foot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from textual.content import Content

from batchtui.account.events import Phase, Pulse
from batchtui.domain.text import (
    cell_width,
    clock,
    crop,
    crop_middle,
    long_duration,
    safe_line,
    short_count,
)
from batchtui.ui.session import Title

WIDE = 100
"""From this width on (cells) there is room for everything."""

TROUBLE_LINES = 3
"""A reason is cut after so many lines."""

_ROOMY = 60
"""From this width on the number of batches is told."""

_LOUD = "bold $warning"


def masthead(title: Title, pulse: Pulse, *, known: int, now: datetime, width: int) -> Content:
    """Whose batches these are, on the left, and how fresh, on the right; `width` cells."""
    right = _freshness(pulse, now, wide=width >= WIDE)
    batches = f"{short_count(known)} batch{'' if known == 1 else 'es'} "
    if width >= _ROOMY:
        gap = "" if not right else "   " if width >= WIDE else " · "
        right = Content.assemble(right, (f"{gap}{batches}", "$text-muted"))
    modes = "".join(f" {mode} " for mode in title.modes)
    room = width - right.cell_length - cell_width(modes) - 14
    places = [safe_line(title.account), title.workspace if width >= WIDE else "", title.endpoint]
    where = " · ".join(_fitting([place for place in places if place], room))
    left = Content.assemble(
        (" batchtui", "bold $primary"),
        ("  ", ""),
        (crop(where, max(room, 0)), ""),
        ("  " if modes else "", ""),
        (modes, "bold $warning reverse" if modes else ""),
    )
    fill = width - left.cell_length - right.cell_length
    return Content.assemble(left, " " * max(fill, 1), right)


def _fitting(places: list[str], room: int) -> list[str]:
    """As many places as there is room for; the endpoint, the last of them, stays longest."""
    places = [crop_middle(place, 24) for place in places]
    while len(places) > 1 and cell_width(" · ".join(places)) > room:
        places.pop(-2 if len(places) > 2 else 0)
    return places


def _freshness(pulse: Pulse, now: datetime, *, wide: bool) -> Content:
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
    parts = [(updated, "$text-muted"), state]
    shown = [part for part in parts if part[0]]
    joined: list[tuple[str, str]] = []
    for part in shown:
        joined += [(" · ", "$text-muted"), part] if joined else [part]
    return Content.assemble(*joined)


def trouble(pulse: Pulse, *, width: int) -> list[Content]:
    """Why the API is not being looked at, if so: a sentence over as many lines as it takes."""
    if not pulse.reason or width < 10:
        return []
    lines = Content(safe_line(pulse.reason)).wrap(width - 4)[:TROUBLE_LINES]
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
