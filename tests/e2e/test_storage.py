"""Trouble with the disk: said in a sentence, and as much as can be goes on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Start, finish
from tests.e2e.sequences import after_the_app, left_behind
from tests.terminal import Terminal


@pytest.fixture
def server(simulator: StartSimulator) -> RunningServer:
    return simulator("busy:5")


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+c")
    assert finish(terminal) == 0
    assert not left_behind(terminal.raw)
    assert not after_the_app(terminal.raw).strip()


def test_a_file_in_place_of_the_directory(
    start: Start, server: RunningServer, config: Path
) -> None:
    config.write_text("mine")
    app = start(server=server)
    app.wait_for_notice("a file is in")
    app.wait_for("● running")
    leave(app)
    assert config.read_text() == "mine"


@pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("setpriv"), reason="takes root to become somebody else"
)
def test_a_directory_that_cannot_be_written(start: Start, server: RunningServer) -> None:
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with TemporaryDirectory() as name:
        os.chmod(name, 0o500)
        os.chown(name, 65534, 65534)
        app = start("--config-dir", name, server=server, before=nobody)
        app.wait_for_notice("Permission denied")
        app.wait_for("● running")
        app.press("l")
        app.wait_for("enter saves")
        app.press("x", "enter")
        app.wait_for("● running +x")
        leave(app)
        assert os.stat(name).st_mode & 0o777 == 0o500
        assert not os.listdir(name)


@pytest.mark.parametrize(("blocks", "world"), [(0, "busy:5"), (130, "crowd:300")])
def test_no_room(start: Start, simulator: StartSimulator, blocks: int, world: str) -> None:
    """Files that must not grow fail as on a full disk: at once, or somewhat later."""
    server = simulator(world)
    finish(start("list", "--limit", "2", server=server))
    app = start(server=server, before=["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh"])
    app.wait_for("failed|full|not changed")
    app.wait_for("[1-9][0-9]* batch")
    leave(app)
    app = start(server=server)
    app.wait_for("updated")
    leave(app)


@pytest.mark.parametrize(
    ("content", "said", "cautious"),
    [
        (b'theme = "x\n', "line 1", True),
        (b"thme = 1\n", 'Did you mean "theme"', False),
        (b"\xff\xfe", "UTF-8", True),
        (b'interval = "often"\n', '"interval" must be', False),
        (b'read_only = "yes"\n', '"read_only" must be', True),
    ],
)
def test_a_config_file_that_makes_no_sense(
    start: Start, server: RunningServer, config: Path, content: bytes, said: str, cautious: bool
) -> None:
    """The app starts on what holds of it; where that may have been more careful, read-only."""
    config.mkdir()
    (config / "config.toml").write_bytes(content)
    listed = start("list", server=server)
    assert finish(listed) == 2
    assert said in " ".join(listed.text.split())
    app = start(server=server)
    app.wait_for_notice(said)
    app.wait_for("● running")
    assert ("READ-ONLY" in app.text) == cautious
    leave(app)
    assert (config / "config.toml").read_bytes() == content


def test_a_damaged_history_is_set_aside(start: Start, server: RunningServer, config: Path) -> None:
    config.mkdir()
    (config / "history.db").write_bytes(b"not a database " * 1000)
    app = start(server=server)
    app.wait_for_notice("set aside")
    app.wait_for("● running")
    leave(app)
    assert len(list(config.glob("history.db.damaged-*"))) == 1


def test_a_history_that_another_keeps_locked(
    start: Start, server: RunningServer, config: Path
) -> None:
    finish(start("list", server=server))
    other = sqlite3.connect(config / "history.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    app = start(server=server)
    app.wait_for("locked")
    app.wait_for("● running")
    other.execute("ROLLBACK")
    other.close()
    app.press("r")
    app.wait_for("updated")
    leave(app)


def test_two_apps_on_one_history(start: Start, server: RunningServer) -> None:
    one, other = (start("--interval", "1", server=server) for _ in range(2))

    def see(words: str, *apps: Terminal) -> None:
        """Look at both until the words are on these screens."""
        deadline = time.monotonic() + 20
        while not all(words in app.text for app in apps):
            assert time.monotonic() < deadline, apps[0].text
            one.read(0.02)
            other.read(0.02)

    see("running", one, other)
    one.press("l")
    see("enter saves", one)
    one.type("from the other")
    one.press("enter")
    see("from the other", one, other)
    leave(one)
    leave(other)
