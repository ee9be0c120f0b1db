"""Settings that change how the app looks and feels: theme, keys, columns, animation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.constants import TEXTUAL_ANIMATIONS

from batchtui.domain.osc import is_remote
from batchtui.settings.schema import Settings
from batchtui.ui.commands import Command
from batchtui.ui.presenters.batch_columns import read_columns
from batchtui.ui.theme import THEMES


def dress(app: App[Any], settings: Settings, everywhere: Sequence[Command]) -> tuple[str, ...]:
    """Bring theme, keys and animation in line with the settings; returns what cannot be had.

    The columns a screen takes from the settings itself; what is wrong with them is among that.

    Args:
        app: with the themes registered.
        settings: in force.
        everywhere: the commands of all screens.
    """
    wanted = settings.theme
    app.theme = wanted if wanted in app.available_themes else THEMES[0].name
    still = settings.animation == "none" or is_remote(os.environ)
    app.animation_level = "none" if still else TEXTUAL_ANIMATIONS
    notices: tuple[str, ...] = ()
    keys: dict[str, str] = {}
    if settings.keys:
        # Imported when needed, with every screen there is: most have no keys of their own.
        from batchtui.ui.keymap import read_keys

        keymap = read_keys(settings.keys, everywhere)
        keys, notices = keymap.keys, keymap.notices
    app.set_keymap(keys)
    notices += read_columns(settings.columns).notices
    if wanted and wanted != app.theme:
        ours = ", ".join(theme.name for theme in THEMES)
        notices += (f'There is no theme "{wanted}"; there are {ours}.',)
    return notices
