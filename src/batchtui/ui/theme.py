"""Three themes of our own: dark, light, and one of high contrast.

Each has one accent and four state colours, all of them readable as text on the background and on
the row under the cursor: at 4.5:1 in the first two, at 7:1 in the third (WCAG 2 AA and AAA).
"""

from __future__ import annotations

from typing import Final

from textual.theme import BUILTIN_THEMES, Theme


def _theme(
    name: str,
    *,
    dark: bool,
    background: str,
    panel: str,
    row: str,
    foreground: str,
    muted: str,
    line: str,
    accent: str,
    success: str,
    warning: str,
    error: str,
) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        primary=accent,
        secondary=accent,
        accent=accent,
        success=success,
        warning=warning,
        error=error,
        foreground=foreground,
        background=background,
        surface=background,
        panel=panel,
        variables={
            "text": foreground,
            "text-muted": muted,
            "text-disabled": muted,
            "foreground-muted": muted,
            "border": accent,
            "border-blurred": line,
            "block-cursor-background": row,
            "block-cursor-foreground": foreground,
            "block-cursor-blurred-background": row,
            "block-cursor-blurred-foreground": foreground,
            "input-cursor-background": accent,
            "input-selection-background": row,
            "scrollbar": line,
            "scrollbar-hover": muted,
            "scrollbar-active": accent,
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "footer-key-foreground": accent,
        },
    )


DARK: Final = _theme(
    "batchtui-dark",
    dark=True,
    background="#15171c",
    panel="#1c1f26",
    row="#262c38",
    foreground="#d8dbe2",
    muted="#949cab",
    line="#444b59",
    accent="#74b3ff",
    success="#7fcf96",
    warning="#ecbc62",
    error="#ff8585",
)

LIGHT: Final = _theme(
    "batchtui-light",
    dark=False,
    background="#fbfaf8",
    panel="#f1efeb",
    row="#e3e9f4",
    foreground="#23262d",
    muted="#5b6370",
    line="#b9bdc6",
    accent="#0b57b8",
    success="#14682f",
    warning="#804c00",
    error="#b3202c",
)

CONTRAST: Final = _theme(
    "batchtui-contrast",
    dark=True,
    background="#000000",
    panel="#0c0c0c",
    row="#1d2b45",
    foreground="#ffffff",
    muted="#d0d4da",
    line="#b4b8c0",
    accent="#8ed0ff",
    success="#86f0a4",
    warning="#ffd75e",
    error="#ffb1b1",
)

THEMES: Final = (DARK, LIGHT, CONTRAST)
"""All of them; the first is the one to start with."""


def theme_names() -> list[str]:
    """The names of all themes there are to choose from, ours first."""
    return [*(each.name for each in THEMES), *BUILTIN_THEMES]
