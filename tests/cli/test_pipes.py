"""Whoever reads what a command prints may stop at any time; that is no failure and no news."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.simulator.server import RunningServer
from tests.cli.conftest import PATIENCE, Cli, Remember, batch_body
from tests.cli.test_help import COMMANDS

ID = "msgbatch_a"
PRINTING = (
    ("list", "--offline"),
    ("list", "--offline", "--json"),
    ("show", "--offline", ID),
    ("show", "--offline", "--json", ID),
    ("jobs",),
    ("cache",),
    ("cache", "--json"),
    ("status",),
    ("insight", "--offline"),
    ("insight", "--json"),
    ("history",),
    ("history", "export"),
    ("accounts",),
    ("accounts", "--json"),
    ("config",),
    ("config", "show"),
    ("config", "path"),
    ("config", "get", "notify.bell"),
    ("doctor", "--offline"),
    ("info",),
    ("completion", "bash"),
    ("check", "requests.jsonl"),
    ("make", "--prompt", "x", "--model", "m", "--max-tokens", "5", "rows.csv"),
    ("--version",),
    *((*path, "--help") for path in COMMANDS),
)


Simulator = Callable[..., RunningServer]
Use = Callable[[RunningServer], RunningServer]


def left_by_its_reader(*words: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a command whose reader went away before it wrote anything."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            [sys.executable, "-m", "batchtui", *words],
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=subprocess.PIPE,
            cwd=cwd,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(writer)


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_a_reader_that_has_left(words: tuple[str, ...], remember: Remember, tmp_path: Path) -> None:
    remember(batch_body(ID, age=timedelta(hours=1)))
    (tmp_path / "rows.csv").write_text("a\n1\n")
    message = {"role": "user", "content": "x"}
    params = {"model": "m", "max_tokens": 1, "messages": [message]}
    request = json.dumps({"custom_id": "a", "params": params})
    (tmp_path / "requests.jsonl").write_text(f"{request}\n")
    done = left_by_its_reader(*words, cwd=tmp_path)
    assert_quiet(done)


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("results", "--format", "csv"),
        ("watch", "--all", "--json"),
        ("watch", "--all"),
        ("fetch", "--all-ended"),
    ],
    ids=" ".join,
)
def test_a_reader_that_has_left_what_comes_from_the_api(
    words: tuple[str, ...], simulator: Simulator, use: Use, cli: Cli, tmp_path: Path
) -> None:
    use(simulator("busy:3" if words[0] == "watch" else "crowd:5"))
    if words[0] == "results":
        listed = cli("list", "--limit", "1", "--json")
        words = (*words, json.loads(listed.stdout)["id"])
    assert_quiet(left_by_its_reader(*words, cwd=tmp_path))


def assert_quiet(done: subprocess.CompletedProcess[bytes]) -> None:
    said = done.stderr.decode()
    assert done.returncode == 0, said
    assert "fault" not in said
    assert "Broken" not in said
    assert "Exception" not in said


@pytest.mark.parametrize(
    "words", [("show", "--offline", "msgbatch_missing"), ("config", "get", "x")]
)
def test_that_nobody_hears_what_went_wrong_leaves_its_exit_code(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as nobody:
        env = os.environ | {"BATCHTUI_CONFIG_DIR": str(tmp_path)}
        command = [sys.executable, "-m", "batchtui", *words]
        done = subprocess.run(
            command,
            env=env,
            stderr=nobody,
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode in (1, 2)  # and not the 120 of a stream that cannot be flushed
