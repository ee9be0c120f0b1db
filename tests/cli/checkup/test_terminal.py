"""What the terminal is capable of is told by its environment, and what could be switched on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.cli.checkup.finding import Finding, Verdict
from batchtui.cli.checkup.terminal import Screen, judge_terminal, with_tmux
from batchtui.domain.text import UNSAFE
from batchtui.settings.schema import Notify, Settings

GOOD = {"TERM": "xterm-kitty", "COLORTERM": "truecolor", "LANG": "de_DE.UTF-8"}
SCREEN = Screen(120, 40)


def judged(
    environ: Mapping[str, str],
    screen: Screen | None = SCREEN,
    settings: Settings | None = None,
    *,
    windows: bool = False,
) -> dict[str, Finding]:
    found = judge_terminal(screen, environ, settings or Settings(), windows=windows)
    return {each.check: each for each in found}


def test_a_good_one_leaves_nothing_to_do() -> None:
    assert {each.verdict for each in judged(GOOD).values()} == {Verdict.OK}


def test_without_one_nothing_is_looked_at() -> None:
    assert list(judged({}, None)) == ["terminal"]


@pytest.mark.parametrize(
    ("environ", "check", "todo"),
    [
        ({"TERM": ""}, "terminal", "xterm-256color"),
        ({"TERM": "dumb"}, "terminal", "xterm-256color"),
        ({"COLORTERM": "", "TERM": "xterm"}, "colours", "xterm-256color"),
        ({"COLORTERM": "", "TERM": "screen", "TMUX": "x"}, "colours", "tmux-256color"),
        ({"LANG": "C"}, "unicode", "LANG=C.UTF-8"),
        ({"LANG": ""}, "unicode", "LANG=C.UTF-8"),
        ({"LC_ALL": "de_DE.ISO-8859-1"}, "unicode", "LANG=C.UTF-8"),
        ({"STY": "1.pts"}, "clipboard", "tmux"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "clipboard", "a file"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "clipboard", "Shift"),
        ({"TERM": "xterm", "XTERM_VERSION": "XTerm(390)"}, "clipboard", "Xresources"),
    ],
)
def test_what_could_be_better(environ: dict[str, str], check: str, todo: str) -> None:
    found = judged(GOOD | environ)[check]
    assert found.verdict is Verdict.WARN
    assert todo in found.todo


@pytest.mark.parametrize(
    ("environ", "check", "words"),
    [
        ({"NO_COLOR": "1"}, "colours", "NO_COLOR"),
        ({"CLICOLOR": "0"}, "colours", "None, as CLICOLOR"),
        ({"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, "colours", "16"),
        ({"COLORTERM": "", "TERM": "xterm-256color"}, "colours", "256"),
        ({"COLORTERM": "", "TERM": "xterm-direct"}, "colours", "16 million"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "unicode", "taken for granted"),
        ({"TERM_PROGRAM": "iTerm.app"}, "clipboard", "Selection"),
        ({"TERM": "foo"}, "clipboard", "cannot be told"),
        ({"TERM": "foo"}, "notices", "osc777"),
        ({"SSH_TTY": "/dev/pts/1"}, "terminal", "over SSH"),
        ({"SSH_CONNECTION": "1"}, "mouse", "nothing is animated"),
    ],
)
def test_what_is_well_and_worth_a_word(environ: dict[str, str], check: str, words: str) -> None:
    found = judged(GOOD | environ)[check]
    assert found.verdict is Verdict.OK
    assert words in found.words


@pytest.mark.parametrize("screen", [Screen(79, 40), Screen(120, 23)])
def test_a_small_window(screen: Screen) -> None:
    assert judged(GOOD, screen)["size"].verdict is Verdict.WARN


def test_a_size_that_is_not_told() -> None:
    assert judged(GOOD, Screen(0, 0))["size"].verdict is Verdict.OK


def test_windows_says_less_of_itself() -> None:
    found = judged({"WT_SESSION": "1"}, windows=True)
    assert {each.verdict for each in found.values()} == {Verdict.OK}


def test_tmux_is_asked_what_it_passes_on() -> None:
    environ = GOOD | {"TMUX": "/tmp/tmux"}
    asked: list[Sequence[str]] = []

    def run(words: Sequence[str]) -> str:
        asked.append(words)
        return {"set-clipboard": "external", "allow-passthrough": "off"}[words[-1]]

    assert with_tmux(SCREEN, GOOD, run) == SCREEN
    assert not asked
    found = judged(environ, with_tmux(SCREEN, environ, run))
    assert found["clipboard"].verdict is Verdict.WARN
    assert "set -s set-clipboard on" in found["clipboard"].todo
    assert found["notices"].verdict is Verdict.WARN
    assert "set -g allow-passthrough on" in found["notices"].todo

    found = judged(environ, Screen(120, 40, clipboard="on", passthrough="on"))
    assert {each.verdict for each in found.values()} == {Verdict.OK}


def test_settings_have_a_say() -> None:
    settings = Settings(notify=Notify(desktop="none", bell=False), mouse=False, animation="none")
    found = judged(GOOD | {"TMUX": "x"}, SCREEN, settings)
    assert found["notices"].verdict is Verdict.OK
    assert "the bell is off" in found["notices"].found
    assert "Left to the terminal" in found["mouse"].found
    assert "nothing is animated" in found["mouse"].found


@given(st.dictionaries(st.sampled_from([*GOOD, "TMUX", "STY", "TERM_PROGRAM"]), st.text()))
def test_nothing_foreign_comes_through(environ: dict[str, str]) -> None:
    assert not any(UNSAFE.search(each.words) for each in judged(environ).values())
