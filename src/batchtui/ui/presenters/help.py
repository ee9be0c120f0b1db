"""What help says: keys by group, what a filter understands, and what the signs mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest

from textual.content import Content

from batchtui.domain.text import crop, pad
from batchtui.domain.view import STATE_WORDS
from batchtui.ui.presenters.flow import Row, wrap
from batchtui.ui.presenters.state import LOOKS, QUIET

Entry = tuple[str, str]
"""A key, or several, and what it does."""

TWO_COLUMNS = 90
"""From this width on (cells) groups stand side by side."""

_HEADING = "bold $accent"
_GAP = 3
_KEYS = 12

_FILTER: Sequence[Entry] = (
    ("eval", "id, label or note holds “eval”"),
    ("failed", "a state: " + " ".join(STATE_WORDS)),
    ("<2d  >12h", "younger or older than (s, m, h, d, w)"),
    ("!failed", "turned round"),
    ("eval !here", "both at once"),
)
_SIGNS: Sequence[Entry] = (
    *((look.glyph, look.word) for look in LOOKS.values()),
    ("▰▱", "time passed of the time expected: the counts stand still until the end"),
    ("█▓▒░", "counts: succeeded, errored, canceled or expired, processing"),
    ("·", "not known yet (0 is zero)"),
    ("✔", "marked"),
)


def help_lines(keys: Mapping[str, Sequence[Entry]], width: int) -> Iterator[Content]:
    """Everything there is to say, in lines of at most `width` cells."""
    groups = {**keys, "Filter": _FILTER, "Signs": _SIGNS}
    if width < TWO_COLUMNS:
        for title, entries in groups.items():
            yield from _group(title, entries, width)
        return
    column = (width - _GAP) // 2
    left, right = _balanced([list(_group(*group, column)) for group in groups.items()])
    for one, other in zip_longest(left, right, fillvalue=Content("")):
        fill = column + _GAP - one.cell_length
        yield Content.assemble(one, " " * fill, other)


def _group(title: str, entries: Iterable[Entry], width: int) -> Iterator[Content]:
    yield Content.styled(crop(title, width), _HEADING)
    room = min(_KEYS, max(width // 3, 6))
    rows = (
        Row(
            Content(words),
            Content.assemble((pad(key, room), "bold"), " "),
            Content(" " * (room + 1)),
        )
        for key, words in entries
    )
    yield from wrap(rows, width)
    yield Content("")


def _balanced(groups: Sequence[list[Content]]) -> tuple[list[Content], list[Content]]:
    """The groups in two columns, in order, cut where the longer one is shortest."""

    def height(cut: int) -> int:
        return max(sum(map(len, groups[:cut])), sum(map(len, groups[cut:])))

    cut = min(range(len(groups) + 1), key=height)
    return list(chain(*groups[:cut])), list(chain(*groups[cut:]))


def footer() -> Content:
    """How to leave."""
    return Content.styled("esc closes · arrows and page keys scroll", QUIET)
