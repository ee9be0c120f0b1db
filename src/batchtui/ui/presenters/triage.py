"""What is in a result file at a glance: what went wrong, how answers stopped, what was used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from textual.content import Content

from batchtui.domain.result import (
    CANCELED,
    ERRORED,
    EXPIRED,
    SUCCEEDED,
    UNREADABLE,
    stopped_short,
    worth_retrying,
)
from batchtui.domain.text import cell_width, count, crop, safe_line, short_count
from batchtui.results.summary import ErrorGroup, Triage
from batchtui.ui.presenters.bars import apportion
from batchtui.ui.presenters.flow import Row, wrap
from batchtui.ui.presenters.result_row import result_look
from batchtui.ui.presenters.state import LOUD, QUIET

MOST_GROUPS: Final = 50
"""Kinds of error that are told apart here; files with more are rare, and read elsewhere."""

_KINDS: Final = (SUCCEEDED, ERRORED, CANCELED, EXPIRED)
_HEADING: Final = "bold"
_NUMBER: Final = 7
_BAR: Final = 16
_SHORTEST_BAR: Final = 3


class Tab(msgspec.Struct, frozen=True):
    """Results of one type, or of all.

    Attributes:
        kinds: the types; empty for all.
    """

    title: str
    kinds: tuple[str, ...]
    lines: int


def tabs(tally: Mapping[str, int]) -> tuple[Tab, ...]:
    """All, the four types there are, and what else there is in the file, if anything."""
    found = [Tab("All", (), sum(tally.values()))]
    found += [Tab(kind.capitalize(), (kind,), tally.get(kind, 0)) for kind in _KINDS]
    others = tuple(kind for kind in tally if kind not in _KINDS)
    if others:
        title = "Unreadable" if others == (UNREADABLE,) else "Other"
        found.append(Tab(title, others, sum(tally[kind] for kind in others)))
    return tuple(found)


def tab_line(
    all_tabs: Sequence[Tab], chosen: int, stop_reasons: Mapping[str, int], width: int
) -> Content:
    """The tabs with their keys and counts, and on the right what succeeded without being good."""
    for words in (_long, _short, _shortest):
        parts: list[Content] = [
            _tab(place, words(tab), chosen=place == chosen, empty=not tab.lines)
            for place, tab in enumerate(all_tabs)
        ]
        line = Content(" ").join(parts)
        if line.cell_length <= width:
            break
    loud = [
        Content.styled(f"{safe_line(reason, 40)} {count(lines)} !", LOUD)
        for reason, lines in stop_reasons.items()
        if stopped_short(reason)
    ]
    while loud:
        right = Content("   ").join(loud)
        room = width - line.cell_length - right.cell_length - 1
        if room > 1:
            return Content.assemble(line, " " * room, right)
        loud.pop()
    return line


def _tab(place: int, words: str, *, chosen: bool, empty: bool) -> Content:
    if chosen:
        return Content.styled(f"▏{words}▕", "bold $accent")
    key = f" {place + 1} "
    return Content.assemble((key, QUIET), (f"{words} ", QUIET if empty else ""))


def _long(tab: Tab) -> str:
    return f"{tab.title} {count(tab.lines)}"


def _short(tab: Tab) -> str:
    return f"{_glyph(tab)} {count(tab.lines)}"


def _shortest(tab: Tab) -> str:
    return f"{_glyph(tab)}{short_count(tab.lines)}"


def _glyph(tab: Tab) -> str:
    return result_look(tab.kinds[0]).glyph if tab.kinds else "all"


def triage_lines(triage: Triage, width: int) -> Iterator[Content]:
    """Errors by kind, stop reasons, tokens, models, in lines of at most `width` cells."""
    if triage.errors:
        yield Content.styled("Errors", _HEADING)
        for group in triage.errors[:MOST_GROUPS]:
            yield from _error_group(group, width)
        left = len(triage.errors) - MOST_GROUPS
        if left > 0:
            yield Content.styled(crop(f"and {count(left)} other kinds", width), QUIET)
        yield Content("")
    if triage.stop_reasons:
        yield Content.styled("Stop reasons", _HEADING)
        yield from _stop_reasons(triage.stop_reasons, width)
        yield Content("")
    if triage.tally.get(SUCCEEDED):
        yield Content.styled("Tokens", _HEADING)
        yield from _tokens(triage, width)
        yield Content("")
    if triage.models:
        yield Content.styled("Models", _HEADING)
        for model, lines in triage.models.items():
            yield _counted(lines, Content(safe_line(model, 100)), width)


def _error_group(group: ErrorGroup, width: int) -> Iterator[Content]:
    kind = safe_line(group.error_type or group.type, 60)
    again = "  retryable" if worth_retrying(group.error_type) else ""
    style = "$error" if group.type == ERRORED else LOUD
    yield _counted(group.lines, Content.assemble((kind, style), (again, QUIET)), width)
    if group.shape:
        indent = Content(" " * (_NUMBER + 2))
        shape = Content.styled(safe_line(group.shape, 200), QUIET)
        first, *others = wrap([Row(shape, indent, indent)], width)
        yield first
        if others:
            more = "…" if len(others) > 1 else ""
            yield Content.assemble(others[0].truncate(width - len(more)), (more, QUIET))


def _stop_reasons(reasons: Mapping[str, int], width: int) -> Iterator[Content]:
    names = {reason: safe_line(reason, 40) for reason in reasons}
    longest = max(len(name) for name in names.values()) + 2
    room = width - _NUMBER - 2 - longest - 1
    bars = apportion(tuple(reasons.values()), min(room, _BAR) if room >= _SHORTEST_BAR else 0)
    for (reason, lines), cells in zip(reasons.items(), bars, strict=True):
        loud = stopped_short(reason)
        name = names[reason] + (" !" if loud else "")
        words = Content.styled(name, LOUD if loud else "")
        if cells:
            fill = " " * (longest + 1 - cell_width(name))
            words = Content.assemble(words, fill, ("█" * cells, QUIET))
        yield _counted(lines, words, width)


def _tokens(triage: Triage, width: int) -> Iterator[Content]:
    usage = triage.usage
    answers = triage.tally[SUCCEEDED]
    facts = (
        ("in", usage.total_input_tokens),
        ("from cache", usage.cache_read_input_tokens),
        ("to cache", usage.cache_creation_input_tokens),
        ("out", usage.output_tokens),
        ("thinking", usage.thinking_tokens),
        ("out per answer", usage.output_tokens // answers),
    )
    for name, tokens in facts:
        if tokens or name in ("in", "out"):
            yield _counted(tokens, Content(name), width)


def _counted(number: int, words: Content, width: int) -> Content:
    figures = count(number)
    figures = figures if len(figures) <= _NUMBER else short_count(number)
    line = Content.assemble((f"{figures:>{_NUMBER}}  ", "bold"), words)
    return line.truncate(width, ellipsis=True)
