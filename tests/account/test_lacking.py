"""Servers that speak a part of the API: what they lack is found out, said once, and done without.

Over HTTP, against a simulator that answers as gateways do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from batchtui.account.account import Account
from batchtui.account.events import Lacking, Paging, Phase
from batchtui.account.plans import Verb
from batchtui.account.poller import Poller
from batchtui.account.reconciling import Decision, Doubt, Leave, SendAgain
from batchtui.account.submitting import submit
from batchtui.api.replies import read_page
from batchtui.domain.batch import Record
from batchtui.domain.changes import What
from batchtui.domain.errors import (
    ApiError,
    BadReplyError,
    NotFoundError,
    RefusedError,
    UnsupportedError,
)
from batchtui.domain.job import Job, PartState
from batchtui.domain.operation import Operation
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.message import encode
from batchtui.simulator.server import RunningServer
from tests.account.conftest import Bench, OpenAccount
from tests.account.request_files import add_job, existing, write
from tests.account.test_poller import changes, running, until
from tests.conftest import StartSimulator


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batchtui.account.reconciling.PAUSES", (0.01,))


STATUSES = pytest.mark.parametrize("status", [404, 405, 501])


def told(bench: Bench) -> list[Lacking]:
    return [event for event in bench.events if isinstance(event, Lacking)]


def calls(server: RunningServer) -> list[str]:
    return [call.operation for call in server.calls]


def remember(account: Account, server: RunningServer) -> list[Record]:
    """Have the account know what another way told of the server's batches."""
    account.observe(read_page(encode(server.world.page(limit=1000))).sightings)
    return account.records()


def ended(records: list[Record]) -> Record:
    return next(each for each in records if each.results_here or not each.batch.running)


@STATUSES
async def test_a_verb_that_is_lacking_is_found_out_once(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock, status: int
) -> None:
    server = simulator("demo", clock=fixed_clock, lacks=[f"cancel={status},delete={status}"])
    bench = open_account(server, fixed_clock)
    account = bench.account
    records = remember(account, server)
    live = [each.id for each in records if each.batch.processing_status == "in_progress"]
    for batch_id in live[:2]:
        with pytest.raises(UnsupportedError, match="This server cannot cancel batches"):
            await account.cancel(batch_id)
    with pytest.raises(UnsupportedError, match="cannot delete"):
        await account.delete(ended(records).id)
    assert account.lacks == {Operation.CANCEL, Operation.DELETE}
    first, second = told(bench)
    assert first.words == "This server cannot cancel batches, so that is switched off."
    assert first.operations == {Operation.CANCEL}
    assert second.operations == account.lacks
    # Once it is known, nothing is asked any more.
    before = len(server.calls)
    found = [each async for each in account.each(Verb.CANCEL, live)]
    assert len(server.calls) == before
    assert all(isinstance(error, UnsupportedError) for _, error in found)
    assert len(told(bench)) == 2


@STATUSES
async def test_results_that_are_not_handed_out(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock, status: int
) -> None:
    server = simulator("crowd:5", clock=fixed_clock, lacks=[f"results={status}"])
    bench = open_account(server, fixed_clock)
    batch = ended(remember(bench.account, server))
    with pytest.raises(UnsupportedError, match="cannot hand out results"):
        await bench.account.fetch(batch.id, on_progress=lambda progress: None)
    assert bench.account.lacks == {Operation.RESULTS}
    assert not bench.account.results.size(batch.id)


