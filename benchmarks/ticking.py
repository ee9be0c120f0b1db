"""`python -m benchmarks.ticking TICKS`: watch 1,000 running batches on a clock that is moved.

All that a tick of `batchtui watch` does but for the socket, the SDK and the terminal: the bytes of
what the simulator's world answers go through the poller into a history on the disk. With a server
the same would take a quarter of an hour, most of it the server's.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from bisect import bisect_right, insort
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from batchtui.account.account import Account
from batchtui.account.watching import Sleep, Trouble, Watch
from batchtui.api.client import Api
from batchtui.api.replies import Page, read_page
from batchtui.cli.watch_view import View
from batchtui.cli.watching import Vigil
from batchtui.domain.account import AccountKey
from batchtui.history.history import History
from batchtui.results.store import ResultStore
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.lifecycle import Plan
from batchtui.simulator.prose import EVALS
from batchtui.simulator.scripted import Scripted
from batchtui.simulator.world import World
from benchmarks.process import resident_megabytes

RUNNING = 1_000
EVERY = 5.0
"""Simulated seconds between two ticks, as while a batch is young: 10,000 of them are 14 hours."""

SETTLED = 0.5
"""The share of the ticks after which memory is what it is going to be: thousands of moments and
pages of the history are kept at hand, and by then they all are.
"""

_ENDING = 100
"""So many of the batches end, one after the other; the others run on until it is over."""


class Found(msgspec.Struct, frozen=True):
    """What was measured.

    Attributes:
        ticks: how often it looked.
        requests: how many list requests that took.
        cpu_seconds: how long it computed, the world's answers included.
        settled: megabytes of memory when half of the ticks were over.
        at_end: the same after the last.
    """

    ticks: int
    requests: int
    cpu_seconds: float
    settled: float
    at_end: float


class Canned(Api):
    """Answers out of a world, with bytes but without a server."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(base_url="http://127.0.0.1:9", api_key="none")
        self.requests = 0
        self._clock = clock
        self._world = World("empty", clock=clock)
        self._ends: list[datetime] = []
        self._last: tuple[tuple[object, ...], bytes] = ((), b"")

    def add(self, plan: Plan) -> None:
        """Let there be one more batch."""
        self._world.add(plan)
        insort(self._ends, plan.ends_at)

    async def list(
        self, *, limit: int, after_id: str | None = None, before_id: str | None = None
    ) -> Page:
        """A page of the list; put together anew only if a batch has ended, or as asked for."""
        self.requests += 1
        question = (limit, after_id, before_id, bisect_right(self._ends, self._clock()))
        if self._last[0] != question:
            page = self._world.page(limit=limit, after_id=after_id, before_id=before_id)
            self._last = (question, msgspec.json.encode(page))
        return read_page(self._last[1])


class Counting(Watch):
    """A watch that counts its looks, and weighs the process once."""

    def __init__(self, account: Account, *, weigh_at: int, sleep: Sleep) -> None:
        super().__init__(account, every=EVERY, everything=True, sleep=sleep)
        self.looks = 0
        self.settled = 0.0
        self._weigh_at = weigh_at

    async def look(self) -> Trouble | None:
        """See `Watch.look`."""
        self.looks += 1
        if self.looks == self._weigh_at:
            self.settled = resident_megabytes(os.getpid())
        return await super().look()


async def tick(ticks: int, directory: Path) -> Found:
    """Watch for so many ticks."""
    clock = FixedClock(datetime.now(UTC))

    async def sleep(seconds: float) -> None:
        clock.advance(seconds)

    api = Canned(clock)
    long = timedelta(seconds=ticks * EVERY)
    for number in range(RUNNING):
        takes = long * number / _ENDING if number < _ENDING else long * 2
        created = clock() - timedelta(seconds=number)
        api.add(Plan(f"msgbatch_{number:024}", created, takes, Scripted(number, EVALS, 1_000)))
    account = Account(
        api=api,
        history=History.open(directory, AccountKey("bench", "", "bench"), now=clock()),
        results=ResultStore(directory / "results"),
        requests=directory / "requests",
        clock=clock,
    )
    watch = Counting(account, weigh_at=max(int(ticks * SETTLED), 1), sleep=sleep)
    began = time.process_time()
    await Vigil(account, watch, View(), timeout=long).keep()
    took = time.process_time() - began
    await account.close()
    return Found(watch.looks, api.requests, took, watch.settled, resident_megabytes(os.getpid()))


if __name__ == "__main__":
    with TemporaryDirectory(prefix="batchtui-bench-") as name:
        found = asyncio.run(tick(int(sys.argv[1]), Path(name)))
    print(msgspec.json.encode(found).decode())
