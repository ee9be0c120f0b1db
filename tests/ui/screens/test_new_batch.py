"""From a request file to a job, over the simulated API."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from batchtui.domain.job_record import JobRecord
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.new_batch import NewBatchScreen, Stage
from batchtui.ui.widgets.canvas import Canvas
from tests.ui.request_files import request, write_lines, write_requests
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory."""
    path = tmp_path / "here"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def seen(app: Host) -> str:
    return "\n".join(
        widget.render_line(y).text
        for widget in app.screen.query(Canvas)
        if widget.display
        for y in range(widget.size.height)
    )


async def opened(app: Host, pilot: Pilot[int]) -> NewBatchScreen:
    await pilot.press("n")
    await until(pilot, lambda: isinstance(app.screen, NewBatchScreen) and app.screen.is_mounted)
    screen = app.screen
    assert isinstance(screen, NewBatchScreen)
    await pilot.pause()
    return screen


async def checked(app: Host, pilot: Pilot[int], path: str) -> NewBatchScreen:
    screen = await opened(app, pilot)
    screen.picker.field.value = path
    await pilot.press("enter")
    await until(pilot, lambda: screen.stage is Stage.CHECKED)
    await pilot.pause()
    return screen


def home(app: Host) -> BatchesScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, BatchesScreen)
    return screen


def current_job(app: Host) -> JobRecord | None:
    record = home(app).current
    return record if isinstance(record, JobRecord) else None


async def test_from_a_typed_path_to_a_batch(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    write_requests(here / "tickets-fr.jsonl", 30)
    write_requests(here / "tickets-de.jsonl", 3)
    server = simulator("crowd:3")
    async with hosting(server.base_url, size=(100, 30)) as (app, pilot):
        screen = await opened(app, pilot)
        await pilot.press("t", "tab")
        await until(pilot, lambda: screen.picker.field.value == "tickets-")
        await pilot.press("f", "tab")
        await until(pilot, lambda: screen.picker.field.value == "tickets-fr.jsonl")
        await pilot.press("enter")
        await until(pilot, lambda: screen.stage is Stage.CHECKED)
        await pilot.pause()
        assert "✓ can be sent" in seen(app)
        assert "requests    30" in seen(app)
        assert "claude-haiku-5-5 30" in seen(app)
        assert "estimated" in seen(app)
        assert screen.name_line.text == "tickets-fr"
        assert screen.name_line.field.has_focus
        await pilot.press("enter")
        assert screen.options.has_focus
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is home(app))
        await until(pilot, lambda: any("tickets-fr was sent" in each for each in app.notices))
        record = home(app).current
        assert record is not None
        assert record.name == "tickets-fr"
        assert record.batch.request_counts.total == 30
        assert record.request_file == str(here / "tickets-fr.jsonl")
        assert len([call for call in server.calls if call.operation == "create"]) == 1


