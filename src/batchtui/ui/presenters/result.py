"""One line of a results file as lines to read, made lazily: the first ones cost nothing more.

Everything in a result is foreign: it is shown, never interpreted, and links stay text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from textual.content import Content

from batchtui.domain.pricing import PriceTable
from batchtui.domain.result import (
    CANCELED,
    ERRORED,
    EXPIRED,
    SUCCEEDED,
    TOO_LONG,
    UNREADABLE,
    Message,
    RequestError,
    ResultLine,
    StopDetails,
    TextBlock,
    ThinkingBlock,
    Usage,
    account_at_fault,
    request_at_fault,
    stopped_short,
    worth_retrying,
)
from batchtui.domain.text import count, money, safe_line
from batchtui.ui.presenters.blocks import (
    DEFAULT_LOOK,
    Look,
    blank,
    content_rows,
    indented,
    say,
)
from batchtui.ui.presenters.flow import Row, decoded, wrap
from batchtui.ui.presenters.prose import plain_rows
from batchtui.ui.presenters.raw_json import raw_rows
from batchtui.ui.presenters.state import LOUD, QUIET

__all__ = ["DEFAULT_LOOK", "Look", "Taken", "result_lines", "result_rows", "taken"]

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


def result_lines(
    result: ResultLine, line: bytes, width: int, look: Look = DEFAULT_LOOK
) -> Iterator[Content]:
    """A result as lines of at most `width` cells; see `result_rows`."""
    return wrap(result_rows(result, line, look), width)


def result_rows(
    result: ResultLine,
    line: bytes,
    look: Look = DEFAULT_LOOK,
    *,
    prices: PriceTable | None = None,
) -> Iterator[Row]:
    """A result as rows to be wrapped.

    Args:
        result: the result.
        line: the line of the file it was decoded from.
        look: how to show it.
        prices: what answers cost, if that is known.
    """
    if look.raw:
        yield from raw_rows(line)
    elif result.message:
        yield from _message(result.message, look, prices)
    elif result.error:
        yield from _error(result.error)
    elif result.type == UNREADABLE:
        yield say(f"This line of the file cannot be read: {result.problem}.", LOUD)
        yield from blank()
        yield from raw_rows(line) if result.problem == TOO_LONG else plain_rows(decoded(line))
    elif result.type in _ENDINGS:
        yield say(_ENDINGS[result.type])
    elif result.type in (SUCCEEDED, ERRORED):
        yield say(f"{result.type.capitalize()}, but the line does not say more.", LOUD)
        yield from blank()
        yield from raw_rows(line)
    else:
        yield say(f"A type of result not known here: {safe_line(result.type, 100)}", LOUD)
        yield from blank()
        yield from raw_rows(line)


# An answer


def _message(message: Message, look: Look, prices: PriceTable | None) -> Iterator[Row]:
    warned = False
    for row in _stop(message):
        warned = True
        yield row
    if warned:
        yield from blank()
    yield from content_rows(message.content, look)
    if not message.content:
        yield say("The answer is empty.", QUIET)
        yield from blank()
    yield say(" · ".join(filter(None, (_usage(message.usage), _cost(message, prices)))), QUIET)
    stop = message.stop_reason + (f" ({message.stop_sequence})" if message.stop_sequence else "")
    yield say(" · ".join(filter(None, (message.model, stop, message.id))), QUIET)


def _stop(message: Message) -> Iterator[Row]:
    """What has to be known before the answer is taken for one."""
    if not stopped_short(message.stop_reason):
        return
    yield say(f"! {_STOPS.get(message.stop_reason, message.stop_reason)}", LOUD)
    details: StopDetails | None = message.stop_details
    if details and details.category:
        yield say(f"  category: {details.category}", LOUD)
    if details and details.explanation:
        yield from indented(plain_rows(details.explanation), "  ")


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


def _cost(message: Message, prices: PriceTable | None) -> str:
    if prices is None or not message.model:
        return ""
    details = message.stop_details
    cost = prices.cost(
        message.model,
        message.usage,
        inference_geo=message.inference_geo,
        refusal_category=(details.category if details else "")
        if message.refused_outright
        else None,
    )
    if cost is None:
        return f"no price known for {message.model}"
    return f"{money(cost)} at batch price" if cost else "not billed"


# Errors


def _error(error: RequestError) -> Iterator[Row]:
    if error.message.strip():
        yield from plain_rows(error.message)
    else:
        yield say("The API did not say why.")
    yield from blank()
    kind = safe_line(error.type or "error without a type", 100)
    again = _again(error.type)
    yield Row(Content.assemble((kind, "bold $error"), f" · {again}" if again else ""))
    yield say(f"request id: {safe_line(error.request_id, 200) or 'none'}", QUIET)


def _again(error_type: str) -> str:
    """What comes of sending it again; "" of errors that nothing is known of."""
    if worth_retrying(error_type):
        return "may succeed when sent again"
    if request_at_fault(error_type):
        return "will happen again unless the request is changed"
    if account_at_fault(error_type):
        return "will happen again unless account or key are changed"
    return ""


# What can be done with it


class Taken(msgspec.Struct, frozen=True):
    """What copying and saving take of a result.

    Attributes:
        what: what it is, in a word.
        suffix: how the name of a file of it ends.
    """

    what: str
    text: str
    suffix: str


def taken(result: ResultLine, line: bytes, look: Look) -> Taken:
    """The line if it is shown raw; else the answer, else what the error says, else the line."""
    if not look.raw and result.message and result.message.text:
        return Taken("answer", result.message.text, ".txt")
    if not look.raw and result.error and result.error.message:
        return Taken("error message", result.error.message, ".txt")
    return Taken("line", line.decode("utf-8", "replace"), ".json")


def has_text(result: ResultLine) -> bool:
    """Whether there is text that can be shown as Markdown or as it was written."""
    content = result.message.content if result.message else ()
    return any(isinstance(block, TextBlock) and block.text for block in content)


def has_thinking(result: ResultLine) -> bool:
    """Whether there is thinking that can be unfolded."""
    content = result.message.content if result.message else ()
    return any(isinstance(block, ThinkingBlock) and block.thinking.strip() for block in content)
