"""The dialog that sends requests again: what it shows, what it sends, what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.prompt import PromptScreen
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.screens.retry import RetryScreen
from batchtui.ui.widgets.canvas import Canvas
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until
from tests.ui.screens.kept import answer, failure, open_kept

RESULTS = [
    answer("a"),
    failure("b", "overloaded_error", "Overloaded"),
    failure("c", "invalid_request_error", "prompt is too long: 214806 tokens > 200000 maximum"),
    answer("d", "So far", stop="max_tokens"),
    json.dumps({"custom_id": "e", "result": {"type": "expired"}}).encode(),
]


def request(custom_id: str) -> bytes:
    messages = [{"role": "user", "content": f"about {custom_id}"}]
    params = {"model": "claude-haiku-4-5", "max_tokens": 10, "messages": messages}
    return json.dumps({"custom_id": custom_id, "params": params}).encode() + b"\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with the request file."""
    path = tmp_path / "here"
    path.mkdir()
    monkeypatch.chdir(path)
    (path / "asks.jsonl").write_bytes(b"".join(map(request, "abcde")))
    return path


def seen(app: Host) -> str:
    """All that is on the screen."""
    return "\n".join(
        widget.render_line(y).text
        for widget in app.screen.query(Canvas)
        if widget.display
        for y in range(widget.size.height)
    )


async def ask(
    app: Host, pilot: Pilot[int], here: Path, *pressed: str, linked: bool = True
) -> tuple[ResultsScreen, RetryScreen]:
    screen = await open_kept(app, pilot, RESULTS)
    if linked:
        account, path = app.session.account, str(here / "asks.jsonl")
        await app.session.engine.get(
            lambda: account.annotate(screen.batch_id, request_file=path, label="mine")
        )
        await until(pilot, lambda: app.session.records[screen.batch_id].request_file)
    await pilot.press(*pressed, "R")
    await until(pilot, lambda: isinstance(app.screen, RetryScreen) and app.screen.is_mounted)
    dialog = app.screen
    assert isinstance(dialog, RetryScreen)
    return screen, dialog


async def ready(app: Host, pilot: Pilot[int], words: str) -> None:
    await until(pilot, lambda: words in seen(app))
    await pilot.pause()


def kept(app: Host) -> list[bytes]:
    """The files of requests that were prepared."""
    return [each.read_bytes() for each in app.session.account.requests.glob("retry-*.jsonl")]


async def test_what_needs_it_is_sent_again(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=(100, 40)) as (app, pilot):
        screen, _ = await ask(app, pilot, here)
        await ready(app, pilot, "Send 2 requests again")
        words = seen(app)
        assert "[x] errored, may succeed now" in words
        assert "overloaded_error 1" in words
        assert "[ ] max_tokens" in words
        assert "1 request kept apart" in words
        assert "prompt is too long" in words
        assert "2 requests · " in words
        assert "▸ Back" in words
        await pilot.press("tab", "tab", "up", "up", "enter")
        await until(pilot, lambda: app.screen is screen)
        assert any("2 requests of mine are being sent again" in each for each in app.notices)
        (job,) = app.session.account.history.jobs.all()
        assert [each.requests for each in job.rounds][1:] == [2]
        await until(pilot, lambda: not app.session.submissions.busy)
        assert kept(app) == [request("b") + request("e")]


async def test_reasons_and_settings_are_chosen(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen, _ = await ask(app, pilot, here)
        await ready(app, pilot, "Send 2 requests again")
        await pilot.press("space", "down", "enter")
        await ready(app, pilot, "There is nothing to be sent again.")
        assert kept(app) == []
        await pilot.press("down", "space", "tab", *"max_tokens=", "2", "0")
        await ready(app, pilot, "Write 1 request to a file…")
        await pilot.press("enter", "up", "enter")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.pause()
        field = app.screen.query_one(Input)
        assert field.value == "mine-retry.jsonl"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        (line,) = (here / "mine-retry.jsonl").read_bytes().splitlines()
        assert json.loads(line)["custom_id"] == "d"
        assert b'"max_tokens":20' in line
        await until(pilot, lambda: kept(app) == [])


async def test_a_file_that_is_there_is_replaced_only_if_that_is_said(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    target = here / "mine-retry.jsonl"
    target.write_text("precious")
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen, dialog = await ask(app, pilot, here)
        await ready(app, pilot, "Send 2 requests again")
        dialog.options.focus()

        async def write() -> None:
            await pilot.press("up", "enter")
            await until(pilot, lambda: isinstance(app.screen, PromptScreen))
            await pilot.pause()
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, AskScreen))
            await ready(app, pilot, "mine-retry.jsonl is there already.")

        await write()
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is dialog)
        assert target.read_text() == "precious"
        await pilot.press("down")
        await write()
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.screen is screen)
        assert target.read_bytes() == request("b") + request("e")


async def test_a_place_that_does_not_exist_is_a_sentence(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        _, dialog = await ask(app, pilot, here)
        await ready(app, pilot, "Send 2 requests again")
        dialog.options.focus()
        await pilot.press("up", "enter")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.pause()
        app.screen.query_one(Input).value = "~no-such-person/x.jsonl"
        await pilot.press("enter")
        await ready(app, pilot, "There is no directory")


async def test_what_is_tried_because_of_what_is_set_is_named(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=(120, 40)) as (app, pilot):
        await ask(app, pilot, here)
        await ready(app, pilot, "1 request kept apart")
        await pilot.press("tab", *"max_tokens=", "2", "0")
        await ready(app, pilot, "1 request of these failed with invalid_request_error")
        await ready(app, pilot, "Send 3 requests again")


async def test_marked_requests_are_those_meant(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        await ask(app, pilot, here, "space", "space")
        await ready(app, pilot, "Send 2 requests again")
        assert "[x]" not in seen(app)
        assert kept(app) == [request("a") + request("b")]


async def test_what_stands_in_the_way_is_a_sentence(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen, dialog = await ask(app, pilot, here, linked=False)
        await ready(app, pilot, "It is not known in which file the requests")
        assert "Send 2" not in seen(app)
        dialog.setting.fill("x")
        await ready(app, pilot, "sets nothing")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)


async def test_nothing_is_sent_in_read_only_mode(
    simulator: StartSimulator, hosting: Hosting, here: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url, read_only=True) as (app, pilot):
        await ask(app, pilot, here)
        await ready(app, pilot, "Write 2 requests")
        assert "Send 2" not in seen(app)
        assert "READ-ONLY" in seen(app)


async def test_from_the_list(simulator: StartSimulator, hosting: Hosting, here: Path) -> None:
    async with hosting(simulator("crowd:3").base_url, size=(60, 15)) as (app, pilot):
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, RetryScreen))
        await ready(app, pilot, "These results are not here.")
        assert "Looking" not in seen(app)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, BatchesScreen))
