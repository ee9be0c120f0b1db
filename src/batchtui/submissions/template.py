"""Prompts with `{column}` placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from batchtui.domain.errors import UsageError

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
BRACES = 'Write "{{" and "}}" for braces that are meant as they stand'


class Template(msgspec.Struct, frozen=True):
    """A text with placeholders.

    Attributes:
        parts: a text and the column whose value follows it; no column follows the last.
    """

    parts: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read a template: `{column}` is a placeholder, `{{` and `}}` are braces.

        Raises:
            UsageError: if a brace belongs to neither.
        """
        parts, literal, end = [], "", 0
        for found in _TOKEN.finditer(text):
            literal += text[end : found.start()]
            end = found.end()
            column = (found[1] or "").strip()
            if column:
                parts.append((literal, column))
                literal = ""
            elif found[0] in ("{{", "}}"):
                literal += found[0][0]
            else:
                line = text.count("\n", 0, found.start()) + 1
                raise UsageError(
                    f'"{found[0]}" in line {line} of the template is no placeholder', todo=BRACES
                )
        return cls((*parts, (literal + text[end:], "")))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs, each once."""
        return tuple(dict.fromkeys(column for _, column in self.parts if column))

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with values in place of the placeholders."""
        return "".join(text + values[column] if column else text for text, column in self.parts)
