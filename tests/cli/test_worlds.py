"""`simulate` and `demo`: the two ways to a world without an account."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui.account.opening import Opened
from batchtui.domain.batch import Record
from batchtui.domain.job import Job
from batchtui.domain.job_record import job_record
from batchtui.simulator.server import KEY
from tests.cli.conftest import PATIENCE, Cli


@contextmanager
def simulating(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "batchtui", "simulate", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            yield running, running.stdout.readline().rstrip("\n")
        finally:
            running.kill()


def test_simulate_serves_until_interrupted(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with simulating("--scenario", "crowd:30", "--seed", "7", "--fault", "529:1") as (running, url):
        assert running.stderr is not None
        assert f"ANTHROPIC_BASE_URL={url}" in running.stderr.readline()
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        result = cli("list", "--base-url", url, "--limit", "0")
        assert result.exit_code == 0
        assert len(result.stdout.splitlines()) == 31
        assert "overloaded" in result.stderr
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) in (0, 130)
        assert running.stdout is not None
        assert running.stdout.read() == ""


def test_simulate_keeps_accounts_apart_and_can_lack_things(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "sk-ant-other"
    words = ("--scenario", "crowd:3", "--key", f"{other}=crowd:5", "--lacks", "delete=405")
    with simulating(*words, "--fault", "revoke=4:1") as (running, url):
        assert running.stderr is not None
        assert [KEY in running.stderr.readline(), other in running.stderr.readline()] == [True] * 2
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        for key, batches in ((KEY, 3), (other, 5)):
            monkeypatch.setenv("ANTHROPIC_API_KEY", key)
            listed = cli("list", "--limit", "0").stdout.splitlines()
            assert len(listed) == batches + 1
        deleted = cli("delete", listed[1].split()[0], "--yes")
        assert "This server cannot delete batches" in deleted.stderr
        # Those were four requests; the key of the next one is revoked, and no other.
        assert cli("list").exit_code == 4
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        assert cli("list").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--scenario", "nowhere"),
        ("--key", "x"),
        ("--lacks", "everything"),
        ("--fault", "1000"),
        ("--port", "70000"),
        ("--counts", "some"),
    ],
)
def test_wrong_usage_of_simulate(cli: Cli, words: tuple[str, ...]) -> None:
    result = cli("simulate", *words)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_help_of_simulate_lists_worlds_and_faults(cli: Cli) -> None:
    text = cli("simulate", "--help").stdout
    for word in ("--port", "--seed", "--speed", "--counts", "--queue-limit", "--fault"):
        assert word in text
    for word in ("hostile", "429-bare", "simulate-once:KIND"):
        assert word in text


class Visitor:
    """Stands in for the person and their screen: looks at the account it is given, and leaves."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.jobs: list[Job] = []
        self.directory = Path()
        self.modes: tuple[str, ...] = ()
        self.environ: dict[str, str] = {}
        self.ahead = timedelta()

    def __call__(self, opened: Opened, *, modes: tuple[str, ...] = ()) -> int:
        import asyncio

        self.directory = opened.directory
        self.modes = modes
        self.environ = dict(os.environ)
        self.ahead = opened.account.clock() - datetime.now(UTC)
        assert opened.directory.is_dir()

        async def look() -> None:
            page = await opened.account.api.list(limit=1000)
            opened.account.observe(page.sightings)
            self.records = opened.account.records()
            self.jobs = opened.account.history.jobs.all()
            await opened.account.close()

        asyncio.run(look())
        links = [Path(record.request_file) for record in self.records if record.request_file]
        assert all(link.is_file() for link in links)
        return 0


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Visitor:
    visitor = Visitor()
    monkeypatch.setattr("batchtui.cli.demo.run_app", visitor)
    monkeypatch.setattr("batchtui.cli.demo.require_terminal", lambda: None)
    return visitor


def test_the_demo_is_a_world_of_its_own(
    cli: Cli, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-invalid")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-api-key: sk-ant-invalid")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    result = cli("demo", "--seed", "3", "--speed", "1e6")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(visitor.records) > 50
    assert visitor.modes == ("DEMO",)
    assert visitor.ahead > timedelta(minutes=1), "the clock is the world's"
    assert "ANTHROPIC_API_KEY" not in visitor.environ
    assert not visitor.directory.exists()
    assert not config.exists()


def test_the_demo_has_jobs_and_a_file_to_send(cli: Cli, visitor: Visitor) -> None:
    assert cli("demo").exit_code == 0
    records = {record.batch.id: record for record in visitor.records}
    jobs = {job.name: job_record(job, records) for job in visitor.jobs}
    running, repaired = jobs["tickets-fr"], jobs["reviews-week-47"]
    assert [member.running for member in running.members] == [False, True, True]
    assert running.batch.request_counts.total == running.job.requests
    assert (len(repaired.job.rounds), len(repaired.members)) == (2, 3)
    assert repaired.batch.request_counts.total == repaired.job.requests
    newest = max(visitor.records, key=lambda record: record.batch.created_at)
    assert newest.request_file.endswith("survey-winter.jsonl")
    assert not visitor.jobs[0].unsent


def test_the_demo_can_go_on_where_it_was_kept(cli: Cli, visitor: Visitor, tmp_path: Path) -> None:
    for _ in range(2):
        assert cli("demo", "--config-dir", str(tmp_path / "kept")).exit_code == 0
    assert len(visitor.jobs) == 2


def test_the_demo_keeps_what_it_is_told_to_keep(cli: Cli, visitor: Visitor, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert cli("demo", "--config-dir", str(kept), "--scenario", "crowd:3").exit_code == 0
    assert visitor.directory == kept
    assert (kept / "history.db").exists()
    assert len(visitor.records) == 3


@pytest.mark.parametrize("words", [("--base-url", "http://x"), ("--profile", "work")])
def test_the_demo_has_no_account_to_choose(cli: Cli, words: tuple[str, ...]) -> None:
    result = cli("demo", *words)
    assert result.exit_code == 2
    assert words[0] in result.stderr


def test_the_demo_needs_a_terminal_and_a_world(cli: Cli) -> None:
    assert cli("demo").exit_code == 2
    assert cli("demo", "--scenario", "nowhere").exit_code == 2


def test_help_of_the_demo(cli: Cli) -> None:
    text = cli("demo", "--help").stdout
    assert all(word in text for word in ("--seed", "--speed", "--scenario", "--counts"))
