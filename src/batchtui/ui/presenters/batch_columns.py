"""The columns of the list of batches: our own, and those a person names in `config.toml`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from batchtui.domain.columns import COLUMN_WORDS
from batchtui.domain.text import safe_line
from batchtui.ui.widgets.columns import Column

WIDE: Final = 100
"""From this table width on (cells) each count has its own column."""

_TINY: Final = 40
_ROOMY: Final = 160

OWN: Final = (
    Column("state", "State", 11, from_width=_TINY),
    Column("glyph", "", 1, to_width=_TINY),
    Column("name", "Name", 8, most=18, to_width=WIDE),
    Column("name", "Name", 20, most=44, from_width=WIDE),
    Column("id", "Id", 30, priority=7, from_width=_ROOMY),
    Column("age", "Age", 4, align="right", priority=3),
    Column("progress", "Progress", 13, most=20, priority=2, to_width=WIDE),
    Column("progress", "Progress", 21, most=44, priority=2, from_width=WIDE),
    Column("requests", "Req", 7, align="right", priority=5, to_width=WIDE),
    Column("requests", "Requests", 8, align="right", priority=5, from_width=WIDE),
    Column("bad", "✗⊘◷", 4, align="right", priority=4, to_width=WIDE),
    Column("succeeded", "✓", 7, align="right", priority=6, from_width=WIDE),
    Column("errored", "✗", 6, align="right", priority=4, from_width=WIDE),
    Column("canceled", "⊘", 4, align="right", priority=4, from_width=WIDE),
    Column("expired", "◷", 4, align="right", priority=4, from_width=WIDE),
    Column("next", "Next", 11, priority=1, to_width=WIDE),
    Column("next", "Next", 14, priority=1, from_width=WIDE),
)
"""What is listed unless a person wants something else; two forms of a column suit two widths."""

_NAME_ALONE: Final = Column("name", "Name", 8, most=60)
"""Without the progress there is nothing else to give the room to."""

_FORMS: Final = {
    "state": tuple(each for each in OWN if each.id in ("state", "glyph")),
    **{
        each: tuple(column for column in OWN if column.id == each)
        for each in ("name", "age", "progress", "requests", "next")
    },
    "glyph": (Column("glyph", "", 1),),
    "id": (Column("id", "Id", 12, most=30, priority=7),),
    "created": (Column("created", "Created", 15, priority=3),),
    "ended": (Column("ended", "Ended", 15, priority=3),),
    "took": (Column("took", "Took", 6, align="right", priority=3),),
    "bad": (Column("bad", "✗⊘◷", 4, align="right", priority=4),),
    "succeeded": (Column("succeeded", "✓", 7, align="right", priority=6),),
    "errored": (Column("errored", "✗", 6, align="right", priority=4),),
    "canceled": (Column("canceled", "⊘", 4, align="right", priority=4),),
    "expired": (Column("expired", "◷", 4, align="right", priority=4),),
    "cost": (Column("cost", "Cost", 8, align="right", priority=3),),
    "note": (Column("note", "Note", 12, most=60, priority=6),),
}
"""What can be named, for any width."""


class Chosen(msgspec.Struct, frozen=True):
    """The columns to list.

    Attributes:
        notices: what cannot be as it was wished, as sentences.
    """

    columns: tuple[Column, ...]
    notices: tuple[str, ...] = ()


def read_columns(names: Sequence[str] | None) -> Chosen:
    """The columns of these names in this order; our own if none are named, or none that exist.

    How many of them are shown depends on the width: the least important go first, wherever they
    stand.
    """
    if names is None:
        return Chosen(OWN)
    known = [each for each in dict.fromkeys(names) if each in _FORMS]
    notices = tuple(_unknown(each) for each in dict.fromkeys(names) if each not in _FORMS)
    if not known:
        return Chosen(OWN, (*notices, "config.toml names no column, so the list has its own."))
    if "state" in known and "glyph" in known:
        known.remove("glyph")  # the state becomes it where there is little room
    forms = _FORMS if "progress" in known else _FORMS | {"name": (_NAME_ALONE,)}
    return Chosen(tuple(form for each in known for form in forms[each]), notices)


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, COLUMN_WORDS, n=1)
    hint = f'Did you mean "{close[0]}"?' if close else f"There are {', '.join(COLUMN_WORDS)}."
    return f'config.toml names a column "{safe_line(name, 40)}", which there is none of. {hint}'
