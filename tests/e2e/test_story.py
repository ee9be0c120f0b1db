"""From a table and a prompt to one answer for every row: made, checked, sent, repaired, merged."""

from __future__ import annotations

import csv
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator
from tests.e2e.conftest import Run, Start, finish, sent, sent_once
from tests.terminal import Terminal

ROWS = 250
FAILING = {
    "simulate-once:overloaded_error": range(3, ROWS, 20),
    "simulate-once:expired": range(11, ROWS, 80),
    "simulate:max_tokens": range(7, ROWS, 50),
    "simulate:pause_turn": range(200, 201),
    "simulate:api_error": range(42, ROWS, 100),
}
"""What some rows ask of the simulator; in two of them whatever is done is of no use."""
HOPELESS = len(FAILING["simulate:api_error"])
IN_NEED = sum(map(len, FAILING.values()))
IDS = [f"ticket-{number}" for number in range(ROWS)]


def words(number: int) -> str:
    wishes = (wish for wish, numbers in FAILING.items() if number in numbers)
    return f"My parcel, number {number}, never came.\nÉ pena! {next(wishes, '')}"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "customer", "words"])
        writer.writerows((each, f"Ann, {each}", words(n)) for n, each in enumerate(IDS))
    return path


@pytest.fixture
def server(simulator: StartSimulator) -> RunningServer:
    """One whose batches end in the twinkling of an eye."""
    return simulator("empty", speed=1000)


def ends(path: Path) -> Iterator[tuple[str, str]]:
    """The custom_id of each result in a file, and how the request ended."""
    for line in path.read_bytes().splitlines():
        result = json.loads(line)["result"]
        message = result.get("message", {})
        yield json.loads(line)["custom_id"], message.get("stop_reason") or result["type"]


@pytest.fixture
def requests(run: Run, table: Path) -> Path:
    """The request file made of the table."""
    path = table.with_suffix(".jsonl")
    made = run(
        *("make", "--prompt", "Sort this ticket of {customer}: {words}", "--id-column", "id"),
        *("--system", "You sort tickets.", "--model", "claude-haiku-5-5", "--max-tokens", "300"),
        *("--output", str(path), str(table)),
    )
    assert made.code == 0, made.err
    return path


def test_by_commands_every_row_gets_one_answer_or_a_reason(
    run: Run, server: RunningServer, requests: Path
) -> None:
    results = requests.with_name("answers.jsonl")
    checked = run("check", str(requests), "--max-requests", "100")
    assert checked.code == 0, checked.err
    assert "250 requests" in checked.out

    submit = ("submit", str(requests), "--name", "tickets", "--max-requests", "100", "--yes")
    submitted = run(*submit, "--watch", server=server)
    assert submitted.code == 3, "some did not succeed"
    assert submitted.out.split() == list(sent(server))
    assert [len(batch) for batch in sent(server).values()] == [100, 100, 50]
    assert sent_once(server, IDS)
    assert "submitted before" in run(*submit, server=server).err

    assert run("results", "tickets", "--output", str(results), server=server).code == 0
    first = dict(ends(results))
    assert sorted(first) == sorted(IDS)
    told = Counter(errored=16, expired=3, max_tokens=5, pause_turn=1, end_turn=ROWS - IN_NEED)
    assert Counter(first.values()) == told

    retried = run(
        *(
            "retry",
            "tickets",
            "--type",
            "errored,expired",
            "--stop-reason",
            "max_tokens,pause_turn",
        ),
        *("--set", "max_tokens=4096", "--yes", "--watch"),
        server=server,
    )
    assert f"{HOPELESS} of {ROWS} requests have no good answer" in retried.err
    *_, again = sent(server).values()
    assert sorted(again) == sorted(each for each, end in first.items() if end != "end_turn")

    assert run("results", "tickets", "--output", str(results), "--force", server=server).code == 0
    merged = list(ends(results))
    assert sorted(custom_id for custom_id, _ in merged) == sorted(IDS)
    assert Counter(end for _, end in merged) == {"end_turn": ROWS - HOPELESS, "errored": HOPELESS}
    summary = run("results", "tickets", "--summary", server=server).out
    assert f"{HOPELESS}  api_error" in summary


def see(app: Terminal, pattern: str) -> None:
    """Read until this is on the screen, and nothing more comes."""
    deadline = time.monotonic() + 20
    while not re.search(pattern, app.text):
        assert time.monotonic() < deadline, f"{pattern!r} did not come:\n{app.text}"
        app.read(0.05)
    app.settle(0.1, 0.5)


def slowly(app: Terminal, *keys: str) -> None:
    """Press keys as a person does, who looks what each of them did."""
    for key in keys:
        app.press(key)
        app.settle(0.2, 1)


def test_in_the_app_every_row_gets_one_answer_or_a_reason(
    start: Start, server: RunningServer, requests: Path
) -> None:
    app = start("--interval", "1", server=server)
    see(app, "0 batches")
    app.press("n")
    see(app, "Request file")
    app.type(str(requests))
    app.press("enter")
    see(app, "Send 1 batch")
    slowly(app, "tab", "ctrl+u")
    app.type("100")
    slowly(app, "enter")
    see(app, "type 3 to confirm")
    slowly(app, "enter", "3", "enter")
    see(app, "tickets ended")
    assert sent_once(server, IDS)
    assert len(sent(server)) == 3

    app.press("enter")
    see(app, f"{IN_NEED} of {ROWS} requests have no good answer")
    app.press("R")
    see(app, "Send 19 requests again")
    slowly(app, "down", "down", "space", "down", "space", "tab")
    app.type("max_tokens=4096")
    see(app, f"Send {IN_NEED} requests again")
    slowly(app, "tab", "up", "up")
    see(app, f"▸ Send {IN_NEED} requests again")
    app.press("enter")
    see(app, f"{HOPELESS} of {ROWS} requests have no good answer")
    app.press("ctrl+c")
    assert finish(app) == 0
    *_, again = sent(server).values()
    assert len(again) == IN_NEED
