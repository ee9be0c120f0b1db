"""A text file for each line, under a name that is safe on every system.

The answer to `ID` is `ID.txt`: its text, or its content as JSON where it has none. What did not
succeed is `ID.errored.txt` (or the like) and says why. Characters other than letters, digits, `-`,
`_` and `.` become `_`; where a name is taken already, `-2` and so on come after the custom_id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

import msgspec

from batchtui.domain.result import (
    SUCCEEDED,
    UNREADABLE,
    Block,
    Message,
    OtherBlock,
    ResultLine,
    TextBlock,
)
from batchtui.results.export.pieces import Piece, batches, utf8
from batchtui.results.reader import ResultFile

SUFFIX = ".txt"
_LONGEST_STEM = 120
_LONGEST_KIND = 20
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
# Windows takes these for devices, whatever comes after a point.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(?![^.])", re.IGNORECASE)


def pieces(file: ResultFile, numbers: Iterable[int]) -> Iterator[Piece]:
    """The lines with these numbers, each as a file."""
    names = Names()
    for batch in batches(file, numbers):
        for number in batch:
            row = file.row(number)
            stem = safe_stem(row.custom_id) or f"line-{number + 1}"
            kind = "" if row.type == SUCCEEDED else f".{_safe(row.type)[:_LONGEST_KIND]}"
            words = row.shape if row.type == UNREADABLE else _words(file.result(number))
            yield Piece(1, utf8(words), names.take(stem, kind + SUFFIX))


class Names:
    """Gives out names, none twice, not even in other case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, stem: str, suffix: str) -> str:
        """A name that is free: the stem and the suffix, if need be with a number between."""
        name = f"{stem}{suffix}"
        key = name.lower()
        number = self._next.get(key, 2)
        while name.lower() in self._taken:
            name = f"{stem}-{number}{suffix}"
            number += 1
        if number > 2:
            self._next[key] = number
        self._taken.add(name.lower())
        return name


def safe_stem(custom_id: str) -> str:
    """A custom_id as the beginning of a file name, of ASCII only; empty if nothing is left."""
    stem = _safe(custom_id[:_LONGEST_STEM]).lstrip(".")
    # To be told from an option, if ever given to a program.
    stem = f"_{stem}" if stem.startswith("-") or _DEVICE.match(stem) else stem
    return stem.rstrip(".")


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text)


def _words(line: ResultLine) -> str:
    if line.message:
        return _answer(line.message)
    if line.error:
        return f"{line.error.type}: {line.error.message}\n"
    return ""


def _answer(message: Message) -> str:
    if not message.content or any(isinstance(each, TextBlock) for each in message.content):
        return message.text
    content = [_members(each) for each in message.content]
    try:
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    except RecursionError:
        return "Nested too deeply to be written here.\n"


def _members(block: Block) -> object:
    return block.body if isinstance(block, OtherBlock) else msgspec.structs.asdict(block)
