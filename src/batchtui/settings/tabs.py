"""Writes the tabs of the list down, touching as little of `config.toml` as can be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from batchtui.settings.changing import UNSET, change

_TABLE = "tabs"


def save_tabs(directory: Path, before: Mapping[str, str] | None, after: Mapping[str, str]) -> None:
    """Have these tabs from now on.

    Where tabs were only added, changed or removed, the others keep their lines and comments; to
    put them into another order the table is written anew.

    Args:
        directory: the config directory, which exists.
        before: filters by name as they are in the file; None if it says nothing of them.
        after: as they are to be.

    Raises:
        ConfigError: if the file makes no sense.
        StorageError: if it cannot be written.
    """
    changes: dict[tuple[str, ...], object] = {(_TABLE,): dict(after)}
    if before is not None and list(after) == _order_of_changes(before, after):
        changes = {(_TABLE, name): UNSET for name in before if name not in after}
        changes |= {
            (_TABLE, name): text for name, text in after.items() if before.get(name) != text
        }
    change(directory, changes)


def _order_of_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The order of the tabs if what is not there yet is put at the end."""
    kept = [name for name in before if name in after]
    return [*kept, *(name for name in after if name not in before)]
