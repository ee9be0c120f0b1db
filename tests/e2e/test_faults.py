"""Trouble with the server: one sentence over the old data, and work goes on without a restart."""

from __future__ import annotations

import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from batchtui.simulator.faults import KINDS
from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Start, finish
from tests.e2e.sequences import after_the_app, left_behind, unmeant
from tests.terminal import Terminal

TROUBLE = "▲"
_OF_OTHERS = {
    "latency",
    "reset",
    "stall",
    "truncate",
    "garbage",
    "drop",
    "late",
    "lacks",
    "revoke",
}


def wait_until_gone(terminal: Terminal, pattern: str, limit: float = 30.0) -> None:
    deadline = time.monotonic() + limit
    while re.search(pattern, terminal.text):
        assert time.monotonic() < deadline, terminal.text
        terminal.read(0.02)


def wait_until_there(terminal: Terminal, pattern: str) -> None:
    """Unlike `wait_for` this may have come already, together with what was waited for before."""
    if not re.search(pattern, terminal.text):
        terminal.wait_for(pattern)


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+c")
    assert finish(terminal) == 0
    assert not unmeant(terminal.raw)
    assert not left_behind(terminal.raw)
    assert not after_the_app(terminal.raw).strip()


def test_listing_through_every_fault(start: Start, simulator: StartSimulator) -> None:
    server = simulator("busy:8")
    app = start("--interval", "0", server=server)
    app.wait_for("r to refresh")
    for kind in sorted(KINDS.keys() - _OF_OTHERS):
        server.faults.add(f"{kind}/list")
        app.press("r")
        app.wait_for(rf"{TROUBLE} \w+")
        assert app.text.count("● running") >= 8
        server.faults.clear()
        app.press("r")
        wait_until_gone(app, TROUBLE)
    leave(app)


@pytest.mark.parametrize(("verb", "world"), [("cancel", "busy:30"), ("delete", "crowd:60")])
def test_acting_through_every_fault(
    start: Start, simulator: StartSimulator, verb: str, world: str
) -> None:
    server = simulator(world)
    app = start("--interval", "0", server=server)
    app.wait_for("r to refresh")
    if verb == "delete":
        app.press(*"jjjjjj")
    # One of each way to fail; the others differ in their words only.
    for kind in ("spend-cap", "401", "404", "409", "413", "529", "empty"):
        server.faults.add(f"{kind}/{verb}:1")
        app.press(verb[0])
        app.wait_for(f"▸ .*{'Keep|Back' if verb == 'cancel' else 'Back'}")
        app.press("up", "enter")
        wait_until_there(app, r"✗ (The|A|Not)|✓ (is|was|had)")
        wait_until_there(app, "▸ Close")
        server.faults.clear()
        app.press("escape")
        wait_until_gone(app, "▸")
        app.press("j")
    leave(app)


def test_fetching_through_faults_of_the_body(
    start: Start, simulator: StartSimulator, config: Path
) -> None:
    server = simulator("crowd:40")
    app = start("--interval", "0", server=server)
    app.wait_for("r to refresh")
    app.press("j", "j", "j")
    for kind in ("reset", "truncate", "garbage", "empty", "502"):  # what is tried again, works
        server.faults.add(f"{kind}/results:1")
        app.press("f")
        app.wait_for("on this disk")
        server.faults.clear()
        app.press("j")
        wait_until_gone(app, "on this disk")
    for kind, words in {"401": "invalid", "413": "refused"}.items():
        server.faults.add(f"{kind}/results:1")
        app.press("f")
        app.wait_for(words)
        server.faults.clear()
    app.press("f")
    app.wait_for("on this disk")
    leave(app)
    assert not list(config.rglob("*.part"))
    assert len(list(config.rglob("*.jsonl"))) == 6


def test_notices_do_not_stay(start: Start, simulator: StartSimulator) -> None:
    app = start("--interval", "0", server=simulator("crowd:40"), rows=24, columns=100)
    app.wait_for("r to refresh")
    app.press("j", "j", "j")
    for _ in range(6):
        app.press("f", "j")
    app.wait_for("lines, ")
    wait_until_gone(app, "lines, ", limit=15)
    wait_until_gone(app, r"(?m)^.{6,}▌", limit=15)
    leave(app)


def test_the_server_leaves_and_comes_back(start: Start, simulator: StartSimulator) -> None:
    server = simulator("busy:8")
    app = start("--interval", "0", server=server)
    app.wait_for("r to refresh")
    server.stop()
    app.press("r")
    app.wait_for(TROUBLE)
    assert app.text.count("● running") >= 8
    port = int(server.base_url.rpartition(":")[2])
    with RunningServer("busy:8", port=port):
        app.press("r")
        wait_until_gone(app, TROUBLE)
        app.wait_for("r to refresh")
    leave(app)


class WebPage(BaseHTTPRequestHandler):
    """Answers every question with a page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>\x1b]0;hi\x07hello</html>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_servers_that_are_none(start: Start) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), WebPage) as page:
        Thread(target=page.serve_forever, daemon=True).start()
        app = start("--base-url", f"http://127.0.0.1:{page.server_port}")
        app.wait_for(f"{TROUBLE} The server answered with a web page")
        leave(app)
        page.shutdown()
    for url in ("http://127.0.0.1:9", "http://there-is.invalid"):
        app = start(env={"ANTHROPIC_BASE_URL": url})
        app.wait_for(TROUBLE)
        app.press("r", "j", "b")
        app.wait_for("Nothing is running")
        leave(app)


@pytest.mark.parametrize("url", ["localhost:8080", "http://", "ftp://x", "http://127.0.0.1:99999"])
def test_what_is_no_base_url(start: Start, url: str) -> None:
    app = start("--base-url", url)
    assert finish(app) == 2
    assert "expected something like https://" in " ".join(app.text.split())
    assert not left_behind(app.raw)


def test_a_key_that_is_not_accepted(start: Start, simulator: StartSimulator) -> None:
    app = start(server=simulator(), env={"ANTHROPIC_API_KEY": "sk-ant-invalid"})
    app.wait_for("STOPPED")
    app.wait_for(f"{TROUBLE} The API does not accept the key")
    leave(app)
