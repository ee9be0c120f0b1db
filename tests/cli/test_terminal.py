"""What gets out to a real terminal when everything foreign is out to get it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from batchtui.domain.text import UNSAFE
from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Remember, Terminal, batch_body

Simulator = Callable[..., RunningServer]
Use = Callable[[RunningServer], RunningServer]
AtTerminal = Callable[..., Terminal]


def assert_harmless(raw: bytes) -> None:
    """A terminal turns newlines into CR LF; nothing else it could obey may be there."""
    text = raw.decode("utf-8").replace("\r\n", "\n")
    assert UNSAFE.search(text) is None, text


@pytest.fixture
def hostile(cli: Cli, simulator: Simulator, use: Use) -> list[str]:
    """The ids of the hostile world, all of them known."""
    use(simulator("hostile"))
    lines = cli("list", "--limit", "0", "--json").stdout_bytes.splitlines()
    ids = [json.loads(line)["id"] for line in lines]
    assert any(UNSAFE.search(each) for each in ids), "the world is not hostile"
    return ids


@pytest.mark.parametrize("columns", [20, 80, 200])
@pytest.mark.usefixtures("hostile")
def test_the_table(terminal: AtTerminal, columns: int) -> None:
    shown = terminal("list", "--limit", "0", "--offline", columns=columns)
    assert shown.finish() == 0
    assert_harmless(shown.raw)


def test_json_lines(terminal: AtTerminal, hostile: list[str]) -> None:
    shown = terminal("list", "--limit", "0", "--json", "--offline")
    assert shown.finish() == 0
    assert_harmless(shown.raw)
    assert [json.loads(line)["id"] for line in shown.raw.splitlines()] == hostile


def test_pages_and_questions(terminal: AtTerminal, hostile: list[str]) -> None:
    worst = next(each for each in hostile if "\x1b" in each)
    for words, code in (
        (("show", "--offline", worst), 0),
        (("show", "--offline", "--json", worst), 0),
        (("show", worst), 0),
        (("show", "--offline", f"{worst}\x1b]0;x\x07"), 2),
        (("cancel", worst, "\x1b[31mx"), 1),
    ):
        shown = terminal(*words)
        assert shown.finish() == code
        assert_harmless(shown.raw)


def test_labels_and_notes(terminal: AtTerminal, remember: Remember) -> None:
    from datetime import timedelta

    history = remember(batch_body("msgbatch_a", age=timedelta(hours=1)))
    history.annotate("msgbatch_a", label="\x1b]52;c;eA==\x07\u202e", note="\x9b31m\n\x1b[2J")
    for words in (("list",), ("list", "--json"), ("show", "msgbatch_a")):
        shown = terminal(*words, "--offline")
        assert shown.finish() == 0
        assert_harmless(shown.raw)


def test_a_table_fits_the_width(terminal: AtTerminal, simulator: Simulator, use: Use) -> None:
    use(simulator("demo"))
    for columns in (60, 80, 120):
        shown = terminal("list", columns=columns)
        assert shown.finish() == 0
        lines = shown.raw.decode().splitlines()
        assert len(lines) == 21
        assert max(map(len, lines)) <= columns
