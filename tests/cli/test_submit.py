"""`batchtui submit` and `jobs`, in this process over real HTTP."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Process
from tests.conftest import StartSimulator


@pytest.fixture
def server(
    simulator: StartSimulator, use: Callable[[RunningServer], RunningServer]
) -> RunningServer:
    return use(simulator("empty", speed=600))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batchtui.account.reconciling.PAUSES", (0.01,))
    monkeypatch.setattr("batchtui.account.submitting.POLL_SECONDS", 0.01)
    monkeypatch.setattr("batchtui.account.schedule.BRISK", 0.02)
    monkeypatch.setattr("batchtui.account.schedule.STEADY", 0.02)
    monkeypatch.setattr("batchtui.api.retry.FIRST_WAIT", 0.001)


def request(number: int, **params: Any) -> dict[str, object]:
    message = {"role": "user", "content": "Hello"}
    usual = {"model": "claude-haiku-4-5", "max_tokens": 16, "messages": [message]}
    return {"custom_id": f"r{number}", "params": usual | params}


def write(path: Path, requests: Sequence[dict[str, object]]) -> Path:
    path.write_text("".join(f"{json.dumps(each)}\n" for each in requests))
    return path


@pytest.fixture
def asks(tmp_path: Path) -> Path:
    return write(tmp_path / "asks.jsonl", [request(number) for number in range(10)])


def existing(server: RunningServer) -> list[str]:
    data: Any = server.world.page(limit=1000)["data"]
    return [each["id"] for each in reversed(data)]


def requests_of(server: RunningServer) -> list[str]:
    return [
        json.loads(line)["custom_id"]
        for batch_id in existing(server)
        for line in server.world.request_lines(batch_id)
    ]


def test_several_batches(cli: Cli, server: RunningServer, asks: Path) -> None:
    done = cli("submit", str(asks), "--max-requests", "4", "--yes")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.split() == existing(server)
    assert len(existing(server)) == 3
    assert "Becomes 3 batches" in done.stderr
    assert sorted(requests_of(server)) == sorted(f"r{number}" for number in range(10))


def test_json(cli: Cli, server: RunningServer, asks: Path) -> None:
    done = cli("submit", str(asks), "--max-requests", "6", "--yes", "--json", "--name", "mine")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == existing(server)
    assert lines[1] | {"id": ""} == {
        "id": "",
        "job": "mine",
        "part": 2,
        "parts": 2,
        "round": 0,
        "requests": 4,
    }


def test_small_batches_by_size(cli: Cli, server: RunningServer, asks: Path) -> None:
    done = cli("submit", str(asks), "--max-bytes", "600", "--yes")
    assert done.exit_code == 0, done.stderr
    assert len(existing(server)) == 3


def test_dry_run(cli: Cli, server: RunningServer, asks: Path) -> None:
    done = cli("submit", str(asks), "--dry-run")
    assert done.exit_code == 0
    assert "Becomes 1 batch" in done.stdout
    assert not existing(server)
    assert not server.calls


def test_without_a_terminal_somebody_must_have_agreed(
    cli: Cli, server: RunningServer, asks: Path
) -> None:
    done = cli("submit", str(asks))
    assert done.exit_code == 2
    assert "--yes" in done.stderr
    assert not server.calls


def test_problems_send_nothing(cli: Cli, server: RunningServer, tmp_path: Path) -> None:
    path = write(tmp_path / "bad.jsonl", [request(1), request(2, max_tokens=0), request(1)])
    done = cli("submit", str(path), "--yes")
    assert done.exit_code == 1
    assert "max_tokens" in done.stderr
    assert "Nothing was sent" in done.stderr
    assert not existing(server)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"not json\n"])
def test_files_without_requests(
    cli: Cli, server: RunningServer, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    assert cli("submit", str(path), "--yes").exit_code == 1
    assert not existing(server)


def test_no_file(cli: Cli, server: RunningServer, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        done = cli("submit", str(path), "--yes")
        assert done.exit_code == 1
        assert "Error" in done.stderr


def test_resumed_with_another_key(
    cli: Cli, server: RunningServer, asks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a key was replaced nothing that was sent with the old one is sent again."""
    words = ["submit", str(asks), "--max-requests", "4", "--yes"]
    assert cli(*words).exit_code == 0
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-another")
    again = cli(*words)
    assert again.exit_code == 2
    assert "with other credentials" in again.stderr
    assert "--resume" in cli(*words, "--resume", "--name", "none").stderr
    assert cli(*words, "--resume").exit_code == 0
    assert len(existing(server)) == 3


