"""The line of tabs above the results: by type, and loud what stopped before its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from textual.content import Content

from batchtui.domain.result import CANCELED, ERRORED, EXPIRED, SUCCEEDED, UNREADABLE, stopped_short
from batchtui.domain.text import count, safe_line, short_count
from batchtui.ui.presenters.result_row import result_look
from batchtui.ui.presenters.state import LOUD, QUIET

MOST_TABS: Final = 9
"""As many as there are digits to choose them by."""

_KINDS: Final = (SUCCEEDED, ERRORED, CANCELED, EXPIRED)
_GAP: Final = 2


class Tab(msgspec.Struct, frozen=True):
    """Results of one type, or of all.

    Attributes:
        kinds: the types; empty for all.
    """

    title: str
    kinds: tuple[str, ...]
    lines: int


class TabLine(msgspec.Struct, frozen=True):
    """The line, and what stands where in it.

    Attributes:
        places: for each span of cells the place of what stands there: tabs first, then reasons.
    """

    content: Content
    places: tuple[tuple[range, int], ...]

    def place_at(self, x: int) -> int | None:
        """The place of what stands in a cell."""
        return next((place for span, place in self.places if x in span), None)


def tabs(tally: Mapping[str, int]) -> tuple[Tab, ...]:
    """All, the four types there are, and what else there is in the file, if anything."""
    found = [Tab("All", (), sum(tally.values()))]
    found += [Tab(kind.capitalize(), (kind,), tally.get(kind, 0)) for kind in _KINDS]
    others = tuple(kind for kind in tally if kind not in _KINDS)
    if others:
        title = "Unreadable" if others == (UNREADABLE,) else "Other"
        found.append(Tab(title, others, sum(tally[kind] for kind in others)))
    return tuple(found)


def loud_reasons(stop_reasons: Mapping[str, int], tabs: int) -> tuple[str, ...]:
    """The stop reasons of answers that stopped before their end, as many as there are keys for."""
    return tuple(filter(stopped_short, stop_reasons))[: MOST_TABS - tabs]


def tab_line(
    all_tabs: Sequence[Tab],
    chosen: int,
    stop_reasons: Mapping[str, int],
    active: frozenset[str],
    width: int,
) -> TabLine:
    """The tabs with their keys and counts; at the right, if there is room, what stopped short.

    Args:
        all_tabs: the tabs.
        chosen: the place of the tab that is listed.
        stop_reasons: how many answers stopped for which reason.
        active: the stop reasons that are filtered by.
        width: of the line, in cells.
    """
    reasons = loud_reasons(stop_reasons, len(all_tabs))
    right = [
        tab_entry(place, _loud(reason, stop_reasons[reason]), chosen=reason in active, style=LOUD)
        for place, reason in enumerate(reasons, start=len(all_tabs))
    ]
    left: list[Content] = []
    for words in (_long, _short, _shortest):
        left = [
            tab_entry(place, words(tab), chosen=place == chosen, style="" if tab.lines else QUIET)
            for place, tab in enumerate(all_tabs)
        ]
        if _width(left) + _GAP * bool(right) + _width(right[:1]) <= width:
            break
    while right and _width(left) + _GAP + _width(right) > width:
        right.pop()
    return _joined(left, right, width)


def _joined(left: Sequence[Content], right: Sequence[Content], width: int) -> TabLine:
    parts: list[Content] = []
    places: list[tuple[range, int]] = []
    x = 0
    for place, content in enumerate((*left, *right)):
        gap = width - _width(right) - x if right and place == len(left) else int(place > 0)
        parts += [Content(" " * gap), content]
        places.append((range(x + gap, x + gap + content.cell_length), place))
        x += gap + content.cell_length
    return TabLine(Content.assemble(*parts), tuple(places))


def _width(entries: Sequence[Content]) -> int:
    return sum(content.cell_length for content in entries) + max(len(entries) - 1, 0)


def tab_entry(place: int, words: str, *, chosen: bool, style: str) -> Content:
    """What stands on a tab: its key and its words, which are safe to show."""
    if chosen:
        return Content.styled(f"▏{words}▕", "bold $accent")
    return Content.assemble((f" {place + 1} ", QUIET), (f"{words} ", style))


def _loud(reason: str, lines: int) -> str:
    return f"{safe_line(reason, 40)} {count(lines)} !"


def _long(tab: Tab) -> str:
    return f"{tab.title} {count(tab.lines)}"


def _short(tab: Tab) -> str:
    return f"{_glyph(tab)} {count(tab.lines)}"


def _shortest(tab: Tab) -> str:
    return f"{_glyph(tab)}{short_count(tab.lines)}"


def _glyph(tab: Tab) -> str:
    return result_look(tab.kinds[0]).glyph if tab.kinds else "all"
