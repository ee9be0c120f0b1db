"""The jobs that are being sent in a session: how far each is, its doubts, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from batchtui.account.account import Account
from batchtui.account.reconciling import Decision, Doubt
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.job import Job, id_of
from batchtui.ui.engine import Engine
from batchtui.ui.presenters.sending import sending_briefly

if TYPE_CHECKING:
    from batchtui.account.submitting import Step

EVERY = 0.1
"""Seconds between two looks at how far a submission is."""

End: TypeAlias = Job | BatchtuiError | None
"""How a submission ended: as far as it goes, badly, or stopped by the person."""

Answer: TypeAlias = Callable[[Decision], None]


class Submissions:
    """All submissions of a session, each job's only once; used on the screens' loop.

    Args:
        on_crash: told of a fault in batchtui itself.

    Attributes:
        on_change: called when `summary` may read differently.
        on_doubt: called, on the engine's thread, with what is not known and with what takes the
            person's decision; the decision may be given from any thread.
        on_end: called with the id of a job, and how its submission ended.
    """

    def __init__(
        self, engine: Engine, account: Account, *, on_crash: Callable[[BaseException], None]
    ) -> None:
        self._engine = engine
        self._account = account
        self._on_crash = on_crash
        self._tasks: dict[int, asyncio.Task[Job]] = {}
        self._steps: dict[int, Step] = {}
        self._stale = False
        self.on_change: Callable[[], None] = lambda: None
        self.on_doubt: Callable[[Doubt, Answer], None] = lambda doubt, answer: None
        self.on_end: Callable[[str, End], None] = lambda job_id, end: None

    @property
    def busy(self) -> bool:
        """Whether anything is being sent."""
        return bool(self._tasks)

    @property
    def keys(self) -> tuple[int, ...]:
        """The keys of the jobs that are being sent."""
        return tuple(self._tasks)

    def __contains__(self, key: int) -> bool:
        """Whether a job is being sent, or waits for something."""
        return key in self._tasks

    def step(self, key: int) -> Step | None:
        """How far a job is; None before its first step, and if it is not being sent."""
        return self._steps.get(key) if key in self._tasks else None

    @property
    def summary(self) -> str:
        """What is going on, in a few words; "" for nothing."""
        if not self._tasks:
            return ""
        steps = [self._steps[key] for key in self._tasks if key in self._steps]
        more = f", {len(self._tasks) - 1} more" if len(self._tasks) > 1 else ""
        now = self._account.clock().astimezone()
        return f"{sending_briefly(steps[0], now) if steps else 'sending…'}{more} · X stops"

    def begin(self, key: int, *, max_in_flight: int | None = None) -> None:
        """Send what of a job is not known to be sent; if that is under way, it simply goes on.

        Args:
            key: of the job.
            max_in_flight: so many of its batches may run at the same time; None for any number.
        """
        if key in self._tasks:
            return
        self._tasks[key] = task = asyncio.create_task(self._run(key, max_in_flight))
        task.add_done_callback(partial(self._done, key))
        self.on_change()

    def stop(self) -> None:
        """Stop them all; what became a batch stays one, and each can be gone on with."""
        for task in self._tasks.values():
            task.cancel()

    async def _run(self, key: int, max_in_flight: int | None) -> Job:
        # Imported when needed: the first paint takes none of it.
        from batchtui.account.submitting import submit

        loop = asyncio.get_running_loop()

        def took(step: Step) -> None:
            """On the engine's thread, as often as it likes."""
            self._steps[key] = step
            if not self._stale:
                self._stale = True
                loop.call_soon_threadsafe(loop.call_later, EVERY, self._changed)

        return await self._engine.ask(
            submit(
                self._account,
                key,
                on_step=took,
                decide=self._decide,
                max_in_flight=max_in_flight,
            )
        )

    async def _decide(self, doubt: Doubt) -> Decision:
        """Have the person decide; on the engine's loop."""
        loop = asyncio.get_running_loop()
        decided: asyncio.Future[Decision] = loop.create_future()

        def take(decision: Decision) -> None:
            if not decided.done():
                decided.set_result(decision)

        self.on_doubt(doubt, lambda decision: self._engine.call(partial(take, decision)))
        return await decided

    def _changed(self) -> None:
        self._stale = False
        self.on_change()

    def _done(self, key: int, task: asyncio.Task[Job]) -> None:
        del self._tasks[key]
        self._steps.pop(key, None)
        self.on_change()
        if task.cancelled():
            self.on_end(id_of(key), None)
        elif (error := task.exception()) is None:
            self.on_end(id_of(key), task.result())
        elif isinstance(error, BatchtuiError):
            self.on_end(id_of(key), error)
        else:
            self._on_crash(error)
