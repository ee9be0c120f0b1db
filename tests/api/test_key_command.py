"""A program that prints a key: when it is run, what of it is taken, and what becomes of trouble."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchtui.api import key_command
from batchtui.api.client import Api
from batchtui.api.key_command import printed_key
from batchtui.domain.errors import CredentialsError, UnauthorizedError
from batchtui.settings.accounts import Choice, CommandKey, EnvKey, FoundIn, identity_of
from batchtui.settings.secrets import scrub

EMPTY_LIST = b'{"data":[],"has_more":false}'
KEY = "sk-ant-canary-0123456789"
MEND = "Mend it"


async def key_of(code: str) -> str:
    """What is taken of a program in Python."""
    return await printed_key((sys.executable, "-c", code), of="", mend=MEND)


@pytest.mark.parametrize(
    "printed", [f"{KEY}\\n", KEY, f"  {KEY}  \\r\\n", f"{KEY}\\nand more\\n", f"{KEY}\\n\\xff"]
)
async def test_the_first_line_is_the_key(printed: str) -> None:
    assert await key_of(f"import sys; sys.stdout.write('{printed}')") == KEY


async def test_there_is_nothing_to_read_and_no_terminal_to_ask() -> None:
    code = f"""
import os, sys
assert sys.stdin.read() == ""
assert os.getsid(0) == os.getpid()
try:
    os.open("/dev/tty", os.O_RDWR)
except OSError:
    print("{KEY}")
"""
    assert await key_of(code) == KEY


async def test_no_shell_looks_at_it() -> None:
    argv = (sys.executable, "-c", "import sys; print(sys.argv[1])", "$HOME;`id`")
    assert await printed_key(argv, of="", mend=MEND) == "$HOME;`id`"


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("", "printed nothing"),
        ("print()", "printed nothing"),
        ("print('two words')", "no key"),
        ("print('k\\u00e9y-12345678')", "no key"),
        ("print('key\\x1b[31m-12345678')", "no key"),
        ("raise SystemExit(3)", "failed with exit code 3"),
        ("import os; os.kill(os.getpid(), 15)", "was ended by signal 15"),
    ],
)
async def test_what_is_no_key_is_a_sentence(code: str, how: str) -> None:
    with pytest.raises(CredentialsError, match=how) as caught:
        await key_of(code)
    assert caught.value.exit_code == 4
    assert MEND in str(caught.value)


@pytest.mark.parametrize("argv", [(), ("/no/such/program",), ("/",), ("nul\0",)])
async def test_what_cannot_be_started_is_a_sentence(argv: tuple[str, ...]) -> None:
    with pytest.raises(CredentialsError, match="key_command of the account"):
        await printed_key(argv, of=' of the account "work"', mend=MEND)


async def test_what_it_complains_of_is_told_without_keys() -> None:
    other = "Zq83mfKx02LpWv91TtYb"
    code = (
        f"import sys; print('{KEY}'); print('plain-looking')\n"
        f"sys.exit('first line\\nlocked, not {KEY} plain-looking {other} \\x1b[31m')"
    )
    with pytest.raises(CredentialsError, match="exit code 1: locked, not") as caught:
        await key_of(code)
    for secret in (KEY, "canary", "plain-looking", other, "\x1b", "first line"):
        assert secret not in str(caught.value)


async def test_a_flood_is_read_to_its_end_and_not_kept() -> None:
    code = f"print('{KEY}')\nfor _ in range(200): print('x' * 65536)"
    assert await key_of(code) == KEY
    process = key_command._Process()
    for _ in range(20):
        process.pipe_data_received(1, b"line\n" * 20_000)
    assert len(process.printed[1]) == 65536


@pytest.mark.parametrize("piece", ["x", f"{KEY}\n"])
async def test_what_prints_without_end_is_stopped(tmp_path: Path, piece: str) -> None:
    told = tmp_path / "pid"
    code = f"""
import os
open({str(told)!r}, "w").write(str(os.getpid()))
while True:
    os.write(1, {piece * 1000!r}.encode())
"""
    async with asyncio.timeout(30):
        with pytest.raises(CredentialsError, match="printed without end") as caught:
            await key_of(code)
    assert KEY not in str(caught.value)
    await gone(int(told.read_text()))


@pytest.mark.parametrize("program", ["~/bin/print-key", "pass show work", "$HOME/print-key"])
async def test_who_counts_on_a_shell_is_told_that_there_is_none(program: str) -> None:
    with pytest.raises(CredentialsError, match="no such file or directory; no shell reads it"):
        await printed_key((program,), of="", mend=MEND)


def test_who_leaves_while_it_runs_hears_nothing_of_its_end(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    told = tmp_path / "pid"
    code = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"

    async def leave() -> None:
        task = asyncio.create_task(key_of(code))
        async with asyncio.timeout(10):
            while not (told.exists() and told.read_text()):
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(leave())
    deadline = time.monotonic() + 10
    while runs(int(told.read_text())) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)  # until who waits for it has told the loop
    assert [each for each in caplog.records if each.name == "asyncio"] == []


async def test_an_agent_that_stays_behind_holds_nothing_up() -> None:
    code = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
print("{KEY}")
"""
    began = time.monotonic()
    assert await key_of(code) == KEY
    assert time.monotonic() - began < 20


