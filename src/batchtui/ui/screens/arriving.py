"""Getting at the results of a batch: they are here, or are fetched, or are waited for, or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import work
from textual.content import Content
from textual.worker import Worker

from batchtui.account.events import Changed, Event
from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import count, crop_middle, safe_line
from batchtui.results.builder import Progress
from batchtui.results.opening import open_results
from batchtui.results.reader import ResultFile
from batchtui.ui.commands import Command
from batchtui.ui.fetch import Fetch
from batchtui.ui.presenters.fetching import (
    absence_words,
    arriving_words,
    cancelled_words,
    centered,
    trouble_words,
)
from batchtui.ui.screens.reading import ReadingPage
from batchtui.ui.session import Session
from batchtui.ui.widgets.lines import Lines

PAINT_EVERY = 0.2
"""Seconds between two looks at how far a fetch is."""

FETCHING = (
    Command("fetch", "f", "fetch", "Fetch the results", 4, "Results"),
    Command("stop", "x", "stop", "Stop fetching; nothing half fetched is kept", 5, "Results"),
)


class ArrivingPage(ReadingPage):
    """A page over the results of one batch, with a place (`#absence`) to say why there are none.

    Args:
        batch_id: whose results.

    Attributes:
        file: the open results; None until they are here.
        fetch: the fetch under way, if there is one.
        warnings: what was odd about the results when they were fetched.
    """

    warnings: tuple[str, ...] = ()
    file: ResultFile | None = None
    fetch: Fetch | None = None
    _worker: Worker[None] | None = None
    _waits = False
    _was_downloaded = False

    def __init__(self, session: Session, batch_id: str) -> None:
        super().__init__(session)
        self.batch_id = batch_id

    async def opened(self, file: ResultFile) -> None:
        """Show the results; called once, when they are here."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Open the results, fetch them, or say why neither can be done."""
        self.set_interval(PAINT_EVERY, self._paint_fetch)
        self._begin()

    def on_unmount(self) -> None:
        """Let go of the file."""
        if self.file is not None:
            self.file.close()

    @property
    def record(self) -> Record | None:
        """What is known of the batch."""
        return self.session.records.get(self.batch_id)

    @property
    def batch_name(self) -> str:
        """What to call the batch; safe to show."""
        record = self.record
        return crop_middle(safe_line(record.name if record else self.batch_id), 40)

    @property
    def _state(self) -> ResultsState:
        return self.record.results(self.session.now()) if self.record else ResultsState.NONE

    @property
    def _fetchable(self) -> bool:
        # A file that is here but cannot be read may be fetched again.
        have = (ResultsState.AVAILABLE, ResultsState.HERE)
        return self._state in have and not self.session.account.offline

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is being fetched can be stopped, what could be can be fetched."""
        if action == "stop":
            return self.fetch is not None or self._being_downloaded
        if action == "fetch":
            return self.file is None and self.fetch is None and self._fetchable
        return super().check_action(action, parameters)

    async def hear(self, event: Event) -> None:
        """Begin when there may be results at last."""
        if not self._waits or not isinstance(event, Changed):
            return
        if any(each.record.id == self.batch_id for each in event.changes):
            self._begin()

    def tick(self) -> None:
        """While there is nothing to do but wait, the time it takes gets shorter."""
        super().tick()
        if self._waits and self._being_downloaded is not self._was_downloaded:
            self._begin()
        elif self._waits:
            self._show_absence()

    def _begin(self) -> None:
        self._waits = False
        if self._state is ResultsState.HERE:
            self._open()
        elif self._fetchable and not self._being_downloaded:
            self.action_fetch()
        else:
            self._waits, self._was_downloaded = True, self._being_downloaded
            self._show_absence()

    @property
    def _being_downloaded(self) -> bool:
        return self.batch_id in self.session.downloads

    def _show_absence(self) -> None:
        if self._being_downloaded:
            self._say_instead([Content(self.session.downloads.summary)])
            return
        subject = self.session.subject(self.record) if self.record else None
        self._say_instead(absence_words(subject, offline=self.session.account.offline))

    def _say_instead(self, words: Sequence[Content]) -> None:
        # A fetch that is cancelled because the app ends finds the screen without its widgets.
        for absence in self.query("#absence").results(Lines):
            absence.show(lambda size: centered(self.batch_name, words, size))

    def action_fetch(self) -> None:
        """Fetch the results, then open them."""
        self.fetch = Fetch(self.session.engine, self.session.account, self.batch_id)
        self._worker = self._run(self.fetch)
        self._paint_fetch()
        self.refresh_bindings()

    @work(exclusive=True, group="fetch")
    async def _run(self, fetch: Fetch) -> None:
        try:
            fetched = await fetch.run()
        except BatchtuiError as error:
            self._say_instead(trouble_words(str(error)))
        except asyncio.CancelledError:
            self._say_instead(cancelled_words())
            raise
        else:
            self.warnings = fetched.differences
            self._open()
        finally:
            self.fetch = None
            self.refresh_bindings()

    def _paint_fetch(self) -> None:
        if self.fetch is not None and self.is_current:
            self._say_instead(arriving_words(self.fetch.arriving(), self.size.width - 8))

    def action_stop(self) -> None:
        """Stop fetching."""
        if self._worker is not None:
            self._worker.cancel()
        if self._being_downloaded:
            self.session.downloads.stop()

    @work(exclusive=True, group="open")
    async def _open(self) -> None:
        def indexing(progress: Progress) -> None:
            self._say_instead([Content(f"Reading the file: {count(progress.lines)} lines")])

        path = self.session.account.results.path(self.batch_id)
        try:
            self.file = await open_results(path, on_progress=indexing)
        except BatchtuiError as error:
            self._say_instead(trouble_words(str(error)))
            return
        await self.opened(self.file)
