"""A request as rows to read: the prompt, with images and documents named rather than shown.

Everything in it is foreign: it is shown, never interpreted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.content import Content

from batchtui.domain.json_values import list_of, object_of, text_of
from batchtui.domain.text import count, safe_line, size
from batchtui.ui.presenters.blocks import (
    DEFAULT_LOOK,
    Look,
    blank,
    head,
    indented,
    say,
    text_rows,
    thinking_rows,
)
from batchtui.ui.presenters.flow import Row
from batchtui.ui.presenters.json_lines import json_rows
from batchtui.ui.presenters.prose import plain_rows
from batchtui.ui.presenters.raw_json import raw_rows
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.presenters.tool_results import tool_result_rows
from batchtui.ui.requests import Prompt

Fields = Mapping[str, object]

ROLE_WIDTH = 10
"""Cells for "assistant" and a space."""

_ROLE = "bold $primary"
_SAID = frozenset({"system", "messages", "tools", "model", "max_tokens", "thinking"})
_ATTACHED = frozenset(
    {"image", "image_url", "document", "file", "search_result", "container_upload"}
)
_LONGEST_NAME = 100


def request_rows(params: Fields, look: Look = DEFAULT_LOOK) -> Iterator[Row]:
    """A request.

    Args:
        params: what the Messages API is called with, or an API like it.
        look: how to show text and thinking.
    """
    yield say(_parameters(params), QUIET)
    if tools := list_of(params.get("tools")):
        yield say(f"tools: {', '.join(map(_tool, tools))}", QUIET)
    yield from blank()
    if system := list_of(params.get("system")):
        yield from _said("system", system, look)
    for message in list_of(params.get("messages")):
        fields = object_of(message)
        yield from _said(text_of(fields, "role") or "?", list_of(fields.get("content")), look)
        if "content" not in fields:
            yield from json_rows(message)


def _parameters(params: Fields) -> str:
    """All that is neither prompt nor tool, in one line."""
    thinking = object_of(params.get("thinking"))
    most, budget = params.get("max_tokens"), thinking.get("budget_tokens")
    kind = text_of(thinking, "type")
    parts = [
        text_of(params, "model") or "no model",
        f"max_tokens {count(most)}" if isinstance(most, int) else "",
        f"thinking {count(budget)}" if isinstance(budget, int) else kind and f"thinking {kind}",
        *(f"{name} {_short(value)}" for name, value in params.items() if name not in _SAID),
    ]
    return " · ".join(filter(None, parts))


def _short(value: object) -> str:
    """A parameter in a word or two."""
    if isinstance(value, str | int | float):
        return safe_line(str(value), 40)
    return text_of(object_of(value), "type") or "…"


def _tool(tool: object) -> str:
    fields = object_of(tool)
    function = object_of(fields.get("function"))
    name = text_of(fields, "name") or text_of(function, "name") or text_of(fields, "type")
    return safe_line(name or "?", _LONGEST_NAME)


def _said(role: str, content: list[object], look: Look) -> Iterator[Row]:
    """What one side said, its name before the first line of it."""
    name = safe_line(role, _LONGEST_NAME)
    first = Content.styled(f"{name:<{ROLE_WIDTH - 1}} ", _ROLE)
    hang = Content(" " * ROLE_WIDTH)
    before = first
    for block in content or [""]:
        for row in _block(block, look):
            yield Row(
                row.content, Content.assemble(before, row.first), Content.assemble(hang, row.hang)
            )
            before = hang
    yield from blank()


def _block(block: object, look: Look) -> Iterator[Row]:
    if isinstance(block, str):
        yield from text_rows(block, look) if block else blank()
        return
    fields = object_of(block)
    match text_of(fields, "type"):
        case "text" | "input_text":
            yield from text_rows(text_of(fields, "text"), look)
        case "thinking":
            yield from thinking_rows(text_of(fields, "thinking"), look)
        case kind if kind in _ATTACHED:
            yield say(_attachment(fields), "$accent")
            if words := text_of(fields, "context"):
                yield from plain_rows(words)
        case "tool_use" | "server_tool_use" | "mcp_tool_use" as kind:
            yield head("→", kind, text_of(fields, "name"), text_of(fields, "id"))
            yield from indented(json_rows(fields.get("input")), "  ")
        case kind if kind.endswith("tool_result"):
            failed = "failed" if fields.get("is_error") else ""
            yield head("←", kind, failed, text_of(fields, "tool_use_id"))
            yield from indented(_tool_result(fields.get("content"), look), "  ")
        case _:
            yield from json_rows(block)


def _tool_result(content: object, look: Look) -> Iterator[Row]:
    blocks = list_of(content)
    if any(text_of(object_of(block), "type") in _ATTACHED for block in blocks):
        for block in blocks:
            yield from _block(block, look)
    else:
        yield from tool_result_rows(content)


def _attachment(fields: Fields) -> str:
    """What came with the prompt: of what kind, its name, type and size, or where it is from."""
    kind = text_of(fields, "type").removesuffix("_url")
    source = object_of(fields.get("source") or fields.get("image_url") or fields.get("file"))
    name = text_of(fields, "title") or text_of(source, "filename")
    address = text_of(source, "url")
    parts = [
        name,
        _media_type(source, address),
        text_of(source, "file_id") or text_of(fields, "file_id"),
        "" if address.startswith("data:") else address,
        _source_text(fields),
        _size(source, address),
    ]
    said = ", ".join(safe_line(part, 200) for part in parts if part)
    return f"[{kind}: {said}]" if said else f"[{kind}]"


def _media_type(source: Fields, address: str) -> str:
    if address.startswith("data:"):
        return address[5:80].partition(";")[0]
    return text_of(source, "media_type")


def _source_text(fields: Fields) -> str:
    """Search results name their source in a word."""
    return text_of(fields, "source")


def _size(source: Fields, address: str) -> str:
    """How large it is: three bytes for every four characters of Base64."""
    data = text_of(source, "data") or text_of(source, "file_data")
    if text_of(source, "type") == "text":
        return f"{count(len(data))} characters"
    if not data and address.startswith("data:"):
        data = address.partition(",")[2]
    if data:
        return size(len(data) * 3 // 4)
    blocks = list_of(source.get("content"))
    return f"{count(len(blocks))} blocks" if blocks else ""


# Where it stands


def prompt_title(prompt: Prompt) -> str:
    """What to write over a prompt; safe to show."""
    place = f", line {count(prompt.found.number)}" if prompt.found else ""
    return f"prompt ({prompt.name}{place})"


def prompt_rows(prompt: Prompt, look: Look = DEFAULT_LOOK) -> Iterator[Row]:
    """A prompt, or why there is none."""
    if prompt.problem:
        yield say(prompt.problem, LOUD)
    elif prompt.found is None:
        yield say("It is looked for…", QUIET)
    elif look.raw:
        yield from raw_rows(prompt.found.line)
    elif prompt.found.request.params:
        yield from request_rows(prompt.found.request.params, look)
    else:
        yield say("The line holds no params, only this:", LOUD)
        yield from raw_rows(prompt.found.line)


def heading(words: str, width: int) -> Content:
    """A line across, with words in it."""
    start = f"── {words} "
    return Content.styled(f"{start:─<{width}}", QUIET).truncate(width)
