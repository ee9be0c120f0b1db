"""However the app ends, terminal and files are left as a person would want to find them."""

from __future__ import annotations

import signal
import sqlite3
import time
from pathlib import Path

import pytest

from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import COMMAND, Start, environment, finish
from tests.e2e.sequences import after_the_app, left_behind
from tests.terminal import Terminal

CTRL_C = "ctrl+c"


def end(terminal: Terminal, how: signal.Signals | str) -> int:
    """End the app by a signal or a key; returns the exit code of a shell."""
    if isinstance(how, str):
        terminal.press(how)
    else:
        terminal.process.send_signal(how)
    code = finish(terminal)
    return code if code >= 0 else 128 - code


def check(terminal: Terminal, config: Path) -> None:
    """Nothing is left: of modes, of words, of half written files."""
    assert not left_behind(terminal.raw)
    assert after_the_app(terminal.raw).strip() in ("", "^C", "Interrupted.", "^C\nInterrupted.")
    if (config / "history.db").exists():
        with sqlite3.connect(config / "history.db") as history:
            assert history.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        history.close()
    assert not list(config.rglob("*.part"))


@pytest.fixture
def big(simulator: StartSimulator) -> RunningServer:
    return simulator("big", faults=["stall=20/results"])


CODES: dict[signal.Signals | str, int] = {
    signal.SIGTERM: 143,
    signal.SIGHUP: 129,
    signal.SIGINT: 130,
    CTRL_C: 0,
}


@pytest.mark.parametrize("how", CODES, ids=str)
@pytest.mark.parametrize("keys", ["", "f", "d", "l"], ids=["listing", "fetching", "plan", "label"])
def test_at_work(
    start: Start, big: RunningServer, config: Path, how: signal.Signals | str, keys: str
) -> None:
    if how == signal.SIGHUP and keys in ("d", "l"):
        pytest.skip("as SIGTERM")
    app = start(server=big)
    app.wait_for("1 batch")
    app.settle()
    for key in keys:
        app.press(key)
        app.read(0.2)
    assert end(app, how) == CODES[how]
    check(app, config)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, CTRL_C], ids=str)
@pytest.mark.parametrize("after", [0.0, 0.3])
def test_while_it_begins(
    start: Start, big: RunningServer, config: Path, how: signal.Signals | str, after: float
) -> None:
    """Before the first paint, and while the SDK is imported."""
    app = start(server=big, fresh=True)
    while not app.read_once(0.02) and not (config / "history.db").exists():
        pass
    app.read(after)
    assert end(app, how) in {CODES[how], 130}
    check(app, config)


def test_interrupted_again_while_it_ends(start: Start, big: RunningServer, config: Path) -> None:
    app = start(server=big)
    app.wait_for("1 batch")
    app.press("f", "q", "q")
    for _ in range(3):
        app.read(0.03)
        if app.process.poll() is None:
            app.process.send_signal(signal.SIGINT)
    finish(app)
    check(app, config)


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
@pytest.mark.parametrize("stalled", [False, True], ids=["", "stalled"])
def test_the_terminal_is_gone(big: RunningServer, config: Path, told: bool, stalled: bool) -> None:
    """Also if the app waits for a terminal that takes no more, and if no signal says so."""
    with Terminal(COMMAND, environment(config, big, {}), controls=told) as app:
        app.wait_for("1 batch")
        for _ in range(40 * stalled):
            app.press("?", "escape")
            time.sleep(0.05)
        app.hang_up()
        assert app.process.wait(30) == 129


def test_modes_of_the_line_are_as_before(start: Start, big: RunningServer, config: Path) -> None:
    shell = ["sh", "-c", 'stty -g >"$0.1"; "$@"; stty -g >"$0.2"', str(config)]
    app = start(server=big, before=shell)
    app.wait_for("1 batch")
    assert end(app, "q") == 0
    before, after = (Path(f"{config}.{number}").read_text() for number in (1, 2))
    assert before == after != ""


def test_killed_and_started_again(start: Start, simulator: StartSimulator, config: Path) -> None:
    server = simulator("big:300", faults=["stall=20/results:1"])
    app = start(server=server)
    app.wait_for("1 batch")
    app.press("f")
    app.wait_for("fetching msgbatch")
    while not list(config.rglob("*.part")):
        app.read(0.02)
    app.process.send_signal(signal.SIGKILL)
    finish(app)
    again = start("--offline", server=server)
    again.wait_for("1 batch")
    assert end(again, "q") == 0
    again = start(server=server)
    again.wait_for("updated")
    again.press("f")
    again.wait_for("on this disk")
    assert end(again, "q") == 0
    check(again, config)


def test_the_demo_leaves_nothing(start: Start, tmp_path: Path) -> None:
    app = start("demo", env={"TMPDIR": str(tmp_path)})
    app.wait_for("batches")
    assert end(app, signal.SIGTERM) == 143
    check(app, tmp_path / "none")
    assert not list(tmp_path.glob("batchtui-demo-*"))
