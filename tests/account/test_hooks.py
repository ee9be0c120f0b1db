"""Hooks as real processes: what they get, and what becomes of those that misbehave."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from batchtui.account import hooks
from batchtui.account.hooks import HookRunner, Run
from batchtui.domain.text import crop

PATIENCE = 10.0
BROOD = """
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "1000"])
open(sys.argv[1] + ".new", "w").write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(1000)
"""


class Bench:
    """A runner, what it said went wrong, and how many of its runs were begun."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self.begun = 0
        self.runner = HookRunner(self.troubles.append)

    def add(
        self,
        *command: str,
        body: bytes = b"{}\n",
        timeout: float = PATIENCE,
        **environ: str,
    ) -> None:
        run = Run("on_end", command, {**os.environ, **environ}, body, timeout, self._begun)
        self.runner.add(run)

    def python(self, code: str, *arguments: str, timeout: float = PATIENCE) -> None:
        self.add(sys.executable, "-c", code, *arguments, timeout=timeout)

    def _begun(self) -> None:
        self.begun += 1

    async def finish(self) -> list[str]:
        async with asyncio.timeout(30):
            await self.runner.finish()
        return self.troubles


@pytest.fixture
def bench() -> Bench:
    return Bench()


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie, which our container may leave lying about."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


async def brood(path: Path) -> Sequence[int]:
    """The ids of the process that wrote this file, and of its child."""
    await until(path.exists)
    return read_pids(path)


def read_pids(path: Path) -> Sequence[int]:
    return [int(each) for each in path.read_text().split()]


async def test_gets_its_environment_and_reads_json(bench: Bench, tmp_path: Path) -> None:
    out = tmp_path / "out"
    bench.add("sh", "-c", f'cat > {out}; echo "$BATCHTUI_ID" >> {out}', BATCHTUI_ID="job:3")
    assert await bench.finish() == []
    assert out.read_text() == "{}\njob:3\n"
    assert bench.begun == 1


async def test_runs_no_shell(bench: Bench, tmp_path: Path) -> None:
    wanted = tmp_path / "a;b $HOME *"
    bench.add("touch", str(wanted))
    await bench.finish()
    assert wanted.exists()


async def test_has_no_terminal(bench: Bench) -> None:
    bench.python("import sys; open('/dev/tty')")
    assert "No such device or address" in (await bench.finish())[0]


async def test_a_missing_program_is_a_sentence(bench: Bench) -> None:
    bench.add("/no/such\x1b[31m/program", "argument")
    assert await bench.finish() == [
        "The command of on_end (/no/such\ufffd[31m/program) could not be run:"
        " there is no such program."
    ]
    assert bench.begun == 1


