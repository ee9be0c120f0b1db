"""Markdown: a section for each line.

Foreign text stands in code spans, and in code blocks with a fence longer than any inside, so that
whatever it holds ends neither.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from batchtui.domain.pricing import PriceTable
from batchtui.domain.result import (
    SUCCEEDED,
    UNREADABLE,
    Block,
    Message,
    OtherBlock,
    RequestError,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from batchtui.domain.text import count, money, safe_line
from batchtui.results.export.pieces import Piece, batches, utf8
from batchtui.results.index import Row
from batchtui.results.reader import ResultFile

_TICKS = re.compile("`+")
_LONGEST_NAME = 1000


def pieces(
    file: ResultFile, numbers: Iterable[int], prices: PriceTable | None = None
) -> Iterator[Piece]:
    """The lines with these numbers, in the order given."""
    for batch in batches(file, numbers):
        sections = [_section(file, number, prices) for number in batch]
        yield Piece(len(batch), utf8("".join(sections)))


def block(text: str, language: str = "text") -> str:
    """A code block with any text in it."""
    fence = "`" * max(3, 1 + _longest_ticks(text))
    end = "" if text.endswith("\n") else "\n"
    return f"{fence}{language}\n{text}{end}{fence}\n"


def span(text: str) -> str:
    """A code span with any text in it, on one line; nothing for nothing."""
    if not text:
        return ""
    text = safe_line(text, _LONGEST_NAME)
    ticks = "`" * (1 + _longest_ticks(text))
    # A blank on both sides is not shown, and ticks at the ends do not add to the span's own.
    edge = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{ticks}{edge}{text}{edge}{ticks}"


def _longest_ticks(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _section(file: ResultFile, number: int, prices: PriceTable | None) -> str:
    row = file.row(number)
    title = span(row.custom_id) or f"line {number + 1}"
    parts = [f"## {title}\n", _facts(row, prices)]
    if row.type == UNREADABLE:
        parts.append(f"This line is unreadable: {span(row.shape)}\n")
    else:
        line = file.result(number)
        if line.message:
            parts += _message(line.message)
        if line.error:
            parts += _error(line.error)
    return "\n".join(parts) + "\n"


def _facts(row: Row, prices: PriceTable | None) -> str:
    facts = [row.type if row.type == SUCCEEDED else span(row.type)]
    facts += filter(None, map(span, (row.stop_reason, row.error_type, row.model)))
    if row.type == SUCCEEDED:
        usage = row.usage
        facts.append(f"{count(usage.total_input_tokens)} tokens in")
        facts.append(f"{count(usage.output_tokens)} out")
        cost = row.cost(prices) if prices else None
        if cost is not None:
            facts.append(money(cost))
    return " · ".join(facts) + "\n"


def _error(error: RequestError) -> Iterator[str]:
    yield block(error.message)
    if error.request_id:
        yield f"Request {span(error.request_id)}\n"


def _message(message: Message) -> Iterator[str]:
    # Text with citations comes in many blocks, and is one text all the same.
    for is_text, run in groupby(message.content, lambda each: isinstance(each, TextBlock)):
        if is_text:
            yield from _text([each for each in run if isinstance(each, TextBlock)])
        else:
            for each in run:
                yield from _block(each)
    details = message.stop_details
    if details:
        words = " ".join(filter(None, map(span, (details.category, details.explanation))))
        yield f"Refused: {words}\n"


def _text(blocks: list[TextBlock]) -> Iterator[str]:
    yield block("".join(each.text for each in blocks))
    citations = [citation for each in blocks for citation in each.citations]
    if citations:
        yield "".join(
            f"- {span(each.source) or 'cited'}: {span(each.cited_text)}\n" for each in citations
        )


def _block(found: Block) -> Iterator[str]:
    match found:
        case ThinkingBlock(redacted=True):
            yield "Thinking was redacted.\n"
        case ThinkingBlock(thinking=thinking):
            yield f"Thinking:\n\n{block(thinking)}"
        case ToolUseBlock(type=kind, name=name, input=value):
            yield f"{span(kind)} {span(name)}:\n\n{_json(value)}"
        case ToolResultBlock(type=kind, content=value) | OtherBlock(type=kind, body=value):
            yield f"{span(kind) or 'Unknown content'}:\n\n{_json(value)}"
        case TextBlock(text=text):
            yield block(text)


def _json(value: object) -> str:
    try:
        return block(json.dumps(value, ensure_ascii=False, indent=2), "json")
    except RecursionError:
        return "Nested too deeply to be shown here; an export of the lines has it.\n"
