"""The content blocks of an answer as rows to read, one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import msgspec
from textual.content import Content

from batchtui.domain.json_values import object_of, text_of
from batchtui.domain.result import (
    Block,
    Citation,
    OtherBlock,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from batchtui.domain.text import count, safe_line
from batchtui.ui.presenters.flow import Row, safe_lines
from batchtui.ui.presenters.json_lines import json_rows, structured
from batchtui.ui.presenters.prose import plain_rows, prose_rows
from batchtui.ui.presenters.state import QUIET
from batchtui.ui.presenters.tool_results import tool_result_rows

HEAD = "bold $accent"


class Look(msgspec.Struct, frozen=True):
    """How a person wants to see answers.

    Attributes:
        plain: text exactly as written, its Markdown not rendered.
        thinking: thinking in full rather than folded.
        raw: the JSON of the whole line instead of what it means.
    """

    plain: bool = False
    thinking: bool = False
    raw: bool = False


DEFAULT_LOOK = Look()


def content_rows(content: Sequence[Block], look: Look) -> Iterator[Row]:
    """The blocks with a blank line after each, citations numbered through all of them.

    Text in a row is one text: where it rests on something, the API cuts it in mid-sentence.
    """
    seen = 0
    for texts, others in runs(content):
        if texts:
            cited = [each for block in texts for each in block.citations]
            yield from text_rows(_joined(texts, None if look.plain else seen), look)
            yield from _citations(cited, seen)
            seen += len(cited)
            yield from blank()
        for block in others:
            yield from block_rows(block, look)
            yield from blank()


def runs(content: Sequence[Block]) -> Iterator[tuple[list[TextBlock], list[Block]]]:
    """The blocks, text in a row together: either texts, or others."""
    for is_text, run in groupby(content, lambda block: isinstance(block, TextBlock)):
        blocks = list(run)
        texts = [block for block in blocks if isinstance(block, TextBlock)]
        yield (texts, []) if is_text else ([], blocks)


def _joined(texts: Sequence[TextBlock], seen: int | None) -> str:
    """Texts as one, with the numbers of their citations, if so many were seen before."""
    parts = []
    for block in texts:
        parts.append(block.text)
        if seen is not None and block.citations:
            numbers = range(seen + 1, seen + 1 + len(block.citations))
            parts.append(" " + "".join(f"[{number}]" for number in numbers))
            seen = numbers[-1]
    return "".join(parts)


def block_rows(block: Block, look: Look) -> Iterator[Row]:
    """One block."""
    match block:
        case TextBlock(text):
            yield from text_rows(text, look)
        case ThinkingBlock(thinking, redacted):
            yield from thinking_rows(thinking, look, redacted=redacted)
        case ToolUseBlock(kind, use_id, name, value):
            yield head("→", kind, name, use_id)
            yield from indented(_input(value), "  ")
        case ToolResultBlock(kind, use_id, content):
            yield head("←", kind, "", use_id)
            yield from indented(tool_result_rows(content), "  ")
        case OtherBlock(kind, body):
            yield from _other(kind, body)


def text_rows(text: str, look: Look) -> Iterator[Row]:
    """Text: JSON laid out, Markdown shown, or all as it was written."""
    if look.plain:
        yield from plain_rows(text)
    else:
        laid_out = structured(text)
        yield from prose_rows(text) if laid_out is None else laid_out


def thinking_rows(thinking: str, look: Look, *, redacted: bool = False) -> Iterator[Row]:
    """Thinking, folded unless it is asked for."""
    if redacted:
        yield say("▸ thinking, redacted by the API", QUIET)
    elif not thinking.strip():
        yield say("▸ thinking, left out by the API", QUIET)
    elif look.thinking:
        yield say("▾ thinking", QUIET)
        bar = Content.styled("  ", QUIET)
        for line in safe_lines(thinking):
            yield Row(Content.styled(line, f"italic {QUIET}"), bar, bar)
    else:
        yield say(f"▸ thinking · {count(len(thinking))} characters", QUIET)


def _input(value: object) -> Iterator[Row]:
    """What a tool is called with; a program or a command by itself is shown as such."""
    fields = object_of(value)
    for name in ("code", "command", "query", "url", "pattern"):
        if list(fields) == [name] and (words := text_of(fields, name)):
            for row in plain_rows(words.rstrip("\n")):
                yield Row(Content.styled(row.content.plain, "$accent"), row.first, row.hang)
            return
    yield from json_rows(value)


def _other(kind: str, body: object) -> Iterator[Row]:
    if kind == "container_upload":
        yield head("◇", "file", text_of(object_of(body), "file_id"), "")
    else:
        yield head("◇", kind or "block without a type", "", "")
        yield from indented(json_rows(body), "  ")


def _citations(citations: Sequence[Citation], seen: int) -> Iterator[Row]:
    for number, citation in enumerate(citations, seen + 1):
        first = Content.styled(f"  [{number}] ", QUIET)
        source = safe_line(citation.source or citation.type, 300)
        quoted = safe_line(citation.cited_text, 300)
        words = Content.assemble((source, ""), (f" “{quoted}”" if quoted else "", QUIET))
        yield Row(words, first, Content(" " * first.cell_length))


# Pieces


def head(sign: str, kind: str, name: str, use_id: str) -> Row:
    """The line over a block that is no text."""
    parts = [(f"{sign} ", HEAD), (safe_line(kind, 100), HEAD)]
    if name:
        parts.append((f"  {safe_line(name, 100)}", "bold"))
    if use_id:
        parts.append((f"  {safe_line(use_id, 100)}", QUIET))
    return Row(Content.assemble(*parts))


def say(text: str, style: str = "") -> Row:
    """A line of our own words, which may hold foreign ones."""
    return Row(Content.styled(safe_line(text), style))


def blank() -> Iterator[Row]:
    """An empty line."""
    yield Row(Content(""))


def indented(rows: Iterable[Row], indent: str) -> Iterator[Row]:
    """Rows moved in."""
    for row in rows:
        first, hang = Content.assemble(indent, row.first), Content.assemble(indent, row.hang)
        yield Row(row.content, first, hang)
