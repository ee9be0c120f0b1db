"""What can be done to a result on every screen that shows one: the list and the reader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
from textual import getters, work
from textual.content import Content

from batchtui.account.merging import Merged
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.result import ResultLine
from batchtui.domain.text import crop_middle, safe_line
from batchtui.results.index import Row
from batchtui.results.pattern import Pattern
from batchtui.results.reader import ResultFile
from batchtui.ui.commands import Command
from batchtui.ui.decoding import decode
from batchtui.ui.paths import LONGEST_PATH, PathSuggester
from batchtui.ui.presenters.blocks import DEFAULT_LOOK, Look
from batchtui.ui.presenters.flow import Row as TextRow
from batchtui.ui.presenters.flow import wrap
from batchtui.ui.presenters.job_results import place_title
from batchtui.ui.presenters.matches import Spans, has_match, marked
from batchtui.ui.presenters.request import heading, prompt_rows, prompt_title
from batchtui.ui.presenters.result import Taken, has_text, has_thinking, result_rows, taken
from batchtui.ui.presenters.result_row import result_title
from batchtui.ui.requests import Prompt, find_prompt, unfound
from batchtui.ui.screens.choosing import ChoosingScreen
from batchtui.ui.screens.compare import CompareScreen
from batchtui.ui.screens.linking import LINKING, LinkingPage
from batchtui.ui.screens.prompt import PromptScreen
from batchtui.ui.taking import copy_refusal, file_name, save, save_as
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.reader import Reader

READING = (
    Command("raw", "J", "raw", "Show the JSON of the line, or what it means", 20, "Result"),
    Command("plain", "m", "plain", "Show text as written, or its Markdown", 24, "Result"),
    Command("thinking", "z", "thinking", "Unfold the thinking, or fold it", 23, "Result"),
    Command("copy", "y", "copy", "Send it to the terminal's clipboard", 21, "Result"),
    Command("save", "w", "save", "Save it to a file in this directory", 22, "Result"),
    Command("save_as", "W", "save as", "Save it to a file somewhere else", None, "Result"),
    Command("compare", "v", "compare", "Compare it with the same in another batch", 26, "Result"),
    *LINKING,
)

LARGE = 256 * 1024
"""Lines longer than this (bytes) are decoded in a thread."""

OVERLONG = "… and more: this is as much as is shown here. w saves all of it to a file."


class Shown(msgspec.Struct, frozen=True):
    """The result in the reader.

    Attributes:
        line: the line, or of a very long one its beginning.
        prompt: what it answers; None if no request file is linked.
    """

    file: ResultFile
    row: Row
    line: bytes
    result: ResultLine
    prompt: Prompt | None = None


class ReadingPage(LinkingPage):
    """A page with a reader (`#reader`) on it that shows results of a file, one at a time.

    Attributes:
        look: how answers are shown.
        shown: the result that is shown; None while there is none.
        pattern: what is searched for, to be marked; None if nothing is.
        merged: of a job's results where they come from; None for those of a batch.
    """

    READING_VERBS: ClassVar[frozenset[str]] = frozenset(command.id for command in READING)

    reader = getters.query_one("#reader", Reader)
    look: Look = DEFAULT_LOOK
    shown: Shown | None = None
    pattern: Pattern | None = None
    merged: Merged | None = None

    @property
    def prompt_reader(self) -> Reader | None:
        """Where prompts are shown by themselves; None if they follow their answer."""
        return None

    def read(self, file: ResultFile, number: int, *, where: str = "") -> None:
        """Show a result of the file from its start; `where` it is stands at the foot."""
        row = file.row(number)
        self.shown = None
        self.reader.titles = Titles(
            top=crop_middle(safe_line(row.custom_id) or "no custom_id", 64),
            top_right=result_title(row),
            bottom=place_title(where, self.merged, number),
        )
        self._read(file, row)

    @work(exclusive=True, group="read")
    async def _read(self, file: ResultFile, row: Row) -> None:
        try:
            if row.size > LARGE:
                line, result = await asyncio.to_thread(decode, file, row)
            else:
                line, result = decode(file, row)
        except BatchtuiError as error:
            words = TextRow(Content.styled(safe_line(str(error)), "$error"))
            self.reader.show(lambda width: wrap([words], width))
            return
        linked = self._request_file_of(row)
        self.shown = Shown(file, row, line, result, unfound(linked) if linked else None)
        self.show_result(seek=True)
        self.refresh_bindings()
        await self._find_prompt()

    def _request_file_of(self, row: Row) -> str:
        """The path of the file that the request of a line stands in; "" if none is known."""
        return self.merged.request_file(row.number) if self.merged else self.request_file

    async def _find_prompt(self) -> None:
        """Look for the prompt, and show it when it is found."""
        shown = self.shown
        if shown is None:
            return
        linked = self._request_file_of(shown.row)
        prompt = await find_prompt(linked, shown.row.custom_id) if linked else None
        if prompt != shown.prompt:
            self.shown = msgspec.structs.replace(shown, prompt=prompt)
            self.show_result(stay=True)

    def linked(self) -> None:
        """Show the prompt out of another file."""
        self._read_prompt()

    @work(exclusive=True, group="read")
    async def _read_prompt(self) -> None:
        await self._find_prompt()

    def show_result(self, *, stay: bool = False, seek: bool = False) -> None:
        """Show the result as it is to be looked at now.

        Args:
            stay: whether to stay at the line that is read now.
            seek: whether to go to the first match of a search.
        """
        if shown := self.shown:
            pane = self.prompt_reader
            self.reader.show(
                self._text(shown, with_prompt=pane is None),
                stay=stay,
                seek=has_match if seek and self.pattern else None,
            )
            if pane and shown.prompt:
                pane.titles = Titles(top=prompt_title(shown.prompt))
                pane.show(_prompt_text(shown.prompt, self.look, self._spans), stay=stay)

    @property
    def _spans(self) -> Spans | None:
        return self.pattern.spans if self.pattern else None

    def _text(self, shown: Shown, *, with_prompt: bool) -> Callable[[int], Iterator[Content]]:
        look, spans, prices = self.look, self._spans, self.session.prices

        def text(width: int) -> Iterator[Content]:
            rows = result_rows(shown.result, shown.line, look, prices=prices)
            yield from wrap(marked(rows, spans), width)
            if with_prompt and shown.prompt:
                yield Content("")
                yield heading(prompt_title(shown.prompt), width)
                yield from _prompt_text(shown.prompt, look, spans)(width)

        return text

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a result there is nothing to look at, copy or save."""
        if action == "link":
            return super().check_action(action, parameters)
        if action not in self.READING_VERBS:
            return True
        if self.shown is None:
            return False
        if action == "compare":
            return bool(self.shown.row.custom_id) and len(self.session.account.here.stems) > 1
        if action == "plain":
            return has_text(self.shown.result)
        return has_thinking(self.shown.result) if action == "thinking" else True

    def action_raw(self) -> None:
        """Show the JSON of the line, or what it means."""
        self.look = msgspec.structs.replace(self.look, raw=not self.look.raw)
        self.show_result()

    def action_plain(self) -> None:
        """Show text as written, or its Markdown."""
        self.look = msgspec.structs.replace(self.look, plain=not self.look.plain, raw=False)
        self.show_result(stay=True)

    def action_thinking(self) -> None:
        """Unfold the thinking, or fold it."""
        self.look = msgspec.structs.replace(self.look, thinking=not self.look.thinking, raw=False)
        self.show_result()

    # Comparing

    @property
    def neighbours(self) -> Sequence[int]:
        """The lines that can be gone through while comparing; the one that is shown is one."""
        return (self.shown.row.number,) if self.shown else ()

    def come_back_to(self, number: int) -> None:
        """Show the line that was compared last."""

    @work(exclusive=True, group="compare")
    async def action_compare(self) -> None:
        """Compare what is shown with the same custom_id in another batch."""
        shown, session = self.shown, self.session
        if shown is None:
            return
        before = session.compared_with.get(self.batch_id, "")
        choosing = ChoosingScreen(session, self.batch_id, shown.row.custom_id, before)
        other = await self.app.push_screen_wait(choosing)
        if other is None:
            return
        session.compared_with[self.batch_id] = other
        numbers, number = self.neighbours, shown.row.number
        ids = (self.batch_id, other)
        comparing = CompareScreen(session, ids, shown.file, numbers, number, self.look)
        await self.app.push_screen_wait(comparing)
        self.come_back_to(comparing.number)

    # Taking it out

    @work(exclusive=True, group="copy")
    async def action_copy(self) -> None:
        """Send what is shown to the terminal's clipboard."""
        if self.shown is None:
            return
        what = await asyncio.to_thread(_taken, self.shown, self.look)
        if refusal := copy_refusal(what.text):
            self.say(refusal, severity="warning")
        else:
            self.app.copy_to_clipboard(what.text)
            self.say(f"The {what.what} was sent to the terminal's clipboard; w saves it to a file.")

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Save what is shown to a file in this directory."""
        await self._save(None)

    @work(exclusive=True, group="save")
    async def action_save_as(self) -> None:
        """Save what is shown to a file somewhere else."""
        question = PromptScreen(
            "Save to which file or directory?",
            f"{Path.cwd()}/",
            longest=LONGEST_PATH,
            suggester=PathSuggester(),
        )
        wish = await self.app.push_screen_wait(question)
        if wish and wish.strip():
            await self._save(wish.strip())

    async def _save(self, wish: str | None) -> None:
        shown, look = self.shown, self.look
        if shown is None:
            return

        def write() -> tuple[str, Path]:
            what = _taken(shown, look)
            name = file_name(shown.row.custom_id, shown.row.number, what.suffix)
            if wish is None:
                return what.what, save(what.text, Path.cwd(), name)
            return what.what, save_as(what.text, wish, name)

        try:
            what, path = await asyncio.to_thread(write)
        except BatchtuiError as error:
            self.say(str(error), severity="error")
        else:
            where = f"{path.name} in this directory" if wish is None else str(path)
            self.say(f"The {what} was saved as {where}.")


def _taken(shown: Shown, look: Look) -> Taken:
    """What to take of a result, all of it, however long."""
    whole = len(shown.line) == shown.row.size
    line = shown.line if whole else shown.file.line(shown.row.number)
    return taken(shown.result, line, look)


def _prompt_text(
    prompt: Prompt, look: Look, spans: Spans | None
) -> Callable[[int], Iterator[Content]]:
    return lambda width: wrap(marked(prompt_rows(prompt, look), spans), width)
