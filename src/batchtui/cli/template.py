"""A line with fields in braces, such as "{running} running{next_eta:, next in %}".

`{name}` is what a field says. The words of `{name:words}` stand there only if that is worth it,
with `%` for what it says. `{{`, `}}` and, among such words, `%%` are the signs themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TypeAlias

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.domain.text import safe_line

_PIECE = re.compile(r"(\{\{|\}\})|\{([^{}:]*)(?::([^{}]*))?\}|[{}]")
_MARK = re.compile("%%|%")

Says: TypeAlias = Callable[[str], str]
"""What the field of a name says."""


class Field(msgspec.Struct, frozen=True):
    """A field in a template.

    Attributes:
        words: what stands there if it says something worth it; None for just what it says.
    """

    name: str
    words: str | None = None


Template: TypeAlias = tuple[str | Field, ...]
"""Text that stays as it is, and fields."""


def read_template(text: str, names: Collection[str]) -> Template:
    """Read a template.

    Args:
        text: as it was typed.
        names: of the fields there are.

    Raises:
        UsageError: if a brace stands alone, or there is no such field.
    """
    pieces: list[str | Field] = []
    end = 0
    for found in _PIECE.finditer(text):
        pieces.append(text[end : found.start()])
        end = found.end()
        brace, name, words = found.groups()
        if brace:
            pieces.append(brace[0])
        elif name is None:
            raise UsageError(
                f'A brace stands alone at "{safe_line(text[found.start() :], 20)}"',
                todo="Write {name} for a field, or {{ for a brace",
            )
        else:
            _require(name, names)
            pieces.append(Field(name, words))
    pieces.append(text[end:])
    return tuple(each for each in pieces if each)


def fill(template: Template, says: Says, worth: Callable[[str], bool]) -> str:
    """The line.

    Args:
        template: what to fill.
        says: what a field says.
        worth: whether that is something worth its words: not nothing, and not 0.
    """
    return "".join(
        each if isinstance(each, str) else _filled(each, says, worth) for each in template
    )


def _filled(field: Field, says: Says, worth: Callable[[str], bool]) -> str:
    if field.words is None:
        return says(field.name)
    if not worth(field.name):
        return ""
    return _MARK.sub(lambda mark: "%" if mark[0] == "%%" else says(field.name), field.words)


def _require(name: str, names: Collection[str]) -> None:
    if name in names:
        return
    from difflib import get_close_matches

    close = get_close_matches(name, names, n=1)
    todo = f'Did you mean "{close[0]}"?' if close else f"There are {', '.join(names)}"
    raise UsageError(f'There is no field "{safe_line(name, 40)}"', todo=todo)
