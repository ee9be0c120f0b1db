"""A job that was begun with a key that is no more goes on with another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from batchtui.account.account import Account
from batchtui.account.reconciling import Decision, Doubt, Leave
from batchtui.account.starting import require_new, resumable, start_job
from batchtui.account.submitting import Step, submit
from batchtui.account.taking_over import take_over
from batchtui.api.client import Api
from batchtui.domain.account import AccountKey
from batchtui.domain.errors import ApiError, UsageError
from batchtui.domain.job import PartState
from batchtui.history.history import History
from batchtui.results.store import ResultStore
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.server import KEY, RunningServer
from batchtui.submissions.check import check
from batchtui.submissions.checked import Limits
from tests.account.request_files import existing, write
from tests.conftest import StartSimulator

Open = Callable[[str], Account]


@pytest.fixture
def open_with(tmp_path: Path, server: RunningServer, fixed_clock: FixedClock) -> Open:
    """Opens the account that a key is taken to be, in the same config directory."""

    def start(fingerprint: str) -> Account:
        directory = tmp_path / "config"
        return Account(
            api=Api(base_url=server.base_url, api_key=KEY),
            history=History.open(directory, AccountKey("api", "", fingerprint), now=fixed_clock()),
            results=ResultStore(directory / "results"),
            requests=directory / "requests",
            clock=fixed_clock,
        )

    return start


@pytest.fixture
def server(simulator: StartSimulator) -> RunningServer:
    return simulator("empty")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "asks.jsonl", 6)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batchtui.account.reconciling.PAUSES", ())


async def leave(doubt: Doubt) -> Decision:
    return Leave()


def stay(step: Step) -> None:
    """Nobody watches."""


async def begin(account: Account, server: RunningServer, path: Path) -> bytes:
    """Send a job until the key is revoked; returns the digest of its file."""
    checked = check(path, Limits(requests=2))
    job = start_job(account, checked, "mine")

    def on_step(step: Step) -> None:
        if step.part and step.part.number == 2:
            server.faults.add("401/create")

    with pytest.raises(ApiError):
        await submit(account, job.key, on_step=on_step, decide=leave)
    server.faults.clear()
    await account.close()
    return checked.digest


async def test_goes_on_with_a_new_key(open_with: Open, server: RunningServer, path: Path) -> None:
    digest = await begin(open_with("old"), server, path)
    account = open_with("new")
    with pytest.raises(UsageError, match=r"with other credentials.*1 of 3 batches sent"):
        require_new(account, check(path, Limits()))
    with pytest.raises(UsageError, match="with other credentials"):
        start_job(account, check(path, Limits()), "another")
    await take_over(account, digest)
    job = resumable(account, path, digest)
    job = await submit(account, job.key, on_step=stay, decide=leave)
    assert list(job.batch_ids) == existing(server)
    assert len(existing(server)) == 3
    assert account.known(job.batch_ids[0]).label == "mine 1/3"
    await account.close()


async def test_its_batches_are_not_to_be_seen(
    open_with: Open, server: RunningServer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other key is of another workspace, where the file may be sent, too."""
    monkeypatch.setattr("batchtui.account.account.DOUBTS", ())
    digest = await begin(open_with("old"), server, path)
    account = open_with("new")
    server.faults.add("404/retrieve")
    with pytest.raises(UsageError, match="not to be seen"):
        await take_over(account, digest)
    assert not account.jobs()
    assert start_job(account, check(path, Limits()), "mine", again=True).name == "mine"
    await account.close()


async def test_nothing_tells_where_it_was_sent(
    open_with: Open, server: RunningServer, path: Path
) -> None:
    account = open_with("old")
    job = start_job(account, check(path, Limits()), "mine")
    account.history.jobs.begin(job.key, 1, at=account.clock())
    await account.close()
    account = open_with("new")
    with pytest.raises(UsageError, match="cannot be told"):
        await take_over(account, check(path, Limits()).digest)
    await account.close()


async def test_of_what_nothing_was_sent_nothing_is_said(
    open_with: Open, server: RunningServer, path: Path
) -> None:
    account = open_with("old")
    start_job(account, check(path, Limits()), "mine")
    await account.close()
    account = open_with("new")
    await take_over(account, check(path, Limits()).digest)
    job = start_job(account, check(path, Limits()), "mine")
    job = await submit(account, job.key, on_step=stay, decide=leave)
    assert [part.state for part in job.parts] == [PartState.CREATED]
    await account.close()


async def test_a_name_that_another_job_has(
    open_with: Open, server: RunningServer, path: Path, tmp_path: Path
) -> None:
    digest = await begin(open_with("old"), server, path)
    account = open_with("new")
    start_job(account, check(write(tmp_path / "other.jsonl", 3), Limits()), "mine")
    await take_over(account, digest)
    assert sorted(job.name for job in account.jobs()) == ["mine", "mine 1"]
    await account.close()
