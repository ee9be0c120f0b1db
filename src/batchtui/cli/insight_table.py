"""What became of batches in a table for people: a row a day or a model, and one of all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from batchtui.account.insight_table import By
from batchtui.cli.table import Column, lay_out
from batchtui.domain.batch import Outcome
from batchtui.domain.calendar import Unit
from batchtui.domain.insight import Figures, Insight
from batchtui.domain.insight_words import cost, days_words, some, span, succeeded, tokens
from batchtui.domain.text import count, money

Named: TypeAlias = tuple[str, Figures]

NO_MODEL = "(not known)"


def lines(found: Insight, by: str, width: int | None) -> list[str]:
    """The heading, a row for each, and one of the total.

    Args:
        found: what became of the batches.
        by: a unit of time, "model" or "total".
        width: cells there are; None for no limit.
    """
    named: list[Named] = []
    if by == By.MODEL:
        named = [(_model(each.model), each.figures) for each in found.models]
    elif by != By.TOTAL:
        stretches = [each for each in found.stretches if each.figures.batches]
        named = [(each.start.isoformat(), each.figures) for each in stretches]
    title = found.unit.value.upper() if by in tuple(Unit) else "MODEL" if named else "DAYS"
    total = "total" if named else days_words(found.days)
    return lay_out(_columns(title), [*named, (total, found.total)], width)


def _model(model: str | None) -> str:
    return NO_MODEL if model is None else model or "(no name)"


def _columns(title: str) -> list[Column[Named]]:
    return [
        Column(title, lambda row: row[0], narrowest=12),
        _number("BATCHES", lambda each: count(each.batches)),
        _number("REQUESTS", lambda each: count(each.counts.total)),
        _number("OK", succeeded),
        _number("ERRORED", lambda each: some(each.counts.errored), leaves=4),
        _number("CANCELED", lambda each: some(each.counts.canceled), leaves=8),
        _number("EXPIRED", lambda each: some(each.counts.expired), leaves=7),
        _number("RUNNING", _running, leaves=6),
        _number("MEDIAN", lambda each: span(each.median), leaves=2),
        _number("P90", lambda each: span(each.p90), leaves=5),
        _number("TOKENS IN", lambda each: tokens(each, each.input_tokens, count), leaves=3),
        _number("TOKENS OUT", lambda each: tokens(each, each.output_tokens, count), leaves=3),
        _number("COST", lambda each: cost(each, money), leaves=1),
    ]


def _number(title: str, cell: Callable[[Figures], str], leaves: int = 0) -> Column[Named]:
    return Column(title, lambda row: cell(row[1]), right=True, leaves=leaves)


def _running(figures: Figures) -> str:
    return some(sum(figures.outcomes.get(each, 0) for each in (Outcome.RUNNING, Outcome.CANCELING)))
