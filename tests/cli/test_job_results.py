"""The results of a job as one, whichever of its batches are here."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui.account.opening import open_kept, results_directory
from batchtui.domain.batch import RequestCounts
from batchtui.domain.job import Job, Part, Round
from batchtui.history.history import History
from batchtui.results.store import ResultStore
from batchtui.settings.credentials import identify
from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Remember, batch_body
from tests.conftest import StartSimulator

HOUR = timedelta(hours=1)
GOOD, SHORT, EXPIRED = "end_turn", "max_tokens", "expired"


def line(custom_id: str, how: str) -> str:
    result: dict[str, object] = {"type": how}
    if how in (GOOD, SHORT):
        usage = {"input_tokens": 1000, "output_tokens": 100}
        message = {"model": "claude-x", "stop_reason": how, "usage": usage}
        result = {"type": "succeeded", "message": message}
    return json.dumps({"custom_id": custom_id, "result": result})


def lines(**answers: str) -> list[str]:
    return [line(custom_id, how) for custom_id, how in answers.items()]


def keep(config: Path, batch_id: str, results: Sequence[str]) -> None:
    """Put results on the disk as if they had been fetched."""
    directory = results_directory(config, os.environ["ANTHROPIC_BASE_URL"])
    directory.mkdir(parents=True, exist_ok=True)
    ResultStore(directory).path(batch_id).write_text("".join(f"{each}\n" for each in results))


def add_job(
    history: History, *batches: tuple[str, int], again: tuple[str, int] | None = None
) -> Job:
    """A job of batches with so many requests each; one without an id is not sent."""
    now = datetime.now(UTC)
    parts = [part(number, 0, *each) for number, each in enumerate(batches, 1)]
    first = Round(0, "/requests.jsonl", 1, b"d", sum(size for _, size in batches), now)
    key = history.jobs.add("tickets", first, parts, at=now).key
    for each, (batch_id, _) in zip(parts, batches, strict=True):
        send(history, key, each.number, batch_id)
    if again is not None:
        after = Round(1, "/again.jsonl", 1, b"e", again[1], now, RequestCounts(expired=again[1]))
        history.jobs.add_round(key, after, [part(len(parts) + 1, 1, *again)])
        send(history, key, len(parts) + 1, again[0])
    return history.jobs.get(key)


def part(number: int, of: int, batch_id: str, requests: int) -> Part:
    return Part(number, of, 0, 1, 1, requests, 1, b"p")


def send(history: History, key: int, number: int, batch_id: str) -> None:
    if batch_id:
        history.jobs.begin(key, number, at=datetime.now(UTC))
        history.jobs.created(key, number, batch_id)


def ids(printed: str) -> list[str]:
    return [json.loads(each)["custom_id"] for each in printed.splitlines()]


@pytest.fixture
def kept(remember: Remember, config: Path) -> Job:
    """A job with a batch here, one that runs, one that is not sent, and a retry that is here."""
    history = remember(
        batch_body("msgbatch_one", age=HOUR),
        batch_body("msgbatch_two", age=HOUR, processing_status="in_progress", ended_at=None),
        batch_body("msgbatch_again", age=HOUR),
    )
    keep(config, "msgbatch_one", lines(a=GOOD, b=EXPIRED, c=SHORT))
    keep(config, "msgbatch_again", lines(b=GOOD, c=EXPIRED))
    return add_job(
        history, ("msgbatch_one", 3), ("msgbatch_two", 3), ("", 3), again=("msgbatch_again", 2)
    )


@pytest.mark.parametrize("name", ["tickets", "JOB"])
def test_a_job_prints_each_custom_id_once_by_its_best_answer(
    cli: Cli, kept: Job, name: str
) -> None:
    result = cli("results", kept.id if name == "JOB" else name, "--offline")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == lines(a=GOOD, c=SHORT, b=GOOD)
    assert result.stderr.splitlines() == [
        "tickets: 3 in batches that have not ended (msgbatch_two).",
        "tickets: 3 not sent.",
        "tickets: 2 of 4 batches are here.",
        "tickets: 7 of 9 requests have no good answer.",
    ]


@pytest.mark.usefixtures("kept")
def test_all_options_are_for_jobs_too(cli: Cli, tmp_path: Path) -> None:
    options = {
        ("--type", "expired"): [],
        ("--stop-reason", "max_tokens"): ["c"],
        ("--custom-id", "b"): ["b"],
        ("--grep", "C"): [],
        ("--limit", "2"): ["a", "c"],
    }
    for words, found in options.items():
        assert ids(cli("results", "tickets", "--offline", *words).stdout) == found
    target = tmp_path / "all.csv"
    cli("results", "tickets", "--offline", "--format", "csv", "--output", str(target))
    assert [row.partition(",")[0] for row in target.read_text().splitlines()[1:]] == ["a", "c", "b"]


@pytest.mark.usefixtures("kept")
def test_a_summary_says_how_the_job_stood_after_each_round(cli: Cli) -> None:
    page = cli("results", "tickets", "--offline", "--summary").stdout
    assert page.splitlines()[0].startswith("tickets: 3 results of 9 requests, ")
    assert "  0  9 requests sent, 1 of 3 here; 8 without a good answer after it" in page
    assert "     3 in batches that have not ended" in page
    assert "  1  2 requests sent again, all here; 7 without a good answer after it" in page
    found = json.loads(cli("results", "tickets", "--offline", "--summary", "--json").stdout)
    assert (found["name"], found["lines"], found["requests"]) == ("tickets", 3, 9)
    assert (found["without_good_answer"], found["without_result"]) == (7, 6)
    assert [(each["number"], each["left"]) for each in found["rounds"]] == [(0, 8), (1, 7)]


def test_a_job_of_which_nothing_is_here_has_no_results(cli: Cli, remember: Remember) -> None:
    add_job(remember(batch_body("msgbatch_one", age=HOUR)), ("msgbatch_one", 3))
    history = remember()
    key = history.jobs.all()[0].key
    history.jobs.add_round(
        key,
        Round(1, "/again.jsonl", 1, b"e", 1, datetime.now(UTC)),
        [part(2, 1, "", 1)],
    )
    result = cli("results", "tickets", "--offline")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No results of this job are here. Leave out --offline" in result.stderr


def test_a_job_of_one_batch_is_that_batch(cli: Cli, remember: Remember, config: Path) -> None:
    history = remember(batch_body("msgbatch_one", age=HOUR, request_counts={"succeeded": 1}))
    add_job(history, ("msgbatch_one", 1))
    history.annotate("msgbatch_one", label="tickets")
    keep(config, "msgbatch_one", lines(a=GOOD))
    result = cli("results", "tickets", "--offline", "--summary", "--json")
    assert json.loads(result.stdout)["id"] == "msgbatch_one"


# Over the network


@pytest.fixture
def server(
    simulator: StartSimulator, use: Callable[[RunningServer], RunningServer]
) -> RunningServer:
    return use(simulator())


@pytest.fixture
def history(server: RunningServer, config: Path, cli: Cli) -> Iterator[History]:
    """The history, once the server's list was read."""
    cli("list", "--limit", "0")
    kept = open_kept(config, identify(os.environ), now=datetime.now(UTC))
    yield kept.history
    kept.history.close()


