"""What is searched of a result line: all text a person reads in it, and none of its syntax.

That is the custom_id; text blocks with the words and sources of their citations; thinking; names
and inputs of tool calls, and what tools gave; blocks of unknown types; why the model refused; the
messages of errors. Of JSON within them the strings and numbers count, not the names of members,
nor what no person reads: types, ids, signatures, encrypted parts. A line that cannot be read
counts as it is. Each piece of text is searched by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from batchtui.domain.result import (
    CANCELED,
    EXPIRED,
    UNREADABLE,
    Block,
    Message,
    OtherBlock,
    ResultLine,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
    decode_line,
)

_UNREAD = frozenset({"type", "id", "signature", "data"})


class _TextBlock(msgspec.Struct, gc=False):
    type: Literal["text"]
    text: str
    citations: None = None


class _Message(msgspec.Struct, gc=False):
    content: list[_TextBlock]
    stop_details: None = None


class _Result(msgspec.Struct, gc=False):
    type: str
    message: _Message


class _Line(msgspec.Struct, gc=False):
    custom_id: str
    result: _Result


_decode_plain = msgspec.json.Decoder(_Line).decode


def texts_of(line: bytes) -> tuple[str, list[str]]:
    """The custom_id of a line, and all its text."""
    try:
        plain = _decode_plain(line)  # most answers are text and nothing else
    except (ValueError, RecursionError):
        result = decode_line(line)
        return result.custom_id, [result.custom_id, *texts_in(result, line)]
    blocks = plain.result.message.content
    return plain.custom_id, [plain.custom_id, *[block.text for block in blocks]]


def unread(name: str) -> bool:
    """Whether a member of this name holds nothing that a person reads."""
    return name in _UNREAD or name.endswith("_id") or name.startswith("encrypted_")


def texts_in(result: ResultLine, line: bytes) -> Iterator[str]:
    """All text of a line that was decoded, besides its custom_id."""
    if result.message:
        yield from _of_message(result.message)
    elif result.error:
        yield result.error.message
    elif result.type == UNREADABLE:
        yield line.decode("utf-8", "replace")
    elif result.type not in (CANCELED, EXPIRED):
        yield from _of_json(line)


def _of_json(line: bytes) -> Iterator[str]:
    """The text of a line of a type that is not known here."""
    try:
        value = msgspec.json.decode(line)
    except ValueError:
        yield line.decode("utf-8", "replace")
    else:
        yield from _values(value)


def _of_message(message: Message) -> Iterator[str]:
    for block in message.content:
        yield from _of_block(block)
    if message.stop_details:
        yield message.stop_details.explanation


def _of_block(block: Block) -> Iterator[str]:
    match block:
        case TextBlock(text, citations):
            yield text
            for citation in citations:
                yield citation.source
                yield citation.cited_text
        case ThinkingBlock(thinking):
            yield thinking
        case ToolUseBlock(_, _, name, value):
            yield name
            yield from _values(value, everything=True)
        case ToolResultBlock(_, _, content):
            yield from _values(content)
        case OtherBlock(_, body):
            yield from _values(body)


def _values(value: object, *, everything: bool = False) -> Iterator[str]:
    """The strings and numbers in a JSON value, however deeply nested, in their order."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            members = [child for name, child in each.items() if everything or not unread(name)]
            left += reversed(members)
        elif isinstance(each, list):
            left += reversed(each)
        elif isinstance(each, int | float) and not isinstance(each, bool):
            yield repr(each)