async def test_a_file_cut_into_several_wants_their_number(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    write_requests(here / "tickets.jsonl", 25)
    server = simulator("crowd:3")
    async with hosting(server.base_url, size=(100, 30)) as (app, pilot):
        screen = await checked(app, pilot, "tickets.jsonl")
        screen.name_line.fill("my job")
        await pilot.press("tab", *["backspace"] * 7, "1", "0", "enter")
        await until(pilot, lambda: "batches     3" in seen(app))
        assert screen.name_line.text == "my job"
        assert "10 + 10 + 5 requests" in seen(app)
        assert screen.options.has_focus, "what confirms is not typed into the name"
        await pilot.press("enter")
        await until(pilot, lambda: "Type 3 to confirm." in seen(app))
        assert not app.session.jobs
        await pilot.press("3", "enter")
        await until(pilot, lambda: app.screen is home(app))
        await until(pilot, lambda: "my job was sent: 3 batches." in app.notices)
        await until(pilot, lambda: current_job(app))
        job = current_job(app)
        assert job is not None
        assert [each.batch.request_counts.total for each in job.members] == [10, 10, 5]
        await opened(app, pilot)
        await until(pilot, lambda: "sent as my job" in seen(app))
        assert "my job 3/3" not in seen(app)


async def test_another_file_begins_with_an_empty_form(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    write_requests(here / "tickets.jsonl", 25)
    async with hosting(simulator("crowd:3").base_url, size=(100, 30)) as (app, pilot):
        screen = await checked(app, pilot, "tickets.jsonl")
        screen.flight_line.fill("2")
        screen.size_line.fill("10")
        screen.size_line.field.focus()
        await pilot.press("enter")
        await until(pilot, lambda: "batches     3" in seen(app))
        await pilot.press("escape", "enter")
        await until(pilot, lambda: "batches     1" in seen(app))
        assert screen.flight_line.text == ""
        assert screen.size_line.text == "100,000"


async def test_what_ails_a_file_is_shown_and_keeps_it_from_being_sent(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    bad = [request(f"bad id {each}") for each in range(9)]
    path = write_lines(
        here / "bad.jsonl", [request("good"), request("none", max_tokens=None), *bad]
    )
    async with hosting(simulator("crowd:3").base_url, size=(100, 30)) as (app, pilot):
        screen = await checked(app, pilot, "bad.jsonl")
        assert "✗ 10 problems: cannot be sent" in seen(app)
        assert "params.max_tokens is missing" in seen(app)
        assert "line 2 (none)" in seen(app)
        assert "more" in seen(app)
        assert "Send" not in seen(app)
        assert not screen.query_one("#form").display
        write_requests(path, 2)
        assert screen.options.has_focus
        await pilot.press("enter")
        await until(pilot, lambda: "✓ can be sent" in seen(app))


async def test_what_cannot_be_checked_says_why(hosting: Hosting, here: Path) -> None:
    (here / "empty.jsonl").touch()
    async with hosting(None, size=(100, 30)) as (app, pilot):
        await checked(app, pilot, "empty.jsonl")
        assert "There are no requests in it" in seen(app)
        await pilot.press("escape")
        screen = app.screen
        assert isinstance(screen, NewBatchScreen)
        assert screen.stage is Stage.PICKING
        (here / "empty.jsonl").unlink()
        await pilot.press("enter")
        await until(pilot, lambda: "is not there" in seen(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is home(app))


async def test_a_file_submitted_before_is_not_sent_by_the_way(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    write_requests(here / "tickets.jsonl", 5)
    server = simulator("crowd:3")
    async with hosting(server.base_url, size=(100, 30)) as (app, pilot):
        await checked(app, pilot, "tickets.jsonl")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: any("was sent" in each for each in app.notices))
        screen = await opened(app, pilot)
        await until(pilot, lambda: "sent as tickets" in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: screen.stage is Stage.CHECKED)
        await pilot.pause()
        assert "This file was submitted" in seen(app)
        assert "! submitted already" in seen(app)
        assert screen.options.has_focus
        assert "▸ Pick another file" in seen(app)
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: "Type 1 to confirm." in seen(app))
        await pilot.press("1", "enter")
        await until(pilot, lambda: app.screen is home(app))
        await until(pilot, lambda: "tickets 2 was sent: 1 batch." in app.notices)


async def test_read_only_and_offline_check_but_send_nothing(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    write_requests(here / "tickets.jsonl", 5)
    async with hosting(None, size=(100, 30)) as (app, pilot):
        await checked(app, pilot, "tickets.jsonl")
        assert "✓ can be sent" in seen(app)
        assert "OFFLINE" in seen(app)
        assert "Send" not in seen(app)
    async with hosting(simulator("crowd:3").base_url, read_only=True) as (app, pilot):
        await checked(app, pilot, "tickets.jsonl")
        assert "READ-ONLY" in seen(app)
        assert "Send" not in seen(app)


async def test_foreign_text_in_a_file_is_text(hosting: Hosting, here: Path) -> None:
    line = request("\x1b]0;evil\x07", model="[red]\u202emodel")
    name = "evil\x1b[2J.jsonl"
    (here / name).write_text(json.dumps(line) + "\n{not json\n")
    async with hosting(None, size=(100, 30)) as (app, pilot):
        await checked(app, pilot, name)
        assert "\x1b" not in seen(app)
        assert "\u202e" not in seen(app)
        assert "[red]" in seen(app)


async def test_a_long_look_can_be_stopped(
    hosting: Hosting, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_requests(here / "many.jsonl", 10)
    go_on = Event()
    slow = SimpleNamespace(sleep=lambda seconds: go_on.wait(10))
    monkeypatch.setattr("batchtui.ui.checking.time", slow)
    async with hosting(None, size=(60, 15)) as (app, pilot):
        screen = await opened(app, pilot)
        screen.picker.field.value = "many.jsonl"
        await pilot.press("enter")
        await until(pilot, lambda: screen.stage is Stage.CHECKING)
        await pilot.press("escape")
        assert screen.stage is Stage.PICKING
        go_on.set()
        await pilot.pause(0.3)
        assert screen.stage is Stage.PICKING
        assert isinstance(app.focused, Input)
