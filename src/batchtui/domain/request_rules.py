"""What the Messages API would say of one request of a batch, told before it is sent.

Most of these faults come back only as an errored line, hours later. Whatever is not known here
(parameters, block types, tools) is taken to be right; what is only likely to fail is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from batchtui.domain.json_values import object_of
from batchtui.domain.models import MOST_OUTPUT_TOKENS
from batchtui.domain.request import Problem
from batchtui.domain.text import count

LONGEST_ID = 64
"""Characters of a custom_id."""

CUSTOM_ID = re.compile(rf"[a-zA-Z0-9_-]{{1,{LONGEST_ID}}}")
"""What every custom_id is."""

MISSING = "is missing"
NO_LONGER = "is no longer taken, since version 2026-10-21 of the API"

ROLES = ("user", "assistant", "system")

_GONE = ("temperature", "top_p", "top_k")
_TYPES: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "system": ((str, list), "text or a list of text blocks"),
    "stop_sequences": (list, "a list"),
    "tools": (list, "a list"),
    "tool_choice": (dict, "an object"),
    "metadata": (dict, "an object"),
    "thinking": (dict, "an object"),
    "output_config": (dict, "an object"),
}
"""Parameters that have a type, which they must have unless they are null."""


def custom_id_problem(custom_id: object) -> Problem | None:
    """What is wrong with the id of a request, if anything."""
    if not isinstance(custom_id, str):
        return Problem("custom_id", "must be text")
    if CUSTOM_ID.fullmatch(custom_id):
        return None
    if not custom_id:
        return Problem("custom_id", "is empty")
    if len(custom_id) > LONGEST_ID:
        return Problem("custom_id", f"is longer than {LONGEST_ID} characters")
    return Problem("custom_id", "may only have letters, digits, _ and -")


def params_problems(params: object, at: str = "params") -> Iterator[Problem]:
    """Everything wrong with what the Messages API is to be called with.

    Args:
        params: whatever stands there.
        at: the name of the field that it is; "" if it is the whole line.
    """
    if not isinstance(params, dict):
        yield Problem(at, "must be an object")
        return
    where = f"{at}." if at else ""
    yield from _model_and_length(params, where)
    yield from _messages(params, f"{where}messages")
    yield from _not_in_batches(params, where)
    for name, (kind, words) in _TYPES.items():
        value = params.get(name)
        if value is not None and not isinstance(value, kind):
            yield Problem(f"{where}{name}", f"must be {words}")


def _model_and_length(params: Mapping[str, object], where: str) -> Iterator[Problem]:
    model, most = params.get("model"), params.get("max_tokens")
    if model is None:
        yield Problem(f"{where}model", MISSING)
    elif not isinstance(model, str) or not model:
        yield Problem(f"{where}model", "must be the name of a model")
    if most is None:
        yield Problem(f"{where}max_tokens", MISSING)
    elif not isinstance(most, int) or isinstance(most, bool):
        yield Problem(f"{where}max_tokens", "must be a whole number")
    elif most < 1:
        yield Problem(f"{where}max_tokens", "must be 1 or more in a batch")
    elif isinstance(model, str) and most > (allowed := MOST_OUTPUT_TOKENS.get(model, most)):
        yield Problem(f"{where}max_tokens", f"is more than the {count(allowed)} of {model}")


def _not_in_batches(params: Mapping[str, object], where: str) -> Iterator[Problem]:
    if params.get("stream"):
        yield Problem(f"{where}stream", "cannot be used in a batch")
    if "speed" in params:
        yield Problem(f"{where}speed", "cannot be used in a batch")
    for name in _GONE:
        if name in params:
            yield Problem(f"{where}{name}", NO_LONGER)


def _messages(params: Mapping[str, object], where: str) -> Iterator[Problem]:
    messages = params.get("messages")
    if messages is None:
        yield Problem(where, MISSING)
    elif not isinstance(messages, list):
        yield Problem(where, "must be a list")
    elif not messages:
        yield Problem(where, "must have at least one message")
    else:
        for number, message in enumerate(messages):
            last = number == len(messages) - 1
            yield from _message(message, f"{where}.{number}", last=last)
        if object_of(messages[0]).get("role") == "assistant":
            yield Problem(f"{where}.0.role", "should be user in the first message", is_warning=True)


def _message(message: object, where: str, *, last: bool) -> Iterator[Problem]:
    if not isinstance(message, dict):
        yield Problem(where, "must be an object")
        return
    role, content = message.get("role"), message.get("content")
    if role is None:
        yield Problem(f"{where}.role", MISSING)
    elif role not in ROLES:
        yield Problem(f"{where}.role", "must be user, assistant or system")
    if content is None:
        yield Problem(f"{where}.content", MISSING)
    elif not isinstance(content, str | list):
        yield Problem(f"{where}.content", "must be text or a list of content blocks")
    elif not content:
        # The API lets an answer that is to be continued be empty, if it comes last.
        may_be = last and role == "assistant"
        yield Problem(f"{where}.content", "is empty", is_warning=may_be)
    elif not isinstance(content, str):
        yield from _blocks(content, role, f"{where}.content")


def _blocks(blocks: Sequence[object], role: object, where: str) -> Iterator[Problem]:
    for number, block in enumerate(blocks):
        if not isinstance(block, dict):
            yield Problem(f"{where}.{number}", "must be an object")
            continue
        kind = block.get("type")
        if not isinstance(kind, str):
            yield Problem(f"{where}.{number}.type", MISSING if kind is None else "must be text")
        elif kind == "document" and role == "assistant":
            yield Problem(f"{where}.{number}", "must not be a document in an assistant message")
        elif kind == "text":
            yield from _text_block(block, role, f"{where}.{number}")


def _text_block(block: Mapping[str, object], role: object, where: str) -> Iterator[Problem]:
    text = block.get("text")
    if not isinstance(text, str):
        yield Problem(f"{where}.text", MISSING if text is None else "must be text")
    elif not text:
        yield Problem(f"{where}.text", "is empty")
    if role == "user" and block.get("citations"):
        yield Problem(f"{where}.citations", "must be empty in the text of a user")
