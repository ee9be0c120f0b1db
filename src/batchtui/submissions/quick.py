"""Accepts good lines many at a time, in one go; whatever it does not accept is looked at closely.

What the types below demand must never be less than what `domain.request_rules` and
`submissions.shapes` do; it may be more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, cast

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from batchtui.domain.models import MOST_OUTPUT_TOKENS

_ID_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

_SAMPLED = 31
"""Of so many characters one is looked at."""

_Text = Annotated[str, Meta(min_length=1)]


class _TextBlock(msgspec.Struct, gc=False, tag="text"):
    text: _Text
    citations: Annotated[list[Raw], Meta(max_length=0)] | None = None


class _ToolUse(msgspec.Struct, gc=False, tag="tool_use"):
    input: Raw = Raw(b"{}")


class _ToolResult(msgspec.Struct, gc=False, tag="tool_result"):
    content: str | list[_TextBlock] | None = None


class _Thinking(msgspec.Struct, gc=False, tag="thinking"):
    thinking: str = ""


_Block = _TextBlock | _ToolUse | _ToolResult | _Thinking
_Content = str | Sequence[_Block]


class _Message(msgspec.Struct, gc=False):
    role: Literal["user", "assistant", "system"]
    content: _Text | Annotated[list[_Block], Meta(min_length=1)]


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


_decode = msgspec.json.Decoder(list[_Line]).decode


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
    """

    custom_ids: list[str]
    sums: dict[str, Sums]


def accept(data: bytes) -> Accepted | None:
    """Take lines, with or without a newline behind the last; None if not all are surely good.

    They are read as what they will be: a list in the body of a create request, with a comma for
    every newline but the last. So nothing can hide in them that would spoil that list.
    """
    listed = data.removesuffix(b"\n").replace(b"\n", b",")
    try:
        if not data.isascii():
            # What has no type above is skipped, even if it is no UTF-8.
            data.decode()
        lines = _decode(b"[%b]" % listed)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if data.count(b"\n") + (not data.endswith(b"\n")) != len(lines):
        return None
    custom_ids = [line.custom_id for line in lines]
    if not _are_ids("".join(custom_ids)):
        return None
    sums = _sums([line.params for line in lines])
    return None if sums is None else Accepted(custom_ids, sums)


def _are_ids(joined: str) -> bool:
    return joined.isascii() and not joined.encode().translate(None, _ID_CHARACTERS)


def _sums(all_params: list[_Params]) -> dict[str, Sums] | None:
    """What they use, by model; None if one has a problem that no type can tell."""
    models = {params.model for params in all_params}
    sums = {}
    for model in models:
        own = all_params
        if len(models) > 1:
            own = [params for params in all_params if params.model == model]
        outputs = [params.max_tokens for params in own]
        if max(outputs) > MOST_OUTPUT_TOKENS.get(model, max(outputs)):
            return None
        sums[model] = Sums(len(own), _size(own), sum(outputs))
    if True in [params.stream for params in all_params]:
        return None
    if "assistant" in [params.messages[0].role for params in all_params]:
        return None
    return sums


def _size(all_params: list[_Params]) -> int:
    """Bytes of all there is to read, guessed from some of it unless it is ASCII."""
    contents: list[_Content] = [
        message.content for params in all_params for message in params.messages
    ]
    contents += [params.system for params in all_params if params.system]
    tools = sum(len(bytes(tool)) for params in all_params if params.tools for tool in params.tools)
    try:
        text = "".join(cast("list[str]", contents))
    except TypeError:
        text = "".join(text for content in contents for text in _texts(content))
    if text.isascii():
        return len(text) + tools
    sample = text[::_SAMPLED]
    return len(text) * len(sample.encode()) // len(sample) + tools


def _texts(content: _Content) -> Iterator[str]:
    if isinstance(content, str):
        yield content
        return
    for block in content:
        match block:
            case _TextBlock():
                yield block.text
            case _ToolUse():
                yield bytes(block.input).decode()
            case _ToolResult():
                yield from _texts(block.content or "")
            case _Thinking():
                yield block.thinking
