"""Which lines of a result file `results` is about."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from batchtui.cli import diagnostics
from batchtui.domain.errors import UsageError
from batchtui.domain.result import CANCELED, ERRORED, EXPIRED, SUCCEEDED, UNREADABLE
from batchtui.domain.text import safe_line
from batchtui.results.filter import Filter
from batchtui.results.index import Column, Index
from batchtui.results.pattern import Pattern
from batchtui.results.query import select
from batchtui.results.reader import ResultFile
from batchtui.results.slices import now

TYPES: Final = (SUCCEEDED, ERRORED, CANCELED, EXPIRED, UNREADABLE)
STOP_REASONS: Final = (
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
)
ERROR_TYPES: Final = (
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "request_too_large",
    "rate_limit_error",
    "timeout_error",
    "api_error",
    "overloaded_error",
)
_MOST_NAMED: Final = 20


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What lines must be like; nothing is asked where there is nothing.

    Attributes:
        types: one of them, as with the next three.
        models: whole names, or parts of names.
        custom_ids: whole ones.
        pattern: what is in their text.
        limit: how many at most, the first ones; None for all.
    """

    types: tuple[str, ...] = ()
    stop_reasons: tuple[str, ...] = ()
    error_types: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    custom_ids: tuple[str, ...] = ()
    pattern: Pattern | None = None
    limit: int | None = None

    def __bool__(self) -> bool:
        return self != Choice()


def split_names(texts: Sequence[str]) -> tuple[str, ...]:
    """The names in the values of an option that may be given several times, or with commas."""
    words = (word.strip() for text in texts for word in text.split(","))
    return tuple(dict.fromkeys(filter(None, words)))


def choose(file: ResultFile, choice: Choice) -> Sequence[int]:
    """The numbers of the lines chosen, in the order of the file.

    Raises:
        UsageError: if a name is neither one of the API's nor in the file.
        ResultsError: if the file cannot be read.
    """
    wanted = _filter(file.index, choice)
    if wanted is None:
        return ()
    among = _identified(file.index, choice.custom_ids) if choice.custom_ids else None
    numbers = now(select(file.index, wanted, among=among))
    if choice.pattern is not None:
        numbers = _found(file, choice.pattern, numbers, choice.limit)
    return numbers[: choice.limit]


def _filter(index: Index, choice: Choice) -> Filter | None:
    """The filter of the names chosen; None if no line can pass it."""
    asked: Mapping[str, tuple[Column, tuple[str, ...], tuple[str, ...]]] = {
        "types": (Column.TYPE, choice.types, TYPES),
        "stop_reasons": (Column.STOP_REASON, choice.stop_reasons, STOP_REASONS),
        "error_types": (Column.ERROR_TYPE, choice.error_types, ERROR_TYPES),
    }
    names: dict[str, Any] = {}
    for field, (column, wanted, known) in asked.items():
        if not wanted:
            continue
        there = _names(index, column)
        _check(field, wanted, known, there)
        # What the file does not have must not stand for names it is only a part of.
        names[field] = there.intersection(wanted)
        if not names[field]:
            return None
    return Filter(**names, models=frozenset(choice.models))


def _names(index: Index, column: Column) -> frozenset[str]:
    words = index.names.words
    return frozenset(words[code] for code in set(index.column(column)) if code)


def _check(field: str, wanted: Sequence[str], known: Sequence[str], there: frozenset[str]) -> None:
    for name in wanted:
        if name not in known and name not in there:
            others = [safe_line(each, 60) for each in sorted(there.difference(known))]
            names = ", ".join([*known, *others[:_MOST_NAMED]])
            option = f"--{field[:-1].replace('_', '-')}"
            raise UsageError(f'There is no {option} "{safe_line(name, 60)}", only {names}')


def _identified(index: Index, custom_ids: Sequence[str]) -> Sequence[int]:
    wanted = {each.encode("utf-8", "surrogatepass") for each in custom_ids}
    there = index.custom_ids(0, len(index)) if len(index) else []
    for each in custom_ids:
        if index.find(each) is None:
            diagnostics.say(f'There is no custom_id "{safe_line(each, 64)}" in these results.')
    return array("Q", (number for number, each in enumerate(there) if each in wanted))


def _found(
    file: ResultFile, pattern: Pattern, among: Sequence[int], limit: int | None
) -> Sequence[int]:
    from batchtui.results.search import search

    hits = array("Q")
    with diagnostics.Progress() as line:
        for found in search(file, pattern, among=among):
            hits.extend(found.hits)
            if limit is not None and len(hits) >= limit:
                break
            line.show(f"{found.bytes * 100 // max(found.total, 1)} % searched …")
    return hits
