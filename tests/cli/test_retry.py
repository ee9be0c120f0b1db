"""`batchtui retry` over real HTTP: what needs it is sent again until everything has its answer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from batchtui.account import resending
from batchtui.account.account import Account
from batchtui.account.resending import Prepared
from batchtui.domain.job import Job
from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli
from tests.conftest import StartSimulator

Use = Callable[[RunningServer], RunningServer]
FAST = 100_000.0
UNREACHABLE = [
    {"type": "image", "source": {"type": "url", "url": "https://gone.invalid/x.png"}},
    {"type": "text", "text": "What is this?"},
]


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at running batches at once again."""
    monkeypatch.setattr("batchtui.account.schedule.BRISK", 0.02)


@pytest.fixture(autouse=True)
def server(simulator: StartSimulator, use: Use) -> RunningServer:
    """A server on which a batch takes no time."""
    return use(simulator("empty", speed=FAST))


def write(path: Path, asks: Mapping[str, object], **params: object) -> Path:
    lines = []
    for custom_id, content in asks.items():
        usual: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 200}
        usual["messages"] = [{"role": "user", "content": content}]
        lines.append(json.dumps({"custom_id": custom_id, "params": usual | params}))
    path.write_text("".join(f"{each}\n" for each in lines))
    return path


def submitted(cli: Cli, path: Path, *words: str) -> None:
    done = cli("submit", str(path), "--name", "asks", "--yes", "--watch", *words)
    assert done.exit_code in (0, 3), done.output


def results(cli: Cli, name: str) -> dict[str, Any]:
    done = cli("results", name)
    assert done.exit_code == 0, done.output
    lines = [json.loads(each) for each in done.stdout.splitlines()]
    assert len({each["custom_id"] for each in lines}) == len(lines)
    return {each["custom_id"]: each["result"] for each in lines}


def stops(found: Mapping[str, Any]) -> dict[str, str]:
    return {
        custom_id: each.get("message", {}).get("stop_reason", each["type"])
        for custom_id, each in found.items()
    }


def retried(cli: Cli, *words: str) -> Result:
    done = cli("retry", "asks", "--yes", "--watch", *words)
    assert "Traceback" not in done.output
    return done


def test_a_job_is_repaired_round_by_round(cli: Cli, tmp_path: Path) -> None:
    asks = {
        "good": "Hello",
        "busy": "simulate-once:overloaded_error",
        "late": "simulate-once:expired",
        "lost": UNREACHABLE,
        "long": "simulate:max_tokens",
        "paused": "simulate:pause_turn",
    }
    submitted(cli, write(tmp_path / "asks.jsonl", asks), "--max-requests", "2")

    first = retried(cli)
    assert first.exit_code == 3
    assert len(first.stdout.split()) == 1
    assert "To be sent again: 2 requests (1 overloaded_error, 1 expired)." in first.stderr
    assert "1 invalid_request_error: Unable to download the file." in first.stderr
    assert "3 of 6 requests have no good answer" in first.stderr

    (short,) = (line for line in first.stderr.splitlines() if "stopped short: " in line)
    assert "1 max_tokens" in short
    assert "1 pause_turn" in short

    second = retried(cli, "--stop-reason", "max_tokens,pause_turn", "--set", "max_tokens=4096")
    assert second.exit_code == 3
    assert "1 of 6 requests has no good answer" in second.stderr
    assert "only what follows the pause comes back" in second.stderr
    found = results(cli, "asks")
    assert stops(found) == dict.fromkeys(asks, "end_turn") | {"lost": "errored"}

    kept_apart = retried(cli)
    assert kept_apart.exit_code == 3
    assert kept_apart.stdout == ""
    assert "1 of 6 requests has no good answer" in kept_apart.stderr
    third = retried(cli, "--custom-id", "lost", "--set", 'messages=[{"role":"user","content":"x"}]')
    assert third.exit_code == 0
    assert "6 of 6 requests done: 6 succeeded." in third.stderr
    assert "All 6 requests have a good answer." in third.stderr
    assert len(results(cli, "asks")) == 6


