"""The poller against the simulator: what it asks, what it tells, and how it takes trouble."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.account.events import Changed, Paging, Phase, Pulse, Reloaded
from batchtui.account.poller import Poller
from batchtui.api.client import Api
from batchtui.api.replies import Page
from batchtui.domain.account import AccountKey
from batchtui.domain.changes import What
from batchtui.domain.errors import ServerFaultError, StorageError, UnreachableError
from batchtui.history.history import History
from batchtui.settings.accounts import CommandKey
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.server import KEY, RunningServer
from tests.account.conftest import Bench, OpenAccount
from tests.conftest import StartSimulator


@asynccontextmanager
async def running(poller: Poller) -> AsyncIterator[None]:
    task = asyncio.create_task(poller.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


def lists(server: RunningServer) -> list[str]:
    return [call.query for call in server.calls if call.operation == "list"]


def changes(bench: Bench, what: What) -> set[str]:
    return {
        change.record.id
        for event in bench.events
        if isinstance(event, Changed)
        for change in event.changes
        if change.what is what
    }


async def test_a_tick_is_one_list_request_that_reaches_the_oldest_running_batch(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account)
    await poller.tick()
    assert lists(server) == ["limit=100"]
    records = bench.account.records()
    oldest = max(place for place, each in enumerate(records) if each.running)
    await poller.tick()
    assert len(lists(server)) == 2
    asked = int(lists(server)[1].removeprefix("limit="))
    assert oldest < asked <= oldest + 21


async def test_batches_end_before_the_eyes_of_the_poller(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("demo", clock=fixed_clock), fixed_clock)
    poller = Poller(bench.account)
    await poller.tick()
    before = {each.id for each in bench.account.history.running()}
    fixed_clock.advance(4 * 3600)
    await poller.tick()
    ended = changes(bench, What.ENDED)
    assert ended
    assert ended <= before
    assert all(not bench.account.known(each).batch.running for each in ended)


async def test_pages_come_when_they_are_asked_for(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("crowd:2150", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account)
    await poller.load_older()
    assert lists(server) == []
    await poller.tick()
    known = []
    for _ in range(3):
        assert poller.paging.more
        await poller.load_older()
        known.append(bench.account.history.count())
    assert known == [200, 1200, 2150]
    await poller.load_older()
    assert len(lists(server)) == 4


async def test_a_page_asked_for_twice_is_read_once(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("crowd:2150", clock=fixed_clock)
    poller = Poller(open_account(server, fixed_clock).account)
    await poller.tick()
    oldest = poller.paging.oldest
    await poller.load_older(oldest)
    assert poller.paging.oldest != oldest
    await poller.load_older(oldest)
    assert len(lists(server)) == 2


async def test_loading_is_told(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("crowd:300", clock=fixed_clock), fixed_clock)
    poller = Poller(bench.account)
    await poller.tick()
    await poller.load_older()
    assert any(isinstance(event, Paging) and event.loading for event in bench.events)


async def test_a_batch_deleted_elsewhere_is_doubted_and_then_gone(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account)
    await poller.tick()
    records = bench.account.records()
    oldest = max(place for place, each in enumerate(records) if each.running)
    ended = next(each for each in records[:oldest] if not each.batch.running)
    server.world.delete(ended.id)
    for _ in range(2):
        await poller.tick()
        fixed_clock.advance(31)
    assert bench.account.known(ended.id).on_server
    assert not any(call.operation == "retrieve" for call in server.calls)
    await poller.tick()
    assert changes(bench, What.GONE) == {ended.id}
    assert not bench.account.known(ended.id).on_server


async def test_one_batch_that_cannot_be_asked_for_does_not_stop_the_polling(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account)
    await poller.tick()
    missing = next(each for each in bench.account.records() if not each.batch.running)
    server.world.delete(missing.id)
    server.faults.add("broken/retrieve")
    for _ in range(4):
        await poller.tick()
        fixed_clock.advance(31)
    assert [call.operation for call in server.calls].count("retrieve") == 1
    assert bench.account.known(missing.id).on_server
    server.faults.clear()
    for _ in range(3):
        await poller.tick()
        fixed_clock.advance(31)
    assert not bench.account.known(missing.id).on_server


async def test_a_batch_that_runs_further_down_than_a_tick_reads_is_watched_too(
    simulator: StartSimulator,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = simulator("busy:12", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    await Poller(bench.account).tick()
    assert len(bench.account.history.running()) == 12
    for limit in ("PAGE", "LARGEST_PAGE"):
        monkeypatch.setattr(f"batchtui.account.poller.{limit}", 3)
    monkeypatch.setattr("batchtui.account.poller.DEEPEST", 1)
    fixed_clock.advance(13 * 3600)
    poller = Poller(bench.account)
    for _ in range(6):
        await poller.tick()
        fixed_clock.advance(31)
    assert not bench.account.history.running()
    assert len(changes(bench, What.ENDED)) == 12


async def test_a_key_that_does_not_come_is_said_to_be_waited_for(
    simulator: StartSimulator,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("batchtui.account.poller.LONG_WAIT", 0.01)
    server = simulator("demo", clock=fixed_clock)
    unlocked = tmp_path / "unlocked"
    code = f"until [ -e {shlex.quote(str(unlocked))} ]; do sleep 0.02; done; echo {KEY}"
    account = open_account(server, fixed_clock).account
    key = CommandKey(("sh", "-c", code))
    account._api = Api(base_url=server.base_url, key=key, name="work")
    poller = Poller(account)
    async with running(poller):
        await until(lambda: bool(poller.pulse.reason))
        assert poller.pulse.phase is Phase.CONNECTING
        waiting = 'Waiting for the key_command of the account "work" (sh) to print a key'
        assert poller.pulse.reason.startswith(waiting)
        unlocked.touch()
        await until(lambda: poller.pulse.phase is Phase.WAITING)
        assert not poller.pulse.reason


@pytest.mark.parametrize("page", [Page((), has_more=True), Page((), has_more=True, last_id="x")])
async def test_a_list_without_an_end_is_not_read_for_ever(
    simulator: StartSimulator,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    page: Page,
) -> None:
    account = open_account(simulator("crowd:400", clock=fixed_clock), fixed_clock).account
    poller = Poller(account)
    await poller.tick()
    known = account.history.count()

    async def without_end(**_: object) -> Page:
        return page

    monkeypatch.setattr(account.api, "list", without_end)
    for _ in range(2):
        await poller.load_older()
    assert poller.paging.more is False
    await poller.tick()
    assert len(account.history.ids_since(None)) == known


async def test_older_pages_that_failed_wait_for_a_tick_that_succeeds(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("crowd:400", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account, every=0)
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.WAITING)
        server.faults.add("500/list:1")
        with pytest.raises(ServerFaultError):
            await poller.load_older()
        asked = len(server.calls)
        await poller.load_older()
        assert len(server.calls) == asked
        bench.events.clear()
        poller.refresh()
        await until(lambda: len(server.calls) > asked and poller.pulse.phase is Phase.WAITING)
        assert any(isinstance(event, Paging) for event in bench.events)
        await poller.load_older()
        assert bench.account.history.count() == 200


async def test_what_the_poller_shows_of_itself(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("demo", clock=fixed_clock), fixed_clock)
    poller = Poller(bench.account, every=30)
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.WAITING)
    phases = [event.phase for event in bench.events if isinstance(event, Pulse)]
    assert phases == [Phase.CONNECTING, Phase.WAITING]
    assert poller.pulse.updated_at == fixed_clock()
    assert poller.pulse.next_at == fixed_clock() + timedelta(seconds=30)


async def test_by_hand_only(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    poller = Poller(open_account(server, fixed_clock).account, every=0)
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.WAITING)
        assert poller.pulse.next_at is None
        poller.refresh()
        await until(lambda: len(lists(server)) == 2)


async def test_paused_it_looks_only_when_told_to(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    poller = Poller(open_account(server, fixed_clock).account, every=0.01)
    async with running(poller):
        await until(lambda: len(lists(server)) >= 3)
        poller.set_paused(True)
        await until(lambda: poller.pulse.phase is Phase.PAUSED)
        await asyncio.sleep(0.05)
        quiet = len(lists(server))
        await asyncio.sleep(0.05)
        assert len(lists(server)) == quiet
        poller.refresh()
        await until(lambda: len(lists(server)) == quiet + 1)
        await until(lambda: poller.pulse.phase is Phase.PAUSED)
        poller.set_paused(False)
        await until(lambda: len(lists(server)) > quiet + 3)


@pytest.mark.parametrize("fault", [None, "529"])
async def test_paused_it_does_not_even_look_when_the_next_time_comes(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock, fault: str | None
) -> None:
    server = simulator("demo", clock=fixed_clock)
    if fault:
        server.faults.add(fault)
    poller = Poller(open_account(server, fixed_clock).account, every=0.02)
    async with running(poller):
        await until(lambda: poller.pulse.next_at is not None)
        poller.set_paused(True)
        asked = len(lists(server))
        await asyncio.sleep(0.1)
        assert len(lists(server)) <= asked + 1
        assert poller.pulse.phase is Phase.PAUSED
        assert poller.pulse.next_at is None


async def test_trouble_while_paused_is_told_and_tried_again_only_by_hand(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock, faults=["529:1"])
    poller = Poller(open_account(server, fixed_clock).account, every=0.01)
    poller.set_paused(True)
    async with running(poller):
        await until(lambda: bool(poller.pulse.reason))
        assert (poller.pulse.phase, poller.pulse.next_at) == (Phase.PAUSED, None)
        await asyncio.sleep(0.05)
        assert len(lists(server)) == 1
        poller.refresh()
        await until(lambda: poller.pulse.updated_at is not None)


@pytest.mark.parametrize("fault", ["429=0:2", "529:2", "500:2", "502:2", "empty:2", "broken:2"])
async def test_passing_trouble_is_told_and_outlived(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock, fault: str
) -> None:
    server = simulator("demo", clock=fixed_clock, faults=[fault])
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account)
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.WAITING)
    told = [event for event in bench.events if isinstance(event, Pulse)]
    backing_off = [each for each in told if each.phase is Phase.BACKING_OFF]
    assert len(backing_off) == 2
    assert all(each.reason.endswith(".") and each.next_at for each in backing_off)
    assert bench.account.records()


async def test_a_day_to_wait_is_shown_and_not_slept(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock, faults=["429=86400:1"])
    poller = Poller(open_account(server, fixed_clock).account)
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.BACKING_OFF)
        assert poller.pulse.next_at == fixed_clock() + timedelta(days=1)
        await poller.load_older()
        assert len(lists(server)) == 1
        poller.refresh()
        await until(lambda: poller.pulse.phase is Phase.WAITING)


@pytest.mark.parametrize("fault", ["401", "403", "spend-cap", "spend-limit"])
async def test_trouble_that_stays_stops_the_polling_with_a_reason(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock, fault: str
) -> None:
    server = simulator("demo", clock=fixed_clock, faults=[f"{fault}:1"])
    poller = Poller(open_account(server, fixed_clock).account, every=0.01)
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.STOPPED)
        assert poller.pulse.reason
        await asyncio.sleep(0.05)
        assert len(lists(server)) == 1
        poller.refresh()
        await until(lambda: len(lists(server)) > 2)


async def test_a_server_that_is_away_comes_back(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account)
    await poller.tick()
    known = len(bench.account.records())
    server.stop()
    with pytest.raises(UnreachableError):
        await poller.tick()
    assert len(bench.account.records()) == known


async def test_what_another_process_wrote_is_read_anew(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account)
    await poller.tick()
    some = bench.account.records()[0].id
    directory = bench.account.results.path("x").parent.parent
    other = History.open(directory, AccountKey("test", "", "key"), now=fixed_clock())
    other.annotate(some, label="from elsewhere")
    other.close()
    bench.events.clear()
    await poller.tick()
    assert Reloaded() in bench.events
    assert bench.account.known(some).label == "from elsewhere"


async def test_offline_it_says_so_and_asks_nothing(
    open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(None, fixed_clock)
    poller = Poller(bench.account)
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.OFFLINE)
    assert [event.phase for event in bench.events if isinstance(event, Pulse)] == [Phase.OFFLINE]


@pytest.mark.parametrize("offline", [True, False])
async def test_a_history_that_cannot_be_read_is_told_and_outlived(
    simulator: StartSimulator,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    offline: bool,
) -> None:
    server = None if offline else simulator("demo", clock=fixed_clock)
    poller = Poller(open_account(server, fixed_clock).account, every=0)

    def fail(_: object) -> None:
        raise StorageError("The disk is ill")

    with monkeypatch.context() as patch:
        patch.setattr(History, "changed_elsewhere" if offline else "running_since", fail)
        async with running(poller):
            await until(lambda: poller.pulse.reason == "The disk is ill.")
            patch.undo()
            poller.refresh()
            await until(lambda: not poller.pulse.reason)


async def test_what_another_instance_was_quicker_to_write_is_not_missed(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock, faults=["latency=0.3/list:1"])
    slow = open_account(server, fixed_clock)
    quick = open_account(server, fixed_clock)
    looking = asyncio.create_task(Poller(slow.account).tick())
    await until(lambda: bool(lists(server)))
    await Poller(quick.account).tick()
    await looking
    assert changes(slow, What.APPEARED) == set()
    assert slow.events.count(Reloaded()) == 1


async def test_looks_at_once_when_the_machine_has_slept(
    simulator: StartSimulator,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("batchtui.account.poller.NAP", 0.02)
    server = simulator("demo", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    slept = [0.0]
    poller = Poller(bench.account, every=3600, wall=lambda: slept[0])
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.WAITING)
        await asyncio.sleep(0.1)  # naps in which nothing jumps
        assert len(lists(server)) == 1
        slept[0] += 8 * 3600
        await until(lambda: len(lists(server)) == 2)


async def test_wakes_unless_it_is_paused(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    poller = Poller(bench.account, every=3600)
    async with running(poller):
        await until(lambda: poller.pulse.phase is Phase.WAITING)
        poller.wake()
        await until(lambda: len(lists(server)) == 2)
        poller.set_paused(True)
        poller.wake()
        await asyncio.sleep(0.05)
        assert len(lists(server)) == 2
