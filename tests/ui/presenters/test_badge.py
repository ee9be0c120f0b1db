"""The name of an account on its colour can be read, whatever colour a person picked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.color import Color

from batchtui.ui.presenters.badge import (
    CONTRAST,
    badge,
    badge_style,
    color_trouble,
    contrast,
    named,
)
from batchtui.ui.title import Title

BYTE = st.integers(0, 255)


@given(BYTE, BYTE, BYTE)
def test_every_colour_is_readable(red: int, green: int, blue: int) -> None:
    bold, ink, on, paper = badge_style(f"#{red:02x}{green:02x}{blue:02x}").split()
    assert (bold, on) == ("bold", "on")
    assert contrast(Color.parse(ink), Color.parse(paper)) >= CONTRAST - 0.1


@pytest.mark.parametrize("color", ["no such", "transparent", "ansi_red", "auto", "#ff000080"])
def test_what_is_no_colour_is_told_and_the_name_is_plain(color: str) -> None:
    assert badge("work", color).plain == "work"
    assert "work has no colour that can be shown" in color_trouble("work", color)


def test_without_a_colour_there_is_nothing_to_tell() -> None:
    assert badge("work", "").plain == "work"
    assert color_trouble("work", "") == color_trouble("work", "teal") == ""


def test_what_would_be_done_and_where() -> None:
    title = Title("work", "", "api.anthropic.com", color="teal")
    assert (
        named("Delete 3 batches", title).plain == "Delete 3 batches in  work  (api.anthropic.com)"
    )
    assert (
        named("Delete 3 batches", Title("a\x1b]", "", "")).plain == "Delete 3 batches in a\ufffd]"
    )
