"""The messages of a chat completion, told in the words of the Messages API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from batchtui.domain.json_values import object_of, text_of

_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,")
_INSTRUCTIONS = ("system", "developer")
_EMPTY = ("refusal", "audio", "function_call", "tool_calls", "annotations")

Block = Mapping[str, object]
Message = dict[str, object]


class Unfit(Exception):  # noqa: N818 - it ends a translation, and is no fault of the program
    """A field cannot be translated."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field, message)
        self.field = field
        self.message = message


def messages_of(value: object, where: str = "messages") -> tuple[list[Block], list[Message]]:
    """Translate all messages.

    Returns:
        The blocks of the system prompt, which are the instructions before all else; the rest.

    Raises:
        Unfit: if one cannot be translated.
    """
    if not isinstance(value, list):
        raise Unfit(where, "must be a list")
    system: list[Block] = []
    messages: list[Message] = []
    for at, each in enumerate(value):
        message, here = object_of(each), f"{where}.{at}"
        role = text_of(message, "role")
        _refuse_unknown(message, here)
        if role in _INSTRUCTIONS:
            blocks = _text_blocks(message.get("content"), f"{here}.content")
            if messages:
                messages.append({"role": "system", "content": blocks})
            else:
                system += blocks
        elif role == "tool":
            _add_result(messages, _tool_result(message, here))
        elif role in ("user", "assistant"):
            messages.append({"role": role, "content": _content(message, role, here)})
        else:
            raise Unfit(f"{here}.role", "has no counterpart in the Messages API")
    return system, messages


def _refuse_unknown(message: Mapping[str, object], where: str) -> None:
    known = {"role", "content", "tool_call_id", *_EMPTY}
    for name, value in message.items():
        is_call = name == "tool_calls" and message.get("role") == "assistant"
        if value and not is_call and (name not in known or name in _EMPTY):
            raise Unfit(f"{where}.{name}", "has no counterpart in the Messages API")


def _content(message: Mapping[str, object], role: str, where: str) -> str | list[Block]:
    """What a person or the model said; text stays text unless tools were called, too."""
    content, calls = message.get("content"), message.get("tool_calls")
    if not calls and isinstance(content, str):
        return content
    blocks = [] if content is None or content == "" else _blocks(content, role, f"{where}.content")
    if not isinstance(calls, list | None):
        raise Unfit(f"{where}.tool_calls", "must be a list")
    return blocks + [_call(each, f"{where}.tool_calls.{at}") for at, each in enumerate(calls or ())]


def _blocks(content: object, role: str, where: str) -> list[Block]:
    if role == "assistant":
        return _text_blocks(content, where)
    if isinstance(content, str):
        return [_text(content)]
    return [_block(part, at) for part, at in _parts(content, where)]


def _text_blocks(content: object, where: str) -> list[Block]:
    if isinstance(content, str):
        return [_text(content)]
    return [_text_block(part, at) for part, at in _parts(content, where)]


def _parts(content: object, where: str) -> Iterator[tuple[Mapping[str, object], str]]:
    if not isinstance(content, list):
        raise Unfit(where, "must be text or a list of parts")
    for at, part in enumerate(content):
        yield object_of(part), f"{where}.{at}"


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _text_block(part: Mapping[str, object], where: str) -> Block:
    text = part.get("text")
    if part.get("type") != "text" or not isinstance(text, str):
        raise Unfit(where, "must be text")
    return _text(text)


def _block(part: Mapping[str, object], where: str) -> Block:
    match part.get("type"):
        case "text":
            return _text_block(part, where)
        case "image_url":
            return _image(object_of(part.get("image_url")), f"{where}.image_url")
        case "file":
            return _file(object_of(part.get("file")), f"{where}.file")
        case _:
            raise Unfit(where, "is of a type without a counterpart in the Messages API")


def _image(image: Mapping[str, object], where: str) -> Block:
    if image.get("detail", "auto") != "auto":
        raise Unfit(f"{where}.detail", "has no counterpart in the Messages API")
    url = text_of(image, "url")
    if found := _DATA.match(url):
        source = {"type": "base64", "media_type": found[1], "data": url[found.end() :]}
    elif url.startswith(("https://", "http://")):
        source = {"type": "url", "url": url}
    else:
        raise Unfit(f"{where}.url", "must be a URL, or data in base64")
    return {"type": "image", "source": source}


def _file(file: Mapping[str, object], where: str) -> Block:
    data = text_of(file, "file_data")
    found = _DATA.match(data)
    if found is None or found[1] != "application/pdf":
        raise Unfit(where, "must be the data of a PDF in base64")
    source = {"type": "base64", "media_type": found[1], "data": data[found.end() :]}
    title = text_of(file, "filename")
    return {"type": "document", "source": source} | ({"title": title} if title else {})


def _call(call: object, where: str) -> Block:
    fields = object_of(call)
    function = object_of(fields.get("function"))
    if fields.get("type", "function") != "function" or not function:
        raise Unfit(where, "must be the call of a function")
    try:
        given = msgspec.json.decode(text_of(function, "arguments") or "{}")
    except (msgspec.DecodeError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Unfit(f"{where}.function.arguments", "must be a JSON object")
    return {
        "type": "tool_use",
        "id": fields.get("id"),
        "name": function.get("name"),
        "input": given,
    }


def _tool_result(message: Mapping[str, object], where: str) -> Block:
    called = text_of(message, "tool_call_id")
    if not called:
        raise Unfit(f"{where}.tool_call_id", "is missing")
    content = message.get("content")
    if not isinstance(content, str):
        content = _text_blocks(content, f"{where}.content")
    return {"type": "tool_result", "tool_use_id": called, "content": content}


def _add_result(messages: list[Message], result: Block) -> None:
    """Results of tools that were called together belong into one message of the user."""
    last = messages[-1] if messages else {}
    content = last.get("content")
    if isinstance(content, list) and content and content[-1].get("type") == "tool_result":
        content.append(result)
    else:
        messages.append({"role": "user", "content": [result]})
