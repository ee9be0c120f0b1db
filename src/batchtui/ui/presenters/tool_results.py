"""What server-side tools gave, in words where its shape is known, else as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.content import Content

from batchtui.domain.json_values import list_of, object_of, text_of
from batchtui.domain.text import count, safe_line
from batchtui.ui.presenters.flow import Row
from batchtui.ui.presenters.json_lines import json_rows
from batchtui.ui.presenters.prose import plain_rows
from batchtui.ui.presenters.state import LOUD, QUIET

Fields = Mapping[str, object]

LONGEST_TITLE = 300
"""Characters of a title or an address that are shown."""


def tool_result_rows(content: object) -> Iterator[Row]:
    """The content of a tool result.

    Args:
        content: JSON: text, blocks, or an object that says of what type it is.
    """
    blocks = list_of(content)
    if content and all(_is_known(block) for block in blocks):
        for block in blocks:
            yield from _known(block)
    else:
        yield from json_rows(content)


def _is_known(block: object) -> bool:
    return isinstance(block, str) or _kind(block) is not None


def _kind(block: object) -> str | None:
    kind = text_of(object_of(block), "type")
    if kind.endswith("_tool_result_error"):
        return "error"
    if kind.endswith("code_execution_result"):
        return "run"
    return kind if kind in _ROWS else None


def _known(block: object) -> Iterator[Row]:
    if isinstance(block, str):
        yield from plain_rows(block)
    else:
        yield from _ROWS[_kind(block) or ""](object_of(block))


def _text(block: Fields) -> Iterator[Row]:
    yield from plain_rows(text_of(block, "text"))


def _error(block: Fields) -> Iterator[Row]:
    words = text_of(block, "error_code") or text_of(block, "error_message") or "no reason given"
    yield Row(Content.styled(f"✗ failed: {safe_line(words, LONGEST_TITLE)}", LOUD))


def _run(block: Fields) -> Iterator[Row]:
    """What a program wrote, and how it ended."""
    if "encrypted_stdout" in block:
        yield Row(Content.styled("what it wrote is encrypted", QUIET))
    yield from plain_rows(text_of(block, "stdout"))
    for line in plain_rows(text_of(block, "stderr")):
        yield Row(Content.styled(line.content.plain, "$error"), *_bars("stderr │ "))
    code = block.get("return_code")
    if isinstance(code, int) and code:
        yield Row(Content.styled(f"✗ exit code {code}", LOUD))
    for output in list_of(block.get("content")):
        if name := text_of(object_of(output), "file_id"):
            yield _quiet(f"[file: {safe_line(name, LONGEST_TITLE)}]")


def _found(block: Fields) -> Iterator[Row]:
    """A page that a web search found: its title, and its address."""
    title, url = text_of(block, "title"), text_of(block, "url")
    age = text_of(block, "page_age")
    words = Content(f"• {safe_line(title or url or 'no title', LONGEST_TITLE)}")
    aged = Content.styled(f" · {safe_line(age, 60)}" if age else "", QUIET)
    yield Row(Content.assemble(words, aged), hang=Content("  "))
    if title and url:
        address = Content.styled(safe_line(url, LONGEST_TITLE), QUIET)
        yield Row(address, Content("  "), Content("  "))


def _fetched(block: Fields) -> Iterator[Row]:
    """A page or a document that was fetched: where it is from, and its text."""
    yield from _found({"title": text_of(object_of(block.get("content")), "title"), **block})
    source = object_of(object_of(block.get("content")).get("source"))
    if text_of(source, "type") == "text":
        for row in plain_rows(text_of(source, "data")):
            yield Row(row.content, *_bars("  "))
    else:
        kind = safe_line(text_of(source, "media_type") or "no text", 100)
        yield _quiet(f"  [document: {kind}, {count(len(text_of(source, 'data')))} characters]")


def _tools(block: Fields) -> Iterator[Row]:
    for reference in list_of(block.get("tool_references")):
        name = text_of(object_of(reference), "tool_name") or "no name"
        yield Row(Content(f"• {safe_line(name, LONGEST_TITLE)}"))


def _viewed(block: Fields) -> Iterator[Row]:
    yield from plain_rows(text_of(block, "content"))


def _created(block: Fields) -> Iterator[Row]:
    yield _quiet("the file was changed" if block.get("is_file_update") else "the file was created")


def _replaced(block: Fields) -> Iterator[Row]:
    for line in list_of(block.get("lines")):
        words = safe_line(line if isinstance(line, str) else "…", 10_000)
        style = {"+": "$success", "-": "$error"}.get(words[:1], "")
        yield Row(Content.styled(words, style))


def _quiet(words: str) -> Row:
    return Row(Content.styled(words, QUIET))


def _bars(bar: str) -> tuple[Content, Content]:
    return Content.styled(bar, QUIET), Content.styled(bar, QUIET)


_EDITED = "text_editor_code_execution_"
_ROWS = {
    "text": _text,
    "error": _error,
    "run": _run,
    "web_search_result": _found,
    "web_fetch_result": _fetched,
    "tool_search_tool_search_result": _tools,
    f"{_EDITED}view_result": _viewed,
    f"{_EDITED}create_result": _created,
    f"{_EDITED}str_replace_result": _replaced,
}