async def test_what_cannot_be_run_is_a_sentence(bench: Bench, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("not a program")
    bench.add(str(script))
    await bench.finish()
    script.chmod(stat.S_IRWXU)
    bench.add(str(script))
    bench.add("echo", "a\0b")
    whys = [each.rpartition(": ")[2] for each in await bench.finish()]
    assert whys == [
        "Permission denied.",
        "Exec format error.",
        "its arguments make no sense.",
    ]


async def test_shows_how_one_failed_and_the_last_it_said(bench: Bench) -> None:
    bench.add("sh", "-c", "echo out; echo first >&2; printf 'no \\033[31mroute.\\n\\n' >&2; exit 7")
    assert await bench.finish() == [
        "The command of on_end (sh) failed with exit code 7: no \ufffd[31mroute."
    ]


async def test_a_killed_one_is_told_by_its_signal(bench: Bench) -> None:
    bench.add("sh", "-c", "kill -ABRT $$")
    assert await bench.finish() == ["The command of on_end (sh) was ended by SIGABRT."]


async def test_the_same_trouble_is_said_once(bench: Bench) -> None:
    for _ in range(5):
        bench.add("false")
    bench.add("sh", "-c", "exit 1")
    assert await bench.finish() == [
        "The command of on_end (false) failed with exit code 1.",
        "The command of on_end (sh) failed with exit code 1.",
    ]


async def test_one_that_hangs_is_stopped_with_all_it_started(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "pids"
    bench.python(BROOD, str(path), timeout=0.5)
    pids = await brood(path)
    assert await bench.finish() == [
        f"The command of on_end ({crop(sys.executable, 40)}) did not end within 0.5 seconds"
        " and was stopped."
    ]
    await until(lambda: not any(map(alive, pids)))


async def test_one_that_will_not_be_asked_is_killed(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "GRACE", 0.1)
    path = tmp_path / "pids"
    bench.python(f"import signal; signal.signal(15, signal.SIG_IGN)\n{BROOD}", str(path), timeout=1)
    pids = await brood(path)
    await bench.finish()
    await until(lambda: not any(map(alive, pids)))


async def test_what_it_started_is_killed_though_it_went_when_asked(
    bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "pid"
    deaf = "(trap '' TERM; exec sleep 1000) &"
    bench.add("sh", "-c", f"{deaf} echo $! > {path}.new; mv {path}.new {path}; wait", timeout=1)
    pids = await brood(path)
    assert "did not end within 1 seconds" in (await bench.finish())[0]
    await until(lambda: not any(map(alive, pids)))


async def test_no_key_is_shown_of_what_it_said(bench: Bench) -> None:
    bench.python("import sys; sys.exit('sent with sk-ant-api03-secret')")
    assert (await bench.finish())[0].endswith("failed with exit code 1: sent with [key].")


async def test_those_that_run_are_stopped_at_the_end(bench: Bench, tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(hooks.AT_ONCE)]
    for path in paths:
        bench.python(BROOD, str(path))
    bench.add("touch", str(tmp_path / "never"))
    pids = [pid for path in paths for pid in await brood(path)]
    begun = time.monotonic()
    await bench.runner.close()
    assert time.monotonic() - begun < PATIENCE / 2
    await until(lambda: not any(map(alive, pids)))
    assert not (tmp_path / "never").exists()
    assert bench.begun == hooks.AT_ONCE
    assert bench.troubles == []


async def test_what_is_left_running_on_purpose_is_not_waited_for(
    bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "pid"
    bench.add("sh", "-c", f"sleep 1000 & echo $! > {path}")
    begun = time.monotonic()
    assert await bench.finish() == []
    assert time.monotonic() - begun < PATIENCE
    (pid,) = read_pids(path)
    assert alive(pid)
    os.kill(pid, signal.SIGKILL)


async def test_a_flood_is_cut(bench: Bench) -> None:
    bench.add("sh", "-c", "yes >&2", timeout=PATIENCE)
    assert await bench.finish() == [
        "The command of on_end (sh) wrote more than 1 MB to standard error and was stopped."
    ]


async def test_what_is_written_to_standard_output_goes_nowhere(bench: Bench) -> None:
    bench.add("sh", "-c", "head -c 3000000 /dev/zero", timeout=PATIENCE)
    assert await bench.finish() == []


@pytest.mark.parametrize("code", ["pass", "import os; os.close(0)", "input()"])
async def test_standard_input_need_not_be_read(bench: Bench, code: str) -> None:
    bench.add(sys.executable, "-c", code, body=b"x" * 70_000 + b"\n" + b"y" * 500_000)
    assert await bench.finish() == []


async def test_standard_input_that_is_never_read_holds_nothing_up(bench: Bench) -> None:
    bench.add("sleep", "1000", body=b"x" * 1_000_000, timeout=0.3)
    assert "did not end within 0.3 seconds" in (await bench.finish())[0]


async def test_a_few_run_at_a_time(bench: Bench, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    for _ in range(hooks.AT_ONCE + 2):
        bench.add("sh", "-c", 'until [ -e "$0" ]; do sleep 0.01; done', str(gate))
    await until(lambda: bench.begun == hooks.AT_ONCE)
    await asyncio.sleep(0.05)
    assert bench.begun == hooks.AT_ONCE
    gate.touch()
    assert await bench.finish() == []
    assert bench.begun == hooks.AT_ONCE + 2


async def test_no_more_wait_than_there_is_room_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "LONGEST_QUEUE", 2)
    for _ in range(hooks.AT_ONCE + 5):
        bench.add("true")
    assert bench.begun == 3  # those given up
    assert await bench.finish() == [
        "3 commands were not run: more than 2 were waiting for their turn."
    ]
    assert bench.begun == hooks.AT_ONCE + 5


async def test_runs_off_the_main_thread(tmp_path: Path) -> None:
    """As in the app, whose accounts have threads of their own."""
    troubles: list[str] = []

    async def work() -> None:
        runner = HookRunner(troubles.append)
        command = ("sh", "-c", f"cat > {tmp_path / 'out'}; exit 3")
        runner.add(Run("on_end", command, os.environ, b"read", PATIENCE, lambda: None))
        await runner.finish()

    await asyncio.to_thread(asyncio.run, work())
    assert (tmp_path / "out").read_bytes() == b"read"
    assert troubles == ["The command of on_end (sh) failed with exit code 3."]
