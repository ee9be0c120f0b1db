"""Jobs are sent over real HTTP: every part becomes one batch, whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from batchtui.account.account import Account
from batchtui.account.reconciling import Adopt, Decision, Doubt, Leave, SendAgain
from batchtui.account.submitting import Step, submit
from batchtui.api.client import Api
from batchtui.domain.account import AccountKey
from batchtui.domain.errors import (
    ApiError,
    BatchtuiError,
    ReadOnlyError,
    RequestFileError,
    StorageError,
    UsageError,
)
from batchtui.domain.job import Job, PartState
from batchtui.history.history import History
from batchtui.results.store import ResultStore
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.server import KEY, RunningServer
from tests.account.conftest import OpenAccount
from tests.account.request_files import add_job, existing, line, sent, write
from tests.conftest import NOON, StartSimulator

DAY = 86400.0


class Person:
    """Somebody who watches, and decides as told beforehand.

    Else adopts the one batch found, and sends again if there is none.
    """

    def __init__(self, *decisions: Decision) -> None:
        self.steps: list[Step] = []
        self.doubts: list[Doubt] = []
        self._decisions = list(decisions)

    async def decide(self, doubt: Doubt) -> Decision:
        self.doubts.append(doubt)
        if self._decisions:
            return self._decisions.pop(0)
        if not doubt.candidates:
            return SendAgain()
        (found,) = doubt.candidates
        return Adopt(found.id)

    @property
    def waits(self) -> list[str]:
        return [each.waiting for each in self.steps if each.until]

    async def send(self, account: Account, job: Job, **how: int) -> Job:
        return await submit(account, job.key, on_step=self.steps.append, decide=self.decide, **how)


class TickingClock(FixedClock):
    """Goes on a little whenever it is looked at, so that no two things happen at once."""

    def __call__(self) -> datetime:
        self.advance(0.001)
        return super().__call__()


@pytest.fixture
def clock() -> FixedClock:
    return TickingClock(NOON)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "asks.jsonl", 10)


@pytest.fixture
def server(simulator: StartSimulator, clock: FixedClock) -> RunningServer:
    return simulator("empty", clock=clock)


@pytest.fixture
def account(open_account: OpenAccount, server: RunningServer, clock: FixedClock) -> Account:
    return open_account(server, clock).account


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batchtui.account.reconciling.PAUSES", (0.01, 0.01))
    monkeypatch.setattr("batchtui.account.submitting.POLL_SECONDS", 0.01)


def states(job: Job) -> list[PartState]:
    return [part.state for part in job.parts]


def check_whole(server: RunningServer, clock: FixedClock, job: Job) -> None:
    """Every batch there is belongs to the job, and every request is in exactly one."""
    assert list(job.batch_ids) == existing(server)
    clock.advance(DAY)
    found = [each for batch_id in job.batch_ids for each in sent(server, batch_id)]
    assert sorted(found) == sorted(f"r{number}" for number in range(1, job.requests + 1))
    assert len(set(found)) == job.requests


# All goes well


async def test_several_parts(
    account: Account, server: RunningServer, clock: FixedClock, path: Path
) -> None:
    person = Person()
    job = await person.send(account, add_job(account, path, [4, 4, 2]))
    assert states(job) == [PartState.CREATED] * 3
    records = [account.known(each) for each in job.batch_ids]
    assert [each.label for each in records] == ["mine 1/3", "mine 2/3", "mine 3/3"]
    assert {each.request_file for each in records} == {str(path)}
    assert person.steps[-1] == Step(job)
    assert not person.doubts
    assert not person.waits
    check_whole(server, clock, job)
    assert sent(server, job.batch_ids[2]) == ["r10", "r9"]


async def test_one_part_has_the_name_of_the_job(account: Account, path: Path) -> None:
    job = await Person().send(account, add_job(account, path, [10]))
    assert account.known(job.batch_ids[0]).label == "mine"


async def test_a_job_that_is_sent_is_not_sent_again(
    account: Account, server: RunningServer, path: Path
) -> None:
    job = await Person().send(account, add_job(account, path, [10]))
    assert await Person().send(account, job) == job
    assert len(existing(server)) == 1


async def test_progress(account: Account, tmp_path: Path) -> None:
    path = write(tmp_path / "long.jsonl", 20, "x" * 50_000)
    person = Person()
    job = await person.send(account, add_job(account, path, [20]))
    (part,) = job.parts
    told = [each.sent_bytes for each in person.steps if each.part]
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == part.size
    assert len(set(told)) > 3


async def test_at_most_so_many_at_once(
    account: Account, server: RunningServer, clock: FixedClock, path: Path
) -> None:
    person = Person()
    running: list[int] = []

    def on_step(step: Step) -> None:
        person.steps.append(step)
        if step.waiting:
            running.append(sum(account.known(each).running for each in step.job.batch_ids))
            clock.advance(3600)

    job = add_job(account, path, [2] * 5)
    job = await submit(account, job.key, on_step=on_step, decide=person.decide, max_in_flight=2)
    assert running == [2, 2]
    assert "2 of its batches" in person.waits[0]
    check_whole(server, clock, job)


# What passes


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("429=0.01/create:2", "rate limit"),
        ("529/create:2", "overloaded"),
        ("503/list:2", "503"),
        ("queue-full=0.01:2", ""),
        ("queue-full-bare:2", ""),
    ],
)
async def test_waits_and_says_so(
    account: Account,
    server: RunningServer,
    clock: FixedClock,
    path: Path,
    fault: str,
    words: str,
) -> None:
    server.faults.add(fault)
    person = Person()
    job = await person.send(account, add_job(account, path, [5, 5]))
    assert len(person.waits) == int(fault[-1])
    assert words in person.waits[0]
    assert not person.doubts
    check_whole(server, clock, job)


async def test_cut_in_the_middle_of_what_is_sent(
    account: Account, server: RunningServer, clock: FixedClock, tmp_path: Path
) -> None:
    """Nothing can have come of it, so that nobody has to be asked."""
    path = write(tmp_path / "long.jsonl", 40, "x" * 500_000)
    server.faults.add("lose:1")
    person = Person()
    job = await person.send(account, add_job(account, path, [40]))
    assert len(person.waits) == 1
    assert not person.doubts
    check_whole(server, clock, job)


async def test_waits_for_a_server_that_is_down(
    open_account: OpenAccount, clock: FixedClock, path: Path
) -> None:
    account = open_account(None, clock).account
    account._api = Api(base_url="http://127.0.0.1:9", api_key=KEY)
    person = Person()
    job = add_job(account, path, [10])
    task = asyncio.ensure_future(person.send(account, job))
    while len(person.waits) < 3:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "cannot be reached" in person.waits[0]
    assert states(account.history.jobs.get(job.key)) == [PartState.PLANNED]


# What does not


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("spend-cap/create", "spend limit"),
        ("spend-limit/create", "spend limit"),
        ("401/create", "credentials"),
        ("400/create", "not valid"),
        ("413/create", "submit the lines from 6 on as a file of their own"),
    ],
)
async def test_ends_and_can_go_on(
    account: Account,
    server: RunningServer,
    clock: FixedClock,
    path: Path,
    fault: str,
    words: str,
) -> None:
    job = add_job(account, path, [5, 5])

    def on_step(step: Step) -> None:
        if step.part and step.part.number == 2 and not step.sent_bytes:
            server.faults.clear()
            server.faults.add(fault)

    with pytest.raises(ApiError) as caught:
        await submit(account, job.key, on_step=on_step, decide=Person().decide)
    assert words in str(caught.value)
    assert "1 of 2 batches were created" in str(caught.value)
    assert "resume the job" in str(caught.value)
    job = account.history.jobs.get(job.key)
    assert states(job) == [PartState.CREATED, PartState.PLANNED]
    server.faults.clear()
    check_whole(server, clock, await Person().send(account, job))


def spoil(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.unlink()
    if how == "a directory":
        path.mkdir()
    elif how != "gone":
        changed = {
            "words": content.replace(b"Hello", b"Howdy"),
            "shorter": content[:-20],
            "longer": content.replace(b"Hello", b"Hello, hello"),
        }
        path.write_bytes(changed[how])


@pytest.mark.parametrize("how", ["words", "shorter", "longer", "gone", "a directory"])
async def test_a_file_that_is_not_what_it_was(
    account: Account, server: RunningServer, path: Path, how: str
) -> None:
    job = add_job(account, path, [5, 5])
    spoil(path, how)
    with pytest.raises(RequestFileError) as caught:
        await Person().send(account, job)
    assert "asks.jsonl" in str(caught.value)
    created = 1 if how == "shorter" else 0
    assert len(existing(server)) == created
    job = account.history.jobs.get(job.key)
    assert states(job)[created:] == [PartState.PLANNED] * (2 - created)


async def test_a_file_that_changes_while_it_is_sent(
    account: Account, server: RunningServer, tmp_path: Path
) -> None:
    path = write(tmp_path / "long.jsonl", 40, "x" * 50_000)
    job = add_job(account, path, [40])

    def on_step(step: Step) -> None:
        if step.sent_bytes:
            with path.open("r+b") as file:
                file.seek(-20, 2)
                file.write(b"y")

    with pytest.raises(RequestFileError, match="no longer what it was"):
        await submit(account, job.key, on_step=on_step, decide=Person().decide)
    assert existing(server) == []
    assert states(account.history.jobs.get(job.key)) == [PartState.PLANNED]


# What is not known


@pytest.mark.parametrize("fault", ["drop:1", "broken/create:1", "empty/create:1", "502/create:1"])
async def test_an_answer_that_is_lost(
    account: Account, server: RunningServer, clock: FixedClock, path: Path, fault: str
) -> None:
    server.faults.add(fault)
    there: list[str] = []

    def on_step(step: Step) -> None:
        if step.waiting and not there:
            there.extend(existing(server))

    person = Person()
    job = add_job(account, path, [5, 5])
    job = await submit(account, job.key, on_step=on_step, decide=person.decide)
    (doubt,) = person.doubts
    assert doubt.part.number == 1
    assert doubt.why
    assert [each.id for each in doubt.candidates] == there
    assert account.known(job.batch_ids[0]).label == "mine 1/2"
    check_whole(server, clock, job)


async def test_an_answer_that_takes_too_long(
    account: Account,
    server: RunningServer,
    clock: FixedClock,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("batchtui.api.sdk.CREATE_READ_SECONDS", 0.2)
    server.faults.add("late=3:1")
    person = Person()
    job = await person.send(account, add_job(account, path, [5, 5]))
    (doubt,) = person.doubts
    assert "in time" in doubt.why
    check_whole(server, clock, job)


async def test_left_and_found_later(
    account: Account, server: RunningServer, clock: FixedClock, path: Path
) -> None:
    server.faults.add("drop:1")
    job = await Person(Leave()).send(account, add_job(account, path, [5, 5]))
    assert states(job) == [PartState.UNKNOWN, PartState.PLANNED]
    clock.advance(3600)
    person = Person()
    job = await person.send(account, job)
    assert len(person.doubts[0].candidates) == 1
    check_whole(server, clock, job)


@pytest.mark.parametrize(("hours", "looks"), [(0.5, 3), (2, 1)])
async def test_what_was_begun_long_ago_is_looked_for_once(
    account: Account,
    server: RunningServer,
    clock: FixedClock,
    path: Path,
    hours: float,
    looks: int,
) -> None:
    job = add_job(account, path, [10])
    account.history.jobs.begin(job.key, 1, at=clock())
    clock.advance(hours * 3600)
    await Person(Leave()).send(account, job)
    assert len(server.calls) == looks


async def test_only_what_fits_is_a_candidate(
    account: Account, server: RunningServer, path: Path
) -> None:
    """Batches that were there before, have another size, or belong to a job are none."""
    api = account.api
    elsewhere = [await _create(api, 5) for _ in range(2)]
    server.faults.add("drop/create:1")
    person = Person(Leave())
    job = await person.send(account, add_job(account, path, [5, 5]))
    larger = await _create(api, 6)
    fitting = await _create(api, 5)
    again = Person(Leave())
    await again.send(account, job)
    (first,), (second,) = person.doubts, again.doubts
    assert len(first.candidates) == 1
    assert [each.id for each in second.candidates] == [fitting, first.candidates[0].id]
    assert not {*elsewhere, larger} & {each.id for each in second.candidates}


@pytest.fixture
def own_clock() -> FixedClock:
    """A clock of ours that the server does not go by."""
    return TickingClock(NOON)


async def test_our_clock_is_set_back_while_it_is_sent(
    open_account: OpenAccount, server: RunningServer, own_clock: FixedClock, path: Path
) -> None:
    """The batch is seen for the first time before it was sent, it seems."""
    server.faults.add("drop:1")
    account = open_account(server, own_clock).account
    person = Person()

    def on_step(step: Step) -> None:
        if step.waiting.startswith("Looking"):
            own_clock.advance(-DAY)

    job = add_job(account, path, [5, 5])
    job = await submit(account, job.key, on_step=on_step, decide=person.decide)
    assert len(person.doubts[0].candidates) == 1
    assert list(job.batch_ids) == existing(server)


async def test_our_clock_was_set_back_before_it_is_sent(
    open_account: OpenAccount, server: RunningServer, own_clock: FixedClock, path: Path
) -> None:
    """A batch that was known before is no candidate, though it was first seen later, it seems."""
    account = open_account(server, own_clock).account
    await _create(account.api, 5)
    account.observe((await account.api.list(limit=10)).sightings)
    own_clock.advance(-DAY)
    job = add_job(account, path, [5, 5])
    account.history.jobs.begin(job.key, 1, at=own_clock())
    person = Person(Leave())
    await person.send(account, job)
    assert person.doubts[0].candidates == ()


async def test_the_clocks_of_the_api_differ(
    account: Account, server: RunningServer, clock: FixedClock, path: Path
) -> None:
    """A batch may bear a date before that of one that was there before."""
    await _create(account.api, 6)
    account.observe((await account.api.list(limit=10)).sightings)
    server.faults.add("drop:1")
    moves = [-5, 10]
    person = Person()

    def on_step(step: Step) -> None:
        begun = step.part and step.part.state is PartState.SENDING and not step.sent_bytes
        if (begun and len(moves) == 2) or (step.waiting and len(moves) == 1):
            clock.advance(moves.pop(0))

    job = add_job(account, path, [10])
    job = await submit(account, job.key, on_step=on_step, decide=person.decide)
    assert len(person.doubts[0].candidates) == 1
    assert len(existing(server)) == 2


async def test_a_batch_that_may_be_of_another_job(
    account: Account, server: RunningServer, path: Path
) -> None:
    """Two jobs of as many requests, of both of which it is not known whether they were sent."""
    for name in ("one", "other"):
        server.faults.add("drop:1")
        person = Person(Leave())
        await person.send(account, add_job(account, path, [10], name))
        server.faults.clear()
    (doubt,) = person.doubts
    assert doubt.rivals == 1
    assert doubt.plain is None


@pytest.mark.parametrize("which", ["too large", "of a job", "unknown"])
async def test_a_batch_that_cannot_be_it(
    account: Account, server: RunningServer, path: Path, which: str
) -> None:
    job = await Person().send(account, add_job(account, path, [5]))
    other = await _create(account.api, 6)
    ids = {"too large": other, "of a job": job.batch_ids[0], "unknown": "msgbatch_none"}
    server.faults.add("drop:1")
    second = add_job(account, write(path.with_name("b.jsonl"), 5), [5], "second")
    with pytest.raises(BatchtuiError):
        await Person(Adopt(ids[which])).send(account, second)
    assert states(account.history.jobs.get(second.key)) == [PartState.UNKNOWN]


# Who may send


async def test_one_at_a_time(account: Account, server: RunningServer, path: Path) -> None:
    server.faults.add("latency=0.3/create")
    job = add_job(account, path, [10])
    first = asyncio.ensure_future(Person().send(account, job))
    await asyncio.sleep(0.1)
    with pytest.raises(UsageError, match="Another batchtui"):
        await Person().send(account, job)
    await first
    assert len(existing(server)) == 1


async def test_no_history_that_lasts(
    server: RunningServer, clock: FixedClock, path: Path, tmp_path: Path
) -> None:
    """What cannot be written down is not sent."""
    account = Account(
        api=Api(base_url=server.base_url, api_key=KEY),
        history=History.in_memory(AccountKey("test", "", "key"), now=clock()),
        results=ResultStore(tmp_path / "results"),
        requests=tmp_path / "requests",
        clock=clock,
    )
    job = add_job(account, path, [10])
    with pytest.raises(StorageError, match="Nothing is sent"):
        await Person().send(account, job)
    await account.close()
    assert not server.calls


async def test_a_history_that_was_set_aside(
    open_account: OpenAccount, server: RunningServer, clock: FixedClock, path: Path, tmp_path: Path
) -> None:
    """It would have told what was sent; from the next start on it is the person's to know."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "history.db").write_bytes(b"no database" * 1000)
    account = open_account(server, clock).account
    job = add_job(account, path, [10])
    with pytest.raises(StorageError, match="not known any more: The history was damaged"):
        await Person().send(account, job)
    assert not server.calls
    again = open_account(server, clock).account
    await Person().send(again, job)
    assert len(existing(server)) == 1


