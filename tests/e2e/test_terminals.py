"""Terminals of all sizes and kinds."""

from __future__ import annotations

import random
import re

import pytest

from tests.conftest import StartSimulator
from tests.e2e.conftest import Start, finish
from tests.e2e.sequences import after_the_app, left_behind, unmeant
from tests.terminal import Terminal


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+c")
    assert finish(terminal) == 0
    assert not unmeant(terminal.raw)
    assert not left_behind(terminal.raw)
    assert not after_the_app(terminal.raw).strip()


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (20, 5), (60, 15), (240, 60)])
def test_sizes(start: Start, simulator: StartSimulator, columns: int, rows: int) -> None:
    app = start(server=simulator(), columns=columns, rows=rows)
    # The name of the account is the last thing to go.
    app.wait_for(r"batcht\w+|ANTHROPIC_\w+" if columns > 1 else ".", 10)
    for key in ("j", "b", "escape", "?", "escape", "/", "x", "escape", "l", "escape", "d"):
        app.press(key)
        app.settle(0.03)
    leave(app)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_storm_of_sizes(start: Start, simulator: StartSimulator, unbuffered: str) -> None:
    """Signals that interrupt writing cost no bytes."""
    chance = random.Random(1)
    app = start(server=simulator("crowd:200"), env={"PYTHONUNBUFFERED": unbuffered})
    app.wait_for("200 batches|100 batches")
    for _ in range(60):
        app.resize(chance.randint(1, 200), chance.randint(1, 60))
        app.read(0.015)
    app.resize(80, 24)
    app.wait_for(r"(?m)newest first.*─╮ *$")
    leave(app)


@pytest.mark.parametrize(
    "variables",
    [
        ["-u", "TERM", "-u", "COLORTERM"],
        ["LANG=C", "LC_ALL=C", "PYTHONUTF8=0", "PYTHONCOERCECLOCALE=0"],
        ["SSH_CONNECTION=10.0.0.1 1 10.0.0.2 22"],
    ],
    ids=lambda variables: variables[-1].partition("=")[0],
)
def test_kinds(start: Start, simulator: StartSimulator, variables: list[str]) -> None:
    app = start(server=simulator(), before=["env", *variables])
    app.wait_for("● running")
    leave(app)


@pytest.mark.parametrize(
    ("variables", "colored"),
    [
        (["NO_COLOR=1"], False),
        (["NO_COLOR=1", "CLICOLOR_FORCE=1"], False),
        (["CLICOLOR=0"], False),
        (["NO_COLOR=", "CLICOLOR=1"], True),
        (["CLICOLOR=0", "CLICOLOR_FORCE=1"], True),
    ],
    ids=str,
)
def test_colors(
    start: Start, simulator: StartSimulator, variables: list[str], colored: bool
) -> None:
    """Without colours there are greys, and everything can still be told and done."""
    app = start(server=simulator(), before=["env", "COLORTERM=truecolor", *variables])
    app.wait_for("● running")
    app.press("2")
    app.wait_for("▏Running")
    app.press("j", "space")
    app.wait_for("1 marked")
    app.wait_for("(?m)^│▌ ")
    app.press("ctrl+c")
    assert finish(app) == 0
    shades = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", app.raw)
    assert shades
    assert any(len(set(shade)) > 1 for shade in shades) is colored


def test_a_terminal_that_cannot_move_its_cursor(start: Start) -> None:
    app = start(before=["env", "TERM=dumb"])
    assert finish(app) == 2
    assert "can move its cursor" in app.text
    assert b"\x1b" not in app.raw


@pytest.mark.parametrize("away", [">/dev/null", "2>/dev/null", "</dev/null", ">&-", "2>&-", "<&-"])
def test_without_a_terminal(start: Start, away: str) -> None:
    app = start(before=["sh", "-c", f'exec "$@" {away}', "sh"])
    assert finish(app) == 2
    assert app.text.strip() == "" if "2>" in away else "needs a terminal" in app.text
    assert b"\x1b" not in app.raw
