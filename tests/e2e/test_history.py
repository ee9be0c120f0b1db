"""A history that moves from one machine to another, and is pruned while the app is open."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from tests.conftest import StartSimulator
from tests.e2e.conftest import PATIENCE, Run, Start, finish


def ended(batch_id: str, age: timedelta) -> str:
    created = datetime.now(UTC) - age
    body = {
        "id": batch_id,
        "type": "message_batch",
        "processing_status": "ended",
        "request_counts": {"succeeded": 3},
        "created_at": created,
        "ended_at": created,
        "results_url": "https://api.anthropic.com/v1/messages/batches/x/results",
    }
    return msgspec.json.encode(body).decode() + "\n"


def test_a_history_moves_through_a_pipe(
    run: Run, simulator: StartSimulator, tmp_path: Path
) -> None:
    """The API stumbles meanwhile, and knows nothing of a batch that is older than its memory."""
    server = simulator("crowd:5")
    assert run("list", server=server).code == 0
    lost = ended("msgbatch_lost", timedelta(days=100))
    assert run("import", "-", server=server, given=lost).code == 0
    assert run("import", "-", server=server, given="msgbatch_lost,from the old days").code == 0
    moved = run("history", "export", server=server)
    assert moved.code == 0

    server.faults.add("529:1")
    elsewhere = {"BATCHTUI_CONFIG_DIR": str(tmp_path / "elsewhere")}
    taken = run("import", "-", server=server, env=elsewhere, given=moved.out)
    assert taken.code == 0, taken.err
    assert taken.out.startswith("6 batches new")
    shown = run("--offline", "show", "from the old days", server=server, env=elsewhere)
    assert "msgbatch_lost" in shown.out
    assert run("doctor", "--offline", server=server, env=elsewhere).code == 0


def test_the_app_takes_notice_of_what_is_forgotten(run: Run, start: Start) -> None:
    old, young = timedelta(days=200), timedelta(days=2)
    lines = ended("msgbatch_oldest", old) + ended("msgbatch_youngest", young)
    assert run("--offline", "import", "-", given=lines).code == 0
    app = start("--offline")
    app.wait_for("oldest")
    pruned = run("history", "prune", "--yes")
    assert pruned.out == "1 batch forgotten.\n"
    assert run("history", "vacuum").code == 0
    app.press("r")
    deadline = time.monotonic() + PATIENCE
    while "oldest" in app.text:
        assert time.monotonic() < deadline, app.text
        app.read(0.1)
    assert "youngest" in app.text
    app.type("q")
    assert finish(app) == 0
