"""What help says: keys by group, what the filter of a screen understands, what its signs mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Final

from textual.content import Content

from batchtui.domain.text import crop, pad
from batchtui.domain.view import STATE_WORDS
from batchtui.ui.presenters import result_row
from batchtui.ui.presenters.flow import Row, wrap
from batchtui.ui.presenters.state import LOOKS, QUIET, SENDING, STOPPED, UNSURE

Entry = tuple[str, str]
"""A key, or several, and what it does."""

Legend = Mapping[str, Sequence[Entry]]
"""What there is to say of a screen besides its keys, by heading."""

TWO_COLUMNS = 90
"""From this width on (cells) groups stand side by side."""

_HEADING = "bold $accent"
_GAP = 3
_KEYS = 12

_BATCHES: Sequence[Entry] = (
    ("eval", "id, label or note holds “eval”"),
    ("failed", "a state: " + " ".join(STATE_WORDS)),
    ("is:failed", "that state alone, not the same text in a label"),
    (
        "attention",
        "stopped or unsure; due within the hour; bad or expiring results not here",
    ),
    ("mine", "sent from here, or with a label, note or pin"),
    ("<2d  >12h", "younger or older than (s, m, h, d, w)"),
    ("!failed", "turned round"),
    ("eval !here", "both at once"),
)
_STATES: Sequence[Entry] = (
    *((look.glyph, look.word) for look in LOOKS.values()),
    (SENDING.glyph, "sending: more batches of the job are being sent"),
    (STOPPED.glyph, "stopped: parts of the job are not sent, and nobody is sending them"),
    (UNSURE.glyph, "unsure: a part of the job may have become a batch that is not known"),
    ("▸  ▾", "a job; its batches are listed beneath it"),
    ("▰▱", "time passed of the time expected: the counts stand still until the end"),
    ("█▓▒░", "counts: succeeded, errored, canceled or expired, processing"),
    ("·", "not known yet (0 is zero)"),
    ("✔", "marked"),
)
_RESULTS: Sequence[Entry] = (
    ("case-17", "a part of the custom_id"),
    ("errored", "a type: " + " ".join(result_row.LOOKS)),
    ("stop:refusal", "a stop reason, or a part of it; so with error: model: shape:"),
    ("out>1.5k", "tokens; also in, and >= < <= ="),
    ("!errored", "turned round"),
    ("errored 17", "both at once; of words of one kind one is enough"),
)
_TYPES: Sequence[Entry] = tuple((look.glyph, look.word) for look in result_row.LOOKS.values())
_LISTED: Sequence[Entry] = (
    *_TYPES,
    ("!", "succeeded, but no full answer"),
    ("◆", "a group the list is filtered by"),
    ("•", "the search found something in it"),
    ("✔", "marked"),
)
_DIFFERENCES: Sequence[Entry] = (
    ("‹", "only in the answer of this batch"),
    ("›", "only in that of the other one"),
    ("≠", "not the same in both"),
)

_SENDING: Sequence[Entry] = (
    ("Batch size", "requests that one batch may have; a file of more becomes a job of several"),
    ("At once", "batches of the job that may be processed at the same time"),
    ("tab", "completes a path; in the form it goes to the next field"),
)
_FOUND: Sequence[Entry] = (
    ("✓", "can be sent"),
    ("✗", "the API would refuse it"),
    ("!", "may fail, or was submitted before"),
)

_FIGURES: Sequence[Entry] = (
    ("·", "not known: only results tell, and they are not here (0 is zero)"),
    ("≥", "so much at least: what is not known comes on top"),
    ("OK", "the share of requests that succeeded, of those that are no longer processing"),
    ("p90", "nine in ten batches took no longer; of those that ran to their own end"),
    ("⇥", "tab changes between the tables by model and by time"),
    ("by model", "a batch counts for each model that answered in it"),
    ("requests", "what was sent again counts in each batch that it was in"),
    ("▲", "the row with the cursor, in the plot"),
    *((look.glyph, look.word) for look in LOOKS.values()),
)

OF_NEW_BATCH: Final[Legend] = {"Form": _SENDING, "Signs": _FOUND}
OF_BATCHES: Final[Legend] = {"Filter": _BATCHES, "Signs": _STATES}
OF_BOARD: Final[Legend] = {"Signs": _STATES}
OF_INSIGHT: Final[Legend] = {"Signs": _FIGURES}
OF_RESULTS: Final[Legend] = {"Filter": _RESULTS, "Signs": _LISTED}
OF_RESULT: Final[Legend] = {"Signs": _TYPES}
OF_COMPARISON: Final[Legend] = {"Signs": (*_DIFFERENCES, *_TYPES)}


def help_lines(keys: Legend, legend: Legend, width: int) -> Iterator[Content]:
    """Keys and legend of a screen, in lines of at most `width` cells."""
    groups = {**keys, **legend}
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
