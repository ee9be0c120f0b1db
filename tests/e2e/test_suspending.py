"""Ctrl+Z and its signals, in a shell with job control at a real terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import COMMAND, Start, environment, finish
from tests.e2e.sequences import left_behind
from tests.terminal import Terminal

BASH = shutil.which("bash")
PROMPT = b"ready$ "

pytestmark = pytest.mark.skipif(BASH is None, reason="needs a shell with job control")


@pytest.fixture
def server(simulator: StartSimulator) -> RunningServer:
    return simulator("demo")


@pytest.fixture
def shell(config: Path, server: RunningServer) -> Iterator[Terminal]:
    """A shell in which the app runs; it looks at the API when it starts, and no more by itself."""
    env = environment(config, server, {"PS1": "ready$ "})
    command = [str(BASH), "--norc", "--noprofile", "--noediting", "-i"]
    with Terminal(command, env, columns=100, rows=30) as shell:
        prompted(shell)
        yield shell
        shell.process.kill()  # an interactive shell takes no SIGTERM


def prompted(shell: Terminal) -> None:
    """Wait until the shell waits for a command."""
    until(shell, lambda: shell.raw.endswith(PROMPT))


def open_app(shell: Terminal, server: RunningServer) -> None:
    shell.type(f"clear; {shlex.join([*COMMAND, '--interval', '3600'])}\r")
    shell.wait_for("next in")
    shell.settle()


def asked(server: RunningServer) -> int:
    """How often the API was asked for its list."""
    return sum(call.operation == "list" for call in server.calls)


def until(shell: Terminal, true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, shell.text
        shell.read(0.02)


def modes(shell: Terminal) -> str:
    """How the terminal is set."""
    found = subprocess.run(
        ["stty", "-a", "-F", shell.device], capture_output=True, text=True, check=True
    )
    return found.stdout


def app_of(shell: Terminal) -> int:
    """The id of the app's process, which the shell started last."""
    children = Path(f"/proc/{shell.process.pid}/task/{shell.process.pid}/children").read_text()
    return int(children.split()[-1])


def check_back(shell: Terminal, server: RunningServer, before: int) -> None:
    """The app is on the screen as ever, takes keys, and has had a look at the API."""
    until(shell, lambda: asked(server) > before)
    shell.wait_for("batches")
    shell.settle()
    assert "Stopped" not in shell.text
    shell.press("?")
    shell.wait_for("Help")
    shell.press("escape")
    shell.settle()


def after_last(raw: bytes, mark: bytes) -> bytes:
    return raw.rpartition(mark)[2]


def leave(shell: Terminal) -> None:
    shell.press("q")
    prompted(shell)
    shell.settle()
    assert not left_behind(shell.raw)


@pytest.mark.parametrize("how", ["key", "signal"])
def test_goes_to_the_shell_and_comes_back(shell: Terminal, server: RunningServer, how: str) -> None:
    at_rest = modes(shell)
    open_app(shell, server)
    at_work, before, title = modes(shell), asked(server), b"\x1b[22;0t\x1b]2;batchtui"
    assert at_work != at_rest
    for _ in range(2):
        if how == "key":
            shell.press("ctrl+z")
        else:
            os.kill(app_of(shell), signal.SIGTSTP)
        shell.wait_for("Stopped")
        prompted(shell)
        shell.settle()
        assert not left_behind(shell.raw)
        shell.type("clear; echo in the sh''ell\r")
        shell.wait_for("in the shell")
        shell.type("fg\r")
        check_back(shell, server, before)
        assert modes(shell) == at_work
        before = asked(server)
        until(shell, lambda: title in after_last(shell.raw, b"\x1b[?1049h"))
    leave(shell)
    assert modes(shell) == at_rest


def test_takes_the_terminal_again_when_others_have_stopped_it(
    shell: Terminal, server: RunningServer
) -> None:
    """SIGSTOP gives no warning: shell and app set the terminal as each needs it."""
    at_rest = modes(shell)
    open_app(shell, server)
    at_work, before, app = modes(shell), asked(server), app_of(shell)
    os.kill(app, signal.SIGSTOP)
    shell.wait_for("Stopped")
    prompted(shell)
    shell.type("fg\r")
    check_back(shell, server, before)
    assert modes(shell) == at_work
    before = asked(server)
    os.kill(app, signal.SIGCONT)  # was not stopped at all
    check_back(shell, server, before)
    leave(shell)
    assert modes(shell) == at_rest


def test_stops_again_when_it_is_sent_to_the_background(
    shell: Terminal, server: RunningServer
) -> None:
    open_app(shell, server)
    before = asked(server)
    shell.press("ctrl+z")
    shell.wait_for("Stopped")
    shell.type("clear; bg; sleep 0.5\r")
    shell.wait_for("Stopped")
    prompted(shell)
    shell.settle()
    shell.type("fg\r")
    check_back(shell, server, before)
    leave(shell)


def test_is_stopped_together_with_the_script_around_it(
    shell: Terminal, server: RunningServer, tmp_path: Path
) -> None:
    script = tmp_path / "script"
    script.write_text(f"{shlex.join(COMMAND)} --interval 3600\necho after it\n")
    shell.type(f"clear; sh {script}\r")
    shell.wait_for("next in")
    shell.settle()
    before = asked(server)
    shell.press("ctrl+z")
    shell.wait_for("Stopped")
    prompted(shell)
    shell.type("fg\r")
    check_back(shell, server, before)
    shell.press("q")
    shell.wait_for("after it")


def test_suspends_from_a_dialog_but_not_from_a_note(shell: Terminal, server: RunningServer) -> None:
    open_app(shell, server)
    shell.press("N")
    shell.wait_for("Note")
    shell.type("abc")
    shell.settle()
    shell.press("ctrl+z")
    shell.settle()
    assert "Stopped" not in shell.text
    shell.press("escape")
    shell.settle()
    shell.press("l")
    shell.wait_for("Label")
    shell.press("ctrl+z")
    shell.wait_for("Stopped")
    shell.type("fg\r")
    shell.wait_for("Label")
    shell.settle()
    shell.press("escape")
    shell.settle()
    leave(shell)


def test_goes_on_where_there_is_no_shell(start: Start, server: RunningServer) -> None:
    """The one program of its terminal could be woken up by nobody."""
    app = start("--interval", "3600", server=server)
    app.wait_for("next in")
    app.settle()
    app.press("ctrl+z")
    app.wait_for_notice("There is no shell to go to here")
    os.kill(app.process.pid, signal.SIGTSTP)
    app.settle()
    app.press("q")
    assert finish(app) == 0
    assert not left_behind(app.raw)


def test_a_watch_goes_on_below_what_came_between(shell: Terminal) -> None:
    shell.type(f"clear; {shlex.join([*COMMAND, 'watch', '--all', '--interval', '3600'])}\r")
    shell.wait_for("running  ")
    shell.press("ctrl+z")
    shell.wait_for("Stopped")
    prompted(shell)
    shell.type("clear; for n in 1 2 3 4 5 6 7 8 9; do echo line $n; done\r")
    shell.wait_for("line 9")
    shell.type("fg\r")
    until(shell, lambda: "running  " in shell.text.partition("fg")[2])
    shell.read(2.5)  # has rewritten its clock
    assert [f"line {number}" for number in range(1, 10)] == shell.text.splitlines()[:9]
    shell.press("ctrl+c")
    prompted(shell)
