"""What a shell is offered that completes the name of an account, a theme, a setting, or its value.

Whatever is wrong, nothing is offered: a line about it would land in the middle of what is typed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Literal, TypeAlias, get_args, get_origin

import click
from click.shell_completion import CompletionItem

from batchtui.cli.start import read_settings
from batchtui.settings.accounts import choices
from batchtui.settings.credentials import profile_names
from batchtui.settings.faults import dotted
from batchtui.settings.fields import field_at, flatten
from batchtui.settings.schema import Settings

Offers: TypeAlias = Iterable[tuple[str, str]]
"""Names, with what they are."""

_HARMLESS = re.compile(r"[\w.@+-]+")
"""What no shell makes anything else of."""


def accounts_like(context: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """The accounts whose names begin like this."""
    return _like(incomplete, lambda: _accounts(context))


def profiles_like(incomplete: str) -> list[CompletionItem[str]]:
    """The profiles of the SDK whose names begin like this."""
    return _like(incomplete, _profiles)


def themes_like(incomplete: str) -> list[CompletionItem[str]]:
    """The themes whose names begin like this."""
    return _like(incomplete, _themes)


def settings_like(
    context: click.Context, incomplete: str, *, tables: bool
) -> list[CompletionItem[str]]:
    """The settings whose names begin like this, and the tables they are in if these count."""

    def found() -> Offers:
        for path in flatten(_settings(context)):
            for depth in range(1 if tables else len(path), len(path) + 1):
                yield dotted(path[:depth]), ""
        if incomplete.startswith("keys."):
            yield from ((f"keys.{each}", "") for each in _commands())

    return _like(incomplete, found)


def values_like(
    context: click.Context, path: Sequence[str], incomplete: str
) -> list[CompletionItem[str]]:
    """The values of a setting that begin like this, where they can be told."""
    return _like(incomplete, lambda: _values(context, path))


def _like(incomplete: str, found: Callable[[], Offers]) -> list[CompletionItem[str]]:
    offers: dict[str, str] = {}
    with suppress(Exception):
        offers.update(found())
    return [
        CompletionItem(name, help=words or None)
        for name, words in offers.items()
        if name.startswith(incomplete) and _HARMLESS.fullmatch(name)
    ]


def _values(context: click.Context, path: Sequence[str]) -> Offers:
    kind = field_at(path).type
    if get_origin(kind) is Literal:
        return [(each, "") for each in get_args(kind)]
    if kind is bool:
        return [("true", ""), ("false", "")]
    match path[-1]:
        case "theme":
            return _themes()
        case "profile":
            return _profiles()
        case "account":
            return _accounts(context)
        case "columns":
            from batchtui.domain.columns import COLUMN_WORDS

            return COLUMN_WORDS.items()
    return ()


def _settings(context: click.Context) -> Settings:
    return read_settings(context, lenient=True)[1].settings


def _accounts(context: click.Context) -> Offers:
    found = choices(_settings(context), os.environ)
    return [(each.name, each.found_in.value) for each in found]


def _profiles() -> Offers:
    return [(each, "") for each in profile_names(os.environ)]


def _themes() -> Offers:
    # Takes a moment, which only they are worth.
    from batchtui.ui.theme import theme_names

    return [(each, "") for each in theme_names()]


def _commands() -> Iterable[str]:
    from batchtui.ui.app import BatchtuiApp
    from batchtui.ui.keymap import command_ids

    return sorted(command_ids(BatchtuiApp.VERBS))
