"""Results written by hand, kept as those of a batch, and opened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from textual.pilot import Pilot

from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.widgets.canvas import Canvas
from tests.ui.screens.conftest import Host, until


def answer(
    custom_id: str,
    words: str = "Yes.",
    *,
    tokens: int = 10,
    stop: str = "end_turn",
    model: str = "claude-haiku-4-5",
) -> bytes:
    """A line of a result that succeeded."""
    message = {
        "content": [{"type": "text", "text": words}],
        "stop_reason": stop,
        "model": model,
        "usage": {"input_tokens": 100, "output_tokens": tokens},
    }
    return _line(custom_id, {"type": "succeeded", "message": message})


def failure(custom_id: str, error: str = "api_error", message: str = "No") -> bytes:
    """A line of a request that failed."""
    body = {"type": "error", "error": {"type": error, "message": message}}
    return _line(custom_id, {"type": "errored", "error": body})


def _line(custom_id: str, result: object) -> bytes:
    return json.dumps({"custom_id": custom_id, "result": result}).encode()


def _write(path: Path, lines: Sequence[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(lines))


async def open_kept(app: Host, pilot: Pilot[int], lines: Sequence[bytes]) -> ResultsScreen:
    """Open these results as those of the first batch there is."""
    account = app.session.account
    batch_id = next(iter(app.session.records))
    _write(account.results.path(batch_id), lines)
    await app.session.engine.get(account.reload_if_changed)
    await app.session.reload()
    return await enter(app, pilot, batch_id)


async def enter(app: Host, pilot: Pilot[int], batch_id: str) -> ResultsScreen:
    """Go to the results of a batch."""
    screen = ResultsScreen(app.session, batch_id)
    await app.push_screen(screen)
    await until(pilot, lambda: screen.file is not None)
    await pilot.pause()
    return screen


def listed(screen: ResultsScreen) -> list[str]:
    """The custom_ids that are listed, in order."""
    assert screen.file is not None
    return [screen.file.row(number).custom_id for number in screen.table.keys]


def current(screen: ResultsScreen) -> str:
    """The custom_id of the highlighted line."""
    assert screen.file is not None
    assert screen.table.cursor_key is not None
    return screen.file.row(screen.table.cursor_key).custom_id


def seen(app: Host) -> str:
    """The text of all that is shown."""
    widgets = [each for each in app.screen.query(Canvas) if each.display and each.size]
    return "\n".join(
        widget.render_line(y).text for widget in widgets for y in range(widget.size.height)
    )
