from __future__ import annotations

import pytest
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

from batchtui.ui.theme import CONTRAST, DARK, LIGHT, THEMES


def luminance(color: Color) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(value) for value in color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("theme", "least"), [(DARK, 4.5), (LIGHT, 4.5), (CONTRAST, 7.0)])
def test_all_text_is_readable(theme: Theme, least: float) -> None:
    colors = theme.to_color_system().generate()
    for name in ("foreground", "text-muted", "accent", "success", "warning", "error"):
        for under in ("background", "panel", "block-cursor-blurred-background"):
            ratio = contrast(Color.parse(colors[name]), Color.parse(colors[under]))
            assert ratio >= least, f"{name} on {under}: {ratio:.2f}"


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: str(theme.name))
def test_the_frame_can_be_seen(theme: Theme) -> None:
    colors = theme.to_color_system().generate()
    line, background = Color.parse(colors["border-blurred"]), Color.parse(colors["background"])
    assert contrast(line, background) >= 1.5


def test_names_differ() -> None:
    assert len({theme.name for theme in THEMES}) == 3


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: str(theme.name))
def test_sixteen_colours_are_enough_to_read(theme: Theme) -> None:
    colors = theme.to_color_system().generate()

    def shown(name: str) -> int | None:
        return Color.parse(colors[name]).rich_color.downgrade(ColorSystem.STANDARD).number

    for name in ("foreground", "text-muted", "accent", "success", "warning", "error"):
        for under in ("background", "block-cursor-blurred-background"):
            assert shown(name) != shown(under), f"{name} on {under}"
