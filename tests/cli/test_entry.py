"""The command as the shell starts it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui import __version__
from batchtui.cli.main import VERBS
from tests.cli.conftest import PATIENCE, Cli, Process, Remember, batch_body

COMMAND = Path(sys.executable).with_name("batchtui")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def many(remember: Remember) -> None:
    remember(*(batch_body(f"msgbatch_{n:04}é", age=MINUTE * n) for n in range(2000)))


def test_the_version(process: Process) -> None:
    done = process("--version")
    assert (done.returncode, done.stdout.decode()) == (0, f"batchtui {__version__}\n")


def test_the_installed_command_is_the_same() -> None:
    done = subprocess.run([COMMAND, "--version"], capture_output=True, check=True)
    assert done.stdout.decode() == f"batchtui {__version__}\n"


def test_help_lists_every_verb(cli: Cli) -> None:
    for words in (("--help",), ("-h",)):
        text = cli(*words).stdout
        assert all(verb in text for verb in VERBS)
        assert all(word in text for word in ("--interval", "--no-mouse", "--theme", "--version"))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(cli: Cli, verb: str) -> None:
    result = cli(verb, "--help")
    assert result.exit_code == 0
    assert f"Usage: batchtui {verb}" in result.stdout
    assert "\b" not in result.stdout


@pytest.mark.parametrize("words", [("lsit",), ("--colour",), ("list", "--colour"), ("show",)])
def test_wrong_usage(process: Process, words: tuple[str, ...]) -> None:
    done = process(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--help" in done.stderr


def test_the_app_needs_a_terminal(cli: Cli) -> None:
    for words in ((), ("demo",)):
        result = cli(*words)
        assert result.exit_code == 2
        assert "needs a terminal" in result.stderr


@pytest.mark.usefixtures("many")
def test_a_reader_that_leaves_early_is_no_failure() -> None:
    command = f"{sys.executable} -m batchtui list --offline --limit 0 --json | head -1"
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("no bash")
    done = subprocess.run(
        [shell, "-o", "pipefail", "-c", command], capture_output=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["id"] == "msgbatch_0000é"
    assert done.stderr == b""


@pytest.mark.usefixtures("many")
def test_output_is_utf_8_whatever_the_locale(process: Process) -> None:
    for locale in ("C", "POSIX", "en_US.ISO-8859-1"):
        environ = os.environ | {"LC_ALL": locale, "PYTHONIOENCODING": "ascii"}
        done = process("list", "--offline", "--limit", "1", env=environ)
        assert done.returncode == 0, done.stderr
        assert "msgbatch_0000é" in done.stdout.decode("utf-8")


@pytest.mark.usefixtures("many")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("words", [("list", "--offline"), ("list", "--help"), ("--version",)])
def test_a_full_disk_is_a_sentence(process: Process, words: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = process(*words, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "Error: The output cannot be written: No space left on device.\n"
    )


@pytest.mark.usefixtures("many")
def test_closed_streams_are_no_failure(process: Process) -> None:
    command = f"exec {sys.executable} -m batchtui list --offline >&- 2>&-"
    done = subprocess.run(["sh", "-c", command], timeout=PATIENCE, check=False)
    assert done.returncode == 0


def test_an_interrupt_is_130(remember: Remember) -> None:
    # The server cannot be reached, so that it waits for its next try.
    remember(batch_body("msgbatch_a", age=MINUTE))
    with subprocess.Popen(
        [sys.executable, "-m", "batchtui", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stderr is not None
        assert b"Next try in" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        told = running.stderr.read()
        assert running.wait(PATIENCE) == 130
    assert told.split() == [b"Interrupted."]


def test_no_secret_gets_out(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-very-secret")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "another-secret-token")
    for words in (
        ("show", "sk-ant-api03-very-secret", "--offline"),
        ("--theme", "another-secret-token", "another-secret-token"),
        ("info",),
    ):
        done = process(*words)
        assert b"-secret" not in done.stdout + done.stderr