def test_a_batch_of_no_job_becomes_one(
    cli: Cli, tmp_path: Path, server: RunningServer, config: Path
) -> None:
    path = write(tmp_path / "asks.jsonl", {"a": "Hello", "b": "simulate-once:api_error"})
    requests = [json.loads(each) for each in path.read_text().splitlines()]
    batch_id = _create(server, requests)
    assert cli("list").exit_code == 0
    unlinked = cli("retry", batch_id, "--yes")
    assert unlinked.exit_code == 2
    assert "batchtui link" in unlinked.stderr
    assert cli("link", batch_id, str(path)).exit_code == 0
    left_over, left_just_now = (config / "requests" / f"retry-{each}.jsonl" for each in "ab")
    left_just_now.touch()
    left_over.touch()
    os.utime(left_over, (0, 0))
    done = cli("retry", batch_id, "--yes", "--watch")
    assert done.exit_code == 0, done.output
    assert "All 2 requests have a good answer." in done.stderr
    assert stops(results(cli, f"job:{1}")) == {"a": "end_turn", "b": "end_turn"}
    assert not left_over.exists()
    assert left_just_now.exists()
    left_just_now.unlink()
    kept = list((config / "requests").glob("retry-*.jsonl"))
    assert [each.read_bytes() for each in kept] == [path.read_bytes().splitlines(True)[1]]
    assert kept[0].stat().st_mode & 0o777 == 0o600
    again = cli("retry", batch_id, "--yes")
    assert again.exit_code == 0
    assert "There is nothing to be sent again." in again.stderr


def _create(server: RunningServer, requests: list[Any]) -> str:
    from anthropic import Anthropic

    from batchtui.simulator.server import KEY

    with Anthropic(api_key=KEY, base_url=server.base_url) as client:
        return client.messages.batches.create(requests=requests).id


def test_nothing_is_sent_by_a_dry_run_or_to_a_file(
    cli: Cli, tmp_path: Path, server: RunningServer, config: Path
) -> None:
    path = write(tmp_path / "asks.jsonl", {"a": "Hello", "b": "simulate-once:api_error"})
    submitted(cli, path)
    before = server.world.page(limit=100)
    unknown = cli("retry", "asks", "--stop-reason", "tired", "--dry-run")
    assert unknown.exit_code == 2
    assert 'There is no --stop-reason "tired", only end_turn' in unknown.stderr
    absent = cli("retry", "asks", "--custom-id", "x", "--custom-id", "a", "--dry-run")
    assert 'There is no custom_id "x" to be sent again.' in absent.stderr
    assert "1 request, " in absent.stderr
    dry = cli("retry", "asks", "--dry-run")
    assert dry.exit_code == 0
    assert "1 request, " in dry.stderr
    assert "Nothing was sent." in dry.stderr
    target = tmp_path / "again.jsonl"
    words = ("retry", "asks", "--output", str(target))
    done = cli(*words, "--set", "max_tokens=17")
    assert done.exit_code == 0
    (line,) = target.read_bytes().splitlines()
    assert b'"max_tokens":17' in line
    assert cli(*words).exit_code == 2
    assert cli(*words, "--force").exit_code == 0
    assert target.read_bytes() == path.read_bytes().splitlines(True)[1]
    assert list((config / "requests").glob("retry-*")) == []
    assert server.world.page(limit=100) == before


def test_what_the_api_would_refuse_is_not_sent(cli: Cli, tmp_path: Path, config: Path) -> None:
    submitted(cli, write(tmp_path / "asks.jsonl", {"b": "simulate-once:api_error"}))
    done = retried(cli, "--set", "stream=true")
    assert done.exit_code == 1
    assert "stream" in done.stderr
    assert "Nothing was sent" in done.stderr
    assert list((config / "requests").glob("retry-*")) == []


