"""The terminal that other tests and the benchmarks look through."""

from __future__ import annotations

import os
import sys

import pytest

from tests.terminal import Terminal

ECHO = """
import os, signal, sys, tty
tty.setraw(0)
signal.signal(signal.SIGWINCH, lambda *_: print(*os.get_terminal_size(), end=" ", flush=True))
print("ready \\x1b[31mred\\x1b[0m", *os.get_terminal_size(), end=" ", flush=True)
while (key := os.read(0, 99)) != b"q":
    print(key, end=" ", flush=True)
"""


@pytest.fixture
def terminal() -> Terminal:
    return Terminal([sys.executable, "-c", ECHO], dict(os.environ), columns=60, rows=5)


def test_shows_what_a_person_sees_and_when_it_came(terminal: Terminal) -> None:
    with terminal:
        at = terminal.wait_for("ready red 60 5")
        assert terminal.started < at <= terminal.chunks[-1].at
        assert b"\x1b[31mred" in terminal.raw
        assert terminal.size == len(terminal.raw)


def test_sends_keys_and_sizes(terminal: Terminal) -> None:
    with terminal:
        terminal.wait_for("ready")
        terminal.press("down", "x", "ctrl+c")
        terminal.wait_for(r"b'\\x1b\[Bx\\x03'")
        terminal.resize(50, 6)
        terminal.wait_for("50 6")


def test_replays_what_nobody_has_looked_at(terminal: Terminal) -> None:
    with terminal:
        terminal.wait_for("ready")
        terminal.press("a")
        terminal.settle()
        pieces = list(terminal.replay())
        assert "b'a'" in pieces[-1][1][0]
        assert [at for at, _ in pieces] == sorted(at for at, _ in pieces)


NOTICE = """
import sys, tty
tty.setraw(0)
box = "\\x1b[48;5;1m"
for number, line in enumerate(["a sentence, ", "broken in two"], 1):
    print(f"\\x1b[{number};1Hleft\\x1b[{number};20H│{box}▌ {line}\\x1b[0m│", end="", flush=True)
sys.stdin.read(1)
"""


def test_reads_a_notice_whatever_stands_beside_it() -> None:
    with Terminal([sys.executable, "-c", NOTICE], dict(os.environ), columns=60, rows=5) as terminal:
        terminal.wait_for_notice("^a sentence, broken in two$")
        with pytest.raises(TimeoutError, match="sentence"):
            terminal.wait_for_notice("left", 0.1)


def test_says_what_was_there_instead(terminal: Terminal) -> None:
    with terminal:
        terminal.wait_for("ready")
        terminal.press("q")
        with pytest.raises(TimeoutError, match="ready red"):
            terminal.wait_for("something else")
    assert terminal.process.returncode == 0


def test_ends_what_does_not_end_by_itself(terminal: Terminal) -> None:
    with terminal:
        terminal.wait_for("ready")
    assert terminal.process.returncode is not None
