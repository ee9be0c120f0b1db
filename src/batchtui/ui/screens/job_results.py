"""The results of a job: those of all its batches as one, growing as they are fetched."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work
from textual.content import Content

from batchtui.account.events import Changed, Event, JobsChanged, Reloaded
from batchtui.account.merging import Merged, merge
from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord
from batchtui.domain.text import count
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched
from batchtui.results.opening import open_results
from batchtui.results.reader import ResultFile
from batchtui.results.slices import in_slices
from batchtui.ui.presenters.job_results import job_warnings, no_results_words
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.session import Session


def results_screen(session: Session, id_: str) -> ResultsScreen:
    """The screen of the results of a batch or of a job."""
    of_job = isinstance(session.record(id_), JobRecord)
    return JobResultsScreen(session, id_) if of_job else ResultsScreen(session, id_)


class JobResultsScreen(ResultsScreen):
    """The results of several batches as one, each request by its best answer.

    Those that are here are listed at once; the others are fetched one after the other, and each
    time one has come the list is made anew.

    Args:
        batch_id: the id of the job.
    """

    _stopped = False

    @property
    def job(self) -> Job:
        """The job as it is now."""
        return self.session.jobs[self.batch_id]

    @property
    def _members(self) -> Sequence[Record]:
        return self.session.of(self.job.batch_ids)

    @property
    def _absent(self) -> list[str]:
        """The batches whose results can be fetched, and are not here."""
        now = self.session.now()
        available = ResultsState.AVAILABLE
        return [each.id for each in self._members if each.results(now) is available]

    @property
    def _fetchable(self) -> bool:
        return not self.session.account.offline and bool(self._absent)

    # Prompts are those of the file it was sent from, which stays what it is.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A job is linked with its request file for good."""
        return False if action == "link" else super().check_action(action, parameters)

    # What is known

    def _begin(self) -> None:
        self._waits = True
        self._open()
        if self._fetchable and not self._stopped:
            self.action_fetch()

    async def hear(self, event: Event) -> None:
        """Go on when a batch of the job has ended, was fetched elsewhere, or is new."""
        match event:
            case Changed(changes):
                concerned = {each.record.id for each in changes}.intersection(self.job.batch_ids)
            case JobsChanged(jobs):
                concerned = {job.id for job in jobs}.intersection({self.batch_id})
            case _:
                concerned = set()
        if (concerned or isinstance(event, Reloaded)) and self.fetch is None:
            self._begin()

    def tick(self) -> None:
        """Follow what was begun elsewhere."""
        super().tick()
        if self.fetch is None and self.session.downloads.of(self.job.batch_ids):
            self._follow_all()

    # Fetching

    def action_fetch(self) -> None:
        """Fetch what is not here, one batch after the other."""
        self._stopped = False
        self.session.downloads.add(self._absent)
        self._follow_all()

    def action_stop(self) -> None:
        """Stop fetching, also what would come next."""
        self._stopped = True
        for fetch in reversed(self.session.downloads.of(self.job.batch_ids)):
            self.session.downloads.stop(fetch.batch_id)

    @work(exclusive=True, group="fetch")
    async def _follow_all(self) -> None:
        while fetches := self.session.downloads.of(self.job.batch_ids):
            self.fetch = fetch = fetches[0]
            self.refresh_bindings()
            self._paint_fetch()
            with fetch.watch() as news:
                while not fetch.over:
                    await news.wait()
                    news.clear()
            if isinstance(fetch.end, Fetched):
                self._open()
            elif fetch.end is not None:
                self._stopped = True  # not again and again; f tries again
                self.say(str(fetch.end), severity="error")
        self.fetch = None
        self.show_arriving(None)
        self._open()
        self.refresh_bindings()

    # Opening

    @work(exclusive=True, group="open")
    async def _open(self, *, checked: bool = False) -> None:
        files = await self._open_each()
        records = {each.id: each for each in self._members}
        merged = await in_slices(merge(self.job, files, records, at=self.session.now()))
        for file in files.values():
            file.close()
        await self._show(merged)

    async def _open_each(self) -> dict[str, ResultFile]:
        """The results that are here; of those that cannot be read it is said why."""

        def indexing(progress: Progress) -> None:
            self._say_instead([Content(f"Reading the files: {count(progress.lines)} lines")])

        store, files = self.session.account.results, {}
        for batch_id in self.job.batch_ids:
            if store.size(batch_id) is not None:
                try:
                    files[batch_id] = await open_results(store.path(batch_id), on_progress=indexing)
                except BatchtuiError as error:
                    self.say(str(error), severity="error")
        return files

    async def _show(self, merged: Merged) -> None:
        if not merged.here:
            self.file = self.merged = None
            self.vanished()
            if self.fetch is None:
                self._say_instead(no_results_words(merged))
            return
        if merged == self.merged:
            return
        self.file, self.merged, self._whole = merged.file, merged, True
        self.warnings = job_warnings(merged)
        await self.opened(merged.file)
