"""What a terminal is told beside the screens when a batch ends, in the app and over tmux."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui.simulator.clock import FixedClock
from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.prose import EVALS
from batchtui.simulator.scripted import Scripted
from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Start, finish
from tests.e2e.sequences import left_behind
from tests.terminal import Terminal

BATCH = "msgbatch_" + "1" * 24
WORDS = b"batchtui: " + BATCH.encode() + b" ended: "
NOWHERE = {"TERM_PROGRAM": "", "LC_TERMINAL": "", "TMUX": ""}


TAKES = timedelta(minutes=4)


@pytest.fixture
def clock() -> FixedClock:
    """The server's: its batch ends when this is moved."""
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def server(simulator: StartSimulator, clock: FixedClock) -> RunningServer:
    """A server with a batch that runs."""
    server = simulator("empty", clock=clock)
    server.world.add(Plan(BATCH, clock(), TAKES, Scripted(1, EVALS, 10)))
    return server


def until(app: Terminal, true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, app.text
        app.read(0.05)


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"TERM_PROGRAM": "WezTerm"}, b"\x07\x1b]9;" + WORDS),
        (
            {"LC_TERMINAL": "iTerm2", "TMUX": "/tmp/x,1,0", "SSH_TTY": "/dev/pts/1"},
            b"\x07\x1bPtmux;\x1b\x1b]9;" + WORDS,
        ),
        ({"WT_SESSION": "1-2-3"}, b"\x07\x1b]777;notify;" + WORDS.replace(b": ", b";", 1)),
    ],
    ids=["osc 9", "tmux", "osc 777"],
)
def test_the_terminal_hears_of_an_end(
    start: Start, server: RunningServer, clock: FixedClock, env: Mapping[str, str], told: bytes
) -> None:
    app = start("--interval", "1", server=server, env={**NOWHERE, **env})
    until(app, lambda: b"\x1b]2;batchtui: 1 running\x07" in app.raw)
    clock.advance(TAKES.total_seconds())
    until(app, lambda: told in app.raw)
    until(app, lambda: app.raw.rpartition(b"\x1b]2;")[2].startswith(b"batchtui\x07"))
    app.press("q")
    assert finish(app) == 0
    assert app.raw.count(told) == 1
    assert app.raw.endswith(b"\x1b]2;\x07\x1b[23;0t")
    assert not left_behind(app.raw)


def test_each_way_can_be_switched_off(
    start: Start, server: RunningServer, clock: FixedClock, config: Path
) -> None:
    config.mkdir()
    (config / "config.toml").write_text(
        '[notify]\nbell = false\ndesktop = "none"\ntitle = false\n', encoding="utf-8"
    )
    app = start("--interval", "1", server=server, env={**NOWHERE, "TERM_PROGRAM": "WezTerm"})
    app.wait_for("● running")
    clock.advance(TAKES.total_seconds())
    app.wait_for_notice("ended: ")
    app.press("q")
    assert finish(app) == 0
    assert b"\x07" not in app.raw.replace(b"\x1b]22;default\x07", b"")
    assert b"\x1b]9;" not in app.raw
    assert b"\x1b]2;" not in app.raw
