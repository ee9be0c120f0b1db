"""What a check found in a request file: for a person in lines, for a program as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from batchtui.cli.table import INDENT, numbered
from batchtui.domain.job import Part
from batchtui.domain.pricing import PriceTable
from batchtui.domain.text import (
    count,
    counted,
    crop,
    money,
    safe_line,
    short_count,
    size,
    unicode_text,
)
from batchtui.submissions.checked import Checked, Group, Where
from batchtui.submissions.shapes import Shape

_LONGEST_NAME: Final = 100
_MOST_GROUPS: Final = 20
_MOST_MODELS: Final = 10

_WRITTEN: Final = {
    Shape.NATIVE: "as the API takes it",
    Shape.PLAIN: "as params alone, sent under the number of the line",
    Shape.OPENAI: "for chat completions, sent translated",
}


def for_people(checked: Checked, prices: PriceTable, *, name: str, columns: int | None) -> str:
    """The page.

    Args:
        checked: what was found.
        prices: in force.
        name: what to call the file; foreign.
        columns: cells of a line at most; None for as many as it takes.
    """
    lines = _lines(checked, prices, safe_line(name, _LONGEST_NAME))
    return "\n".join(line if columns is None else crop(line, columns) for line in lines)


def _lines(checked: Checked, prices: PriceTable, name: str) -> Iterator[str]:
    blank = f", {counted(checked.blank_lines, 'blank line')}" if checked.blank_lines else ""
    yield f"{name}: {counted(checked.requests, 'request')}, {size(checked.size)}{blank}"
    yield from _problems("Problems", checked.problems)
    yield from _problems("Warnings", checked.warnings)
    if set(checked.shapes) - {Shape.NATIVE}:
        yield from numbered(
            "Written", {_WRITTEN[Shape(shape)]: n for shape, n in checked.shapes.items()}
        )
    yield from numbered("Models", _models(checked.models))
    if not checked.ok:
        return
    yield from _batches(checked.parts)
    yield from _estimate(checked, prices)


def _problems(title: str, groups: Sequence[Group]) -> Iterator[str]:
    if not groups:
        return
    yield ""
    yield title
    width = max(len(count(group.count)) for group in groups[:_MOST_GROUPS])
    for group in groups[:_MOST_GROUPS]:
        yield f"{INDENT}{count(group.count):>{width}}  {group.words}"
        if group.first:
            yield f"{INDENT}{'':{width}}  {_where(group)}"
    if rest := groups[_MOST_GROUPS:]:
        lines = sum(group.count for group in rest)
        yield f"{INDENT}and {counted(len(rest), 'other problem')} of {counted(lines, 'line')}"


def _where(group: Group) -> str:
    more = group.count - len(group.first)
    words = "; ".join(_line(where, group) for where in group.first)
    return f"{words}{f'; and {count(more)} more' if more > 0 else ''}"


def _line(where: Where, group: Group) -> str:
    """The line, what it is called, and where in it, as far as the group does not say that."""
    words = f"line {where.line}"
    if where.custom_id:
        words += f" ({where.custom_id})"
    if where.like:
        words += f" as in line {where.like}"
    if where.field != group.field:
        words += f" at {where.field}"
    return words


def _models(models: Mapping[str, int]) -> Mapping[str, int]:
    names = list(models.items())
    shown = {safe_line(name, _LONGEST_NAME) or "(none)": n for name, n in names[:_MOST_MODELS]}
    if rest := names[_MOST_MODELS:]:
        shown[f"{counted(len(rest), 'other model')}"] = sum(n for _, n in rest)
    return shown


def _batches(parts: Sequence[Part]) -> Iterator[str]:
    yield ""
    yield f"Becomes {counted(len(parts), 'batch', 'batches')}"
    requests = [part.requests for part in parts]
    most = max(parts, key=lambda part: part.size)
    if len(parts) == 1:
        yield f"{INDENT}{counted(requests[0], 'request')}, {size(most.size)} to send"
    else:
        total = sum(part.size for part in parts)
        yield (
            f"{INDENT}{_range(min(requests), max(requests))} requests each,"
            f" {size(most.size)} at most, {size(total)} to send"
        )


def _range(low: int, high: int) -> str:
    return count(low) if low == high else f"{count(low)} to {count(high)}"


def _estimate(checked: Checked, prices: PriceTable) -> Iterator[str]:
    estimate = checked.estimate
    cost = estimate.cost(prices)
    yield ""
    yield "Estimated, from the bytes of the text"
    yield f"{INDENT}{short_count(estimate.low)} to {short_count(estimate.high)} tokens in"
    yield f"{INDENT}up to {short_count(estimate.output)} tokens out, the sum of max_tokens"
    if cost.high:
        yield (
            f"{INDENT}{money(cost.low)} (input alone) to {money(cost.high)} (longest answers),"
            f" at the batch prices of {prices.date}"
        )
    for model, requests in list(cost.unpriced.items())[:_MOST_MODELS]:
        name = safe_line(model, _LONGEST_NAME)
        yield f"{INDENT}No price known for {name} ({counted(requests, 'request')})"


def as_json(checked: Checked, prices: PriceTable, *, name: str) -> bytes:
    """The same as one JSON object; cost in US dollars, tokens estimated."""
    estimate = checked.estimate
    cost = estimate.cost(prices)
    return msgspec.json.encode(
        {
            "file": unicode_text(name),
            "ok": checked.ok,
            "requests": checked.requests,
            "bytes": checked.size,
            "blank_lines": checked.blank_lines,
            "shapes": checked.shapes,
            "models": {unicode_text(model): n for model, n in checked.models.items()},
            "problems": [_group(group) for group in checked.problems],
            "warnings": [_group(group) for group in checked.warnings],
            "batches": [_batch(part) for part in checked.parts] if checked.ok else [],
            "estimate": {
                "input_tokens": {"low": estimate.low, "high": estimate.high},
                "most_output_tokens": estimate.output,
                "usd": {"low": cost.low, "high": cost.high},
                "unpriced": {unicode_text(model): n for model, n in cost.unpriced.items()},
                "prices_of": prices.date,
            },
        }
    )


def _group(group: Group) -> Mapping[str, object]:
    return {
        "field": unicode_text(group.field),
        "message": unicode_text(group.message),
        "count": group.count,
        "first": [_place(where) for where in group.first],
    }


def _place(where: Where) -> Mapping[str, object]:
    place = {"line": where.line, "custom_id": where.custom_id, "field": where.field}
    return place | ({"first_line": where.like} if where.like else {})


def _batch(part: Part) -> Mapping[str, object]:
    return {
        "first_line": part.first_line,
        "requests": part.requests,
        "bytes": part.size,
        "start": part.start,
        "stop": part.stop,
    }
