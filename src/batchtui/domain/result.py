"""One line of a results file: how a request of a batch ended, and what came back.

Everything in a line is foreign, and nothing in it makes decoding fail: what is unknown stays
visible as it came, and what cannot be read becomes a line of type `unreadable` with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import msgspec

from batchtui.domain.json_values import list_of, object_of, text_of

SUCCEEDED = "succeeded"
ERRORED = "errored"
CANCELED = "canceled"
EXPIRED = "expired"
UNREADABLE = "unreadable"
"""Not a type of the API: the line is no result line at all."""

NOT_JSON = "not JSON"
NOT_AN_OBJECT = "JSON, but not an object"
TOO_DEEP = "nested too deeply to read"
TOO_LONG = "too long to read"
NO_CUSTOM_ID = "no custom_id"
NO_RESULT = "no result with a type"

REFUSAL = "refusal"
"""The stop reason of an answer that the model did not want to give, or to finish."""

PAUSE_TURN = "pause_turn"
"""The stop reason of an answer that the model goes on with when it is sent back."""

_SHORT = frozenset({"max_tokens", REFUSAL, PAUSE_TURN, "model_context_window_exceeded"})
_RETRYABLE = frozenset({"rate_limit_error", "api_error", "overloaded_error", "timeout_error"})
_OF_REQUEST = frozenset({"invalid_request_error", "not_found_error", "request_too_large"})
_OF_ACCOUNT = frozenset({"authentication_error", "billing_error", "permission_error"})


def stopped_short(stop_reason: str) -> bool:
    """Whether a succeeded request is no full answer: cut off, refused, or only paused."""
    return stop_reason in _SHORT


def worth_retrying(error_type: str) -> bool:
    """Whether the same request may succeed next time, because the fault was not in it."""
    return error_type in _RETRYABLE


def request_at_fault(error_type: str) -> bool:
    """Whether the request has to change before it can succeed."""
    return error_type in _OF_REQUEST


def account_at_fault(error_type: str) -> bool:
    """Whether account or key have to change before the same request can succeed."""
    return error_type in _OF_ACCOUNT


class Usage(msgspec.Struct, frozen=True):
    """Tokens and server tools of one answer; total input is the sum of the four input fields."""

    input_tokens: int = 0
    ephemeral_5m_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    output_tokens: int = 0
    thinking_tokens: int = 0
    web_search_requests: int = 0

    @property
    def cache_creation_input_tokens(self) -> int:
        """Tokens written to the cache, whatever their time to live."""
        return self.ephemeral_5m_input_tokens + self.ephemeral_1h_input_tokens

    @property
    def total_input_tokens(self) -> int:
        """The length of the prompt: uncached, written to the cache, and read from it."""
        return self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens


class Citation(msgspec.Struct, frozen=True):
    """What a piece of text rests on: the words cited, and the name or address of their source."""

    type: str
    cited_text: str
    source: str


class TextBlock(msgspec.Struct, frozen=True):
    """A piece of the answer."""

    text: str
    citations: tuple[Citation, ...] = ()


class ThinkingBlock(msgspec.Struct, frozen=True):
    """The model's reasoning; empty if it was redacted or left out."""

    thinking: str
    redacted: bool = False


class ToolUseBlock(msgspec.Struct, frozen=True):
    """A call of a tool (`tool_use`, `server_tool_use`, `mcp_tool_use`); `input` is JSON."""

    type: str
    id: str
    name: str
    input: object


class ToolResultBlock(msgspec.Struct, frozen=True):
    """What a server-side tool gave (`..._tool_result`); `content` is JSON."""

    type: str
    tool_use_id: str
    content: object


class OtherBlock(msgspec.Struct, frozen=True):
    """A block of any other type; `body` is the JSON value as it came."""

    type: str
    body: object


Block = TextBlock | ThinkingBlock | ToolUseBlock | ToolResultBlock | OtherBlock


class StopDetails(msgspec.Struct, frozen=True):
    """Why the model refused."""

    category: str
    explanation: str


class Message(msgspec.Struct, frozen=True):
    """The answer to a request.

    Attributes:
        inference_geo: where the model ran, if the usage says so.
    """

    id: str
    model: str
    content: tuple[Block, ...]
    stop_reason: str
    stop_sequence: str
    stop_details: StopDetails | None
    usage: Usage
    inference_geo: str = ""

    @property
    def refused_outright(self) -> bool:
        """Whether the model refused before it wrote anything, which is billed by other rules."""
        return self.stop_reason == REFUSAL and not self.content

    @property
    def text(self) -> str:
        """All text blocks in a row, as the model wrote them."""
        return "".join(block.text for block in self.content if isinstance(block, TextBlock))


class RequestError(msgspec.Struct, frozen=True):
    """Why a request failed; `request_id` is empty if the API gave none."""

    type: str
    message: str
    request_id: str = ""


class ResultLine(msgspec.Struct, frozen=True):
    """One line. All its text is foreign.

    Attributes:
        custom_id: which request it answers; of an unreadable line, as far as it could be made out.
        type: how the request ended; `unreadable` if the line does not say.
        problem: why the line is unreadable, else empty.
    """

    custom_id: str
    type: str
    message: Message | None = None
    error: RequestError | None = None
    problem: str = ""


