"""Everything foreign is out to get the terminal: nothing of it may arrive as more than text."""

from __future__ import annotations

import base64
import re

import pytest

from batchtui.simulator.hostile import IDS
from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Start, finish
from tests.e2e.sequences import left_behind, unmeant
from tests.terminal import Terminal

SIZES = [(120, 40), (80, 24)]
_CLIPBOARD = re.compile(rb"\x1b\]52;c;([^\x07\x1b]*)\x07")


@pytest.fixture
def hostile(simulator: StartSimulator) -> RunningServer:
    return simulator("hostile")


def opened(terminal: Terminal) -> Terminal:
    """The app, when the list has arrived."""
    terminal.wait_for("25 batches")
    terminal.settle()
    return terminal


def visit(terminal: Terminal, *keys: str, sees: str = "") -> None:
    """Press keys one by one, letting each have its effect."""
    for key in keys:
        terminal.press(key)
        terminal.settle(0.03)
    if sees:
        terminal.wait_for(sees)


def skim(terminal: Terminal, *keys: str) -> None:
    """Press keys faster than a person could follow, but not faster than the app."""
    for key in keys:
        terminal.press(key)
        terminal.settle(0.015)


def click_everywhere(terminal: Terminal, *, across: int = 9, down: int = 2) -> None:
    """Click all over the screen."""
    for y in range(1, terminal.screen.lines + 1, down):
        terminal.type(
            "".join(
                f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m"
                for x in range(1 + y % across, terminal.screen.columns + 1, across)
            )
        )
        terminal.read(0.01)
    terminal.settle(0.05)


def leave(terminal: Terminal) -> None:
    """Quit from wherever it is; nothing was run, nothing got out."""
    assert terminal.process.poll() is None, terminal.text
    terminal.press("ctrl+q")
    assert finish(terminal) == 0
    assert not unmeant(terminal.raw)
    assert not left_behind(terminal.raw)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_lists_panels_and_dialogs(
    start: Start, hostile: RunningServer, columns: int, rows: int
) -> None:
    app = opened(start(server=hostile, columns=columns, rows=rows))
    skim(app, *["j"] * len(IDS), "G", "b", "escape", "g", *["j"] * 10)
    visit(app, "l", "x", "enter", "N", "y", "escape")
    visit(app, "?", "escape", "d", "escape", "*", "d", "escape", "escape", ":", "escape")
    visit(app, "/", *"[/]", "enter", "escape", "s", "s", "s", "S")
    leave(app)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_results(start: Start, hostile: RunningServer, columns: int, rows: int) -> None:
    app = opened(start(server=hostile, columns=columns, rows=rows))
    visit(app, *["j"] * 10, "enter", sees=" errored")
    app.settle()
    visit(app, "T", *["j"] * 6, "T", "2", "j", "1", "enter")
    skim(app, *["n"] * 35)
    visit(app, "J", "J", "z", "m", "i")
    app.type("[@click=app.quit]x[/]\u202e.jsonl")
    visit(app, "enter")
    skim(app, "J", *["p"] * 10)
    click_everywhere(app)
    visit(app, "escape")
    click_everywhere(app)
    leave(app)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_working_with_results(
    start: Start, hostile: RunningServer, columns: int, rows: int
) -> None:
    app = opened(start(server=hostile, columns=columns, rows=rows))
    visit(app, *["j"] * 10, "enter", sees=" errored")
    app.settle()
    visit(app, "/", *"[@c", "enter", "n", "p", "h", "h", "escape")
    visit(app, "F", *"[/b]", "enter", "escape", "#", *"[/]", "enter", "escape")
    skim(app, *["s"] * 9, "S")
    visit(app, "T", "enter", "j", "j", "enter", "escape", "escape")
    visit(app, "space", "e", "j", "tab", "escape", "v", "escape")
    click_everywhere(app, across=9, down=2)
    visit(app, "escape", "escape")
    leave(app)


def test_clicks_run_nothing(start: Start, hostile: RunningServer) -> None:
    app = opened(start(server=hostile))
    click_everywhere(app)
    visit(app, "escape", "escape", "escape", "g", *["j"] * 12)
    for keys in (["b"], ["d"], ["l"], ["?"]):
        visit(app, *keys)
        click_everywhere(app, across=13, down=3)
        visit(app, "escape", "escape", "escape")
    leave(app)
    assert not any(call.method == "DELETE" for call in hostile.calls)


def test_a_label_is_only_text(start: Start, hostile: RunningServer) -> None:
    app = opened(start(server=hostile))
    visit(app, "l")
    app.type("\x1b[200~[@click=app.quit]x[/] \x9d0;t\x9c \u202e\x1b[201~")
    app.settle()
    visit(app, "enter", sees=r"\[@click=app\.quit\]x")
    click_everywhere(app, across=4)
    visit(app, "escape", "escape", "escape")
    leave(app)


def test_what_is_copied_is_the_id_and_nothing_else(start: Start, hostile: RunningServer) -> None:
    app = opened(start(server=hostile))
    visit(app, *["j"] * 12, "y")
    app.settle()
    copied = _CLIPBOARD.findall(app.raw)
    assert [base64.b64decode(each).decode() for each in copied] == [
        "msgbatch_[@click=app.quit]x[/]"
    ]
    app.press("q")
    assert finish(app) == 0
    assert sum(unmeant(app.raw).values()) == 1


@pytest.mark.parametrize("option", ["--profile", "--workspace", "--base-url"])
def test_the_masthead(start: Start, option: str) -> None:
    value = "\x1b]0;t\x07[@click=app.quit]x[/]\u202e\x9b31m"
    words = (option, f"http://127.0.0.1:9/{value}" if option == "--base-url" else value)
    app = start(*words)
    if "batchtui" not in _first_words(app):
        assert finish(app) == 2
        assert not unmeant(app.raw)
        return
    app.settle(0.5)
    click_everywhere(app, across=2, down=40)
    leave(app)


def _first_words(app: Terminal) -> str:
    while not app.text.strip() and app.read_once(10):
        pass
    app.settle(0.3)
    return app.text


@pytest.mark.parametrize(
    "words",
    [
        ["list", "--limit", "0"],
        ["show", IDS[0]],
        ["cancel", "--yes", IDS[0], "\x1b]0;x\x07"],
        ["delete", "--yes", *IDS[:3], IDS[6]],
    ],
    ids=lambda words: words[0],
)
def test_verbs(start: Start, hostile: RunningServer, words: list[str]) -> None:
    at_terminal = start(*words, server=hostile)
    piped = start(*words, server=hostile, before=["sh", "-c", '"$@" 2>&1 | cat', "sh"])
    for told in (at_terminal, piped):
        finish(told)
        assert told.text.strip()
        assert not unmeant(told.raw)