def test_read_only(cli: Cli, server: RunningServer, asks: Path) -> None:
    assert cli("--read-only", "submit", str(asks), "--yes").exit_code == 1
    assert cli("--offline", "submit", str(asks), "--yes").exit_code == 2
    assert not server.calls


def test_a_file_that_was_sent_is_refused(cli: Cli, server: RunningServer, asks: Path) -> None:
    cli("submit", str(asks), "--yes", "--name", "mine")
    done = cli("submit", str(asks), "--yes")
    assert done.exit_code == 2
    assert 'job "mine"' in done.stderr
    assert "1 of 1 batch sent" in done.stderr
    assert len(existing(server)) == 1
    assert cli("submit", str(asks), "--yes", "--again").exit_code == 0
    assert len(existing(server)) == 2


def test_what_was_never_sent_may_be_sent_otherwise(
    cli: Cli, server: RunningServer, asks: Path
) -> None:
    server.faults.add("413/create:1")
    done = cli("submit", str(asks), "--yes")
    assert done.exit_code == 1
    assert "413" in done.stderr
    assert "smaller batches" in done.stderr
    assert cli("submit", str(asks), "--yes", "--max-requests", "5").exit_code == 0
    assert len(existing(server)) == 2


def test_resume(cli: Cli, server: RunningServer, asks: Path, tmp_path: Path) -> None:
    server.faults.add("spend-cap/create")
    assert cli("submit", str(asks), "--yes", "--max-requests", "5").exit_code == 1
    server.faults.clear()
    elsewhere = asks.rename(tmp_path / "moved.jsonl")
    done = cli("submit", str(elsewhere), "--yes", "--resume")
    assert done.exit_code == 0, done.stderr
    assert len(existing(server)) == 2
    assert sorted(requests_of(server)) == sorted(f"r{number}" for number in range(10))


def test_resume_with_a_file_that_changed(cli: Cli, server: RunningServer, asks: Path) -> None:
    server.faults.add("spend-cap/create")
    cli("submit", str(asks), "--yes")
    server.faults.clear()
    write(asks, [request(1)])
    done = cli("submit", str(asks), "--yes", "--resume")
    assert done.exit_code == 1
    assert "is not the file that was submitted" in done.stderr
    assert not existing(server)


def test_resume_what_is_not_known(cli: Cli, server: RunningServer, asks: Path) -> None:
    done = cli("submit", str(asks), "--yes", "--resume")
    assert done.exit_code == 2
    assert "without --resume" in done.stderr


def test_what_got_lost_is_found(cli: Cli, server: RunningServer, asks: Path) -> None:
    server.faults.add("drop:1")
    done = cli("submit", str(asks), "--yes")
    assert done.exit_code == 0
    assert "Taken to be it" in done.stderr
    assert done.stdout.split() == existing(server)


def test_what_is_nowhere_is_sent_again(cli: Cli, server: RunningServer, asks: Path) -> None:
    server.faults.add("502/create:2")
    done = cli("submit", str(asks), "--yes")
    assert done.exit_code == 0, done.stderr
    assert done.stderr.count("sent again") == 2
    assert len(existing(server)) == 1


def test_what_is_nowhere_is_not_sent_again_for_ever(
    cli: Cli, server: RunningServer, asks: Path
) -> None:
    server.faults.add("502/create")
    done = cli("submit", str(asks), "--yes")
    assert done.exit_code == 1
    assert "was sent 4 times" in done.stderr


