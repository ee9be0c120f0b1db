"""One result over the whole screen: its prompt, its neighbours, what is found in it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from batchtui.domain.text import UNSAFE
from batchtui.results.opening import open_results_now
from batchtui.results.pattern import Pattern
from batchtui.ui.presenters.result import Look
from batchtui.ui.screens.result import ResultScreen
from batchtui.ui.widgets.canvas import Canvas
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until

HOSTILE = "\x1b]0;t\x07[@click=app.quit]x[/]\u202e\x9b31m\ud800"


def seen(app: Host) -> str:
    """The text of all that is shown."""
    widgets = [each for each in app.screen.query(Canvas) if each.display and each.size]
    return "\n".join(
        widget.render_line(y).text for widget in widgets for y in range(widget.size.height)
    )


def answer(custom_id: str, *content: object, **fields: object) -> bytes:
    message = {"content": content, "stop_reason": "end_turn", "model": "m", **fields}
    result = {"type": "succeeded", "message": message}
    return json.dumps({"custom_id": custom_id, "result": result}).encode()


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def request(custom_id: str, words: str) -> bytes:
    params = {"model": "m", "messages": [{"role": "user", "content": words}]}
    return json.dumps({"custom_id": custom_id, "params": params}).encode()


def was_said(app: Host, words: str) -> bool:
    return any(words in notice for notice in app.notices)


def read(path: Path) -> bytes:
    return path.read_bytes()


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


async def open_result(
    app: Host,
    pilot: Pilot[int],
    lines: Sequence[bytes],
    tmp_path: Path,
    *,
    pattern: Pattern | None = None,
) -> ResultScreen:
    """Read results of any batch."""
    path = tmp_path / "results.jsonl"
    write(path, b"\n".join(lines))
    file = open_results_now(path)
    batch_id = next(iter(app.session.records))
    numbers = range(len(file))
    screen = ResultScreen(app.session, batch_id, file, numbers, 0, Look(), pattern)
    await app.push_screen(screen)
    await until(pilot, lambda: screen.shown)
    await pilot.pause()
    return screen


async def link(app: Host, pilot: Pilot[int], path: str) -> None:
    await pilot.press("i")
    await until(pilot, lambda: app.screen.query(Input))
    app.screen.query_one(Input).value = path
    await pilot.press("enter")


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    path = tmp_path / "requests.jsonl"
    path.write_bytes(b"\n".join([request("b", "What is b?"), request("a", "What is a?")]))
    return path


RESULTS = [answer("a", text("It is **a**.")), answer("b", text("It is b."))]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_prompt_is_beside_the_answer_or_below_it(
    simulator: StartSimulator,
    hosting: Hosting,
    tmp_path: Path,
    requests: Path,
    size: tuple[int, int],
) -> None:
    async with hosting(simulator("crowd:3").base_url, size=size) as (app, pilot):
        screen = await open_result(app, pilot, RESULTS, tmp_path)
        await link(app, pilot, str(requests))
        await until(pilot, lambda: "What is a?" in seen(app))
        assert "prompt (requests.jsonl, line 2)" in seen(app)
        assert screen.has_class("-beside") is (size[0] > 100)
        await pilot.press("tab")
        await pilot.press("n")
        await until(pilot, lambda: "What is b?" in seen(app))
        assert "prompt (requests.jsonl, line 1)" in seen(app)
        await pilot.resize_terminal(200 - size[0], 30)
        await pilot.pause()
        assert "What is b?" in seen(app)
        await link(app, pilot, "")
        await until(pilot, lambda: "What is b?" not in seen(app))
        assert "It is b." in seen(app)
        assert app.session.account.history.record(screen.batch_id).request_file == ""  # type: ignore[union-attr]


async def test_a_file_that_does_not_fit_is_not_linked(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path, requests: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen = await open_result(app, pilot, [answer("other", text("x"))], tmp_path)
        await link(app, pilot, str(requests))
        await until(pilot, lambda: any("Not one request of these" in each for each in app.notices))
        await link(app, pilot, str(tmp_path / "missing.jsonl"))
        await until(pilot, lambda: any("is not there" in each for each in app.notices))
        assert screen.request_file == ""


async def test_a_request_file_that_went_away_leaves_the_answer(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path, requests: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        await open_result(app, pilot, RESULTS, tmp_path)
        await link(app, pilot, str(requests))
        await until(pilot, lambda: "What is a?" in seen(app))
        os.unlink(requests)
        await pilot.press("n")
        await until(pilot, lambda: "The request file requests.jsonl is not there." in seen(app))
        assert "It is b." in seen(app)
        write(requests, request("c", "What is c?"))
        await pilot.press("p")
        await until(pilot, lambda: "No request with this custom_id" in seen(app))


async def test_keys_are_only_for_what_has_an_effect(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path
) -> None:
    lines = [
        answer("a", {"type": "thinking", "thinking": "because"}, text("x")),
        b'{"custom_id":"b","result":{"type":"expired"}}',
    ]
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        screen = await open_result(app, pilot, lines, tmp_path)
        assert screen.check_action("thinking", ())
        assert screen.check_action("plain", ())
        await pilot.press("z")
        await until(pilot, lambda: "because" in seen(app))
        await pilot.press("n")
        await until(pilot, lambda: "expired" in seen(app))
        assert not screen.check_action("thinking", ())
        assert not screen.check_action("plain", ())
        assert screen.check_action("raw", ())


async def test_what_was_searched_for_stands_out_and_is_gone_to(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path
) -> None:
    words = "\n".join(f"line {number}" for number in range(5_000)) + "\nthe needle"
    pattern = Pattern.compile("needle")
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        await open_result(app, pilot, [answer("a", text(words))], tmp_path, pattern=pattern)
        await until(pilot, lambda: "the needle" in seen(app))


async def test_taking_it_out_says_what_was_taken(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = {"type": "error", "error": {"type": "api_error", "message": "Sorry."}}
    lines = [
        answer("a", text("An answer.")),
        json.dumps({"custom_id": "b", "result": {"type": "errored", "error": error}}).encode(),
        b'{"custom_id":"c","result":{"type":"expired"}}',
    ]
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        await open_result(app, pilot, lines, tmp_path)
        for what in ("answer", "error message", "line"):
            await pilot.press("y", "w")
            await until(pilot, partial(was_said, app, f"The {what} was saved as"))
            assert was_said(app, f"The {what} was sent to")
            await pilot.press("n")
            await pilot.pause(0.1)
        assert read(tmp_path / "a.txt") == b"An answer."
        assert read(tmp_path / "b.txt") == b"Sorry."
        assert read(tmp_path / "c.json") == lines[2]


async def test_saving_somewhere_else(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path
) -> None:
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        await open_result(app, pilot, RESULTS, tmp_path)
        for wish in (str(tmp_path), str(tmp_path / "mine.md"), str(tmp_path / "no" / "such")):
            await pilot.press("W")
            await until(pilot, lambda: app.screen.query(Input))
            app.screen.query_one(Input).value = wish
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, ResultScreen))
            await pilot.pause(0.1)
        await until(pilot, lambda: any("Nothing can be saved in" in each for each in app.notices))
        assert read(tmp_path / "a.txt") == read(tmp_path / "mine.md") == b"It is **a**."


async def test_a_line_too_long_to_take_apart_is_shown_and_saved_whole(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("batchtui.ui.decoding.LONGEST", 500_000)
    line = answer("a", text("word " * 200_000))
    async with hosting(simulator("crowd:3").base_url) as (app, pilot):
        await open_result(app, pilot, [line], tmp_path)
        await until(pilot, lambda: "too long to read" in seen(app))
        assert '"custom_id": "a",' in seen(app)
        await pilot.press("w")
        await until(pilot, lambda: any("The line was saved" in each for each in app.notices))
        assert read(tmp_path / "a.json") == line


async def test_hostile_prompts_are_only_text(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path
) -> None:
    requests = tmp_path / "requests[@click=app.quit].jsonl"
    write(requests, request("a", HOSTILE).replace(b'"model": "m"', b'"model": "\\u001b[31m"'))
    async with hosting(simulator("crowd:3").base_url, size=(120, 40)) as (app, pilot):
        screen = await open_result(app, pilot, [answer("a", text(HOSTILE))], tmp_path)
        await link(app, pilot, str(requests))
        await until(pilot, lambda: "user" in seen(app))
        for width in (120, 60, 20):
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
            assert not UNSAFE.search(seen(app).replace("\n", ""))
        await pilot.press("J")
        await pilot.pause()
        assert not UNSAFE.search(seen(app).replace("\n", ""))
        assert app.screen is screen
