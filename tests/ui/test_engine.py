"""The account's own thread: what becomes of work under way when it stops, or fails."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from batchtui.account.account import Account
from batchtui.account.poller import Poller
from batchtui.domain.account import AccountKey
from batchtui.domain.errors import StorageError
from batchtui.history.history import History
from batchtui.results.store import ResultStore
from batchtui.simulator.clock import FixedClock
from batchtui.ui.engine import Engine


class Bench:
    """An offline account in an engine, and the faults it told."""

    def __init__(self, directory: Path, clock: FixedClock) -> None:
        self.faults: list[BaseException] = []
        history = History.open(directory, AccountKey("test", "", "key"), now=clock())
        self.account = Account(
            api=None,
            history=history,
            results=ResultStore(directory / "results"),
            requests=directory / "requests",
            clock=clock,
        )
        self.engine = Engine(
            self.account, Poller(self.account, every=0), on_crash=self.faults.append
        )

    @property
    def closed(self) -> bool:
        """Whether the account let go of its history."""
        try:
            self.account.history.count()
        except StorageError:
            return True
        return False


@pytest.fixture
def bench(tmp_path: Path, fixed_clock: FixedClock) -> Bench:
    return Bench(tmp_path, fixed_clock)


async def test_it_answers_until_it_is_stopped(bench: Bench) -> None:
    bench.engine.start()
    assert await bench.engine.get(bench.account.history.count) == 0
    bench.engine.stop()
    assert bench.closed
    bench.engine.stop()
    assert not bench.faults


def test_stopped_before_it_started_it_closes_the_history(bench: Bench) -> None:
    bench.engine.stop()
    assert bench.closed
    bench.engine.stop()


def test_stopped_at_once_it_still_ends(bench: Bench) -> None:
    bench.engine.start()
    bench.engine.stop()
    assert bench.closed


async def test_what_is_under_way_is_cancelled_and_cleans_up_before_the_account_is_closed(
    bench: Bench,
) -> None:
    cleaned: list[int] = []
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            cleaned.append(bench.account.history.count())

    bench.engine.start()
    working = asyncio.create_task(bench.engine.ask(work()))
    await begun.wait()
    bench.engine.stop()
    assert cleaned == [0]
    assert bench.closed
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_fault_is_told_and_the_account_is_closed_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = RuntimeError("a fault")

    def fail() -> None:
        raise fault

    monkeypatch.setattr(bench.account, "reload_if_changed", fail)
    bench.engine.start()
    async with asyncio.timeout(10):
        while not bench.faults:
            await asyncio.sleep(0.005)
    assert bench.faults == [fault]
    assert bench.closed
    bench.engine.stop()