def decode_line(line: bytes) -> ResultLine:
    """Read a line, without its line break, in full."""
    try:
        value = _load(line)
    except RecursionError:
        return unreadable(TOO_DEEP, line)
    except ValueError:
        return unreadable(NOT_JSON, line)
    fields = object_of(value)
    custom_id, result = fields.get("custom_id"), object_of(fields.get("result"))
    kind = result.get("type")
    if not isinstance(value, dict):
        return unreadable(NOT_AN_OBJECT)
    if not isinstance(custom_id, str):
        return unreadable(NO_CUSTOM_ID)
    if not isinstance(kind, str):
        return ResultLine(custom_id, UNREADABLE, problem=NO_RESULT)
    return ResultLine(custom_id, kind, _message(result), _error(result))


_CUSTOM_ID = re.compile(rb'"custom_id"\s*:\s*"([^"\\]{1,64})"')


def unreadable(problem: str, line: bytes = b"") -> ResultLine:
    """The line as one that cannot be read; its custom_id is found if it stands near its start."""
    found = _CUSTOM_ID.search(line, 0, 1000)
    custom_id = found[1].decode("utf-8", "replace") if found else ""
    return ResultLine(custom_id, UNREADABLE, problem=problem)


def _load(line: bytes) -> object:
    try:
        return msgspec.json.decode(line)
    except ValueError:
        if b"{" not in line[:8]:
            raise  # No line of ours, and a file of garbage has many.
        # Bytes that are no UTF-8, lone surrogates and giant numbers are no reason to hide an
        # answer: the standard library reads on where the quick decoder gives up.
        return json.loads(line.decode("utf-8-sig", "replace"), parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 1000 else float(digits)


def _count(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if isinstance(value, float) and 0 <= value < 2**63:
        return int(value)
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else 0


def _error(result: Mapping[str, object]) -> RequestError | None:
    response = object_of(result.get("error"))
    if not response:
        return None
    inner = response.get("error")
    error = object_of(inner) if isinstance(inner, dict) else response
    return RequestError(
        text_of(error, "type"), text_of(error, "message"), text_of(response, "request_id")
    )


def _message(result: Mapping[str, object]) -> Message | None:
    fields = object_of(result.get("message"))
    if not fields:
        return None
    details = object_of(fields.get("stop_details"))
    usage = object_of(fields.get("usage"))
    return Message(
        id=text_of(fields, "id"),
        model=text_of(fields, "model"),
        content=tuple(map(_block, list_of(fields.get("content")))),
        stop_reason=text_of(fields, "stop_reason"),
        stop_sequence=text_of(fields, "stop_sequence"),
        stop_details=StopDetails(text_of(details, "category"), text_of(details, "explanation"))
        if details
        else None,
        usage=_usage(usage),
        inference_geo=text_of(usage, "inference_geo"),
    )


def _usage(fields: Mapping[str, object]) -> Usage:
    by_lifetime = fields.get("cache_creation")
    written = object_of(by_lifetime)
    return Usage(
        input_tokens=_count(fields, "input_tokens"),
        # Older answers give only the sum, all of it with the default time to live.
        ephemeral_5m_input_tokens=_count(written, "ephemeral_5m_input_tokens")
        if isinstance(by_lifetime, dict)
        else _count(fields, "cache_creation_input_tokens"),
        ephemeral_1h_input_tokens=_count(written, "ephemeral_1h_input_tokens"),
        cache_read_input_tokens=_count(fields, "cache_read_input_tokens"),
        output_tokens=_count(fields, "output_tokens"),
        thinking_tokens=_count(object_of(fields.get("output_tokens_details")), "thinking_tokens"),
        web_search_requests=_count(object_of(fields.get("server_tool_use")), "web_search_requests"),
    )


def _block(value: object) -> Block:
    if isinstance(value, str):
        return TextBlock(value)
    fields = object_of(value)
    kind = text_of(fields, "type")
    if kind == "text":
        citations = fields.get("citations")
        return TextBlock(
            text_of(fields, "text"),
            tuple(map(_citation, citations)) if isinstance(citations, list) else (),
        )
    if kind in ("thinking", "redacted_thinking"):
        return ThinkingBlock(text_of(fields, "thinking"), redacted=kind != "thinking")
    if kind in ("tool_use", "server_tool_use", "mcp_tool_use"):
        return ToolUseBlock(
            kind, text_of(fields, "id"), text_of(fields, "name"), fields.get("input")
        )
    if kind.endswith("_tool_result"):
        return ToolResultBlock(kind, text_of(fields, "tool_use_id"), fields.get("content"))
    return OtherBlock(kind, value)


def _citation(value: object) -> Citation:
    fields = object_of(value)
    source = (text_of(fields, name) for name in ("document_title", "title", "url", "source"))
    return Citation(
        text_of(fields, "type"), text_of(fields, "cited_text"), next(filter(None, source), "")
    )