async def test_a_batch_that_is_gone_is_no_lack_of_the_server(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    # A gateway may answer 404 in words of its own to what the API would say it does not know.
    server = simulator("crowd:5", clock=fixed_clock, lacks=["cancel", "retrieve"])
    bench = open_account(server, fixed_clock)
    batch = remember(bench.account, server)[0]
    with pytest.raises(NotFoundError):
        await bench.account.cancel(batch.id)
    assert not bench.account.lacks


async def test_a_404_that_passes_is_no_lack(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    # Three of them are doubted anyway.
    server = simulator("demo", clock=fixed_clock, faults=["lacks/cancel:4"])
    bench = open_account(server, fixed_clock)
    live = next(each for each in remember(bench.account, server) if each.batch.running)
    await bench.account.cancel(live.id)
    assert not bench.account.lacks


@pytest.mark.parametrize("fault", ["400", "409", "500", "404"])
async def test_what_the_api_itself_says_is_no_lack(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock, fault: str
) -> None:
    server = simulator("demo", clock=fixed_clock, faults=[f"{fault}/cancel", "400/list"])
    bench = open_account(server, fixed_clock)
    live = next(each for each in remember(bench.account, server) if each.batch.running)
    with pytest.raises(ApiError):
        await bench.account.cancel(live.id)
    with pytest.raises(RefusedError):
        await bench.account.page(limit=10)
    assert not bench.account.lacks


# Without a list


@STATUSES
async def test_without_a_list_those_that_run_are_watched_one_by_one(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock, status: int
) -> None:
    server = simulator("demo", clock=fixed_clock, lacks=[f"list={status}"])
    bench = open_account(server, fixed_clock)
    remember(bench.account, server)
    live = {each.id for each in bench.account.history.running()}
    poller = Poller(bench.account)
    await poller.tick()
    assert bench.account.lacks == {Operation.LIST}
    (event,) = told(bench)
    assert "known here are watched" in event.words
    assert poller.paging == Paging(more=None)
    assert {call.path.rpartition("/")[2] for call in server.calls[-len(live) :]} == live


async def test_batches_end_before_the_eyes_of_who_cannot_list(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock, lacks=["list=405"])
    bench = open_account(server, fixed_clock)
    remember(bench.account, server)
    live = {each.id for each in bench.account.history.running()}
    poller = Poller(bench.account)
    await poller.tick()
    seen = len(server.calls)
    fixed_clock.advance(4 * 3600)
    await poller.tick()
    asked = calls(server)[seen:]
    assert asked == ["retrieve"] * len(live)
    assert changes(bench, What.ENDED) <= live
    assert changes(bench, What.ENDED)


async def test_one_that_is_gone_is_doubted_as_ever(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock, lacks=["list=405"])
    bench = open_account(server, fixed_clock)
    remember(bench.account, server)
    lost = bench.account.history.running()[0].id
    del server.world._plans[lost]
    poller = Poller(bench.account)
    for _ in range(2):
        await poller.tick()
        assert bench.account.known(lost).on_server
        fixed_clock.advance(60)
    await poller.tick()
    assert not bench.account.known(lost).on_server


async def test_trouble_with_one_by_one_is_backed_off_from(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock, lacks=["list=405"], faults=["500/retrieve"])
    bench = open_account(server, fixed_clock)
    remember(bench.account, server)
    poller = Poller(bench.account)
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.BACKING_OFF)
    server.faults.clear()
    server.faults.add("lacks=405/list")
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.WAITING)


async def test_a_server_that_knows_nothing_may_be_no_api_at_all(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock, lacks=["list"])
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account)
    with pytest.raises(BadReplyError, match="base URL is wrong, or this server cannot list"):
        await poller.tick()
    assert not bench.account.lacks
    # As soon as one batch is known to be there, it is plain.
    remember(bench.account, server)
    await poller.tick()
    assert bench.account.lacks == {Operation.LIST}


async def test_older_pages_are_not_asked_for(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock, lacks=["list=405"])
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account)
    await poller.tick()
    before = len(server.calls)
    await poller.load_older()
    assert len(server.calls) == before


# Sending to it


class Person:
    """Decides as told beforehand, and keeps what it was asked."""

    def __init__(self, *decisions: Decision) -> None:
        self.doubts: list[Doubt] = []
        self._decisions = list(decisions)

    async def decide(self, doubt: Doubt) -> Decision:
        self.doubts.append(doubt)
        return self._decisions.pop(0)

    async def send(self, account: Account, job: Job) -> Job:
        return await submit(account, job.key, on_step=lambda step: None, decide=self.decide)


@STATUSES
async def test_what_is_sent_need_not_be_listed(
    simulator: StartSimulator,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    tmp_path: Path,
    status: int,
) -> None:
    server = simulator("empty", clock=fixed_clock, lacks=[f"list={status}"])
    account = open_account(server, fixed_clock).account
    person = Person()
    job = await person.send(account, add_job(account, write(tmp_path / "a.jsonl", 8), [4, 4]))
    assert not job.unsent
    assert list(job.batch_ids) == existing(server)
    assert not person.doubts
    await Poller(account).tick()
    assert account.lacks == {Operation.LIST}


@STATUSES
@pytest.mark.parametrize("decision", [SendAgain(), Leave()])
async def test_where_nobody_can_look_a_person_decides(
    simulator: StartSimulator,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    tmp_path: Path,
    status: int,
    decision: Decision,
) -> None:
    server = simulator(
        "empty", clock=fixed_clock, lacks=[f"list={status}"], faults=["drop/create:1"]
    )
    account = open_account(server, fixed_clock).account
    person = Person(decision)
    job = await person.send(account, add_job(account, write(tmp_path / "a.jsonl", 4), [4]))
    (doubt,) = person.doubts
    assert doubt.blind
    assert not doubt.candidates
    assert doubt.plain is None
    assert "This server cannot list batches" in doubt.why
    assert len(existing(server)) == (2 if decision == SendAgain() else 1)
    assert bool(job.unsent) == (decision == Leave())


async def test_a_server_that_takes_no_batches(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock, tmp_path: Path
) -> None:
    server = simulator("crowd:3", clock=fixed_clock, lacks=["create"])
    bench = open_account(server, fixed_clock)
    remember(bench.account, server)
    job = add_job(bench.account, write(tmp_path / "a.jsonl", 4), [4])
    with pytest.raises(UnsupportedError, match="cannot take new batches") as caught:
        await Person().send(bench.account, job)
    assert "Nothing was sent" in str(caught.value)
    assert bench.account.lacks == {Operation.CREATE}
    assert calls(server).count("create") == 1
    (part,) = bench.account.history.jobs.get(job.key).parts
    assert part.state is PartState.PLANNED
