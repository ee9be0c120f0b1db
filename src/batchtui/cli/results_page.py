"""What is in results at a glance: for a person in lines, for a program as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from batchtui.cli.table import INDENT, numbered
from batchtui.domain.pricing import Cost, PriceTable
from batchtui.domain.result import SUCCEEDED, stopped_short
from batchtui.domain.text import count, counted, crop, money, safe_line, size, unicode_text
from batchtui.results.index import Column
from batchtui.results.reader import ResultFile
from batchtui.results.summary import ErrorGroup, Triage, triage

if TYPE_CHECKING:
    from batchtui.account.merging import RoundResults
    from batchtui.cli.opening import Meant

_LONGEST_NAME: Final = 200


def as_json(meant: Meant, prices: PriceTable) -> bytes:
    """The summary as one JSON object; `custom_id` in an error is that of its first line."""
    file = meant.file
    found = triage(file)
    cost = found.billing.cost(prices)
    by_model = found.billing.cost_by_model(prices)
    return msgspec.json.encode(
        {
            **_name(meant),
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


def _name(meant: Meant) -> Mapping[str, object]:
    merged = meant.merged
    if merged is None:
        return {"id": meant.name}
    return {
        "id": merged.job.id,
        "name": meant.name,
        "requests": merged.requests,
        "without_good_answer": merged.left,
        "without_result": merged.unanswered,
        "rounds": merged.rounds,
    }


def for_people(meant: Meant, prices: PriceTable, columns: int | None) -> str:
    """The summary in lines, cut to the width of a terminal if there is one."""
    lines = _lines(meant, prices)
    return "\n".join(line if columns is None else crop(line, columns) for line in lines)


def _lines(meant: Meant, prices: PriceTable) -> Iterator[str]:
    file, merged = meant.file, meant.merged
    found = triage(file)
    results = counted(len(file), "result")
    if merged:
        results += f" of {counted(merged.requests, 'request')}"
    yield f"{safe_line(meant.name, _LONGEST_NAME)}: {results}, {size(_bytes(file))}"
    if merged:
        yield from _rounds(merged.rounds)
    yield from numbered("Types", found.tally)
    yield from _errors(found)
    reasons = {
        f"{reason} (no full answer)" if stopped_short(reason) else reason: lines
        for reason, lines in found.stop_reasons.items()
    }
    yield from numbered("Stop reasons", reasons)
    yield from numbered("Models", _models(found, prices))
    if found.tally.get(SUCCEEDED):
        yield from numbered("Tokens", _tokens(found))
    yield from _cost(found.billing.cost(prices), prices)
    own = [safe_line(model, _LONGEST_NAME) for model in found.models if model in prices.overridden]
    if own:
        yield f"{INDENT}By your own prices for {', '.join(own)}"


def _rounds(rounds: Sequence[RoundResults]) -> Iterator[str]:
    yield ""
    yield "Rounds"
    for each in rounds:
        batches = (
            f"{count(each.here)} of {count(each.batches)} here" if each.missing else "all here"
        )
        sent = "sent again" if each.number else "sent"
        yield (
            f"{INDENT}{each.number}  {counted(each.requests, 'request')} {sent}, {batches};"
            f" {count(each.left)} without a good answer after it"
        )
        for missing in each.missing:
            yield f"{INDENT}{'':>{len(str(each.number))}}  {missing.words}"


def _errors(found: Triage) -> Iterator[str]:
    if not found.errors:
        return
    yield ""
    yield "Errors"
    width = max(len(count(group.lines)) for group in found.errors)
    for group in found.errors:
        name = safe_line(group.error_type or group.type, _LONGEST_NAME)
        again = " (may succeed when sent again)" if group.retryable else ""
        yield f"{INDENT}{count(group.lines):>{width}}  {name}{again}"
        if group.shape:
            yield f"{INDENT}{'':>{width}}  {safe_line(group.shape, _LONGEST_NAME)}"


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
        yield f"{INDENT}{money(cost.usd)}, at the batch prices of {prices.date}"
    for model, lines in cost.unpriced.items():
        name = safe_line(model, _LONGEST_NAME) or "answers without a model"
        yield f"{INDENT}No price known for {name} ({counted(lines, 'result')})"


def _bytes(file: ResultFile) -> int:
    """Of all lines with a line feed each, which is the size of any file the API sends."""
    return sum(file.index.column(Column.LENGTH)) + len(file)
