"""What is in a result file at a glance: what went wrong, how answers stopped, what was used.

Groups of lines are picks: choosing one filters the list by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, TypeAlias

import msgspec
from textual.content import Content

from batchtui.domain.pricing import PriceTable
from batchtui.domain.result import ERRORED, SUCCEEDED, stopped_short
from batchtui.domain.text import cell_width, count, crop, money, safe_line, short_count
from batchtui.results.summary import ErrorGroup, Triage
from batchtui.ui.listing import Group
from batchtui.ui.presenters.bars import apportion, sparkline
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.pick_list import Pick

MOST_GROUPS: Final = 50
"""Kinds of error that are told apart here; files with more are rare, and read elsewhere."""

_HEADING: Final = "bold"
_ACTIVE: Final = "bold $accent"
_NUMBER: Final = 7
_BAR: Final = 16
_SHORTEST_BAR: Final = 3

Line: TypeAlias = Pick[Group]


class Glance(msgspec.Struct, frozen=True):
    """What there is to show at a glance.

    Attributes:
        prices: what answers cost.
        active: the groups the list is filtered by.
        listed: how many lines the list has with that.
    """

    triage: Triage
    prices: PriceTable
    active: Collection[Group] = ()
    listed: int = 0


def triage_titles(glance: Glance) -> Titles:
    """What the frame says: what all of it cost, however far down the panel that stands."""
    cost = glance.triage.billing.cost(glance.prices)
    more = " and more" if cost.unpriced else ""
    total = Content.styled(f"{money(cost.usd)}{more}", QUIET) if cost.priced else ""
    listed = f"{count(glance.listed)} of {count(sum(glance.triage.tally.values()))} listed"
    bottom = Content.styled(listed, _ACTIVE) if glance.active else ""
    return Titles(top="Triage", top_right=total, bottom=bottom)


def triage_picks(glance: Glance, width: int) -> list[Line]:
    """Errors by kind, stop reasons, tokens, cost, models, in lines of at most `width` cells."""
    sections = (_errors, _stop_reasons, _tokens, _cost, _models)
    lines: list[Line] = []
    for section in sections:
        made = list(section(glance, width))
        if made and lines:
            lines.append(Pick(""))
        lines += made
    return lines


def _heading(words: str) -> Line:
    return Pick(Content.styled(words, _HEADING))


def _errors(glance: Glance, width: int) -> Iterator[Line]:
    errors = glance.triage.errors
    if errors:
        yield _heading("Errors")
    for each in errors[:MOST_GROUPS]:
        yield from _error_group(each, glance.active, width)
    left = len(errors) - MOST_GROUPS
    if left > 0:
        yield Pick(Content.styled(crop(f"and {count(left)} other kinds", width), QUIET))


def _error_group(group: ErrorGroup, active: Collection[Group], width: int) -> Iterator[Line]:
    key = Group.of(group)
    kind = safe_line(group.error_type or group.type, 60)
    again = "  retryable" if group.retryable else ""
    style = "$error" if group.type == ERRORED else LOUD
    words = Content.assemble((kind, style), (again, QUIET))
    yield Pick(_counted(group.lines, words, width, active=key in active), key)
    if group.shape:
        shape = Content.styled(safe_line(group.shape, 200), QUIET)
        yield Pick(_beside(shape, width), key)


def _stop_reasons(glance: Glance, width: int) -> Iterator[Line]:
    reasons = glance.triage.stop_reasons
    if not reasons:
        return
    yield _heading("Stop reasons")
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
        key = Group(stop_reason=reason)
        yield Pick(_counted(lines, words, width, active=key in glance.active), key)


def _tokens(glance: Glance, width: int) -> Iterator[Line]:
    triage = glance.triage
    if not triage.tally.get(SUCCEEDED):
        return
    yield _heading("Tokens")
    usage, outputs = triage.usage, triage.outputs
    facts = (
        ("in", usage.total_input_tokens),
        ("from cache", usage.cache_read_input_tokens),
        ("to cache", usage.cache_creation_input_tokens),
        ("out", usage.output_tokens),
        ("thinking", usage.thinking_tokens),
    )
    for name, tokens in facts:
        if tokens or name in ("in", "out"):
            yield Pick(_counted(tokens, Content(name), width))
    spread = Content.assemble("out per answer ", (sparkline(outputs.lines, _BAR), QUIET))
    yield Pick(_counted(outputs.median, spread, width))
    tail = f"nine in ten ≤ {count(outputs.p90)}, most {count(outputs.most)}"
    yield Pick(_beside(Content.styled(tail, QUIET), width))


def _cost(glance: Glance, width: int) -> Iterator[Line]:
    cost = glance.triage.billing.cost(glance.prices)
    if not cost.priced and not cost.unpriced:
        return
    yield _heading("Cost")
    table = Content.styled(f"batch prices of {glance.prices.date}", QUIET)
    yield Pick(_figured(money(cost.usd) if cost.priced else "?", table, width))
    for model, lines in cost.unpriced.items():
        words = Content.styled("no price known for", LOUD)
        name = Content.styled(safe_line(model, 100) or "no model", LOUD)
        together = Content(" ").join((words, name))
        if together.cell_length <= width - _NUMBER - 2:
            yield Pick(_counted(lines, together, width))
        else:
            yield Pick(_counted(lines, words, width))
            yield Pick(_beside(name, width))


def _models(glance: Glance, width: int) -> Iterator[Line]:
    models = glance.triage.models
    if models:
        yield _heading("Models")
    billed = glance.triage.billing.by_model()
    for model, lines in models.items():
        key = Group(model=model)
        cost = billed[model].cost(glance.prices) if model in billed else None
        price = f"  {money(cost.usd)}" if cost and cost.priced else ""
        words = Content.assemble(safe_line(model, 100), (price, QUIET))
        yield Pick(_counted(lines, words, width, active=key in glance.active), key)


def _counted(number: int, words: Content, width: int, *, active: bool = False) -> Content:
    figures = count(number)
    figures = figures if len(figures) <= _NUMBER else short_count(number)
    return _figured(figures, words, width, active=active)


def _figured(figures: str, words: Content, width: int, *, active: bool = False) -> Content:
    line = Content.assemble((f"{figures:>{_NUMBER}}", "bold"), "  ", words)
    if active:
        line = Content.assemble(f"{figures:>{_NUMBER}} ◆", words).stylize(_ACTIVE)
    return line.truncate(width, ellipsis=True)


def _beside(words: Content, width: int) -> Content:
    return Content.assemble(" " * (_NUMBER + 2), words).truncate(width, ellipsis=True)
