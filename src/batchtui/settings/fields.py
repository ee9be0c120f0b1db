"""The schema, asked by name: what a key takes, and what it is by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from batchtui.settings.faults import Fault, FaultError, unknown_key
from batchtui.settings.schema import Settings


class Field(msgspec.Struct, frozen=True):
    """What one key takes.

    Attributes:
        type: of its value; None, which stands for "not set", left out.
        default: what it is if it is not set.
        meta: its limits, and what it must be in words.
    """

    type: Any
    default: Any = None
    meta: msgspec.Meta = msgspec.Meta()

    @property
    def table(self) -> type[msgspec.Struct] | None:
        """The struct that is its value, if it is one."""
        kind = self.type
        return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None

    @property
    def entry(self) -> Field | None:
        """What each entry takes, if it is a table whose keys a person names."""
        if get_origin(self.type) is not dict:
            return None
        return _plain(get_args(self.type)[1], None)

    @property
    def is_list(self) -> bool:
        """Whether it is a list of texts."""
        return get_origin(self.type) is tuple

    @property
    def is_size(self) -> bool:
        """Whether it is a number of bytes."""
        return bool((self.meta.extra or {}).get("size"))

    @property
    def expected(self) -> str:
        """What it must be, in words."""
        if self.meta.title:
            return self.meta.title
        if get_origin(self.type) is Literal:
            *most, last = (f'"{each}"' for each in get_args(self.type))
            return f"{', '.join(most)} or {last}"
        if self.is_list:
            return "a list of texts"
        if self.table or self.type is Any:
            return "a table"
        return {bool: "true or false", str: "text in quotes"}[self.type]

    def convert(self, value: object) -> Any:
        """The value of a key of the file as the one it stands for.

        Raises:
            ValueError: if it is none.
        """
        if self.is_size and isinstance(value, str):
            from batchtui.domain.quantities import parse_size

            value = parse_size(value)
        return msgspec.convert(value, Annotated[self.type, self.meta])


@cache
def fields_of(table: type[msgspec.Struct]) -> Mapping[str, Field]:
    """What the keys of a table take, in order."""
    return {each.name: _plain(each.type, each.default) for each in msgspec.structs.fields(table)}


def _plain(kind: Any, default: Any) -> Field:
    """The field of a type without None and without its annotation."""
    parts = get_args(kind)
    if NoneType in parts:
        (kind,) = (part for part in parts if part is not NoneType)
    meta = msgspec.Meta()
    if get_origin(kind) is Annotated:
        kind, meta = get_args(kind)
    return Field(kind, default, meta)


def field_at(path: Sequence[str]) -> Field:
    """What a key takes, wherever it is.

    Raises:
        FaultError: if there is no such key.
    """
    field = Field(Settings)
    for depth, part in enumerate(path, 1):
        if field.table:
            known = fields_of(field.table)
            if part not in known:
                raise FaultError(unknown_key(tuple(path[:depth]), known))
            field = known[part]
        elif field.entry:
            field = field.entry
        elif field.type is Any:  # looked at by who knows it
            return field
        else:
            raise FaultError(Fault(tuple(path[:depth]), "is in no table"))
    return field


def flatten(settings: Settings) -> dict[tuple[str, ...], Any]:
    """Every setting by its path. Tables whose keys a person names stand by themselves if empty."""
    return dict(_leaves((), settings))


def _leaves(path: tuple[str, ...], value: Any) -> list[tuple[tuple[str, ...], Any]]:
    entries: Mapping[str, Any] | None = None
    if isinstance(value, msgspec.Struct):
        entries = {name: getattr(value, name) for name in value.__struct_fields__}
    elif isinstance(value, Mapping):
        entries = value
    if not entries:
        return [(path, value)]
    return [leaf for name, each in entries.items() for leaf in _leaves((*path, name), each)]