async def test_what_takes_too_long_is_ended_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(key_command, "KEY_SECONDS", 1.0)
    told = tmp_path / "pids"
    code = f"""
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(told)!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
time.sleep(60)
"""
    with pytest.raises(CredentialsError, match="within 1 seconds"):
        await key_of(code)
    for pid in told.read_text().split():
        await gone(int(pid))


async def test_who_no_longer_waits_ends_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    code = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    task = asyncio.create_task(key_of(code))
    async with asyncio.timeout(10):
        while not (told.exists() and told.read_text()):
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(int(told.read_text()))


async def gone(pid: int) -> None:
    """Wait until a process is no more."""
    async with asyncio.timeout(10):
        while runs(pid):
            await asyncio.sleep(0.01)


def runs(pid: int) -> bool:
    """Whether a process does more than wait for somebody to take its exit code."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


# In the client


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], tuple[Path, CommandKey]]:
    """Writes a program that prints the lines of a file, one at each run, the last from then on."""

    def write(*keys: str) -> tuple[Path, CommandKey]:
        lines, runs = tmp_path / "keys", tmp_path / "runs"
        lines.write_text("\n".join(keys))
        path = tmp_path / "print-key"
        path.write_text(
            f"#!{sys.executable}\n"
            f"from pathlib import Path\n"
            f"runs = Path({str(runs)!r})\n"
            f"runs.write_text((runs.read_text() if runs.exists() else '') + '.')\n"
            f"keys = Path({str(lines)!r}).read_text().split()\n"
            f"print(keys[min(len(runs.read_text()), len(keys)) - 1])\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return runs, CommandKey((str(path),))

    return write


def client(base_url: str, key: CommandKey | EnvKey) -> Api:
    choice = Choice(name="work", found_in=FoundIn.CONFIG, base_url=base_url, key=key)
    return Api(identity=identity_of(choice, os.environ), key=key, name="work")


def sent(server: Any) -> list[str]:
    return [seen.headers["authorization"] for seen in server.seen]


async def test_it_is_run_at_the_first_call_and_once(
    scripted: Any, program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-the-environment")
    runs, key = program("sk-ant-first")
    server = scripted().answers(200, EMPTY_LIST)
    api = client(server.base_url, key)
    assert api.identity.present
    assert not runs.exists()
    await asyncio.gather(api.list(limit=1), api.list(limit=1))
    await api.aclose()
    assert runs.read_text() == "."
    assert sent(server) == ["Bearer sk-ant-first"] * 2
    assert scrub("sk-ant-first") == "[key]"


async def test_it_is_run_again_once_the_key_is_refused(scripted: Any, program: Any) -> None:
    runs, key = program("sk-ant-first", "sk-ant-second")
    server = scripted().answers(200, EMPTY_LIST).answers(401, b"{}").answers(200, EMPTY_LIST)
    api = client(server.base_url, key)
    for _ in range(3):
        await api.list(limit=1)
    await api.aclose()
    assert runs.read_text() == ".."
    assert sent(server) == [f"Bearer sk-ant-{n}" for n in ("first", "first", "second", "second")]


async def test_the_same_key_again_is_not_tried_again(
    scripted: Any, program: Any, assert_safe: Callable[..., None]
) -> None:
    runs, key = program(KEY)
    server = scripted().answers(401, b'{"type":"error","error":{"message":"no ' + KEY.encode())
    api = client(server.base_url, key)
    with pytest.raises(UnauthorizedError) as caught:
        await api.list(limit=1)
    await api.aclose()
    assert runs.read_text() == ".."
    assert len(server.seen) == 1
    assert 'credentials of the account "work"' in str(caught.value)
    assert "key_command of accounts.work" in str(caught.value)
    assert_safe(caught.value, KEY)


async def test_calls_refused_at_the_same_time_run_it_once(simulator: Any, program: Any) -> None:
    runs, key = program("sk-ant-first", "sk-ant-second")
    server = simulator("crowd:3")
    api = client(server.base_url, key)
    await api.list(limit=1)
    server.keys.revoke("sk-ant-first")
    await asyncio.gather(*(api.list(limit=1) for _ in range(4)))
    await api.aclose()
    assert runs.read_text() == ".."


async def test_one_that_fails_later_says_so(scripted: Any, tmp_path: Path) -> None:
    once = tmp_path / "once"
    code = f"import os; os.mkdir({str(once)!r}); print('sk-ant-first')"
    server = scripted().answers(401, b"{}")
    api = client(server.base_url, CommandKey((sys.executable, "-c", code)))
    with pytest.raises(CredentialsError, match="failed with exit code 1: FileExistsError"):
        await api.list(limit=1)
    await api.aclose()


async def test_a_variable_that_is_not_set_is_no_reason_to_take_another_key(
    scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-the-environment")
    server = scripted().answers(200, EMPTY_LIST)
    api = client(server.base_url, EnvKey("WORK_KEY"))
    with pytest.raises(CredentialsError, match='"work" should be in WORK_KEY, which is not set'):
        await api.list(limit=1)
    assert not server.seen
    monkeypatch.setenv("WORK_KEY", "sk-ant-work")
    await api.list(limit=1)
    await api.aclose()
    assert sent(server) == ["Bearer sk-ant-work"]
