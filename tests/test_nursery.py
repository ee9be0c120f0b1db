"""A command that was brought up by the nursery is like any other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from batchtui.simulator.server import KEY
from tests.conftest import StartSimulator
from tests.nursery import Nursery, begin
from tests.terminal import Terminal


def run(nursery: Nursery, *words: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
    with TemporaryFile() as stdin, TemporaryFile() as out, TemporaryFile() as err:
        stdin.write(given)
        stdin.seek(0)
        streams = [each.fileno() for each in (stdin, out, err)]
        code = begin(nursery.socket, words, os.environ, streams=streams).wait(30)
        for each in (out, err):
            each.seek(0)
        return code, out.read(), err.read()


@pytest.mark.parametrize(
    "words",
    [
        ("--version",),
        ("--help",),
        ("config", "get", "interval"),
        ("lst",),
        ("show", "--offline", "msgbatch_none"),
        ("--offline", "import", "-"),
        (),
    ],
    ids=" ".join,
)
def test_says_and_ends_as_a_process_of_its_own(nursery: Nursery, words: Sequence[str]) -> None:
    given = b"{no json\n"
    alone = subprocess.run(
        [sys.executable, "-m", "batchtui", *words],
        input=given,
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert run(nursery, *words, given=given) == (alone.returncode, alone.stdout, alone.stderr)


def test_leads_the_session_of_its_terminal(nursery: Nursery, simulator: StartSimulator) -> None:
    server = simulator("crowd:3", faults=["stall=30/list"])
    env = {**os.environ, "ANTHROPIC_BASE_URL": server.base_url, "ANTHROPIC_API_KEY": KEY}
    with Terminal(["list"], env, nursery=nursery) as terminal:
        pid = terminal.process.pid
        while not server.calls:
            terminal.read(0.02)
        _, _, session, number, group = (int(each) for each in stat(pid)[1:6])
        assert (os.getsid(pid), session, group) == (pid, pid, pid)
        assert number == os.stat(terminal.device).st_rdev
        terminal.press("ctrl+c")
        while terminal.read(0.02):
            pass
        assert terminal.process.wait(10) == 130


def stat(pid: int) -> list[str]:
    """What Linux tells of a process, from its state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def test_is_killed_as_any_other(nursery: Nursery) -> None:
    reader, writer = os.pipe()
    streams = (reader, writer, writer)
    process = begin(nursery.socket, ["--offline", "import", "-"], os.environ, streams=streams)
    assert process.poll() is None
    process.kill()
    assert process.wait(10) == process.poll() == -signal.SIGKILL
    process.kill()
    os.close(reader)
    os.close(writer)


def test_nobody_reads_what_it_says(nursery: Nursery) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(os.devnull) as nothing, TemporaryFile() as err:
        streams = (nothing.fileno(), writer, err.fileno())
        process = begin(nursery.socket, ["--help"], os.environ, streams=streams)
        os.close(writer)
        assert process.wait(30) == 0
        assert err.tell() == 0


def test_some_constants_are_others(nursery: Nursery) -> None:
    with TemporaryFile() as out:
        streams = (out.fileno(),) * 3
        hurry = {"batchtui": {"__version__": "in no time"}}
        begin(nursery.socket, ["--version"], os.environ, streams=streams, hurry=hurry).wait(30)
        out.seek(0)
        assert b"in no time" in out.read()