def fetchable(history: History) -> list[tuple[str, int]]:
    """Two batches whose results can be fetched, with how many requests they have."""
    now = datetime.now(UTC)
    found = [
        (record.id, record.batch.request_counts.total)
        for record in history.records()
        if record.results_on_server(now) == "available"
    ]
    return found[-2:]


def test_what_is_not_here_is_fetched(
    cli: Cli, history: History, server: RunningServer, config: Path
) -> None:
    first, second = fetchable(history)
    batch = json.loads(cli("results", first[0]).stdout.splitlines()[0])["custom_id"]
    keep(config, "msgbatch_again", lines(**{batch: GOOD}))
    add_job(history, first, second, again=("msgbatch_again", 1))
    result = cli("results", "tickets")
    assert result.exit_code == 0
    found = ids(result.stdout)
    assert len(found) == len(set(found))
    assert found[-1] == batch
    assert f"{second[0]}: results are in" in result.stderr
    assert cli("results", "tickets").stdout == result.stdout
    assert sum(call.operation == "results" for call in server.calls) == 2


def test_what_cannot_be_fetched_is_named_and_the_rest_printed(
    cli: Cli, history: History, server: RunningServer
) -> None:
    first, second = fetchable(history)
    add_job(history, first, second)
    assert cli("results", first[0]).exit_code == 0
    server.faults.add("400/results:1")
    result = cli("results", "tickets")
    assert result.exit_code == 1
    assert len(ids(result.stdout)) == first[1]
    assert f"in batches whose results are not fetched ({second[0]})" in result.stderr
