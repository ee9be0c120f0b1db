"""Watching against the simulator on a clock that is moved: a day passes in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from batchtui.account.account import Account
from batchtui.account.locking import alone
from batchtui.account.watched import is_running, is_success
from batchtui.account.watching import NAP, Trouble, Watch
from batchtui.domain.errors import (
    NotFoundError,
    RefusedError,
    StorageError,
    UnauthorizedError,
)
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.prose import EVALS
from batchtui.simulator.scripted import Scripted
from batchtui.simulator.server import RunningServer
from tests.account.conftest import OpenAccount
from tests.conftest import StartSimulator
from tests.jobs import make_job

MINUTE = timedelta(minutes=1)


def plan(clock: FixedClock, number: int, takes: timedelta) -> Plan:
    return Plan(f"msgbatch_{number:024}", clock(), takes, Scripted(number, EVALS, 10))


@pytest.fixture
def server(simulator: StartSimulator, fixed_clock: FixedClock) -> RunningServer:
    """Two batches, of which one takes a minute and the other a quarter of an hour."""
    server = simulator("empty", clock=fixed_clock)
    server.world.add(plan(fixed_clock, 1, MINUTE))
    server.world.add(plan(fixed_clock, 2, 15 * MINUTE))
    return server


FIRST, SECOND = (f"msgbatch_{number:024}" for number in (1, 2))


def watching(account: Account, clock: FixedClock, **how: bool) -> Watch:
    """A watch whose waits move the clock."""

    async def sleep(seconds: float) -> None:
        clock.advance(seconds)

    return Watch(account, sleep=sleep, **how)


def nothing() -> None:
    """Nobody wants to know."""


async def keep(watch: Watch, account: Account, *, longest: timedelta) -> list[Trouble]:
    """Look and rest until all has ended; returns what was in the way."""
    troubles = []
    end = account.clock() + longest
    while not watch.over:
        assert account.clock() < end
        if trouble := await watch.look():
            troubles.append(trouble)
            wait = (trouble.until - account.clock()).total_seconds()
        else:
            wait = watch.pause()
        await watch.rest(wait, on_nap=nothing)
    return troubles


async def test_everything_that_runs_at_the_first_look(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    watch = watching(account, fixed_clock, everything=True)
    await watch.look()
    assert [row.id for row in watch.running] == [FIRST, SECOND]
    server.world.add(plan(fixed_clock, 3, 60 * MINUTE))
    await keep(watch, account, longest=timedelta(minutes=20))
    assert len(watch.rows) == 2
    assert not any(map(is_running, watch.rows))


async def test_everything_is_more_than_the_newest(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("empty", clock=fixed_clock)
    for number in range(150):
        server.world.add(plan(fixed_clock, number, 120 * MINUTE))
    watch = watching(open_account(server, fixed_clock).account, fixed_clock, everything=True)
    await watch.look()
    assert len(watch.running) == 150
    before = len(server.calls)
    await watch.look()
    await watch.look()
    assert len(server.calls) - before == 2


async def test_the_list_is_read_no_further_than_anything_may_run(
    server: RunningServer,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("batchtui.account.watching.LARGEST_PAGE", 2)
    long_ago = FixedClock(fixed_clock() - timedelta(days=3))
    for number in range(3, 9):
        server.world.add(plan(long_ago, number, MINUTE))
    watch = watching(open_account(server, fixed_clock).account, fixed_clock, everything=True)
    await watch.look()
    assert [call.operation for call in server.calls] == ["list"] * 2
    assert [row.id for row in watch.running] == [FIRST, SECOND]


async def test_what_begins_meanwhile(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    watch = watching(account, fixed_clock, everything=True, grows=True)
    await watch.look()
    server.world.add(plan(fixed_clock, 3, 60 * MINUTE))
    await keep(watch, account, longest=timedelta(hours=2))
    assert len(watch.rows) == 3


async def test_what_another_instance_has_seen_begin(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    one, other = (open_account(server, fixed_clock).account for _ in range(2))
    watch = watching(one, fixed_clock, everything=True, grows=True)
    await watch.look()
    server.world.add(plan(fixed_clock, 3, 60 * MINUTE))
    other.observe((await other.api.list(limit=10)).sightings)
    one.reload_if_changed()
    assert len(watch.rows) == 3


async def test_one_list_request_a_look(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    watch = watching(open_account(server, fixed_clock).account, fixed_clock, everything=True)
    await watch.look()
    before = len(server.calls)
    for _ in range(5):
        await watch.look()
    assert [call.operation for call in server.calls[before:]] == ["list"] * 5


async def test_a_batch_that_is_not_known_here(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    watch = watching(account, fixed_clock)
    watch.add_batch(FIRST)
    assert not watch.rows
    assert not watch.over
    await keep(watch, account, longest=5 * MINUTE)
    assert [row.id for row in watch.rows] == [FIRST]


async def test_a_batch_that_there_is_not(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    watch = watching(open_account(server, fixed_clock).account, fixed_clock)
    watch.add_batch("msgbatch_none")
    with pytest.raises(NotFoundError, match="no batch or job msgbatch_none"):
        await watch.look()


async def test_what_has_ended_is_over_without_a_look(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    fixed_clock.advance(3 * 3600)
    await account.refresh(FIRST)
    watch = watching(account, fixed_clock)
    watch.add_batch(FIRST)
    assert watch.over
    assert [row.id for row in watch.take_changed()] == [FIRST]
    assert not watch.take_changed()


async def test_a_day_without_network(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    watch = watching(account, fixed_clock, everything=True)
    await watch.look()
    server.faults.add("503")
    for _ in range(24 * 60):
        trouble = await watch.look()
        assert trouble
        assert timedelta() < trouble.until - fixed_clock() <= MINUTE
        fixed_clock.advance(60)
    server.faults.clear()
    assert await watch.look() is None
    assert watch.over


async def test_a_server_that_is_gone_for_a_while(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    watch = watching(account, fixed_clock, everything=True)
    await watch.look()
    server.stop()
    trouble = await watch.look()
    assert trouble
    assert "reach" in trouble.why


@pytest.mark.parametrize("fault", ["429=7200", "429-bare", "500", "529", "empty", "broken", "502"])
async def test_what_passes_is_waited_out(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock, fault: str
) -> None:
    account = open_account(server, fixed_clock).account
    watch = watching(account, fixed_clock, everything=True)
    server.faults.add(f"{fault}/list:6")
    troubles = await keep(watch, account, longest=timedelta(hours=5))
    assert len(troubles) == 6


@pytest.mark.parametrize("fault", ["413", "404"])
async def test_a_refusal_that_may_pass_is_doubted_for_an_hour(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock, fault: str
) -> None:
    """A proxy has come in between and answers with a page of its own, or the list is not found."""
    account = open_account(server, fixed_clock).account
    watch = watching(account, fixed_clock, everything=True)
    server.faults.add(f"{fault}/list:1")
    with pytest.raises((RefusedError, NotFoundError)):
        await watch.look()
    for _ in range(2):
        assert await watch.look() is None
        server.faults.add(f"{fault}/list:60")
        for _ in range(60):
            trouble = await watch.look()
            assert trouble
            assert trouble.until - fixed_clock() == MINUTE
            fixed_clock.advance(60)
    server.faults.add(f"{fault}/list")
    with pytest.raises((RefusedError, NotFoundError)):
        await watch.look()


async def test_after_a_good_look_it_is_as_patient_as_at_first(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    watch = watching(open_account(server, fixed_clock).account, fixed_clock, everything=True)

    async def wait() -> timedelta:
        trouble = await watch.look()
        assert trouble
        return trouble.until - fixed_clock()

    server.faults.add("503/list:9")
    longest = max([await wait() for _ in range(9)])
    assert await watch.look() is None
    server.faults.add("503/list:1")
    assert await wait() < longest / 8


async def test_a_revoked_key_ends_it(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    watch = watching(open_account(server, fixed_clock).account, fixed_clock, everything=True)
    await watch.look()
    server.faults.add("401")
    with pytest.raises(UnauthorizedError):
        await watch.look()


async def test_a_full_disk_passes(
    server: RunningServer,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = open_account(server, fixed_clock).account
    watch = watching(account, fixed_clock, everything=True)

    def full(*_: object, **__: object) -> None:
        raise StorageError("The disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(account.history, "observe", full)
        trouble = await watch.look()
    assert trouble
    assert trouble.why == "The disk is full."
    assert await watch.look() is None


async def test_deleted_elsewhere(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    watch = watching(account, fixed_clock)
    watch.add_batch(FIRST)
    await watch.look()
    fixed_clock.advance(50)
    await watch.look()
    fixed_clock.advance(60)
    server.world.delete(FIRST)
    await keep(watch, account, longest=10 * MINUTE)
    (row,) = watch.rows
    assert row.gone_at
    assert not is_success(row)


async def test_two_watch_one_batch(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    """Each sees the end, whichever of them has looked."""
    accounts = [open_account(server, fixed_clock).account for _ in range(2)]
    watches = [watching(each, fixed_clock) for each in accounts]
    for watch in watches:
        watch.add_batch(FIRST)
        await watch.look()
    fixed_clock.advance(90)
    for watch in watches:
        await watch.look()
        assert watch.over


class Sleeper:
    """A timer, and what happens to the clock on the wall meanwhile."""

    def __init__(self, clock: FixedClock, jump: Callable[[int], float]) -> None:
        self.naps: list[float] = []
        self._clock = clock
        self._jump = jump

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self._clock.advance(self._jump(len(self.naps)))


@pytest.mark.parametrize(
    ("jump", "naps"),
    [
        (lambda nap: NAP, 20),
        (lambda nap: 8 * 3600 if nap == 3 else NAP, 3),  # the machine sleeps for a night
        (lambda nap: -8 * 3600 if nap == 3 else NAP, 20),  # somebody sets the clock back
    ],
)
async def test_a_wait_ends_by_the_clock_or_by_the_timer(
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    jump: Callable[[int], float],
    naps: int,
) -> None:
    sleeper = Sleeper(fixed_clock, jump)
    watch = Watch(open_account(None, fixed_clock).account, sleep=sleeper.sleep)
    assert await watch.rest(20 * NAP, on_nap=nothing) == naps * NAP
    assert len(sleeper.naps) == naps


async def test_batches_of_a_job_are_one_row(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    account.observe((await account.api.list(limit=10)).sightings)
    job = make_job(account.history, "nightly", [FIRST, SECOND], at=fixed_clock())
    watch = watching(account, fixed_clock, everything=True)
    await watch.look()
    (row,) = watch.rows
    assert (row.id, row.name) == (job.id, "nightly")
    fixed_clock.advance(90)
    await watch.look()
    assert [each.id for each in watch.take_changed()] == [job.id]
    assert not watch.over
    await keep(watch, account, longest=timedelta(minutes=20))
    (row,) = watch.rows
    assert not is_running(row)
    assert row.batch.request_counts.total == 20


async def test_a_job_that_nobody_sends_to_its_end_is_over(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    account.observe((await account.api.list(limit=10)).sightings)
    job = make_job(account.history, "nightly", [FIRST], unsent=[10], at=fixed_clock())
    watch = watching(account, fixed_clock)
    watch.add_job(job)
    fixed_clock.advance(90)
    with alone(account, job.key):
        await watch.look()
        running = [row.id for row in watch.running]
    assert running == [job.id]  # its next batch may come at any time
    await watch.look()
    assert watch.over
    assert not is_success(watch.rows[0])


async def test_a_job_of_one_batch_is_that_batch(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    account.observe((await account.api.list(limit=10)).sightings)
    watch = watching(account, fixed_clock)
    watch.add_job(make_job(account.history, "nightly", [FIRST], at=fixed_clock()))
    assert [row.id for row in watch.rows] == [FIRST]


async def test_a_job_with_a_batch_that_is_not_known_here(
    server: RunningServer, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(server, fixed_clock).account
    account.observe((await account.api.list(limit=10)).sightings)
    job = make_job(account.history, "nightly", [FIRST, SECOND], at=fixed_clock())
    parts = (job.parts[0], msgspec.structs.replace(job.parts[1], batch_id="msgbatch_lost"))
    watch = watching(account, fixed_clock)
    watch.add_job(msgspec.structs.replace(job, parts=parts))
    fixed_clock.advance(90)
    await watch.look()
    assert watch.over
    assert not is_success(watch.rows[0])