def test_a_retry_that_was_interrupted_goes_on(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(cli, write(tmp_path / "asks.jsonl", {"b": "simulate-once:api_error"}))
    nothing = cli("retry", "asks", "--resume", "--yes")
    assert nothing.exit_code == 2
    assert "nothing to go on with" in nothing.stderr

    async def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("batchtui.cli.sending.submit", interrupted)
        stopped = cli("retry", "asks", "--yes")
    assert stopped.exit_code == 130
    assert "To go on: batchtui retry job:1 --resume" in stopped.stderr
    refused = cli("retry", "asks", "--yes")
    assert refused.exit_code == 2
    assert "1 batch of this job is not sent yet" in refused.stderr
    left_out = cli("retry", "asks", "--dry-run")
    assert "they were sent again already: 1" in left_out.stderr
    done = cli("retry", "job:1", "--resume", "--yes", "--watch")
    assert done.exit_code == 0
    assert len(done.stdout.split()) == 1
    assert stops(results(cli, "asks")) == {"b": "end_turn"}


def test_interrupted_just_after_the_round_was_written_down(
    cli: Cli, server: RunningServer, tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was prepared is the job's from then on, whether or not anybody has heard of that."""
    begin = resending.begin_retry

    def interrupted(account: Account, prepared: Prepared) -> Job:
        begin(account, prepared)
        raise KeyboardInterrupt

    submitted(cli, write(tmp_path / "asks.jsonl", {"a": "simulate-once:api_error", "b": "Hi"}))
    with monkeypatch.context() as patch:
        patch.setattr("batchtui.cli.retrying.begin_retry", interrupted)
        assert cli("retry", "asks", "--yes").exit_code != 0
    assert len(list((config / "requests").glob("retry-*.jsonl"))) == 1
    done = cli("retry", "asks", "--resume", "--yes")
    assert done.exit_code == 0, done.output
    assert len(done.stdout.split()) == 1


def test_a_request_file_that_is_gone_or_changed_is_named(cli: Cli, tmp_path: Path) -> None:
    path = write(tmp_path / "asks.jsonl", {"a": "simulate-once:api_error", "b": "Hello"})
    submitted(cli, path)
    write(path, {"x": "simulate-once:api_error", "b": "Hello"})
    changed = retried(cli)
    assert changed.exit_code == 1
    assert "Not one of the requests is in" in changed.stderr
    path.unlink()
    gone = retried(cli)
    assert gone.exit_code == 1
    assert "The request file asks.jsonl is not there" in gone.stderr


def test_a_batch_that_runs_has_nothing_to_send_again(
    cli: Cli, tmp_path: Path, simulator: StartSimulator, use: Use
) -> None:
    use(simulator("empty"))
    path = write(tmp_path / "asks.jsonl", {"a": "simulate-once:api_error"})
    assert cli("submit", str(path), "--name", "asks", "--yes").exit_code == 0
    done = cli("retry", "asks", "--yes")
    assert done.exit_code == 1
    assert "This batch has not ended" in done.stderr
    assert "The results of this batch are not here" in done.stderr


def test_requests_of_another_shape_are_sent_as_the_api_takes_them(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "asks.jsonl"
    asks = ("Hello", "simulate-once:api_error", "simulate-once:expired")
    lines = [
        {
            "model": "claude-haiku-4-5",
            "max_tokens": 200,
            "messages": [{"role": "user", "content": each}],
        }
        for each in asks
    ]
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    submitted(cli, path)
    done = retried(cli)
    assert done.exit_code == 0, done.output
    assert stops(results(cli, "job:1")) == dict.fromkeys(("line-1", "line-2", "line-3"), "end_turn")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--type", "strange"), "There is no --type"),
        (("--set", "x"), "sets nothing"),
        (("--force",), "--force is for --output"),
        (("--output", "x", "--watch"), "With --output nothing is sent"),
        (("--resume", "--type", "expired"), "--resume goes on"),
        (("--adopt", "x"), "are for --resume"),
        (("--resume", "--adopt", "x", "--send-again"), "not both"),
        ((), "Add --yes"),
        (("--yes", "--read-only"), "read-only mode"),
    ],
)
def test_wrong_usage_is_a_sentence(cli: Cli, words: tuple[str, ...], said: str) -> None:
    done = cli("retry", "asks", *words)
    assert done.exit_code in (1, 2)
    assert said in done.stderr


def test_a_batch_in_no_job_that_has_only_hopeless_requests(
    cli: Cli, tmp_path: Path, server: RunningServer
) -> None:
    path = write(tmp_path / "asks.jsonl", {"a": "Hello", "lost": UNREACHABLE})
    requests = [json.loads(each) for each in path.read_text().splitlines()]
    batch_id = _create(server, requests)
    assert cli("list").exit_code == 0
    assert cli("link", batch_id, str(path)).exit_code == 0
    assert cli("retry", batch_id, "--yes").exit_code == 0
    assert cli("retry", batch_id, "--yes", "--watch").exit_code == 3


def test_a_large_round_is_cut_as_asked_for(cli: Cli, tmp_path: Path) -> None:
    asks = {f"a{number}": "simulate-once:api_error" for number in range(5)}
    submitted(cli, write(tmp_path / "asks.jsonl", asks))
    done = retried(cli, "--max-requests", "2", "--max-in-flight", "1", "--json")
    assert done.exit_code == 0, done.output
    sent = [json.loads(each) for each in done.stdout.splitlines()]
    assert [(each["round"], each["requests"]) for each in sent] == [(1, 2), (1, 2), (1, 1)]


def test_what_got_lost_of_a_round_is_decided_beforehand(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: RunningServer
) -> None:
    monkeypatch.setattr("batchtui.account.reconciling.PAUSES", ())
    submitted(cli, write(tmp_path / "asks.jsonl", {"b": "simulate-once:api_error"}))
    settled = cli("retry", "asks", "--resume", "--send-again", "--yes")
    assert settled.exit_code == 2
    server.faults.add("lose/create")
    server.faults.add("503/list")
    monkeypatch.setattr("batchtui.account.patience._PASSING", ())
    stopped = cli("retry", "asks", "--yes")
    server.faults.clear()
    assert stopped.exit_code == 1, stopped.output
    assert "batchtui retry job:1 --resume" in stopped.stderr
    assert cli("retry", "asks", "--resume", "--yes", "--watch").exit_code == 0
