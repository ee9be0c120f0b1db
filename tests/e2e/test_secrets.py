"""The key is nowhere but on the wire."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import StartSimulator
from tests.e2e.conftest import Start, finish

SECRET = "q7Xz2LmP9vTk4RbN8wYc"
KEY = f"sk-ant-api03-{SECRET}"


def assert_kept(said: bytes) -> None:
    for at in range(len(SECRET) - 7):
        assert SECRET[at : at + 8].encode() not in said


def test_a_session_with_faults_tells_no_key(
    start: Start, simulator: StartSimulator, config: Path
) -> None:
    server = simulator("crowd:30")
    talkative = {
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_LOG": "debug",
        "BATCHTUI_DEBUG": "1",
        "PYTHONASYNCIODEBUG": "1",
    }
    app = start("--interval", "0", server=server, env=talkative)
    app.wait_for("r to refresh")
    for kind in ("401", "500", "broken"):
        server.faults.add(f"{kind}/list")
        app.press("r")
        app.wait_for("▲")
        server.faults.clear()
    app.press("r", "j", "j", "j", "f")
    app.wait_for("on this disk")
    app.press("q")
    finish(app)
    assert_kept(app.raw)
    for words in (["list"], ["info"], ["list", "--base-url", f"http://{KEY}@x"], ["show", KEY]):
        told = start(*words, server=server, env=talkative)
        finish(told)
        if KEY not in words:
            assert_kept(told.raw)
    for path in config.rglob("*"):
        if path.is_file():
            assert_kept(path.read_bytes())
    assert any(SECRET in str(dict(call.headers)) for call in server.calls)
