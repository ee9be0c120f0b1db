"""Marks what a search found in the text that is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
from textual.content import Content

from batchtui.ui.presenters.flow import Row

Spans = Callable[[str], Sequence[tuple[int, int]]]
"""Where in a text what is searched for begins and ends."""

MATCH = "bold reverse $warning"


def marked(rows: Iterable[Row], spans: Spans | None) -> Iterator[Row]:
    """The rows, with what was found in each of them standing out."""
    for row in rows:
        content = row.content
        for start, end in spans(content.plain) if spans and content else ():
            content = content.stylize(MATCH, start, end)
        yield row if content is row.content else msgspec.structs.replace(row, content=content)


def has_match(line: Content) -> bool:
    """Whether anything in a line was found."""
    return any(span.style == MATCH for span in line.spans)