async def test_read_only_and_offline(
    open_account: OpenAccount, server: RunningServer, clock: FixedClock, path: Path
) -> None:
    account = open_account(server, clock, read_only=True).account
    job = add_job(account, path, [10])
    with pytest.raises(ReadOnlyError):
        await Person().send(account, job)
    offline = open_account(None, clock).account
    with pytest.raises(UsageError, match="offline"):
        await Person().send(offline, job)


# Interrupted


async def test_cancelled_while_it_uploads(
    account: Account, server: RunningServer, clock: FixedClock, tmp_path: Path
) -> None:
    path = write(tmp_path / "long.jsonl", 40, "x" * 50_000)
    job = add_job(account, path, [20, 20])
    task: asyncio.Future[Job]

    def on_step(step: Step) -> None:
        if step.part and step.part.number == 2 and step.sent_bytes:
            task.cancel()

    task = asyncio.ensure_future(submit(account, job.key, on_step=on_step, decide=Person().decide))
    with pytest.raises(asyncio.CancelledError):
        await task
    job = account.history.jobs.get(job.key)
    assert states(job) == [PartState.CREATED, PartState.PLANNED]
    check_whole(server, clock, await Person().send(account, job))


async def test_cancelled_while_the_answer_is_awaited(
    account: Account, server: RunningServer, clock: FixedClock, path: Path
) -> None:
    server.faults.add("late=3:1")
    job = add_job(account, path, [5, 5])
    task = asyncio.ensure_future(Person().send(account, job))
    while not existing(server):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    job = account.history.jobs.get(job.key)
    assert states(job) == [PartState.UNKNOWN, PartState.PLANNED]
    check_whole(server, clock, await Person().send(account, job))


async def test_found_in_the_middle_of_being_sent(
    account: Account, server: RunningServer, clock: FixedClock, path: Path
) -> None:
    """As after a crash: what is written down says that it is being sent, and nobody does."""
    job = add_job(account, path, [5, 5])
    account.history.jobs.begin(job.key, 1, at=clock())
    person = Person(SendAgain())
    job = await person.send(account, job)
    assert person.doubts[0].candidates == ()
    check_whole(server, clock, job)


async def _create(api: Api, requests: int) -> str:
    """A batch that somebody else makes."""
    body = b'{"requests":[%s]}' % b",".join(line(number) for number in range(requests))

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    return (await api.create(pieces(), size=len(body))).batch.id
