"""The part of a result line that goes into the index, decoded without looking at the answer.

For every line this says the same as `decode_line` does, at the speed of skipping over the text.
"""

from __future__ import annotations

import re

import msgspec

from batchtui.domain.result import Message, ResultLine


class _CacheCreation(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class _OutputDetails(msgspec.Struct, gc=False):
    thinking_tokens: int | None = None


class _ServerToolUse(msgspec.Struct, gc=False):
    web_search_requests: int | None = None


class HeadUsage(msgspec.Struct, gc=False):
    """The `usage` of a message; every field may be absent or null."""

    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: _CacheCreation | None = None
    output_tokens: int | None = None
    output_tokens_details: _OutputDetails | None = None
    server_tool_use: _ServerToolUse | None = None
    inference_geo: str | None = None

    def counts(self) -> tuple[int, int, int, int, int, int, int]:
        """The fields of a `Usage`, in its order; not yet checked for their range."""
        written = self.cache_creation
        details = self.output_tokens_details
        tools = self.server_tool_use
        return (
            self.input_tokens or 0,
            (written.ephemeral_5m_input_tokens if written else self.cache_creation_input_tokens)
            or 0,
            (written.ephemeral_1h_input_tokens or 0) if written else 0,
            self.cache_read_input_tokens or 0,
            self.output_tokens or 0,
            (details.thinking_tokens or 0) if details else 0,
            (tools.web_search_requests or 0) if tools else 0,
        )


class HeadMessage(msgspec.Struct, gc=False):
    """The `message` of a succeeded result, without its content."""

    model: str | None = None
    stop_reason: str | None = None
    usage: HeadUsage | None = None


class HeadErrorBody(msgspec.Struct, gc=False):
    """What the API says went wrong, and for an unreadable line what makes it so."""

    type: str | None = None
    message: str | None = None


class HeadError(HeadErrorBody, gc=False):
    """The `error` of an errored result: a response that holds the error itself."""

    error: HeadErrorBody | None = None


class HeadResult(msgspec.Struct, gc=False):
    """The `result` of a line."""

    type: str
    message: HeadMessage | None = None
    error: HeadError | None = None


class Head(msgspec.Struct, gc=False):
    """What the index keeps of a line."""

    custom_id: str
    result: HeadResult


decode_typed = msgspec.json.Decoder(Head).decode
"""Decodes a line that is as the API documents it.

Raises ValueError or RecursionError for any other; what can be read of it, `decode_line` reads.
"""


def head_of(line: ResultLine) -> Head:
    """The same facts, from a line that was decoded in full."""
    error = None
    if line.problem:
        error = HeadError(message=line.problem)
    elif line.error:
        error = HeadError(line.error.type, line.error.message)
    message = _head_message(line.message) if line.message else None
    return Head(line.custom_id, HeadResult(line.type, message, error))


def _head_message(message: Message) -> HeadMessage:
    usage = message.usage
    return HeadMessage(
        message.model,
        message.stop_reason,
        HeadUsage(
            usage.input_tokens,
            None,
            usage.cache_read_input_tokens,
            _CacheCreation(usage.ephemeral_5m_input_tokens, usage.ephemeral_1h_input_tokens),
            usage.output_tokens,
            _OutputDetails(usage.thinking_tokens),
            _ServerToolUse(usage.web_search_requests),
            message.inference_geo,
        ),
    )


_LONGEST_SHAPE = 200
_VARYING = re.compile(
    r"""(?<!\w)(?:'[^']*'|"[^"]*"|`[^`]*`)"""  # quoted parts
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"  # UUIDs
    r"|\b(?=[A-Za-z_]*\d)\w{16,}\b"  # ids of requests, files, messages
    r"|(?P<number>\d+(?:[.,]\d+)*)"
)


def message_shape(message: str) -> str:
    """An error message with all that varies between requests taken out, to group by.

    Quoted parts and ids become "…", numbers "N"; only its start counts.
    """
    head = message[: 2 * _LONGEST_SHAPE]
    shape = _VARYING.sub(lambda found: "N" if found["number"] else "…", head)
    return " ".join(shape.split())[:_LONGEST_SHAPE]
