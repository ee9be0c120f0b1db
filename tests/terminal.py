"""A program at a pseudo-terminal: what it writes, when, and what a person would see of it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import takewhile
from types import TracebackType
from typing import NamedTuple, Self

import pyte

from tests.nursery import Nursery, Nursling, begin

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
}
"""What a terminal sends for keys that are no character; `ctrl+x` is understood besides."""

_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronised output: known, and off
    b"\x1b[c": b"\x1b[?62;22c",  # a terminal of the VT200 kind with colours
}
_BLOCK = 1 << 16
_FAREWELL = 5.0
_PAUSE = 0.002
"""Seconds of silence after which there is time to bring the screen up to date."""


class Chunk(NamedTuple):
    """Bytes that came from the program, and when (`time.perf_counter`)."""

    at: float
    data: bytes


class Terminal:
    """Runs a program at a terminal of its own; a context manager, which ends it.

    What arrives is kept with its time and shown on `screen` only when somebody looks, so that
    reading the screen never delays the program.

    Attributes:
        chunks: all that the program wrote.
        device: path of its terminal.
        started: when it was started (`time.perf_counter`).

    Args:
        command: the program and its arguments.
        env: its whole environment, but for `TERM` and the like.
        nursery: who brings it up; `command` is then what comes after the command's name.
        controls: whether signals come from the terminal, as when it is hung up.
    """

    process: subprocess.Popen[bytes] | Nursling

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        columns: int = 120,
        rows: int = 40,
        nursery: Nursery | None = None,
        controls: bool = True,
    ) -> None:
        self.chunks: list[Chunk] = []
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0
        self._fd, slave = pty.openpty()
        self._set_size(columns, rows)
        self.started = time.perf_counter()
        streams = (slave, slave, slave)
        env = {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        if nursery:
            self.process = begin(nursery.socket, command, env, streams=streams, at_terminal=True)
        else:
            self.process = subprocess.Popen(
                list(command),
                stdin=slave,
                stdout=slave,
                stderr=slave,
                env=env,
                start_new_session=True,
                preexec_fn=_take_terminal if controls else None,
            )
        self.device = os.ttyname(slave)
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program, gently at first, and let go of the terminal."""
        if self._fd < 0:
            self.process.kill()
            self.process.wait()
            return
        if self.process.poll() is None:
            self.process.terminate()
            deadline = time.perf_counter() + _FAREWELL
            while self.process.poll() is None and time.perf_counter() < deadline:
                self.read(0.02)
            self.process.kill()
        self.process.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Take the terminal away, as a connection that breaks off does."""
        os.close(self._fd)
        self._fd = -1

    # What a person does

    def press(self, *keys: str) -> None:
        """Press keys, one after the other: a character, a name of `KEYS`, or `ctrl+x`."""
        self.type("".join(map(_sequence, keys)))

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._fd, text.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self.screen.resize(rows, columns)
        self._set_size(columns, rows)
        self.process.send_signal(signal.SIGWINCH)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # What comes back

    @property
    def raw(self) -> bytes:
        """Every byte the program wrote."""
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def size(self) -> int:
        """How many bytes the program wrote so far."""
        return sum(len(chunk.data) for chunk in self.chunks)

    @property
    def screen(self) -> pyte.Screen:
        """What a person sees now."""
        while self._fed < len(self.chunks):
            self._show_next()
        return self._screen

    @property
    def text(self) -> str:
        """What a person sees now, as lines without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self, seconds: float) -> bool:
        """Take in what comes for so long; False if the program is gone."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            if self.read_once(left) is None:
                return False
        return True

    def read_once(self, seconds: float) -> bytes | None:
        """Take in what comes next, waiting so long at most; None if the program is gone."""
        if not select.select([self._fd], [], [], max(seconds, 0))[0]:
            return b""
        with suppress(OSError):  # the other end is closed
            if data := os.read(self._fd, _BLOCK):
                self.chunks.append(Chunk(time.perf_counter(), data))
                self._answer(data)
                return data
        return None

    def settle(self, quiet: float = 0.15, limit: float = 10.0) -> None:
        """Take in what comes until nothing came for `quiet` seconds."""
        deadline = time.perf_counter() + limit
        while time.perf_counter() < deadline and self.read_once(quiet):
            pass

    def wait_for(self, pattern: str, limit: float = 30.0) -> float:
        """Read until the pattern is on the screen; returns when it came (`time.perf_counter`).

        Raises:
            TimeoutError: if it does not come, or the program ends before.
        """
        return self._wait(pattern, limit, lambda: "\n".join(self._screen.display))

    def wait_for_notice(self, pattern: str, limit: float = 30.0) -> float:
        """Read until the pattern is in the words of a notice; otherwise as `wait_for`."""
        return self._wait(pattern, limit, lambda: "\n".join(_notices(self._screen)))

    def _wait(self, pattern: str, limit: float, shown: Callable[[], str]) -> float:
        expression = re.compile(pattern)
        deadline = time.perf_counter() + limit
        while True:
            while self.read_once(_PAUSE):  # what is read late seems to have come late
                pass
            while self._fed < len(self.chunks):
                at = self._show_next()
                if expression.search(shown()):
                    return at
            data = self.read_once(deadline - time.perf_counter())
            if not data:
                raise TimeoutError(f"{pattern!r} did not come. On the screen is:\n{self.text}")

    def replay(self) -> Iterator[tuple[float, list[str]]]:
        """Show on the screen what has come since it was last looked at, piece by piece.

        Yields:
            When a piece came, and the lines a person saw then.
        """
        while self._fed < len(self.chunks):
            yield self._show_next(), list(self._screen.display)

    def _show_next(self) -> float:
        """Bring the screen up by one chunk; returns when that came."""
        at, data = self.chunks[self._fed]
        self._fed += 1
        with suppress(IndexError, KeyError, TypeError, ValueError):  # pyte knows not everything
            self._stream.feed(data)
        return at

    def _answer(self, data: bytes) -> None:
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self._fd, answer)


def _notices(screen: pyte.Screen) -> list[str]:
    """The words of each notice on a screen, however they are broken into lines.

    A notice is a box with a bar at its left. Its colour alone tells it from what it covers, of
    which words may stand left and right of its lines.
    """
    found: list[list[str]] = []
    above: dict[int, list[str]] = {}
    for y in range(screen.lines):
        cells = [screen.buffer[y][x] for x in range(screen.columns)]
        here: dict[int, list[str]] = {}
        for x, bar in enumerate(cells):
            if bar.data == "▌" and x > 1:  # further left it marks a line of a list
                if x not in above:
                    found.append([])
                here[x] = above.get(x, found[-1])
                inside = takewhile(lambda cell: cell.bg == bar.bg, cells[x + 1 :])  # noqa: B023
                here[x] += "".join(cell.data for cell in inside).split()
        above = here
    return [" ".join(words) for words in found]


def _sequence(key: str) -> str:
    if key.startswith("ctrl+"):
        return chr(ord(key[-1]) & 0x1F)
    return KEYS.get(key, key)


def _take_terminal() -> None:
    """Make standard input the terminal that controls this process; signals come from there."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
