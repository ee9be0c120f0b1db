"""What the environment says of terminals, colours and languages."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.cli.terminal import can_rewrite, is_dumb, settle_color, wants_color
from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Process, Remember, Terminal, batch_body

AtTerminal = Callable[..., Terminal]


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "0"}, False),
        ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
        ({"CLICOLOR": "1"}, True),
        ({"CLICOLOR": "0"}, False),
        ({"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR": "0", "CLICOLOR_FORCE": "0"}, False),
        ({"CLICOLOR": "0", "CLICOLOR_FORCE": ""}, False),
    ],
)
def test_whether_colours_are_wanted(environ: dict[str, str], wanted: bool) -> None:
    assert wants_color(environ) is wanted
    settle_color(environ)
    assert ("NO_COLOR" in environ) is not wanted
    assert wants_color(environ) is wanted


def test_what_is_no_terminal_cannot_be_rewritten() -> None:
    assert not can_rewrite(None)
    assert is_dumb({"TERM": "dumb"})
    assert not is_dumb({})


@pytest.mark.parametrize("kind", ["dumb", "xterm"])
def test_progress_only_where_the_cursor_moves(
    terminal: AtTerminal,
    simulator: Callable[..., RunningServer],
    use: Callable[[RunningServer], RunningServer],
    kind: str,
) -> None:
    use(simulator("crowd:5"))
    started = terminal("fetch", "--all-ended", env={"TERM": kind})
    assert started.finish() in (0, 1)
    assert (b"\x1b[K" in started.raw) is (kind == "xterm")


@pytest.mark.parametrize("color", [{"NO_COLOR": "1"}, {"CLICOLOR": "0"}, {"TERM": "dumb"}])
def test_no_colours_where_none_are_wanted(
    terminal: AtTerminal, remember: Remember, color: dict[str, str]
) -> None:
    remember(batch_body("msgbatch_a", age=timedelta(hours=1)))
    for words in (("list", "--offline"), ("show", "--offline", "msgbatch_a"), ("--help",)):
        started = terminal(*words, env=color)
        assert started.finish() == 0
        assert b"\x1b" not in started.raw


def test_every_language_gets_the_same(process: Process, remember: Remember) -> None:
    remember(batch_body("msgbatch_é", age=timedelta(hours=1)))
    written = set()
    for language in ({"LC_ALL": "C", "LANG": "C"}, {"LC_ALL": "C.UTF-8"}, {"LC_ALL": "xx_YY"}):
        for words in (("list", "--offline", "--json"), ("show", "--offline", "msgbatch_é")):
            done = process(*words, env=os.environ | language)
            assert done.returncode == 0, done.stderr
            assert "msgbatch_é" in done.stdout.decode()
            if "--json" in words:
                written.add(done.stdout)
    assert len(written) == 1


@pytest.mark.parametrize("command", ["status", "info", "accounts", "doctor", "list", "watch"])
def test_a_config_directory_out_of_reach(cli: Cli, tmp_path: Path, command: str) -> None:
    beyond = tmp_path / ("x" * 300) / "config"  # not even root gets an answer of what is there
    done = cli(command, "--offline", "--config-dir", str(beyond))
    assert done.output
    assert "fault of its own" not in done.output
