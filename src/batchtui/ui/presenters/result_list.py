"""What the frame of the list of results says, and what stands in it when nothing is listed."""

from __future__ import annotations

from typing import Final

import msgspec
from textual.content import Content

from batchtui.domain.text import count, counted, crop, safe_line
from batchtui.results.filter import Filter
from batchtui.results.order import By, Order
from batchtui.ui.listing import Group, Listing
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.searching import Search
from batchtui.ui.widgets.canvas import Titles

PLACEHOLDER: Final = (
    "part of a custom_id, errored, stop:max_tokens, model:haiku, out>1000, !expired …"
)

_WORDS: Final = {By.TYPE: "result", By.STOP: "stop reason"}
_DOT: Final = " · "
_FRAME: Final = 11
"""Cells of an edge with two titles that neither of them has."""
_LEAST: Final = 14


class Shown(msgspec.Struct, frozen=True):
    """What is listed at this moment.

    Attributes:
        place: of the highlighted line among those listed, from 0.
        listed: how many lines are listed.
        lines: how many there are in the tab's file.
        marked: how many are marked.
        trouble: what went wrong with the search; "" if nothing did.
    """

    name: str
    listing: Listing
    place: int
    listed: int
    lines: int
    marked: int = 0
    search: Search | None = None
    trouble: str = ""


def list_titles(shown: Shown, width: int) -> Titles:
    """The four titles of the list's frame of this width."""
    where = f"{count(shown.place + 1)} of {count(shown.listed)}" if shown.listed else "none"
    search = _search(shown)
    return Titles(
        top=Content.assemble("Results", (f" · {shown.name}", QUIET)),
        top_right=Content.styled(where, QUIET),
        bottom=_state(shown, width - _FRAME - search.cell_length),
        bottom_right=search,
    )


def order_sign(order: Order) -> str:
    """The sign beside the title of the column that is sorted by."""
    return "" if order == Order() else "▾" if order.reverse else "▴"


def order_words(order: Order) -> str:
    """What the lines are sorted by."""
    if order.by is By.LINE:
        return "file order, last first" if order.reverse else "file order"
    return f"by {_WORDS.get(order.by, order.by.value)} {order_sign(order)}"


def filter_words(listing: Listing) -> str:
    """What the lines are filtered by, besides the tab; "" if by nothing. Safe to show."""
    words = [_group(group) for group in sorted(listing.groups, key=_group)]
    words += [safe_line(listing.words.strip(), 200)] if listing.words.strip() else []
    words += ["hits"] if listing.hits_only else []
    return " + ".join(words)


def nothing_listed(listing: Listing, lines: int) -> Content:
    """Why no line is listed, and what to do about it."""
    if not lines:
        return Content.styled("There are no results.", "bold")
    if listing.filtered:
        part = safe_line(Filter.parse(listing.words).custom_id, 60)
        sought = f"{part} is looked for in custom_ids.\n" if part else ""
        return Content.assemble(
            ("No result matches.\n\n", "bold"),
            (sought, QUIET),
            (f"Press esc to list all {count(lines)} again.", QUIET),
        )
    return Content("none of these")


def no_hit_words(search: Search) -> str:
    """Why there is no hit to go to."""
    hits = len(search.hits)
    if search.running:
        return "No hit here so far."
    if hits == 1:
        return "The only hit is not listed."
    return f"None of the {count(hits)} hits is listed." if hits else "There is no hit."


def _group(group: Group) -> str:
    name = group.model or group.stop_reason or group.error_type or group.type
    shape = f": {safe_line(group.shape, 40)}" if group.shape else ""
    return f"{safe_line(name, 40)}{shape}"


def _state(shown: Shown, room: int) -> Content:
    """Marks, filter and order; of them the filter is cut if there is no room for all."""
    filtered = filter_words(shown.listing)
    order = Content.styled(order_words(shown.listing.order), QUIET)
    marked = Content.styled(f"{count(shown.marked)} marked", LOUD)
    let_through = Content(f"{count(shown.listed)} of {count(shown.lines)}")
    parts = [marked] if shown.marked else []
    parts += [let_through, order] if filtered else [order]
    if filtered:
        room -= sum(part.cell_length + len(_DOT) for part in parts)
        words = Content.styled(crop(filtered, max(room, _LEAST)), LOUD)
        parts.insert(int(bool(shown.marked)), words)
    return Content.styled(_DOT, QUIET).join(parts)


def _search(shown: Shown) -> Content:
    search = shown.search
    if search is None:
        return Content.styled("/ no search", QUIET)
    hits = len(search.hits)
    words = f"/ {crop(safe_line(search.pattern.text, 200), 24)} · "
    words += f"{counted(hits, 'hit')}"
    if search.running:
        words += f" · {search.share:.0%}"
    elif shown.trouble:
        words += f" · {shown.trouble}"
    elif search.share < 1:
        words += f" · stopped at {search.share:.0%}"
    return Content.styled(words, LOUD if hits or search.running else "$error")
