"""What is in a result file at a glance: for a person in lines, for a program as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from batchtui.domain.pricing import Cost, PriceTable
from batchtui.domain.result import SUCCEEDED, stopped_short
from batchtui.domain.text import count, counted, crop, money, safe_line, size, unicode_text
from batchtui.results.reader import ResultFile
from batchtui.results.summary import ErrorGroup, Triage, triage

_INDENT: Final = "  "
_LONGEST_NAME: Final = 200


def as_json(batch_id: str, file: ResultFile, prices: PriceTable) -> bytes:
    """The summary as one JSON object; `custom_id` in an error is that of its first line."""
    found = triage(file)
    cost = found.billing.cost(prices)
    by_model = found.billing.cost_by_model(prices)
    return msgspec.json.encode(
        {
            "id": batch_id,
            "lines": len(file),
            "bytes": _bytes(file),
            "types": found.tally,
            "errors": [_group(each, file) for each in found.errors],
            "stop_reasons": found.stop_reasons,
            "models": found.models,
            "usage": found.usage,
            "output_tokens": found.outputs,
            "cost": {
                "usd": cost.usd,
                "by_model": {model: each.usd for model, each in by_model.items() if each.priced},
                "unpriced": cost.unpriced,
                "prices_of": prices.date,
            },
        }
    )


def _group(group: ErrorGroup, file: ResultFile) -> Mapping[str, object]:
    return {
        "type": group.type,
        "error_type": group.error_type,
        "shape": group.shape,
        "lines": group.lines,
        "custom_id": unicode_text(file.row(group.first).custom_id),
    }


def for_people(batch_id: str, file: ResultFile, prices: PriceTable, columns: int | None) -> str:
    """The summary in lines, cut to the width of a terminal if there is one."""
    lines = _lines(batch_id, file, prices)
    return "\n".join(line if columns is None else crop(line, columns) for line in lines)


def _lines(batch_id: str, file: ResultFile, prices: PriceTable) -> Iterator[str]:
    found = triage(file)
    results = counted(len(file), "result")
    yield f"{safe_line(batch_id, _LONGEST_NAME)}: {results}, {size(_bytes(file))}"
    yield from _counted("Types", found.tally)
    yield from _errors(found)
    reasons = {
        f"{reason} (no full answer)" if stopped_short(reason) else reason: lines
        for reason, lines in found.stop_reasons.items()
    }
    yield from _counted("Stop reasons", reasons)
    yield from _counted("Models", _models(found, prices))
    if found.tally.get(SUCCEEDED):
        yield from _counted("Tokens", _tokens(found))
    yield from _cost(found.billing.cost(prices), prices)
    own = [safe_line(model, _LONGEST_NAME) for model in found.models if model in prices.overridden]
    if own:
        yield f"{_INDENT}By your own prices for {', '.join(own)}"


def _counted(title: str, numbers: Mapping[str, int]) -> Iterator[str]:
    if not numbers:
        return
    yield ""
    yield title
    width = max(len(count(number)) for number in numbers.values())
    for name, number in numbers.items():
        yield f"{_INDENT}{count(number):>{width}}  {safe_line(name, _LONGEST_NAME)}"


def _errors(found: Triage) -> Iterator[str]:
    if not found.errors:
        return
    yield ""
    yield "Errors"
    width = max(len(count(group.lines)) for group in found.errors)
    for group in found.errors:
        name = safe_line(group.error_type or group.type, _LONGEST_NAME)
        again = " (may succeed when sent again)" if group.retryable else ""
        yield f"{_INDENT}{count(group.lines):>{width}}  {name}{again}"
        if group.shape:
            yield f"{_INDENT}{'':>{width}}  {safe_line(group.shape, _LONGEST_NAME)}"


def _models(found: Triage, prices: PriceTable) -> Mapping[str, int]:
    costs = found.billing.cost_by_model(prices)
    return {
        f"{model}, {money(costs[model].usd)}"
        if model in costs and costs[model].priced
        else model: lines
        for model, lines in found.models.items()
    }


def _tokens(found: Triage) -> Mapping[str, int]:
    usage = found.usage
    tokens = {
        "in": usage.total_input_tokens,
        "read from cache": usage.cache_read_input_tokens,
        "written to cache": usage.cache_creation_input_tokens,
        "out": usage.output_tokens,
        "thinking": usage.thinking_tokens,
        "out per answer, median": found.outputs.median,
        "out per answer, 90th percentile": found.outputs.p90,
        "out per answer, most": found.outputs.most,
    }
    return {name: number for name, number in tokens.items() if number or name in ("in", "out")}


def _cost(cost: Cost, prices: PriceTable) -> Iterator[str]:
    if not (cost.priced or cost.unpriced):
        return
    yield ""
    yield "Cost"
    if cost.priced:
        yield f"{_INDENT}{money(cost.usd)}, at the batch prices of {prices.date}"
    for model, lines in cost.unpriced.items():
        name = safe_line(model, _LONGEST_NAME) or "answers without a model"
        yield f"{_INDENT}No price known for {name} ({counted(lines, 'result')})"


def _bytes(file: ResultFile) -> int:
    """Up to the end of the last line, so that it is the size of any file the API sends."""
    if not len(file):
        return 0
    offset, length = file.index.span(len(file) - 1)
    return offset + length + 1
