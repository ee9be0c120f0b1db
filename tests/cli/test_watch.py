"""`watch` from the command line: what it says, and the code it ends with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from batchtui.simulator.clock import FixedClock
from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.prose import EVALS
from batchtui.simulator.scripted import Scripted
from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Remember, Terminal, batch_body
from tests.conftest import StartSimulator

FIRST, SECOND, THIRD = (f"msgbatch_{number:024}" for number in (1, 2, 3))


@pytest.fixture
def server(
    simulator: StartSimulator, use: Callable[[RunningServer], RunningServer]
) -> Iterator[RunningServer]:
    """A world with two batches, in which an hour passes once they have been seen to run."""
    clock = FixedClock(datetime.now(UTC))
    server = use(simulator("empty", clock=clock))
    add(server, 1, timedelta(minutes=30))
    add(server, 2, timedelta(minutes=40))
    over = Event()

    def pass_time() -> None:
        while not any(call.operation == "list" for call in server.calls):
            if over.wait(0.02):
                return
        over.wait(0.3)  # the answer is on its way
        clock.advance(3600)

    thread = Thread(target=pass_time)
    thread.start()
    yield server
    over.set()
    thread.join()


def add(server: RunningServer, number: int, takes: timedelta, *, requests: int = 10) -> None:
    work = Scripted(number, EVALS, requests)
    now = server.world.clock()
    server.world.add(Plan(f"msgbatch_{number:024}", now, takes, work))


def events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_all_that_runs(cli: Cli, server: RunningServer) -> None:
    done = cli("watch", "--interval", "1")
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(": running, 10 requests" in line for line in lines) == 2
    assert sum("after" in line for line in lines) == 2
    assert "2 of 2 batches ended, 20 of 20 requests done: " in done.stderr


def test_json(cli: Cli, server: RunningServer) -> None:
    done = cli("watch", FIRST, "--json", "--interval", "1", "--quiet")
    assert done.exit_code == 0
    assert not done.stderr
    watching, ended = events(done.stdout)
    assert (watching["event"], watching["id"], watching["kind"]) == ("watching", FIRST, "batch")
    assert ended["event"] == "ended"
    assert ended["request_counts"]["processing"] == 0
    assert ended["all_succeeded"] is (ended["outcome"] == "succeeded")


def test_time_is_up(cli: Cli, server: RunningServer) -> None:
    add(server, 3, timedelta(hours=23))
    done = cli("watch", THIRD, "--timeout", "1.5s", "--json")
    assert done.exit_code == 5
    last = events(done.stdout)[-1]
    assert last["event"] == "timeout"
    assert last["running"] == [THIRD]
    done = cli("watch", THIRD, "--timeout", "0")
    assert done.exit_code == 5
    assert " Time is up: 0 of 1 batch ended, 0 of 10 requests done. " in done.stderr


def test_time_is_up_before_anything_is_known(cli: Cli, server: RunningServer) -> None:
    server.stop()
    done = cli("watch", THIRD, "--timeout", "0")
    assert done.exit_code == 5
    assert "the API could not be asked" in done.stderr.splitlines()[-1]


def test_what_has_ended_needs_no_network(cli: Cli, remember: Remember) -> None:
    hour = timedelta(hours=1)
    remember(
        batch_body("msgbatch_a", age=hour),
        batch_body("msgbatch_b", age=hour, request_counts={"succeeded": 3}),
    )
    done = cli("watch", "msgbatch_a", "msgbatch_b")
    assert done.exit_code == 0
    assert "msgbatch_a: partial, 9 succeeded, 1 errored, after 20m" in done.stdout
    assert cli("watch", "msgbatch_b", "--exit-status").exit_code == 0
    assert cli("watch", "msgbatch_a", "msgbatch_b", "--exit-status").exit_code == 3


def test_names_are_made_safe(cli: Cli, remember: Remember) -> None:
    history = remember(batch_body("msgbatch_a", age=timedelta(hours=1)))
    history.annotate("msgbatch_a", label="\x1b]0;hi\x07")
    done = cli("watch", "msgbatch_a")
    assert "\x1b" not in done.output
    assert "\x07" not in done.output


def test_nothing_runs(cli: Cli, simulator: StartSimulator, use: Callable[..., object]) -> None:
    use(simulator("empty"))
    for words in ((), ("--all",)):
        done = cli("watch", *words, "--exit-status")
        assert (done.exit_code, done.stdout) == (0, "")
        assert "Nothing runs." in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--all", "msgbatch_a"), 2, "--all watches everything"),
        (("--timeout", "soon"), 2, "Expected a time"),
        (("msgbatch_none",), 1, "There is no batch or job msgbatch_none"),
        (("", "--offline"), 2, "An id cannot be empty"),
        (("--offline",), 2, "batchtui is offline"),
    ],
)
def test_what_cannot_be_watched(
    cli: Cli, server: RunningServer, words: tuple[str, ...], code: int, said: str
) -> None:
    done = cli("watch", *words)
    assert done.exit_code == code
    assert said in done.stderr


def test_a_key_that_is_revoked(cli: Cli, server: RunningServer) -> None:
    server.faults.add("401/list")
    done = cli("watch", FIRST, "--interval", "1")
    assert done.exit_code == 4
    done = cli("watch", FIRST, "--interval", "1", "--json")
    assert done.exit_code == 4
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["event"] == "error"
    assert last["message"] in done.stderr


def test_trouble_is_said_once(cli: Cli, server: RunningServer) -> None:
    server.faults.add("529/list:2")
    done = cli("watch", FIRST, "--interval", "1")
    assert done.exit_code == 0
    assert done.stderr.count("Trying again until it passes") == 1
    assert done.stderr.count("The API answers again") == 1


def test_hooks_run_at_the_end(cli: Cli, server: RunningServer, config: Path) -> None:
    config.mkdir()
    told = config / "told"
    code = f"import os; open({str(told)!r}, 'a').write(os.environ['BATCHTUI_ID'])"
    hook = json.dumps([sys.executable, "-c", code])
    (config / "config.toml").write_text(f"[hooks]\non_end = {hook}\n")
    done = cli("watch", FIRST, "--interval", "1")
    assert done.exit_code == 0, done.stderr
    assert told.read_text() == FIRST
    # The other ended while nobody watched it; each is told once.
    cli("list")
    assert cli("watch", FIRST, SECOND).exit_code == 0
    assert told.read_text() == FIRST + SECOND


def test_what_has_ended_since_anybody_looked_is_told(
    cli: Cli, server: RunningServer, config: Path, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    code = f"import os; open({str(told)!r}, 'a').write(os.environ['BATCHTUI_ID'] + ' ')"
    hook = json.dumps([sys.executable, "-c", code])
    config.mkdir()
    (config / "config.toml").write_text(f"[hooks]\non_end = {hook}\n")
    assert cli("list").exit_code == 0
    server.world.clock.advance(3600)  # type: ignore[attr-defined]
    for _ in range(2):
        done = cli("watch", "--interval", "1")
        assert done.exit_code == 0, done.stderr
    assert "Nothing runs." in done.stderr
    assert sorted(told.read_text().split()) == [FIRST, SECOND]


@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_interrupted(server: RunningServer, number: str, code: int) -> None:
    add(server, 3, timedelta(hours=23))
    with subprocess.Popen(
        [sys.executable, "-m", "batchtui", "watch", THIRD, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert "watching" in process.stdout.readline()
        process.send_signal(getattr(signal, number))
        _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "0 of 1 batch ended" in err
    assert "They go on by themselves." in err


def test_a_signal_that_is_ignored_stays_so(server: RunningServer) -> None:
    """As with `nohup`."""
    add(server, 3, timedelta(hours=23))
    script = f"trap '' HUP; exec {sys.executable} -m batchtui watch {THIRD} --timeout 6"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "running" in process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        assert process.wait(30) == 5


def test_a_hook_does_not_outlive_it(
    server: RunningServer, terminal: Callable[..., Terminal], config: Path, tmp_path: Path
) -> None:
    running = tmp_path / "running"
    config.mkdir()
    hook = json.dumps(["sh", "-c", f"echo $$ >{running}.new; mv {running}.new {running}; sleep 60"])
    (config / "config.toml").write_text(f"[hooks]\non_end = {hook}\n")
    shown = terminal("watch", FIRST, "--interval", "1")
    deadline = time.monotonic() + 30
    while not running.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    shown.process.terminate()
    assert shown.finish() == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int(running.read_text()), 0)
    assert "\x1b[23;0t" in shown.raw.decode().rpartition("\x1b]2;batchtui")[2]


def test_at_a_terminal(server: RunningServer, terminal: Callable[..., Terminal]) -> None:
    shown = terminal("watch", FIRST, SECOND, "--interval", "1")
    shown.read_until("▱")
    assert shown.finish() == 0
    text = shown.raw.decode()
    assert "\x1b[J" in text
    assert "\x1b]2;batchtui: 2 running" in text
    assert "\x1b[23;0t" in text[text.rindex("batchtui: ") :]
    assert text.count(": succeeded, ") + text.count(": partial, ") == 2
    assert text.endswith(".\r\n")


def test_what_goes_on_to_another_program_stands_above_no_block(
    server: RunningServer, terminal: Callable[..., Terminal]
) -> None:
    ours, theirs = os.pipe()
    with open(ours, "rb") as out:
        shown = terminal("watch", FIRST, "--interval", "1", stdout=theirs)
        os.close(theirs)
        assert shown.finish() == 0
        assert b": running, " in out.read()
    assert b"\x1b[J" not in shown.raw


def test_what_a_gateway_lacks_is_said_once(cli: Cli, server: RunningServer) -> None:
    server.faults.add("lacks=405/list")
    done = cli("watch", FIRST, "--timeout", "1", "--interval", "1")
    assert done.stderr.count("cannot list") == 1


@pytest.mark.parametrize(("option", "code"), [("", "0"), ("--exit-status", "3")])
def test_the_reader_leaves(server: RunningServer, option: str, code: str) -> None:
    """What is no longer read is dropped; whoever waits for the code gets it all the same."""
    server.world.cancel(FIRST)
    script = f"{sys.executable} -m batchtui watch --interval 1 --json {option}; echo $? >&2"
    with subprocess.Popen(
        ["sh", "-c", f"({script}) | true"], stderr=subprocess.PIPE, text=True
    ) as process:
        _, err = process.communicate(timeout=60)
    assert err.splitlines()[-1] == code
