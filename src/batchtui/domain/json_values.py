"""JSON that may be anything: its members by type, and nothing where they are of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast


def object_of(value: object) -> Mapping[str, object]:
    """A JSON value if it is an object, else an empty one."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """A JSON value if it is an array; None is an empty one, anything else its only member."""
    if isinstance(value, list):
        return cast("list[object]", value)
    return [] if value is None else [value]


def text_of(fields: Mapping[str, object], name: str) -> str:
    """A member if it is text, else ""."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""
