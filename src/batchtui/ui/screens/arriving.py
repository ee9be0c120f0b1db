"""Getting at the results of a batch: they are here, or are fetched, or are waited for, or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import work
from textual.content import Content

from batchtui.account.events import Changed, Event
from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import count, crop_middle, safe_line
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched, differences
from batchtui.results.opening import open_results
from batchtui.results.reader import ResultFile
from batchtui.ui.commands import Command
from batchtui.ui.fetch import End, Fetch
from batchtui.ui.presenters.fetching import (
    absence_words,
    arriving_line,
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
    Command("fetch", "f", "fetch", "Fetch the results, also once more", 4, "Results"),
    Command("stop", "x", "stop", "Stop fetching; nothing half fetched is kept", 5, "Results"),
)


class ArrivingPage(ReadingPage):
    """A page over the results of one batch, with a place (`#absence`) to say why there are none.

    Args:
        batch_id: whose results.

    Attributes:
        file: the open results; while they arrive those that are here by then; None without any.
        fetch: the fetch under way, if there is one.
        warnings: what is odd about the results, as sentences.
    """

    warnings: tuple[str, ...] = ()
    file: ResultFile | None = None
    fetch: Fetch | None = None
    _whole = False
    _waits = False

    def __init__(self, session: Session, batch_id: str) -> None:
        super().__init__(session)
        self.batch_id = batch_id

    # What a page does with it

    async def opened(self, file: ResultFile) -> None:
        """Show the results: all of them, for good.

        Called again when they were fetched anew, or `warnings` came.
        """
        raise NotImplementedError

    def growing(self, file: ResultFile) -> None:
        """Show the results that are here by now.

        Called again and again while they arrive, with more lines each time; but with fewer after
        a cut, when they begin to arrive anew.
        """
        raise NotImplementedError

    def vanished(self) -> None:
        """Show no results any more: those that had arrived were not kept."""
        self.remove_class("-open")

    def show_arriving(self, words: Content | None) -> None:
        """Show, beside results, how far a fetch is; None when there is no fetch any more."""
        for line in self.query("#arriving").results(Lines):
            line.display = words is not None
            line.show([words] if words is not None else [])

    # What is known

    def on_mount(self) -> None:
        """Open the results, fetch them, or say why neither can be done."""
        self.show_arriving(None)
        self.set_interval(PAINT_EVERY, self._paint_fetch)
        self._begin()

    def on_unmount(self) -> None:
        """Let go of the file; a fetch goes on in the background."""
        if self.file is not None:
            self.file.close()

    @property
    def record(self) -> Record | None:
        """What is known of the batch."""
        return self.session.record(self.batch_id)

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
        """Whether the API has the results; those that are here may be fetched once more."""
        record = self.record
        if record is None or self.session.account.offline:
            return False
        return record.results_on_server(self.session.now()) is ResultsState.AVAILABLE

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is being fetched can be stopped, what could be can be fetched."""
        if action == "stop":
            return self.fetch is not None
        if action == "fetch":
            return self.fetch is None and self._fetchable
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
        if self.fetch is None and self.batch_id in self.session.downloads:
            self.action_fetch()  # it was begun elsewhere
        elif self._waits:
            self._show_absence()

    def _begin(self) -> None:
        self._waits = False
        if self._state is ResultsState.HERE:
            self._open()
        elif self._fetchable or self.batch_id in self.session.downloads:
            self.action_fetch()
        else:
            self._waits = True
            self._show_absence()

    def _show_absence(self) -> None:
        subject = self.session.subject(self.record) if self.record else None
        self._say_instead(absence_words(subject, offline=self.session.account.offline))

    def _say_instead(self, words: Sequence[Content]) -> None:
        # A fetch that is cancelled because the app ends finds the screen without its widgets.
        for absence in self.query("#absence").results(Lines):
            absence.show(lambda size: centered(self.batch_name, words, size))

    # Fetching

    def action_fetch(self) -> None:
        """Fetch the results, then open them; older ones stay until then."""
        self._waits = False
        self.fetch = self.session.downloads.now(self.batch_id)
        self._follow(self.fetch)
        self._paint_fetch()
        self.refresh_bindings()

    def action_stop(self) -> None:
        """Stop fetching."""
        self.session.downloads.stop(self.batch_id)

    @work(exclusive=True, group="fetch")
    async def _follow(self, fetch: Fetch) -> None:
        with fetch.watch() as news:
            while not fetch.over:
                self._take_rows(fetch.rows)
                await news.wait()
                news.clear()
        self.fetch = None
        self.show_arriving(None)
        self._ended(fetch.end)
        self.refresh_bindings()

    def _take_rows(self, rows: ResultFile | None) -> None:
        # Older results stay until the new ones are whole.
        if rows is None or rows is self.file or self._whole:
            return
        self.file = rows
        self._paint_fetch()
        self.growing(rows)

    def _ended(self, end: End) -> None:
        if isinstance(end, Fetched):
            self.warnings = end.differences
            self._open(checked=True)
        elif self._whole or self.session.account.results.size(self.batch_id) is not None:
            words = str(end) if end else "Stopped; the results fetched earlier are kept."
            self.say(words, severity="error" if end else "information")
            if not self._whole:
                self._open()
        else:
            self._lose(end)

    def _lose(self, error: BatchtuiError | None) -> None:
        """What had arrived is not kept; what was fetched earlier is, if anything was."""
        if self.file is not None:
            self.file = None
            self.vanished()
            if error:
                error.kept = error.kept or "Nothing was kept"
        self._say_instead(trouble_words(error) if error else cancelled_words())

    def _paint_fetch(self) -> None:
        if self.fetch is None or not self.is_current:
            return
        arriving = self.fetch.arriving()
        if self.file is None:
            self._say_instead(arriving_words(arriving, self.size.width - 8))
        else:
            self.show_arriving(arriving_line(arriving, self.size.width - 2))

    # Opening

    @work(exclusive=True, group="open")
    async def _open(self, *, checked: bool = False) -> None:
        def indexing(progress: Progress) -> None:
            self._say_instead([Content(f"Reading the file: {count(progress.lines)} lines")])

        path = self.session.account.results.path(self.batch_id)
        try:
            file = await open_results(path, on_progress=indexing)
        except BatchtuiError as error:
            self._lose(error)
            return
        self.file, self._whole = file, True
        await self.opened(file)
        if not checked:
            await self.wait_for_refresh()  # the rows come first: checking holds up the paint
            await self._check(file)

    async def _check(self, file: ResultFile) -> None:
        """Say again what was odd about results that were fetched before, or by another process."""
        if (record := self.record) is None or record.batch.running:
            return
        counts = record.batch.request_counts
        found = await asyncio.to_thread(differences, file.index, counts)
        if found != self.warnings and self.file is file:
            self.warnings = found
            await self.opened(file)
