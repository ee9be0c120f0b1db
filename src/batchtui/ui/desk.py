"""One account at work in the app: takes in what it tells, and lets its screens hear of it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
from textual.app import App

from batchtui.account.events import Changed, Event, Lacking, MadeRoom, Pulse, Reloaded
from batchtui.account.interrupted import note_interrupted
from batchtui.account.opening import Opened
from batchtui.account.reconciling import Doubt
from batchtui.account.telling import Teller
from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.changes import What
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.operation import Operation
from batchtui.settings.prices import load_prices
from batchtui.settings.schema import Settings
from batchtui.ui.announcing import Announcer
from batchtui.ui.presenters.badge import color_trouble
from batchtui.ui.presenters.notices import Severity
from batchtui.ui.presenters.sending import interrupted_notice
from batchtui.ui.saying import say
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.doubt import ask_what_became
from batchtui.ui.screens.page import Page
from batchtui.ui.session import Session
from batchtui.ui.submissions import Answer, End
from batchtui.ui.title import Title, looks_like


class Desk:
    """An account, its session, and its screens, which are a mode of the app.

    It goes on with its work whichever account is on screen.

    Args:
        app: where its screens are.
        opened: the account, not yet at work; its settings are those in force.
        title: what the screens say of it.
        mode: the name of the app's mode.
        write: writes to the terminal as it is.
        on_crash: told of a fault in batchtui itself, on whichever thread it happens.

    Attributes:
        begun: whether it was put to work.
        heard: how many events were taken in; what shows several accounts compares it.
        notices: what a person should know of how it was opened, as sentences.
    """

    def __init__(
        self,
        app: App[Any],
        opened: Opened,
        title: Title,
        *,
        mode: str,
        write: Callable[[str], None],
        on_crash: Callable[[BaseException], None],
    ) -> None:
        self._app = app
        self.choice = opened.choice
        self.identity = opened.identity
        self.mode = mode
        self._write = write
        self.settings = opened.settings
        self.begun = False
        self.heard = 0
        self.session = Session(
            opened.account,
            title,
            prices=load_prices(opened.settings),
            every=opened.settings.interval,
            on_event=self._post,
            on_crash=on_crash,
        )
        self.notices = (*opened.notices, *_doubts(title, opened.settings))
        self._teller = Teller(
            opened,
            environ=os.environ,
            write=self._post_sequences,
            on_trouble=self._post_trouble,
        )
        self._announcer = Announcer(self.session, self.say, self._teller)

    def begin(self) -> None:
        """Put the account to work, unless it is.

        Best once its first screen is painted, which that would hold up.
        """
        if self.begun:
            return
        self.begun = True
        self.session.downloads.on_end = self._announcer.download_ended
        self.session.downloads.on_arrived = self._announcer.results_arrived
        self.session.submissions.on_doubt = self._post_doubt
        self.session.submissions.on_end = self._submission_ended
        self.session.engine.at_end = self._teller.close
        self.session.engine.start()
        self._look()
        self._reload()
        self._work(self._say_what_was_interrupted, "interrupted")
        for notice in self.notices:
            self.say(notice, severity="warning")

    def adopt(self, settings: Settings) -> None:
        """Take over settings that are new, but for those that say which account it is."""
        session, interval = self.session, settings.interval
        table = settings.accounts.get(self.choice.name)
        if interval != self.settings.interval:
            session.engine.call(lambda: session.poller.set_every(interval))
        session.account.cache_limit = settings.cache_limit
        if settings.read_only or (table and table.read_only):
            session.restrict()
        if table:
            session.title = msgspec.structs.replace(session.title, color=table.color or "")
        self.settings = self._teller.settings = settings
        for page in self.pages:
            if isinstance(page, BatchesScreen):
                page.adopt(settings)
            page.show_masthead()
            page.refresh_bindings()

    def say(self, words: str, *, severity: Severity = "information") -> None:
        """Show a sentence for a while."""
        say(self._app, self.session, words, severity=severity)

    # What the account tells, on the engine's thread

    def _post(self, event: Event) -> None:
        self._app.call_later(self.take, event)

    def _post_sequences(self, sequences: str) -> None:
        self._app.call_later(self._write, sequences)

    def _post_trouble(self, words: str) -> None:
        self._app.call_later(partial(self.say, words, severity="warning"))

    def _post_doubt(self, doubt: Doubt, answer: Answer) -> None:
        self._app.call_later(self.ask, doubt, answer)

    # What comes of it, on the app's

    async def take(self, event: Event) -> None:
        """Take an event in, and let the screens hear of it."""
        if isinstance(event, Reloaded):
            self._reload()
            return
        self.session.take(event)
        await self.pass_on(event)
        if isinstance(event, Lacking):
            self.say(event.words, severity="warning")
            for page in self.pages:
                page.refresh_bindings()
        if isinstance(event, MadeRoom):
            self.say(event.words)
        if isinstance(event, Pulse) and event.resting:
            self._look()
        if isinstance(event, Changed):
            if ended := [each.record for each in event.changes if each.what is What.ENDED]:
                self._look(ended)
            if self.settings.auto_fetch:
                self._fetch_ended(event)
            if event.tells_durations:
                self._work(partial(self._read, self.session.relearn), "relearn")

    def ask(self, doubt: Doubt, answer: Answer) -> None:
        """Ask what became of a part of a job."""
        ask_what_became(self._app, self.session, doubt, answer)

    @property
    def pages(self) -> list[Page]:
        """The pages whose widgets are there: all but one that comes up, and those that go down."""
        if not self._app.is_running:
            return []
        try:
            stack = self._app.get_screen_stack(self.mode)
        except KeyError:
            return []  # not shown yet
        pages = (screen for screen in stack if isinstance(screen, Page))
        return [page for page in pages if page.is_mounted and not page._pruning]

    async def pass_on(self, event: Event) -> None:
        """Let the screens hear of what the session has taken in."""
        self.heard += 1
        for page in self.pages:
            await page.hear(event)

    def _look(self, ended: Sequence[Record] = ()) -> None:
        work: Callable[[], Awaitable[None]] = partial(self._announcer.look, ended)
        self._app.run_worker(work)

    def _fetch_ended(self, event: Changed) -> None:
        session = self.session
        if Operation.RESULTS in session.lacks:
            return  # which was said
        now = session.now()
        session.downloads.add(
            record.id
            for record in session.ended_in_sight(event)
            if record.results(now) is ResultsState.AVAILABLE
        )

    def _submission_ended(self, job_id: str, end: End) -> None:
        # Later: what the account told of the job before it ended is still on its way.
        self._app.call_later(self._announcer.submission_ended, job_id, end)

    # Workers, because keys wait for what handlers of the app wait for.

    def _work(self, work: Callable[[], Awaitable[None]], group: str) -> None:
        self._app.run_worker(work, group=f"{self.mode} {group}", exclusive=True)

    def _reload(self) -> None:
        self._work(partial(self._read, self.session.reload), "reload")

    async def _read(self, read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except BatchtuiError as error:
            # What was read before is still on the screens.
            self.say(str(error), severity="error")
        else:
            await self.pass_on(Reloaded())
            self._look()

    async def _say_what_was_interrupted(self) -> None:
        account = self.session.account
        try:
            jobs = await self.session.engine.get(lambda: note_interrupted(account))
        except BatchtuiError:
            return  # the list says why it cannot be read
        if jobs:
            self.say(interrupted_notice(jobs), severity="warning")


def _doubts(title: Title, settings: Settings) -> Iterator[str]:
    """What keeps a person from seeing at once which account it is, as sentences."""
    if trouble := color_trouble(title.name, title.color):
        yield trouble
    if looks_like(title.account, settings.accounts):
        yield (
            f"Another account looks like {title.name} where it is shown; in config.toml, give it a"
            " shorter name."
        )
