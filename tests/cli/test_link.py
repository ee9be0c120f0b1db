"""A batch and the file its requests stand in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui.account.opening import open_kept
from batchtui.cli.start import now
from batchtui.domain.job import Part, Round
from batchtui.settings.credentials import identify
from batchtui.simulator.server import KEY
from tests.cli.conftest import Cli, Remember, batch_body

HOUR = timedelta(hours=1)


def requests(*custom_ids: str) -> str:
    lines = ({"custom_id": each, "params": {"model": "m"}} for each in custom_ids)
    return "".join(json.dumps(line) + "\n" for line in lines)


def keep_results(config: Path, batch_id: str, *custom_ids: str) -> None:
    identity = identify({}, base_url="http://127.0.0.1:9", api_key=KEY)
    kept = open_kept(config, identity, now=now())
    kept.history.close()
    path = kept.results.path(batch_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ({"custom_id": each, "result": {"type": "expired"}} for each in custom_ids)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "requests.jsonl"
    path.write_text(requests(*(f"a-{number}" for number in range(500))))
    return path


def test_a_file_is_linked_and_forgotten(cli: Cli, remember: Remember, file: Path) -> None:
    history = remember(batch_body("msgbatch_a", age=HOUR))
    done = cli("link", "msgbatch_a", str(file))
    assert done.exit_code == 0
    assert done.stdout == f"msgbatch_a: {file}\n"
    assert "can be told when the results are here" in done.stderr
    record = history.record("msgbatch_a")
    assert record is not None
    assert record.request_file == str(file)
    assert str(file) in cli("show", "msgbatch_a", "--offline").stdout
    assert cli("link", "msgbatch_a", "--remove").exit_code == 0
    assert "requests in" not in cli("show", "msgbatch_a", "--offline").stdout


@pytest.mark.parametrize(
    ("kept", "code", "says"),
    [
        ([f"a-{each}" for each in range(500)], 0, "the requests of all 500 results, and no"),
        (["a-1", "a-499"], 0, "Requests without a result: 498 (a-0, a-2, a-3 and 495 more)."),
        (["a-1", "b-1"], 0, "It has 500 requests, among them those of 1 of 2 results."),
        (["a-1", "b-1"], 0, "Results without a request: 1 (b-1)."),
        (["a-1", "a-1"], 0, "Results that repeat a custom_id: 1 (a-1)."),
        (["b-1", "b-2"], 2, "Not one request of these results is in requests.jsonl"),
    ],
)
def test_the_results_here_tell_whether_it_fits(
    cli: Cli, remember: Remember, file: Path, config: Path, kept: list[str], code: int, says: str
) -> None:
    remember(batch_body("msgbatch_a", age=HOUR))
    keep_results(config, "msgbatch_a", *kept)
    done = cli("link", "msgbatch_a", str(file))
    assert done.exit_code == code
    assert says in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["msgbatch_a"], "Name a file, or give --remove"),
        (["msgbatch_a", "FILE", "--remove"], "Name a file, or give --remove"),
        (["msgbatch_b", "FILE"], 'No batch known here is called "msgbatch_b"'),
        (["msgbatch_a", "FILE.other"], "is not there"),
        (["msgbatch_a", "caf\udce9"], "no path that could be kept"),
    ],
)
def test_what_cannot_be_linked(
    cli: Cli, remember: Remember, file: Path, words: list[str], says: str
) -> None:
    remember(batch_body("msgbatch_a", age=HOUR))
    done = cli("link", *(each.replace("FILE", str(file)) for each in words))
    assert done.exit_code in (1, 2)
    assert says in done.stderr


def test_what_holds_no_requests_is_not_linked(cli: Cli, remember: Remember, file: Path) -> None:
    remember(batch_body("msgbatch_a", age=HOUR))
    file.write_text("custom_id,prompt\n")
    done = cli("link", "msgbatch_a", str(file))
    assert done.exit_code == 2
    assert "does not look like a file of requests" in done.stderr


def test_custom_ids_that_are_there_twice_are_named(
    cli: Cli, remember: Remember, file: Path, config: Path
) -> None:
    remember(batch_body("msgbatch_a", age=HOUR))
    keep_results(config, "msgbatch_a", "a-1")
    file.write_text(requests("a-1", "a-2", "a-1", "a-2"))
    done = cli("link", "msgbatch_a", str(file))
    assert done.stderr.splitlines() == [
        "It has 4 requests, among them those of 1 of 1 result.",
        "Requests without a result: 1 (a-2).",
        "Requests that repeat a custom_id: 2 (a-1, a-2).",
    ]


def test_ids_made_of_line_numbers_are_compared_too(
    cli: Cli, remember: Remember, file: Path, config: Path
) -> None:
    remember(batch_body("msgbatch_a", age=HOUR))
    keep_results(config, "msgbatch_a", "line-1", "line-2")
    line = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    file.write_text(f"{json.dumps(line)}\n" * 2)
    assert "the requests of all 2 results" in cli("link", "msgbatch_a", str(file)).stderr


def test_a_job_is_compared_with_its_own_file(
    cli: Cli, remember: Remember, file: Path, config: Path
) -> None:
    history = remember(batch_body("msgbatch_a", age=HOUR))
    keep_results(config, "msgbatch_a", "a-1")
    moment = datetime.now(UTC)
    parts = [Part(number, 0, 0, 1, 1, 250, 1) for number in (1, 2)]
    first = Round(0, str(file), 1, b"", 500, moment)
    key = history.jobs.add("tickets", first, parts, at=moment).key
    history.jobs.begin(key, 1, at=moment)
    history.jobs.created(key, 1, "msgbatch_a")
    done = cli("link", "tickets")
    assert done.exit_code == 0
    assert done.stdout == f"tickets: {file}\n"
    assert "Requests without a result: 499 (a-0, a-2, a-3 and 496 more)." in done.stderr
    assert "1 of 2 batches is here." in done.stderr
    assert "stays linked with the file" in cli("link", "tickets", str(file)).stderr
