"""What the screens cannot do of what `config.toml` wishes: themes, colours, columns, keys."""

from __future__ import annotations

from collections.abc import Iterator

from batchtui.domain.text import safe_line
from batchtui.settings.faults import FILE_NAME, Fault
from batchtui.settings.schema import Settings
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.keymap import read_keys
from batchtui.ui.presenters.badge import color_trouble
from batchtui.ui.presenters.batch_columns import read_columns
from batchtui.ui.theme import THEMES, theme_names
from batchtui.ui.title import LONGEST_NAME, looks_like


def doubts(settings: Settings) -> Iterator[Fault]:
    """What of the settings cannot be had as it is."""
    if settings.theme and settings.theme not in theme_names():
        hint = f"There are {', '.join(theme.name for theme in THEMES)}"
        yield Fault(("theme",), f'must be a theme, not "{safe_line(settings.theme, 60)}"', hint)
    for name, table in settings.accounts.items():
        if looks_like(name, settings.accounts):
            yield Fault(
                ("accounts", name),
                "looks like another account where it is shown",
                f"Names are cut in their middle to {LONGEST_NAME} columns: make it shorter",
            )
        if color_trouble(name, table.color or ""):
            yield Fault(
                ("accounts", name, "color"),
                "is no colour that can be shown",
                'Write one such as "green" or "#3fa34d"',
            )
    for notice in read_columns(settings.columns).notices:
        yield _fault(("columns",), notice)
    yield from _keys(settings)


def _keys(settings: Settings) -> Iterator[Fault]:
    """What is wrong with each key by itself, and then with all of them together."""
    said: set[str] = set()
    for command, keys in settings.keys.items():
        for notice in read_keys({command: keys}, BatchtuiApp.VERBS).notices:
            said.add(notice)
            yield _fault(("keys", command), notice)
    for notice in read_keys(settings.keys, BatchtuiApp.VERBS).notices:
        if notice not in said:
            yield _fault(("keys",), notice)


def _fault(path: tuple[str, ...], notice: str) -> Fault:
    """What the app would say of it when it starts, which begins with the name of the file."""
    return Fault(path, notice.removeprefix(f"{FILE_NAME} "))
