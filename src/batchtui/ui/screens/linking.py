"""Linking a batch with the file its requests stand in."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import work

from batchtui.account.linking import check_link
from batchtui.domain.errors import BatchtuiError
from batchtui.results.reader import ResultFile
from batchtui.ui.commands import Command
from batchtui.ui.paths import LONGEST_PATH, PathSuggester
from batchtui.ui.screens.page import Page
from batchtui.ui.screens.prompt import PromptScreen

LINKING = (
    Command(
        "link", "i", "prompts", "Say which file the requests of this batch stand in", 25, "Result"
    ),
)


class LinkingPage(Page):
    """A page over the results of a batch that may have its request file.

    Attributes:
        batch_id: whose results.
        file: the open results; None while there are none.
    """

    batch_id = ""
    file: ResultFile | None = None

    @property
    def request_file(self) -> str:
        """The path of the request file; "" if none is linked."""
        record = self.session.record(self.batch_id)
        return record.request_file if record else ""

    def linked(self) -> None:
        """Show the prompts of the file that is linked from now on, or none."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A batch nobody knows cannot be linked with anything."""
        return self.batch_id in self.session.records if action == "link" else True

    @work(exclusive=True, group="link")
    async def action_link(self) -> None:
        """Ask for the path of the request file; without one there is none any more."""
        question = PromptScreen(
            "Request file of this batch",
            self.request_file,
            longest=LONGEST_PATH,
            suggester=PathSuggester(),
        )
        wish = await self.app.push_screen_wait(question)
        if wish is None or wish.strip() == self.request_file:
            return
        try:
            self.say(await self._link(wish.strip()))
        except BatchtuiError as error:
            self.say(str(error), severity="error")
        else:
            self.linked()

    async def _link(self, wish: str) -> str:
        """Link with the file of this path, or with none; returns a sentence on that."""
        account, batch_id, file = self.session.account, self.batch_id, self.file
        path, words = "", "This batch has no request file any more."
        if wish:
            linked = await asyncio.to_thread(check_link, Path(wish), file.index if file else None)
            path, words = str(linked.path), f"Linked. {'. '.join(linked.words)}."
        record = await self.session.engine.get(
            lambda: account.annotate(batch_id, request_file=path)
        )
        self.session.records[batch_id] = record
        return words
