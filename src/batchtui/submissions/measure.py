"""How much there is to read in a request: bytes of its text, and a guess for all else."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from batchtui.domain.json_values import list_of, object_of, text_of

IMAGE = (100, 5_000)
"""Tokens of an image, at least and at most; its size in pixels decides."""

DOCUMENT = (1_500, 3_000)
"""Tokens of a page of a PDF, at least and at most."""

_BYTES_OF_PAGE = 30_000
_MOST_PAGES = 600
_DEEPEST = 4


class Measure(msgspec.Struct, frozen=True):
    """What a model has to read.

    Attributes:
        size: bytes of text.
        low: tokens for images and documents, at least.
        high: the same, at most.
    """

    size: int = 0
    low: int = 0
    high: int = 0

    def __add__(self, other: Measure) -> Measure:
        return Measure(self.size + other.size, self.low + other.low, self.high + other.high)


def measured(params: Mapping[str, object]) -> Measure:
    """What there is to read in the params of a request, whatever they are."""
    found = _content(params.get("system"), 0)
    if tools := params.get("tools"):
        found += Measure(_encoded(tools))
    for message in list_of(params.get("messages")):
        found += _content(object_of(message).get("content"), 0)
    return found


def _content(content: object, depth: int) -> Measure:
    if isinstance(content, str):
        return Measure(len(content.encode("utf-8", "replace")))
    found = Measure()
    for block in list_of(content):
        found += _block(object_of(block), depth)
    return found


def _block(block: Mapping[str, object], depth: int) -> Measure:
    kind, source = text_of(block, "type"), object_of(block.get("source"))
    if kind == "text":
        return _content(block.get("text"), depth)
    if kind == "image":
        return Measure(0, *IMAGE)
    if kind == "document":
        return _document(source, depth)
    if kind == "tool_result" and depth < _DEEPEST:
        return _content(block.get("content"), depth + 1)
    return Measure(_encoded(block))


def _document(source: Mapping[str, object], depth: int) -> Measure:
    kind, data = text_of(source, "type"), text_of(source, "data")
    if kind == "text":
        return _content(data, depth)
    if kind == "content" and depth < _DEEPEST:
        return _content(source.get("content"), depth + 1)
    # How many pages there are is not looked up; a URL and an id of a file do not even tell bytes.
    pages = _MOST_PAGES if not data else min(1 + len(data) // _BYTES_OF_PAGE, _MOST_PAGES)
    return Measure(0, DOCUMENT[0], DOCUMENT[1] * pages)


def _encoded(value: object) -> int:
    return len(msgspec.json.encode(value))
