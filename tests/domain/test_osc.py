"""What goes to a terminal besides drawings, and to which."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain import osc
from batchtui.domain.osc import Abilities, Desktop, abilities, notification, title


@pytest.mark.parametrize(
    ("environ", "desktop"),
    [
        ({"TERM_PROGRAM": "iTerm.app", "TERM": "xterm-256color"}, "osc9"),
        ({"LC_TERMINAL": "iTerm2", "TERM": "xterm-256color"}, "osc9"),
        ({"TERM_PROGRAM": "tmux", "LC_TERMINAL": "iTerm2", "TMUX": "/tmp/x"}, "osc9"),
        ({"TERM_PROGRAM": "WezTerm"}, "osc9"),
        ({"TERM_PROGRAM": "ghostty"}, "osc9"),
        ({"TERM": "xterm-ghostty"}, "osc9"),
        ({"TERM": "xterm-kitty"}, "osc9"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "KITTY_WINDOW_ID": "1"}, "osc9"),
        ({"TERM": "foot"}, "osc777"),
        ({"TERM": "foot-extra"}, "osc777"),
        ({"TERM": "footage"}, "none"),
        ({"TERM": "rxvt-unicode-256color"}, "osc777"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230800"}, "osc777"),
        ({"TERM": "xterm-256color", "WT_SESSION": "1-2-3"}, "osc777"),
        ({"TERM": "xterm-256color"}, "none"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "none"),
        ({"TERM_PROGRAM": "Apple_Terminal", "TERM": "xterm-256color"}, "none"),
        ({"TERM": "linux"}, "none"),
        ({}, "none"),
    ],
)
def test_knows_which_terminal_understands_what(environ: dict[str, str], desktop: Desktop) -> None:
    assert abilities(environ).desktop == desktop


def test_gives_a_title_where_one_does_no_harm() -> None:
    assert abilities({"TERM": "xterm-256color"}) == Abilities()
    assert not abilities({"TERM": "linux"}).titles
    assert not abilities({"TERM": "dumb"}).titles
    assert not abilities({}).titles
    assert abilities({"WT_SESSION": "1-2-3"}).titles
    assert abilities({"TERM": "screen", "TMUX": "/tmp/x"}).tmux


def test_a_notification_is_one_sequence() -> None:
    assert notification("a; b.", "osc9") == "\x1b]9;batchtui: a; b.\x07"
    assert notification("a; b.", "osc777") == "\x1b]777;notify;batchtui;a, b.\x07"
    assert notification("a; b.", "none") == ""
    assert notification("a", "none", tmux=True) == ""


def test_tmux_passes_on_what_is_wrapped() -> None:
    wrapped = notification("done", "osc9", tmux=True)
    assert wrapped == "\x1bPtmux;\x1b\x1b]9;batchtui: done\x07\x1b\\"


@given(st.text(), st.sampled_from(["osc9", "osc777"]), st.booleans())
def test_foreign_text_ends_nothing(words: str, desktop: Desktop, tmux: bool) -> None:
    """Nor is it taken for a command of its own, such as "4;1" would be."""
    sequence = notification(words, desktop, tmux=tmux)
    start = "\x1bPtmux;\x1b\x1b]" if tmux else "\x1b]"
    end = "\x07\x1b\\" if tmux else "\x07"
    inner = sequence.removeprefix(start).removesuffix(end)
    assert sequence == start + inner + end
    assert re.fullmatch(r"(?:9;batchtui: |777;notify;batchtui;)[^\x00-\x1f\x7f-\x9f]*", inner)
    assert desktop == "osc9" or inner.count(";") == 3
    assert re.fullmatch(r"\x1b\]2;[^\x00-\x1f\x7f-\x9f]*\x07", title(words))


def test_a_title_is_put_aside_and_taken_back() -> None:
    assert (osc.SAVE_TITLE, osc.RESTORE_TITLE) == ("\x1b[22;0t", "\x1b[23;0t")
