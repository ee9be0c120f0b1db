"""The list of the batches of all accounts: whose each row is, and what stands around them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual.content import Content

from batchtui.domain.text import cell_width, count, crop, crop_middle, safe_line
from batchtui.ui.presenters.badge import badge, badge_style
from batchtui.ui.presenters.batch_columns import WIDE
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.title import Title
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.columns import Column
from batchtui.ui.widgets.painting import Cell

ACCOUNT: Final = "account"
"""The one column that this list has over that of an account; it is never dropped."""

_TITLE = "Account"
_LONGEST = (12, 18)
"""Cells of it at the most: in narrow tables, and in wide ones."""


def account_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """The column for the names of these accounts, which are safe, in its two forms."""
    longest = max((cell_width(name) + 2 for name in names), default=0)
    narrow, wide = (max(min(longest, most), len(_TITLE)) for most in _LONGEST)
    return (
        Column(ACCOUNT, _TITLE, narrow, to_width=WIDE),
        Column(ACCOUNT, _TITLE, wide, from_width=WIDE),
    )


def account_cell(title: Title, width: int) -> Cell:
    """The name of the account in its colour."""
    edge = 2 if badge_style(title.color) else 0
    return badge(crop_middle(title.name, max(width - edge, 1)), title.color)


def everywhere_titles(order: str, shown: int, typed: str) -> Titles:
    """What stands in the frame."""
    filtered = f"/ {crop(safe_line(typed), 40)}" if typed else "/ no filter"
    return Titles(
        top="Batches of all accounts",
        top_right=Content.styled(f"{order} · {count(shown)} shown", QUIET),
        bottom=Content.styled("nothing can be changed here: enter goes there", QUIET),
        bottom_right=Content.styled(filtered, LOUD if typed else QUIET),
    )


def nothing_here(typed: str) -> Content:
    """Why the list is empty, and what to do about it."""
    if typed:
        return Content("No batch of any account matches the filter.\n\nesc clears it.")
    return Content("Nothing is known of any account yet.\n\nr looks at the API of all of them.")
