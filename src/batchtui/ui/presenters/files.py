"""The files there are to pick from: by kind, with their sizes and ages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from textual.content import Content

from batchtui.domain.text import (
    cell_width,
    count,
    counted,
    crop_middle,
    duration,
    pad,
    safe_line,
    size,
)
from batchtui.ui.files import Entry, Listing
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.pick_list import Pick

_SIZE, _AGE = 8, 5
_LEAST_NAME = 16


def file_picks(
    listing: Listing, recent: Sequence[Entry], used: Mapping[str, str], *, now: datetime, width: int
) -> list[Pick[str]]:
    """The lines to pick from; the key of each is its path.

    Args:
        listing: what goes on like what was typed.
        recent: files that were used lately, shown while nothing is typed.
        used: what a file became, by its path; foreign text.
        now: to tell ages.
        width: in cells.
    """
    lines: list[Pick[str]] = []
    if recent and not listing.typed:
        lines += [_heading("Used lately"), *_picks(recent, used, now, width), Pick("")]
        lines.append(_heading("Here"))
    lines += _picks(listing.entries, used, now, width)
    hidden = listing.matches - len(listing.entries)
    if hidden > 0:
        lines.append(Pick(Content.styled(f"and {count(hidden)} more: type on", QUIET)))
    if not listing.entries:
        lines.append(Pick(Content.styled(_why_none(listing), LOUD if listing.trouble else QUIET)))
    return lines


def picker_titles(listing: Listing) -> Titles:
    """What stands in the frame: which directory, and how many entries are meant."""
    place = listing.typed.rpartition("/")
    where = safe_line("".join(place[:2])) or "this directory"
    nouns = ("match", "matches") if place[2] else ("entry", "entries")
    found = counted(listing.matches, *nouns)
    return Titles(
        top=Content(f"Files in {crop_middle(where, 60)}"),
        bottom=Content.styled("tab completes · ↑↓ choose · enter takes", QUIET),
        bottom_right=Content.styled(found, QUIET),
    )


def _heading(words: str) -> Pick[str]:
    return Pick(Content.styled(words, QUIET))


def _picks(
    entries: Sequence[Entry], used: Mapping[str, str], now: datetime, width: int
) -> Iterator[Pick[str]]:
    room = max(width - _SIZE - _AGE - 2, _LEAST_NAME)
    longest = max((cell_width(_name(each)) for each in entries), default=0)
    name_width = min(longest, room)
    for each in entries:
        name = pad(crop_middle(_name(each), name_width), name_width)
        volume = "" if each.directory else size(each.size)
        age = duration(max(now.timestamp() - each.changed_at, 0)) if each.changed_at else ""
        became = used.get(each.path, "")
        yield Pick(
            Content.assemble(
                (name, "$accent" if each.directory else ""),
                f"{volume:>{_SIZE + 1}}",
                (f"{age:>{_AGE}}", QUIET),
                (f"   sent as {safe_line(became, 60)}" if became else "", QUIET),
            ),
            each.path,
        )


def _name(entry: Entry) -> str:
    return safe_line(entry.name) + "/" * entry.directory


def _why_none(listing: Listing) -> str:
    if listing.trouble:
        return f"Cannot be read: {safe_line(listing.trouble)}"
    begun = listing.typed.rpartition("/")[2]
    return "No file or directory begins like this" if begun else "There are no files here"
