"""Nothing here needs what Windows does not have: tried without it, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from tests.cli.conftest import PATIENCE

WITHOUT = """
    import asyncio, importlib, os, pkgutil, signal, sys
    # What others need of this system, they have taken by now.
    import anthropic, click.testing, multiprocessing, sqlite3, tempfile, uvicorn
    import starlette.applications, textual.app, textual.widgets, textual.command

    for name in ("fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "readline"):
        sys.modules[name] = None
    MISSING = '''
        getuid geteuid getgid getpgrp getsid getpgid tcgetpgrp ctermid killpg setsid fork pread
        preadv pwrite fchmod fchown chown lchown mkfifo O_CLOEXEC O_NONBLOCK O_NOFOLLOW
        O_DIRECTORY
    '''
    for name in MISSING.split():
        if hasattr(os, name):
            delattr(os, name)
    for name in "SIGHUP SIGALRM SIGKILL SIGTSTP SIGCONT SIGUSR1 SIGQUIT setitimer".split():
        delattr(signal, name)
    os.supports_dir_fd = set()
"""
IMPORT = """
    import batchtui
    for module in pkgutil.walk_packages(batchtui.__path__, "batchtui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    print("imported")
"""
USE = """
    from batchtui.cli.main import batchtui
    run = lambda *words: click.testing.CliRunner().invoke(batchtui, words, catch_exceptions=False)
    home = sys.argv[1]
    at = ("--config-dir", home)
    with open(f"{home}/rows.csv", "w") as file:
        file.write("a\\n" + "\\n".join(map(str, range(500))) + "\\n")
    make = ("make", "--prompt", "x {a}", "--model", "claude-haiku-4-5", "--max-tokens", "5")
    for words in (
        (*make, f"{home}/rows.csv", "--output", f"{home}/r.jsonl"),
        ("check", f"{home}/r.jsonl"),
    ):
        result = run(*words)
        assert result.exit_code == 0, result.output
    os.environ.pop("BATCHTUI_CONFIG_DIR", None)
    from batchtui.simulator.server import KEY, RunningServer
    from batchtui.simulator.clock import FixedClock
    with RunningServer("demo") as server:
        os.environ |= {"ANTHROPIC_BASE_URL": server.base_url, "ANTHROPIC_API_KEY": KEY}
        for words in (
            ("list",),
            ("submit", f"{home}/r.jsonl", "--yes"),
            ("jobs",),
            ("fetch", "--all-ended"),
            ("cache",),
            ("info",),
        ):
            result = run(*words, *at)
            assert result.exit_code == 0, (words, result.output)
        listed = run("list", "--outcome", "succeeded", "--json", "--limit", "1", *at).stdout
        import json
        batch = json.loads(listed)["id"]
        for form, place in (("csv", "a.csv"), ("text", "texts")):
            result = run(
                "results", batch, *at, "--format", form, "--output", f"{home}/{place}",
                "--grep", "a", "--regex",
            )
            assert result.exit_code == 0, result.output
    print("used")
"""

WAIT = """
    from batchtui.cli.main import batchtui
    os.environ["BATCHTUI_CONFIG_DIR"] = sys.argv[1]
    from batchtui.simulator.server import KEY, RunningServer
    with RunningServer("demo") as server:
        os.environ |= {"ANTHROPIC_BASE_URL": server.base_url, "ANTHROPIC_API_KEY": KEY}
        for words, code in (
            (("config", "set", "notify.bell", "false"), 0),
            (("config", "check"), 0),
            (("watch", "--all", "--timeout", "1s"), 5),
            (("status",), 0),
            (("doctor",), 0),
            (("insight",), 0),
            (("history", "export"), 0),
        ):
            result = click.testing.CliRunner().invoke(batchtui, words, catch_exceptions=False)
            assert result.exit_code == code, (words, result.output)
    print("waited")
"""


def run(*parts: str, home: Path) -> str:
    code = "".join(map(textwrap.dedent, parts))
    done = subprocess.run(
        [sys.executable, "-c", code, str(home)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_can_be_imported(tmp_path: Path) -> None:
    assert run(WITHOUT, IMPORT, home=tmp_path) == "imported\n"


def test_commands_work(tmp_path: Path) -> None:
    assert run(WITHOUT, USE, home=tmp_path).endswith("used\n")


def test_what_waits_tells_and_checks_works(tmp_path: Path) -> None:
    assert run(WITHOUT, WAIT, home=tmp_path).endswith("waited\n")
