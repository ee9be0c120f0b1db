"""Jobs that are sent in the background: doubts, stops, and going on with what was interrupted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from batchtui.account.starting import start_job
from batchtui.domain.job import PartState
from batchtui.domain.job_record import JobRecord
from batchtui.simulator.server import RunningServer
from batchtui.submissions.check import check
from batchtui.submissions.checked import Limits
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.widgets.canvas import Canvas
from tests.conftest import StartSimulator
from tests.ui.conftest import AppPilot, RunApp, until
from tests.ui.request_files import write_requests


def clock() -> datetime:
    return datetime.now(UTC)


def said(app: BatchtuiApp) -> str:
    return "\n".join(notice.message for notice in app._notifications)


def seen(app: BatchtuiApp) -> str:
    return "\n".join(
        widget.render_line(y).text
        for widget in app.screen.query(Canvas)
        for y in range(widget.size.height)
    )


def created(server: RunningServer) -> int:
    return len([call for call in server.calls if call.operation == "create"])


async def planned(app: BatchtuiApp, path: Path, *, each: int = 10) -> int:
    """A job of a file with batches of so many requests, of which nothing is sent yet."""
    account = app.session.account
    checked = check(path, Limits(requests=each))
    job = await app.session.engine.get(lambda: start_job(account, checked, "tickets"))
    return job.key


def highlight(app: BatchtuiApp, key: int) -> None:
    home = app.screen_stack[0]
    assert isinstance(home, BatchesScreen)
    home.table.move_to(f"job:{key}")


async def asked(app: BatchtuiApp, pilot: AppPilot) -> None:
    await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.screen.is_mounted)
    await pilot.pause()


async def test_a_batch_whose_answer_got_lost_is_found_and_adopted(
    simulator: StartSimulator, run_app: RunApp, tmp_path: Path
) -> None:
    path = write_requests(tmp_path / "tickets.jsonl", 25)
    server = simulator("crowd:3")
    async with run_app(server, clock) as (app, pilot):
        server.faults.add("drop/create:1")
        key = await planned(app, path)
        app.session.submissions.begin(key)
        await asked(app, pilot)
        assert "Did a batch come of tickets?" in str(app.screen.query_one("#box").border_title)
        assert "part 1 of 3: 10 requests" in seen(app)
        assert "It became msgbatch_" in seen(app)
        assert "▸ Leave it open for now" in seen(app)
        await pilot.press("up", "enter")
        await pilot.pause(0.1)
        assert "Type 10 to confirm." in seen(app)
        await pilot.press("up", "enter")
        await until(pilot, lambda: "tickets was sent: 3 batches." in said(app))
        assert created(server) == 3
        await until(pilot, lambda: len(app.session.records) == 6)


async def test_what_is_left_open_is_asked_again_by_going_on(
    simulator: StartSimulator, run_app: RunApp, tmp_path: Path
) -> None:
    path = write_requests(tmp_path / "tickets.jsonl", 25)
    server = simulator("crowd:3")
    async with run_app(server, clock) as (app, pilot):
        server.faults.add("drop/create:1")
        key = await planned(app, path)
        app.session.submissions.begin(key)
        await asked(app, pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "is still open; u asks again" in said(app))
        assert created(server) == 1
        highlight(app, key)
        await pilot.press("u")
        await asked(app, pilot)
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: "tickets was sent: 3 batches." in said(app))
        assert created(server) == 3


async def test_stopping_and_going_on(
    simulator: StartSimulator, run_app: RunApp, tmp_path: Path
) -> None:
    path = write_requests(tmp_path / "tickets.jsonl", 25)
    server = simulator("crowd:3")
    async with run_app(server, clock) as (app, pilot):
        key = await planned(app, path)
        server.faults.add("429=60/create:1")
        app.session.submissions.begin(key)
        await until(pilot, lambda: "sending tickets 1/3 · " in seen(app))
        assert key in app.session.submissions
        highlight(app, key)
        await pilot.press("u")  # does nothing: it is under way
        await pilot.press("X")
        await until(pilot, lambda: "Sending tickets was stopped at 0 of 3 batches" in said(app))
        assert "sending tickets" not in seen(app)
        await pilot.press("u")
        await until(pilot, lambda: "tickets was sent: 3 batches." in said(app))
        assert created(server) == 4


async def test_leaving_while_something_is_sent_is_asked_about(
    simulator: StartSimulator, run_app: RunApp, tmp_path: Path
) -> None:
    path = write_requests(tmp_path / "tickets.jsonl", 25)
    server = simulator("crowd:3")
    async with run_app(server, clock) as (app, pilot):
        key = await planned(app, path)
        server.faults.add("429=60/create:1")
        app.session.submissions.begin(key)
        await until(pilot, lambda: "sending tickets 1/3 · " in seen(app))
        await pilot.press("q")
        await asked(app, pilot)
        assert "tickets: 0 of 3 sent" in seen(app)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, AskScreen))
        await pilot.press("q")
        await asked(app, pilot)
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.return_code == 0)


async def test_a_job_whose_sender_died_is_said_at_the_start_and_can_be_gone_on_with(
    simulator: StartSimulator, run_app: RunApp, tmp_path: Path
) -> None:
    path = write_requests(tmp_path / "tickets.jsonl", 25)
    server = simulator("crowd:3")
    async with run_app(server, clock) as (app, _):
        key = await planned(app, path)
        jobs = app.session.account.history.jobs
        await app.session.engine.get(lambda: jobs.begin(key, 1, at=clock()))
    async with run_app(server, clock) as (app, pilot):
        await until(pilot, lambda: "tickets was interrupted: 0 of 3 batches" in said(app))
        record = app.session.record(f"job:{key}")
        assert isinstance(record, JobRecord)
        assert record.job.parts[0].state is PartState.UNKNOWN
        assert app.session.submissions.step(key) is None
        highlight(app, key)
        await pilot.press("u")
        await until(pilot, lambda: "Looking whether a batch came" in seen(app))
        await pilot.press("X")
        await until(pilot, lambda: "was stopped at 0 of 3" in said(app))
