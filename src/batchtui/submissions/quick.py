"""Accepts good lines many at a time, in one go; whatever it does not accept is looked at closely.

What the types below demand must never be less than what `domain.request_rules` and
`submissions.shapes` do; it may be more.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from batchtui.domain.models import MOST_OUTPUT_TOKENS

_ID_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

_Text = Annotated[str, Meta(min_length=1)]


class _TextBlock(msgspec.Struct, gc=False, tag="text"):
    text: _Text
    citations: Annotated[list[Raw], Meta(max_length=0)] | None = None


class _Message(msgspec.Struct, gc=False):
    role: Literal["user", "assistant", "system"]
    content: _Text | Annotated[list[_TextBlock], Meta(min_length=1)]


class _Params(msgspec.Struct, gc=False):
    model: _Text
    max_tokens: Annotated[int, Meta(ge=1)]
    messages: Annotated[list[_Message], Meta(min_length=1)]
    system: str | list[_TextBlock] | None = None
    stream: bool | None = None
    tools: list[Raw] | None = None
    stop_sequences: list[Raw] | None = None
    tool_choice: dict[str, Raw] | None = None
    metadata: dict[str, Raw] | None = None
    thinking: dict[str, Raw] | None = None
    output_config: dict[str, Raw] | None = None
    speed: UnsetType = UNSET
    temperature: UnsetType = UNSET
    top_p: UnsetType = UNSET
    top_k: UnsetType = UNSET


class _Line(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    custom_id: Annotated[str, Meta(min_length=1, max_length=64)]
    params: _Params


_decode = msgspec.json.Decoder(_Line).decode_lines


class Sums(msgspec.Struct):
    """What requests of one model will use: how many, bytes of text in them, most output tokens."""

    requests: int = 0
    size: int = 0
    output: int = 0


class Accepted(msgspec.Struct, frozen=True):
    """Good native requests, one in each line.

    Attributes:
        custom_ids: in the order of the lines.
        sums: by model.
        stripped: bytes of the lines without what JSON allows around them.
    """

    custom_ids: list[str]
    sums: dict[str, Sums]
    stripped: int


def accept(data: bytes) -> Accepted | None:
    """Take lines, with or without a newline behind the last; None if not all are surely good."""
    try:
        if not data.isascii():
            # What has no type above was skipped, and could hold anything.
            data.decode()
        lines = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    breaks = _width_of_breaks(data, len(lines))
    if breaks is None:
        return None
    custom_ids = [line.custom_id for line in lines]
    try:
        if "".join(custom_ids).encode("ascii").translate(None, _ID_CHARACTERS):
            return None
    except UnicodeEncodeError:
        return None
    is_plain = b"\\u" not in data and data.isascii()
    sums = _sums([line.params for line in lines], is_plain=is_plain)
    return None if sums is None else Accepted(custom_ids, sums, len(data) - breaks)


def _width_of_breaks(data: bytes, lines: int) -> int | None:
    """Bytes of all line breaks; None if there are blank lines, or lines do not hold one each.

    A brace that closes, a line break and one that opens can only stand between two requests. If
    there are as many of these as breaks, every request has its line.
    """
    newlines = data.count(b"\n")
    if newlines + (not data.endswith(b"\n")) != lines or not data.startswith(b"{"):
        return None
    end = b"}\r\n" if data.endswith(b"\r\n") else b"}\n"
    inner = newlines - data.endswith(end)
    if data.count(end + b"{") != inner or not data.endswith((end, b"}")):
        return None
    return newlines * (len(end) - 1)


def _sums(all_params: list[_Params], *, is_plain: bool) -> dict[str, Sums] | None:
    """What they use, by model; None if one has a problem that types cannot tell."""
    sums: dict[str, Sums] = {}
    longest: dict[str, int] = {}
    for params in all_params:
        size = 0
        for message in params.messages:
            content = message.content
            if is_plain and content.__class__ is str:
                size += len(content)
            else:
                size += _bytes_of(content)
        if params.system:
            size += _bytes_of(params.system)
        if params.tools:
            size += sum(map(len, map(bytes, params.tools)))
        model, output = params.model, params.max_tokens
        if model not in sums:
            sums[model], longest[model] = Sums(), 0
        each = sums[model]
        each.requests += 1
        each.size += size
        each.output += output
        if output > longest[model]:
            longest[model] = output
        if params.stream or params.messages[0].role == "assistant":
            return None
    if any(most > MOST_OUTPUT_TOKENS.get(model, most) for model, most in longest.items()):
        return None
    return sums


def _bytes_of(content: str | list[_TextBlock]) -> int:
    if isinstance(content, list):
        return sum(_bytes_of(block.text) for block in content)
    return len(content) if content.isascii() else len(content.encode())
