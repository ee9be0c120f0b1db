"""The simulated workspace: its batches, on an injected clock. It knows nothing of HTTP.

The same scenario, seed, clock and calls give the same answers, byte for byte.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import RLock

import msgspec

from batchtui.simulator.chance import identifier, key_of, rng_of
from batchtui.simulator.clock import Clock, RunningClock
from batchtui.simulator.envelope import Body, open_envelope
from batchtui.simulator.errors import batch_not_found, invalid, no_results, queue_full
from batchtui.simulator.lifecycle import Counting, Plan
from batchtui.simulator.prompts import request_lines
from batchtui.simulator.scenarios import plans_of
from batchtui.simulator.scripted import Scripted
from batchtui.simulator.submitted import Submitted, submit

PAGE_SIZE = 20
PAGE_LIMIT = 1000
QUEUE_RETRY = 1.0
"""Seconds after which one may ask again whether the queue has room."""

Wire = dict[str, object]


class World:
    """The batches of one workspace, and the six things one can do with them.

    Safe to use from several threads. Batches with a creation date in the future are not there yet.

    Args:
        scenario: One of `scenarios.SCENARIOS`, with a size of its own if it has one: `big:20000`.
        seed: Sets apart worlds of the same scenario.
        clock: Gives the present; by default real time.
        counts: Whether counts move before a batch ends.
        queue_limit: How many requests may wait to be processed at a time; None for any number.

    Raises:
        UsageError: There is no such scenario.
    """

    def __init__(
        self,
        scenario: str = "demo",
        *,
        seed: int = 1,
        clock: Clock | None = None,
        counts: Counting = "api",
        queue_limit: int | None = None,
    ) -> None:
        self.clock = clock or RunningClock()
        self.counts = counts
        self.seed = seed
        self.queue_limit = queue_limit
        self._lock = RLock()
        self._plans: dict[str, Plan] = {}
        self._births: dict[str, datetime] = {}
        self._created = 0
        self._failed_once: set[str] = set()
        self._order: list[tuple[datetime, str]] = []
        """Creation date and id, oldest first; a deleted batch keeps its place as a cursor."""
        for plan in plans_of(scenario, self.clock(), seed):
            self.add(plan)

    def add(self, plan: Plan) -> None:
        """Put a batch into the world as planned."""
        with self._lock:
            self._plans[plan.id] = plan
            self._births[plan.id] = plan.created_at
            insort(self._order, (plan.created_at, plan.id))

    def labels(self) -> dict[str, str]:
        """What the makers of the batches that are there call them, by id."""
        with self._lock:
            now = self.clock()
            plans = self._plans.values()
            return {each.id: each.label for each in plans if each.label and each.created_at <= now}

    def jobs(self) -> dict[str, list[list[str]]]:
        """The batches that belong together: by the name of their job, the ids of each round."""
        found: dict[str, list[list[str]]] = {}
        with self._lock:
            for _, batch_id in self._order:
                plan = self._plans.get(batch_id)
                if plan is not None and plan.job:
                    rounds = found.setdefault(plan.job, [])
                    rounds.extend([] for _ in range(len(rounds), plan.round + 1))
                    rounds[plan.round].append(batch_id)
        return found

    def request_lines(self, batch_id: str) -> Iterator[bytes]:
        """The lines of the request file of a batch: what was sent for it, or may have been."""
        work = self._plans[batch_id].work
        if isinstance(work, Submitted):
            return work.request_lines()
        if isinstance(work, Scripted):
            return request_lines(work.theme, work.numbers or range(work.total))
        return iter(())

    def page(
        self,
        *,
        after_id: str | None = None,
        before_id: str | None = None,
        limit: int = PAGE_SIZE,
        base_url: str = "",
    ) -> Wire:
        """One page, newest first: after `after_id`, before `before_id`, or from the newest on.

        A deleted batch still works as a cursor: the page begins where it used to be.

        Raises:
            WireError: Both cursors at once, a cursor that never was a batch, or a bad limit.
        """
        if after_id is not None and before_id is not None:
            raise invalid("Only one of after_id and before_id may be given.")
        if not 1 <= limit <= PAGE_LIMIT:
            bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 1000"
            raise invalid(f"limit: Input should be {bound}")
        with self._lock:
            now = self.clock()
            newest = bisect_right(self._order, now, key=lambda entry: entry[0])
            if before_id is not None:
                plans = self._collect(range(self._place(before_id, newest) + 1, newest), limit + 1)
                page = plans[:limit][::-1]
            else:
                top = newest if after_id is None else self._place(after_id, newest)
                plans = self._collect(range(top - 1, -1, -1), limit + 1)
                page = plans[:limit]
        return {
            "data": [plan.wire(now, self.counts, base_url) for plan in page],
            "has_more": len(plans) > limit,
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }

    def create(
        self, body: Body, *, version: str = "2026-10-21", betas: str = "", base_url: str = ""
    ) -> Wire:
        """Take on the batch described by `body`, the JSON of a create request.

        It ends within a minute if it is small, and within ten if it has 100,000 requests.

        Args:
            body: The JSON as it came; it is kept.
            version: The API version that applies to the requests.
            betas: The `anthropic-beta` header.
            base_url: What leads the `results_url`.

        Raises:
            WireError: The envelope or a custom_id is wrong, or too many requests wait. Wrong params
                become errored lines.
        """
        requests = open_envelope(body)
        self._require_room(len(requests))
        with self._lock:
            self._created += 1
            number = self._created
        batch_id = identifier("msgbatch_", self.seed, "created", number)
        work = submit(
            body,
            requests,
            key_of(batch_id),
            version=version,
            betas=betas,
            failed_once=self._failed_once,
        )
        seconds = 12 * rng_of(batch_id).uniform(0.7, 1.6) + len(requests) ** 0.5 * 1.6
        with self._lock:
            self._require_room(len(requests))  # others may have come meanwhile
            plan = Plan(batch_id, self.clock(), timedelta(seconds=seconds), work)
            self.add(plan)
            self._failed_once |= work.failed_once
        return plan.wire(plan.created_at, self.counts, base_url)

    def _require_room(self, requests: int) -> None:
        if self.queue_limit is not None and self.queued() + requests > self.queue_limit:
            raise queue_full(QUEUE_RETRY)

    def queued(self) -> int:
        """How many requests of all batches wait to be processed, or are."""
        with self._lock:
            now = self.clock()
            return sum(
                plan.work.total - plan.processed(now)
                for plan in self._plans.values()
                if plan.created_at <= now < plan.ends_at
            )

    def retrieve(self, batch_id: str, *, base_url: str = "") -> Wire:
        """One batch as it is now.

        Raises:
            WireError: There is no such batch.
        """
        return self._find(batch_id).wire(self.clock(), self.counts, base_url)

    def cancel(self, batch_id: str, *, base_url: str = "") -> Wire:
        """Initiate cancellation; asking again changes nothing.

        Raises:
            WireError: There is no such batch, or it has ended.
        """
        with self._lock:
            now = self.clock()
            plan = self._find(batch_id)
            if plan.status(now) == "ended":
                raise invalid(f"Message Batch {batch_id} has already ended and cannot be canceled.")
            if plan.canceled_at is None or plan.canceled_at > now:
                plan = msgspec.structs.replace(plan, canceled_at=now)
                self._plans[batch_id] = plan
        return plan.wire(now, self.counts, base_url)

    def delete(self, batch_id: str) -> Wire:
        """Remove an ended batch and its results.

        Raises:
            WireError: There is no such batch, or it has not ended.
        """
        with self._lock:
            if self._find(batch_id).status(self.clock()) != "ended":
                raise invalid(
                    "In progress batches cannot be deleted. Consider canceling the batch instead."
                )
            del self._plans[batch_id]
        return {"id": batch_id, "type": "message_batch_deleted"}

    def results(self, batch_id: str) -> Iterator[bytes]:
        """The result file in pieces; every reading gives the same bytes.

        Raises:
            WireError: There is no such batch, or it has no results yet, or no longer.
        """
        plan = self._find(batch_id)
        if not plan.has_results(self.clock()):
            raise no_results(batch_id)
        return plan.lines()

    def _find(self, batch_id: str) -> Plan:
        plan = self._plans.get(batch_id)
        if plan is None or plan.created_at > self.clock():
            raise batch_not_found(batch_id)
        return plan

    def _place(self, cursor: str, newest: int) -> int:
        """Where `cursor` is, or was, in the order."""
        created_at = self._births.get(cursor)
        place = bisect_left(self._order, (created_at, cursor)) if created_at else newest
        if place >= newest:
            raise invalid(f"Message Batch {cursor} does not exist and cannot be used as a cursor.")
        return place

    def _collect(self, places: range, most: int) -> list[Plan]:
        """The first `most` batches still there at these places of the order."""
        found = []
        for place in places:
            plan = self._plans.get(self._order[place][1])
            if plan is not None:
                found.append(plan)
                if len(found) == most:
                    break
        return found
