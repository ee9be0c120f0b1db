"""One line of a results file as lines to read, made lazily: the first ones cost nothing more.

Everything in a result is foreign: it is shown, never interpreted, and links stay text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from textual.content import Content

from batchtui.domain.result import (
    CANCELED,
    ERRORED,
    EXPIRED,
    SUCCEEDED,
    UNREADABLE,
    Block,
    Citation,
    Message,
    OtherBlock,
    RequestError,
    ResultLine,
    StopDetails,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
    Usage,
    stopped_short,
    worth_retrying,
)
from batchtui.domain.text import count, safe_line
from batchtui.ui.presenters.flow import Row, safe_lines, wrap
from batchtui.ui.presenters.json_lines import json_rows, raw_rows, structured
from batchtui.ui.presenters.prose import plain_rows, prose_rows
from batchtui.ui.presenters.state import LOUD, QUIET

HEAD = "bold $accent"

_ENDINGS = {
    CANCELED: "Canceled before it was processed: no answer, and nothing billed.",
    EXPIRED: "Not processed within 24 hours: no answer, and nothing billed.",
}
_STOPS = {
    "max_tokens": "Cut off: the answer reached max_tokens.",
    "model_context_window_exceeded": "Cut off: the answer filled the model's context window.",
    "pause_turn": "Paused in a loop of server tools: send this content back to go on.",
    "refusal": "Refused by the model.",
}


class Look(msgspec.Struct, frozen=True):
    """How a person wants to see answers.

    Attributes:
        plain: text exactly as written, its Markdown not rendered.
        thinking: thinking in full rather than folded.
        raw: the JSON of the whole line instead of what it means.
    """

    plain: bool = False
    thinking: bool = False
    raw: bool = False


DEFAULT_LOOK = Look()


def result_lines(
    result: ResultLine, line: bytes, width: int, look: Look = DEFAULT_LOOK
) -> Iterator[Content]:
    """A result as lines of at most `width` cells.

    Args:
        result: the result.
        line: the line of the file it was decoded from.
        width: cells.
        look: how to show it.
    """
    return wrap(raw_rows(line) if look.raw else _rows(result, line, look), width)


def _rows(result: ResultLine, line: bytes, look: Look) -> Iterator[Row]:
    if result.message:
        yield from _message(result.message, look)
    elif result.error:
        yield from _error(result.error)
    elif result.type == UNREADABLE:
        yield _say(f"This line of the file cannot be read: {result.problem}.", LOUD)
        yield from _blank()
        yield from plain_rows(line.decode("utf-8", "replace"))
    elif result.type in _ENDINGS:
        yield _say(_ENDINGS[result.type])
    elif result.type in (SUCCEEDED, ERRORED):
        yield _say(f"{result.type.capitalize()}, but the line does not say more.", LOUD)
        yield from _blank()
        yield from raw_rows(line)
    else:
        yield _say(f"A type of result not known here: {safe_line(result.type, 100)}", LOUD)
        yield from _blank()
        yield from raw_rows(line)


# An answer


def _message(message: Message, look: Look) -> Iterator[Row]:
    warned = False
    for row in _stop(message):
        warned = True
        yield row
    if warned:
        yield from _blank()
    seen = 0
    for block in message.content:
        cited: Sequence[Citation] = block.citations if isinstance(block, TextBlock) else ()
        yield from _block(block, look)
        yield from _citations(cited, seen)
        seen += len(cited)
        yield from _blank()
    if not message.content:
        yield _say("The answer is empty.", QUIET)
        yield from _blank()
    yield _say(_usage(message.usage), QUIET)
    stop = message.stop_reason + (f" ({message.stop_sequence})" if message.stop_sequence else "")
    yield _say(" · ".join(filter(None, (message.model, stop, message.id))), QUIET)


def _stop(message: Message) -> Iterator[Row]:
    """What has to be known before the answer is taken for one."""
    if not stopped_short(message.stop_reason):
        return
    yield _say(f"! {_STOPS.get(message.stop_reason, message.stop_reason)}", LOUD)
    details: StopDetails | None = message.stop_details
    if details and details.category:
        yield _say(f"  category: {details.category}", LOUD)
    if details and details.explanation:
        yield from _indented(plain_rows(details.explanation), "  ")


def _usage(usage: Usage) -> str:
    """Tokens in and out, as far as there are any."""
    cached = usage.cache_read_input_tokens
    written = usage.cache_creation_input_tokens
    searches = usage.web_search_requests
    inward = [
        f"{count(cached)} from cache" if cached else "",
        f"{count(written)} written to cache" if written else "",
    ]
    outward = [f"{count(usage.thinking_tokens)} thinking" if usage.thinking_tokens else ""]
    parts = [
        f"in {count(usage.total_input_tokens)}{_bracketed(inward)}",
        f"out {count(usage.output_tokens)}{_bracketed(outward)} tokens",
        f"{count(searches)} web search{'es' if searches > 1 else ''}" if searches else "",
    ]
    return " · ".join(filter(None, parts))


def _bracketed(parts: Iterable[str]) -> str:
    inside = ", ".join(filter(None, parts))
    return f" ({inside})" if inside else ""


def _block(block: Block, look: Look) -> Iterator[Row]:
    match block:
        case TextBlock(text):
            yield from _text(text, look)
        case ThinkingBlock(thinking, redacted):
            yield from _thinking(thinking, redacted, look)
        case ToolUseBlock(kind, use_id, name, value):
            yield _head("→", kind, name, use_id)
            yield from _indented(json_rows(value), "  ")
        case ToolResultBlock(kind, use_id, content):
            yield _head("←", kind, "", use_id)
            yield from _indented(json_rows(content), "  ")
        case OtherBlock(kind, body):
            yield _head("◇", kind or "block without a type", "", "")
            yield from _indented(json_rows(body), "  ")


def _text(text: str, look: Look) -> Iterator[Row]:
    if look.plain:
        yield from plain_rows(text)
        return
    found, value = structured(text)
    yield from json_rows(value) if found else prose_rows(text)


def _thinking(thinking: str, redacted: bool, look: Look) -> Iterator[Row]:
    if redacted:
        yield _say("▸ thinking, redacted by the API", QUIET)
    elif not thinking.strip():
        yield _say("▸ thinking, left out by the API", QUIET)
    elif look.thinking:
        yield _say("▾ thinking", QUIET)
        bar = Content.styled("  ", QUIET)
        for line in safe_lines(thinking):
            yield Row(Content.styled(line, f"italic {QUIET}"), bar, bar)
    else:
        yield _say(f"▸ thinking · {count(len(thinking))} characters", QUIET)


def _citations(citations: Sequence[Citation], seen: int) -> Iterator[Row]:
    for number, citation in enumerate(citations, seen + 1):
        first = Content.styled(f"  [{number}] ", QUIET)
        source = safe_line(citation.source or citation.type, 300)
        quoted = safe_line(citation.cited_text, 300)
        words = Content.assemble((source, ""), (f" “{quoted}”" if quoted else "", QUIET))
        yield Row(words, first, Content(" " * first.cell_length))


# Errors


def _error(error: RequestError) -> Iterator[Row]:
    if error.message.strip():
        yield from plain_rows(error.message)
    else:
        yield _say("The API did not say why.")
    yield from _blank()
    again = (
        "may succeed when sent again"
        if worth_retrying(error.type)
        else "will happen again unless the request is changed"
    )
    kind = safe_line(error.type or "error without a type", 100)
    yield Row(Content.assemble((kind, "bold $error"), f" · {again}"))
    yield _say(f"request id: {safe_line(error.request_id, 200) or 'none'}", QUIET)


# Pieces


def _head(sign: str, kind: str, name: str, use_id: str) -> Row:
    parts = [(f"{sign} ", HEAD), (safe_line(kind, 100), HEAD)]
    if name:
        parts.append((f"  {safe_line(name, 100)}", "bold"))
    if use_id:
        parts.append((f"  {safe_line(use_id, 100)}", QUIET))
    return Row(Content.assemble(*parts))


def _say(text: str, style: str = "") -> Row:
    return Row(Content.styled(safe_line(text), style))


def _blank() -> Iterator[Row]:
    yield Row(Content(""))


def _indented(rows: Iterable[Row], indent: str) -> Iterator[Row]:
    for row in rows:
        first, hang = Content.assemble(indent, row.first), Content.assemble(indent, row.hang)
        yield Row(row.content, first, hang)


def answer_text(result: ResultLine, line: bytes) -> str:
    """What copying or saving takes of a result: the answer, else what it says, else the line."""
    if result.message and result.message.text:
        return result.message.text
    if result.error and result.error.message:
        return result.error.message
    return line.decode("utf-8", "replace")
