"""The tabs of the list of batches, in as much of its frame as there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual.content import Content

from batchtui.domain.tabs import LONGEST_NAME, Tab
from batchtui.domain.text import count, crop, safe_line, short_count
from batchtui.ui.presenters.flow import Row
from batchtui.ui.presenters.state import QUIET
from batchtui.ui.presenters.tabs import MOST_TABS, TabLine, tab_entry
from batchtui.ui.widgets.confirming import Option, Question

_MORE: Final = Content.styled("…", QUIET)

RENAME, REFILTER, REMOVE, BACK = range(4)
"""The answers to `tab_question`."""


def list_tabs(
    tabs: Sequence[Tab], counts: Sequence[int], chosen: int, *, width: int, least: int
) -> TabLine:
    """The tabs with how many rows each has; the chosen one and its neighbours if not all fit.

    Args:
        tabs: at least one.
        counts: of as many of them as are known.
        chosen: the place of the one that is listed.
        width: cells they may take.
        least: cells they should take, if that costs only the keys and digits; at most `width`.
    """
    known = [*counts, *[None] * (len(tabs) - len(counts))]
    forms = [
        [form(place, tab, chosen == place, known[place]) for place, tab in enumerate(tabs)]
        for form in (_with_key, _with_count, _in_short)
    ]
    for room, some in ((least, forms), (width, forms[1:])):
        for entries in some:
            if _width(entries) <= room:
                return _line(entries, range(len(entries)))
    return _part(forms[-1], chosen, width)


def _with_key(place: int, tab: Tab, chosen: bool, number: int | None) -> Content:
    if place >= MOST_TABS:
        return _with_count(place, tab, chosen, number)
    style = "" if number else QUIET
    return tab_entry(place, _words(tab, number, count), chosen=chosen, style=style)


def _with_count(place: int, tab: Tab, chosen: bool, number: int | None) -> Content:
    return _plain(_words(tab, number, count), chosen=chosen, quiet=not number)


def _in_short(place: int, tab: Tab, chosen: bool, number: int | None) -> Content:
    return _plain(_words(tab, number, short_count), chosen=chosen, quiet=not number)


def _plain(words: str, *, chosen: bool, quiet: bool) -> Content:
    if chosen:
        return tab_entry(0, words, chosen=True, style="")
    return Content.styled(f" {words} ", QUIET if quiet else "")


def _words(tab: Tab, number: int | None, figure: Callable[[int], str]) -> str:
    return name_of(tab) if number is None else f"{name_of(tab)} {figure(number)}"


def name_of(tab: Tab) -> str:
    """Its name, or what it filters by if it has none; safe to show, and not long."""
    return crop(safe_line(tab.name.strip() or tab.text.strip() or "·"), LONGEST_NAME)


def _part(entries: Sequence[Content], chosen: int, width: int) -> TabLine:
    """The chosen tab, and as many beside it as there is room for, to its right first."""
    shown = range(chosen, chosen + 1)
    while True:
        wider = [range(shown.start, shown.stop + 1), range(shown.start - 1, shown.stop)]
        fitting = [
            each
            for each in wider
            if each.start >= 0
            and each.stop <= len(entries)
            and _width([entries[place] for place in each]) + 2 * _MORE.cell_length <= width
        ]
        if not fitting:
            return _line(entries, shown)
        shown = fitting[0]


def _line(entries: Sequence[Content], shown: range) -> TabLine:
    parts = [_MORE] if shown.start else []
    places = []
    x = len(parts)
    for place in shown:
        places.append((range(x, x + entries[place].cell_length), place))
        parts.append(entries[place])
        x += entries[place].cell_length
    parts += [_MORE] if shown.stop < len(entries) else []
    # Titles are bold, and of these only the chosen one is to be.
    content = Content.assemble(*parts).stylize_before("not bold")
    return TabLine(content, tuple(places))


def _width(entries: Sequence[Content]) -> int:
    return sum(content.cell_length for content in entries)


def tab_question(tab: Tab) -> Question:
    """What is to be done with a tab."""
    words = safe_line(tab.text, 200) or "everything"
    return Question(
        f"Tab {name_of(tab)}",
        (Row(Content.assemble(("shows ", QUIET), words)),),
        (Option("Rename it"), Option("Change its filter"), Option("Remove it"), Option("Back")),
    )
