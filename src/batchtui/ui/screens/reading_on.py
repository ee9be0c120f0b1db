"""A list of batches that has more of the API's list read as one nears the end of its rows."""

from __future__ import annotations

from textual import on, work

from batchtui.domain.batch import Record
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.view import View
from batchtui.ui.screens.unfolding import UnfoldingPage
from batchtui.ui.widgets.line_table import LineTable

READ_AHEAD = 50
"""Rows left above the oldest batch read so far when the next page is asked for."""


class ReadingOnPage(UnfoldingPage):
    """A page with such a list."""

    _frontier = -1

    def find_frontier(self) -> None:
        """Where in the rows the API's list has not been read any further.

        Only in the API's own order is that the place of the oldest batch read without a hole; in
        any other, more may belong anywhere, and is read when the rows come to an end. While many
        rows are being arranged it is further than any of them, and found when they are shown.
        """
        keys, oldest = self.table.keys, self.session.paging.oldest
        read = self.session.record(oldest) if oldest else None
        if self.view != View() or read is None:
            self._frontier = len(keys) - 1
        elif self.session.job_of(read.id):
            self._frontier = self._place_of(read)
        elif oldest in keys:
            self._frontier = keys.index(oldest)
        else:
            self._frontier = len(self.session.records) + READ_AHEAD

    def _place_of(self, read: Record) -> int:
        """Where a batch of a job would stand in the API's order."""
        rows = self.session.of(self.table.keys)
        created_at = read.batch.created_at
        return sum(each.batch.created_at >= created_at for each in rows) - 1

    @on(LineTable.NearEnd)
    def _end_in_view(self, message: LineTable.NearEnd) -> None:
        self.read_on(message.index)

    def read_on(self, place: int | None = None) -> None:
        """Have more of the API's list read if a row, by default the cursor's, is near its end.

        Messages may be older than the rows they were sent for, so it is judged by the rows of now.
        """
        paging = self.session.paging
        place = self.table.cursor_index if place is None else place
        if place + READ_AHEAD >= self._frontier and paging.more and not paging.loading:
            self._load_older()

    @work(group="older")
    async def _load_older(self) -> None:
        oldest = self.session.paging.oldest
        try:
            await self.session.engine.ask(self.session.poller.load_older(oldest))
        except BatchtuiError as error:
            self.say(str(error), severity="warning")
