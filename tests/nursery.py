"""Processes of the command that find the SDK imported, and are otherwise as any other.

To import it takes most of a second of every process that talks to an API, which is more than all
else in most tests. Here one process does that, and each command is a fork of it: with streams, a
session, an environment and modules of its own, and with the usual end of an interpreter.

    test ── streams, words ──▶ nursery ─fork─▶ keeper ─fork─▶ the command
      ◀────── its id, its exit code ─────────────┘
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

Hurry = Mapping[str, Mapping[str, object]]
"""By module, by name: constants that are other than in the command, so that nothing takes long."""

READ_AT_START = ("PYTHON", "LANG", "LC_ALL", "LC_CTYPE", "ANTHROPIC_LOG")
"""How variables begin that come too late here: interpreter and SDK have read them already."""


class Nursling:
    """A command that runs: what tests use of a `subprocess.Popen`.

    Attributes:
        pid: its id.
        returncode: its exit code once it has been waited for, negative for a signal.
    """

    def __init__(self, keeper: socket.socket) -> None:
        self.returncode: int | None = None
        self._keeper = keeper
        self.pid = self._number()

    def _number(self) -> int:
        said = b""
        while not said.endswith(b"\n"):
            more = self._keeper.recv(1)  # no more than one number: the next may be long in coming
            assert more, "the nursery is gone"
            said += more
        return int(said)

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        if self.returncode is None and select.select([self._keeper], [], [], 0)[0]:
            self._end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; returns the exit code."""
        if self.returncode is None:
            if not select.select([self._keeper], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("batchtui", timeout or 0)
            self._end()
        assert self.returncode is not None
        return self.returncode

    def _end(self) -> None:
        self.returncode = self._number()
        self._keeper.close()

    def send_signal(self, number: int) -> None:
        """Send a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def begin(
    nursery: socket.socket,
    words: Sequence[str],
    env: Mapping[str, str],
    *,
    streams: Sequence[int],
    at_terminal: bool = False,
    hurry: Hurry | None = None,
) -> Nursling:
    """Run a command.

    Args:
        nursery: who brings it up.
        words: what comes after the command's name.
        env: its whole environment.
        streams: descriptors of its stdin, stdout and stderr.
        at_terminal: whether it leads a session of its own, at the terminal that is its stdin.
        hurry: what has to be quicker than for a person.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(nursery, [b"."], [*streams, theirs.fileno()])
    spec = {
        "words": words,
        "env": dict(env),
        "cwd": os.getcwd(),
        "at_terminal": at_terminal,
        "hurry": hurry or {},
    }
    ours.sendall(json.dumps(spec).encode() + b"\n")
    return Nursling(ours)


class Nursery:
    """A context manager: brings commands up until the block ends.

    Attributes:
        socket: to `begin` with.
    """

    def __init__(self) -> None:
        self.socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self._process.wait()


def _serve(wishes: socket.socket) -> dict[str, Any] | None:
    """Fork for each wish until there can be no more.

    Returns:
        None in the nursery itself, and in each of its commands what it is to do.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers need no farewell
    while True:
        _, descriptors, _, _ = socket.recv_fds(wishes, 1, 4)
        if not descriptors:
            return None
        if not os.fork():
            wishes.close()
            return _keep(descriptors[:3], socket.socket(fileno=descriptors[3]))
        for each in descriptors:
            os.close(each)


def _keep(streams: Sequence[int], reply: socket.socket) -> dict[str, Any]:
    """Tell of a command from its beginning to its end; only the command itself returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with reply.makefile("rb") as said:
        spec: dict[str, Any] = json.loads(said.readline())
    if child := os.fork():
        for each in streams:
            os.close(each)
        reply.sendall(b"%d\n" % child)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        reply.sendall(b"%d\n" % code)
        os._exit(0)
    reply.close()
    _settle(streams, spec)
    return spec


def _settle(streams: Sequence[int], spec: Mapping[str, Any]) -> None:
    """Become a process as the system starts them."""
    for number, each in enumerate(streams):
        os.dup2(each, number)
    for each in streams:
        os.close(each)
    if spec["at_terminal"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(spec["cwd"])
    os.environ.clear()
    os.environ.update(spec["env"])
    time.tzset()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        usual = getattr(sys, f"__{name}__")
        stream = open(  # noqa: SIM115
            number,
            usual.mode,
            buffering=1 if name == "stderr" or os.isatty(number) else -1,
            encoding=usual.encoding,
            errors=usual.errors,
            newline="\n" if number else None,
            closefd=False,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _run(spec: Mapping[str, Any]) -> None:
    for module, constants in spec["hurry"].items():
        for name, value in constants.items():
            value = tuple(value) if isinstance(value, list) else value  # JSON has no tuples
            setattr(importlib.import_module(module), name, value)
    sys.argv = ["batchtui", *spec["words"]]
    sys.path.insert(0, os.getcwd())
    runpy.run_module("batchtui", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    from batchtui.api.sdk import _load

    _load()
    if (spec := _serve(socket.socket(fileno=int(sys.argv[1])))) is not None:
        _run(spec)