def test_several_that_fit(
    cli: Cli, server: RunningServer, asks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults.add("late=600:1")
    monkeypatch.setattr("batchtui.api.sdk.CREATE_READ_SECONDS", 0.2)
    body = b'{"requests":[%s]}' % b",".join(asks.read_bytes().splitlines())
    create = server.world.create

    def twice(*args: Any, **how: Any) -> Any:
        create(body)
        return create(*args, **how)

    monkeypatch.setattr(server.world, "create", twice)
    done = cli("submit", str(asks), "--yes")
    assert done.exit_code == 1
    assert "--adopt ID" in done.stderr
    assert "--send-again" in done.stderr
    mine = existing(server)[1]
    done = cli("submit", str(asks), "--yes", "--resume", "--adopt", mine)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.split() == [mine]
    done = cli("submit", str(asks), "--yes", "--resume", "--send-again")
    assert done.exit_code == 2
    assert "It is known" in done.stderr


@pytest.mark.parametrize(
    "words", [["--adopt", "x"], ["--send-again"], ["--resume", "--adopt", "x", "--send-again"]]
)
def test_words_that_do_not_fit(cli: Cli, asks: Path, words: list[str]) -> None:
    assert cli("submit", str(asks), "--yes", *words).exit_code == 2


def test_so_many_at_once(cli: Cli, server: RunningServer, asks: Path) -> None:
    done = cli("submit", str(asks), "--yes", "--max-requests", "4", "--max-in-flight", "1")
    assert done.exit_code == 0, done.stderr
    assert "which is the limit" in done.stderr
    assert len(existing(server)) == 3


def test_watch(cli: Cli, server: RunningServer, asks: Path, config: Path) -> None:
    config.mkdir()
    told = config / "told"
    code = f"import os; open({str(told)!r}, 'a').write(os.environ['BATCHTUI_NAME'])"
    hook = json.dumps([sys.executable, "-c", code])
    (config / "config.toml").write_text(f"[hooks]\non_end = {hook}\n")
    done = cli("submit", str(asks), "--yes", "--max-requests", "4", "--watch")
    assert done.exit_code == 0, done.stderr
    assert told.read_text() == "asks"
    assert "3 of 3 batches ended" in done.stderr
    assert "10 succeeded" in done.stderr


def test_watch_what_does_not_succeed(cli: Cli, server: RunningServer, tmp_path: Path) -> None:
    path = write(tmp_path / "odd.jsonl", [request(1), request(2, model="claude-does-not-exist-9")])
    done = cli("submit", str(path), "--yes", "--watch")
    assert done.exit_code == 3, done.stderr
    assert "1 succeeded, 1 errored" in done.stderr


def test_from_a_pipe(process: Process, server: RunningServer, asks: Path, config: Path) -> None:
    done = process("submit", "-", "--yes", stdin=None, input=asks.read_bytes())
    assert done.returncode == 0, done.stderr
    assert len(existing(server)) == 1
    (kept,) = (config / "requests").glob("*.jsonl")
    assert kept.read_bytes() == asks.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600
    done = process("submit", "-", "--yes", stdin=None, input=asks.read_bytes())
    assert done.returncode == 2
    assert b'job "stdin"' in done.stderr
    assert list((config / "requests").glob("*.jsonl")) == [kept]


def test_resume_from_a_pipe(
    process: Process, server: RunningServer, asks: Path, config: Path
) -> None:
    server.faults.add("spend-cap/create")
    done = process("submit", "-", "--yes", stdin=None, input=asks.read_bytes())
    assert done.returncode == 1
    (kept,) = (config / "requests").glob("*.jsonl")
    assert f"submit {kept} --resume".encode() in done.stderr
    server.faults.clear()
    done = process("submit", "-", "--yes", "--resume", stdin=None, input=asks.read_bytes())
    assert done.returncode == 0, done.stderr
    assert len(existing(server)) == 1
    assert list((config / "requests").glob("*.jsonl")) == [kept]


def test_from_a_named_pipe(cli: Cli, server: RunningServer, asks: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=lambda: pipe.write_bytes(asks.read_bytes()))
    writer.start()
    done = cli("submit", str(pipe), "--yes", "--name", "piped")
    writer.join()
    assert done.exit_code == 0, done.stderr
    assert len(requests_of(server)) == 10


def test_jobs(cli: Cli, server: RunningServer, asks: Path, tmp_path: Path) -> None:
    assert cli("jobs").stderr == "No request file was sent from here.\n"
    cli("submit", str(asks), "--yes", "--max-requests", "5", "--name", "mine")
    server.faults.add("spend-cap/create")
    cli("submit", str(write(tmp_path / "b.jsonl", [request(1)])), "--yes")
    table = cli("jobs").stdout.splitlines()
    assert [line.split()[:3] for line in table[1:]] == [
        ["b", "stopped", "0/1"],
        ["mine", table[2].split()[1], "2/2"],
    ]
    last, first = [json.loads(line) for line in cli("jobs", "--json").stdout.splitlines()]
    assert first["batches"] == existing(server)
    assert first["request_file"] == str(asks)
    assert last["unsent"] == 1
    assert cli("jobs", "--forget", "mine").exit_code == 2
    assert cli("jobs", "--forget", "none").exit_code == 2
    assert cli("jobs", "--forget", "b").exit_code == 0
    assert len(cli("jobs").stdout.splitlines()) == 2
