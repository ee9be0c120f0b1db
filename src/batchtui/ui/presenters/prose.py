"""Markdown as language models write it, line by line: styled, never interpreted.

A light reading that needs to see only the line at hand, so that it works on text of any length:
headings, lists, quotes, rules, fenced code, and emphasis within a line. Links stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from textual.content import Content

from batchtui.ui.presenters.flow import Row, safe_lines
from batchtui.ui.presenters.state import QUIET

CODE = "$accent"

_FENCE = re.compile(r" {0,3}(`{3,12}(?!`)|~{3,12}(?!~))([^`]*)$")
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(?=\S)(.*)")
_BULLET = re.compile(r"(\s*)[-*+]\s+(?=\S)")
_NUMBER = re.compile(r"(\s*)(\d{1,4}[.)])\s+(?=\S)")
_QUOTE = re.compile(r" {0,3}>\s?")
_RULE = re.compile(r" {0,3}([-*_])(?:\s*\1){2,}\s*$")
_INLINE = re.compile(
    r"(?<!`)(?P<tick>`{1,3})(?!`)(?P<code>[^`]+)(?P=tick)(?!`)"
    r"|(?<![\w*])\*\*(?P<bold>[^\s*](?:[^*]*[^\s*])?)\*\*(?![\w*])"
    r"|(?<![\w*])\*(?P<italic>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])"
)


def plain_rows(text: str | Iterable[str]) -> Iterator[Row]:
    """Text, or its pieces, exactly as it was written."""
    for line in safe_lines(text):
        yield Row(Content(line))


def prose_rows(text: str) -> Iterator[Row]:
    """Text with its Markdown shown rather than written."""
    fence = ""
    for line in safe_lines(text):
        marker = _FENCE.match(line)
        if fence:
            if marker and marker[1].startswith(fence) and not marker[2].strip():
                fence = ""
            else:
                bar = Content.styled("│ ", QUIET)
                yield Row(Content.styled(line, CODE), bar, bar)
        elif marker:
            fence = marker[1]
            yield Row(Content.styled(marker[2].strip(), QUIET), Content.styled("│ ", QUIET))
        else:
            yield _row(line)


def _row(line: str) -> Row:
    if heading := _HEADING.match(line):
        style = "bold underline $primary" if len(heading[1]) == 1 else "bold $primary"
        return Row(_inline(_without_closing(heading[2])).stylize(style))
    if _RULE.match(line):
        return Row(Content.styled("─" * 24, QUIET))
    if quote := _QUOTE.match(line):
        bar = Content.styled("▎ ", QUIET)
        return Row(_inline(line[quote.end() :]).stylize("italic"), bar, bar)
    for item in (_BULLET.match(line), _NUMBER.match(line)):
        if item:
            sign = item[2] if item.re is _NUMBER else "•"
            first = Content.assemble(item[1], (f"{sign} ", "$accent"))
            hang = Content(" " * first.cell_length)
            return Row(_inline(line[item.end() :]), first, hang)
    return Row(_inline(line))


def _without_closing(heading: str) -> str:
    """A heading may end with as many "#" as it likes, if a space stands before them."""
    text = heading.rstrip()
    bare = text.rstrip("#")
    return bare.rstrip() if bare.endswith(" ") else text


def _inline(line: str) -> Content:
    """Code, bold and italic within one line."""
    parts: list[tuple[str, str]] = []
    end = 0
    for found in _INLINE.finditer(line):
        parts.append((line[end : found.start()], ""))
        style = {"code": CODE, "bold": "bold", "italic": "italic"}[found.lastgroup or "code"]
        parts.append((found[found.lastgroup or "code"], style))
        end = found.end()
    parts.append((line[end:], ""))
    return Content.assemble(*(part for part in parts if part[0]))
