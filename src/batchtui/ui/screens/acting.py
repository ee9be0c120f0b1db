"""What can be done to batches and jobs on every screen that shows them: the list and the board.

What is done to a job is done to its batches; its name, note and pin are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeGuard

from textual import work
from textual.content import Content

from batchtui.account.plans import Verb, expiring, plan
from batchtui.account.starting import forget_job
from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.job_record import JobRecord, batch_ids_of, members_of
from batchtui.domain.operation import Operation
from batchtui.domain.text import crop_middle, safe_line
from batchtui.ui.commands import Command
from batchtui.ui.presenters.badge import named
from batchtui.ui.presenters.notices import (
    STILL_SENDING,
    copied_notice,
    expiring_notice,
    expiring_title,
    forgotten_notice,
    nothing_sent,
    nothing_to_fetch,
)
from batchtui.ui.screens.job_results import results_screen
from batchtui.ui.screens.plan import PlanScreen
from batchtui.ui.screens.prompt import PromptScreen
from batchtui.ui.screens.submitting import SUBMITTING, SubmittingPage
from batchtui.ui.title import LONGEST_NAME

ACTING = (
    Command("open", "enter", "results", "Read the results of the batch", 1),
    Command("cancel", "c", "cancel", "Cancel the batch, or the marked ones", 2),
    Command("delete", "d", "delete", "Delete the batch, or the marked ones, from the server", 11),
    Command("fetch", "f", "fetch", "Download the results, of the marked ones if any", 3),
    Command("fetch_expiring", "F", "fetch expiring", "Download results the API drops soon"),
    Command("stop_fetching", "x", "stop fetching", "Stop downloading results"),
    *SUBMITTING,
    Command("retry", "R", "retry", "Send requests again that failed, expired or were cut off", 6),
    Command("label", "l", "label", "Give the batch a name", 12, "Notes"),
    Command("note", "N", "note", "Write a note on the batch", None, "Notes"),
    Command("pin", "exclamation_mark", "pin", "Pin the batch to the board", 13, "Notes"),
    Command("copy_id", "y", "copy id", "Send the batch's id to the terminal's clipboard"),
    Command("refresh", "r", "refresh", "Look at the API now", None, "List"),
    Command("pause", "p", "pause", "Stop looking at the API, or go on", None, "List"),
)

SOON = 7
"""Days: results that the API drops within so many are those to fetch, unless said otherwise."""

_ON_ONE = {"open", "retry", "label", "note", "pin", "copy_id"}
_ON_SEVERAL = {"cancel", "delete", "fetch"}
_NEEDS = {
    "cancel": Operation.CANCEL,
    "delete": Operation.DELETE,
    "fetch": Operation.RESULTS,
    "fetch_expiring": Operation.RESULTS,
}


class ActingPage(SubmittingPage):
    """A page with batches on it."""

    @property
    def targets(self) -> Sequence[Record]:
        """What a verb on several batches or jobs acts on."""
        raise NotImplementedError

    @property
    def batches(self) -> list[Record]:
        """The batches that the targets stand for, each once."""
        return list({each.id: each for of in self.targets for each in members_of(of)}.values())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether there is anything to do a verb to; one that can do nothing to it says why."""
        if action in _ON_ONE:
            return self.current is not None
        if action in _ON_SEVERAL:
            return bool(self.targets) and not self._lacking(action)
        if action == "fetch_expiring":
            useful = bool(self.session.records) and not self.session.account.offline
            return useful and not self._lacking(action)
        if action == "stop_fetching":
            return self.session.downloads.busy
        return super().check_action(action, parameters)

    def hinted(self, keys: Mapping[str, str]) -> list[tuple[str, str]]:
        """Hints leave out what would do nothing."""
        useful = {each: key for each, key in keys.items() if self._useful(each)}
        return super().hinted(useful)

    def _lacking(self, action: str) -> bool:
        """Whether the server has not what the action needs, which was said when that came out."""
        if action == "delete" and any(map(_never_sent, self.targets)):
            return False  # what is known here only is forgotten here
        return _NEEDS[action] in self.session.lacks

    def _useful(self, action: str) -> bool:
        if action == "retry":
            return self.current is not None and _failed(self.current)
        if action not in _ON_SEVERAL:
            return True
        session, now = self.session, self.session.now()
        # One by one: of thousands the first usually settles it, and this is asked at every key.
        batches = chain.from_iterable(map(members_of, self.targets))
        if session.account.offline or (session.read_only and action != "fetch"):
            return False
        if action == "fetch":
            return any(_fetchable(record, now) for record in batches)
        plans = (plan(Verb(action), (record,), now) for record in batches)
        forgets = action == "delete" and any(map(_never_sent, self.targets))
        return forgets or any(each.possible or each.to_cancel for each in plans)

    def action_open(self) -> None:
        """Read the results of the highlighted batch or job."""
        if self.current:
            self.app.push_screen(results_screen(self.session, self.current.id))

    def action_cancel(self) -> None:
        """Show what canceling would do, and ask."""
        self._ask(Verb.CANCEL)

    def action_delete(self) -> None:
        """Show what deleting would do, and ask; jobs of which nothing was sent are forgotten."""
        never_sent = list(filter(_never_sent, self.targets))
        for job in never_sent:
            self._forget(job)
        if self.batches or not never_sent:
            self._ask(Verb.DELETE)

    @work
    async def _forget(self, record: JobRecord) -> None:
        account = self.session.account
        if await self._done(lambda: forget_job(account, record.job)):
            self.say(forgotten_notice(record))

    def _ask(self, verb: Verb) -> None:
        batches = self.batches
        if not batches:
            self.say(nothing_sent(verb))
            return
        if any(isinstance(each, JobRecord) and each.sending for each in self.targets):
            self.say(STILL_SENDING, severity="warning")
        self.app.push_screen(PlanScreen(self.session, plan(verb, batches, self.session.now())))

    def action_fetch(self) -> None:
        """Download the results of the targets in the background."""
        now, batches = self.session.now(), self.batches
        wanted = [each.id for each in batches if _fetchable(each, now)]
        self.session.downloads.add(wanted)
        if not wanted:
            self.say(nothing_to_fetch(batches, now))

    @work
    async def action_fetch_expiring(self) -> None:
        """Ask within how many days the API drops what is to be downloaded."""
        now, records = self.session.now(), self.session.records.values()
        title = expiring_title(expiring(records, now, timedelta(days=SOON)), SOON)
        days = await self.app.push_screen_wait(
            PromptScreen(title, str(SOON), ends=("fetches", "leaves"))
        )
        if days is None:
            return
        try:
            within = timedelta(days=float(days))
        except (ValueError, OverflowError):
            self.say("That is no number of days.", severity="warning")
            return
        found = expiring(self.session.records.values(), self.session.now(), within)
        self.session.downloads.add(record.id for record in found)
        self.say(expiring_notice(found, days.strip()))

    def action_stop_fetching(self) -> None:
        """Stop downloading."""
        self.session.downloads.stop()

    @work
    async def action_retry(self) -> None:
        """Ask what of the highlighted batch or job is to be sent again."""
        # Not before: the first paint need not wait for it.
        from batchtui.ui.screens.retry import retry_from

        if record := self.current:
            await retry_from(self, record.id)

    @work
    async def action_label(self) -> None:
        """Ask for a label."""
        if record := self.current:
            what = "Name of a job" if isinstance(record, JobRecord) else "Label"
            title = self._naming(what, record)
            label = await self.app.push_screen_wait(PromptScreen(title, record.label))
            if label is not None:
                await self._annotate(record, label=label.strip())

    @work
    async def action_note(self) -> None:
        """Ask for a note."""
        if record := self.current:
            title = self._naming("Note", record)
            note = await self.app.push_screen_wait(PromptScreen(title, record.note, lines=6))
            if note is not None:
                await self._annotate(record, note=note.strip())

    @work
    async def action_pin(self) -> None:
        """Pin or unpin."""
        if record := self.current:
            await self._annotate(record, pinned=not record.pinned)

    def _naming(self, what: str, record: Record) -> Content:
        """What is about to be written, in which account, and to what."""
        return named(what, self.session.title, crop_middle(safe_line(record.name), LONGEST_NAME))

    async def _annotate(
        self,
        record: Record,
        *,
        label: str | None = None,
        note: str | None = None,
        pinned: bool | None = None,
    ) -> None:
        account = self.session.account
        if isinstance(record, JobRecord):
            key = record.job.key
            await self._done(
                lambda: account.annotate_job(key, name=label, note=note, pinned=pinned)
            )
        else:
            await self._done(
                lambda: account.annotate(record.id, label=label, note=note, pinned=pinned)
            )

    async def _done(self, change: Callable[[], object]) -> bool:
        """Have the account do something; whether it could be done, else it is said why not."""
        try:
            await self.session.engine.get(change)
        except BatchtuiError as error:
            self.say(str(error), severity="error")
            return False
        return True

    def action_copy_id(self) -> None:
        """Send the id, of a job those of its batches, to the terminal's clipboard."""
        if record := self.current:
            ids = batch_ids_of(record) or (record.name,)
            self.app.copy_to_clipboard("\n".join(map(safe_line, ids)))
            self.say(copied_notice(record))

    def action_refresh(self) -> None:
        """Look at the API now."""
        if self.session.account.offline:
            self.say("batchtui is offline: start it without --offline to look at the API.")
        self.session.engine.call(self.session.poller.refresh)

    def action_pause(self) -> None:
        """Stop looking at the API, or go on."""
        poller = self.session.poller
        self.session.engine.call(lambda: poller.set_paused(not poller.paused))


def _failed(record: Record) -> bool:
    """Whether requests ended without an answer."""
    counts = record.batch.request_counts
    return counts.errored + counts.expired + counts.canceled > 0


def _fetchable(record: Record, now: datetime) -> bool:
    return record.results(now) is ResultsState.AVAILABLE


def _never_sent(record: Record) -> TypeGuard[JobRecord]:
    """Whether it is a job, and for certain nothing of it is or was on the server."""
    return isinstance(record, JobRecord) and not (record.sent or record.unsure or record.sending)
