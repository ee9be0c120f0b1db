"""Finding results: by what they say, by their number or by their custom_id."""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence

import msgspec
from textual import on, work
from textual.content import Content

from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import count, safe_line
from batchtui.results.filter import Filter
from batchtui.results.pattern import Pattern
from batchtui.results.query import select
from batchtui.results.reader import ResultFile
from batchtui.results.slices import in_slices
from batchtui.ui.commands import Command
from batchtui.ui.presenters.result_list import no_hit_words
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.screens.triage import TriagePage
from batchtui.ui.searching import Search
from batchtui.ui.widgets.ask_line import AskLine

PAINT_EVERY = 0.1
"""Seconds between two looks at what a search found."""

SEARCH, GO_TO = "search", "go to"

SEARCHING = (
    Command("search", "slash", "search", "Search the full text of all results", 6, "Search"),
    Command("next_hit", "n", "next", "Go to the next hit of the search", 2, "Search"),
    Command("previous_hit", "p", "previous", "Go to the hit before", 2, "Search"),
    Command("hits", "h", "hits", "List only the hits, or all", 2, "Search"),
    Command("go_to", "number_sign", "go to", "Go to a line or a custom_id", None, "Search"),
)

_ON_HITS = frozenset({"next_hit", "previous_hit", "hits"})


class SearchingPage(TriagePage):
    """A page with a list of results in which one can search."""

    _regex = False
    _origin: int | None = None
    _painted = 0.0

    # Asking

    def action_search(self) -> None:
        """Ask what to search for."""
        value = self.search.pattern.text if self.search else self.place.search
        self._regex = self.place.regex
        self.ask_line.ask(SEARCH, "/", value=value, placeholder="in the full text of all results")
        self._note_search()

    def action_go_to(self) -> None:
        """Ask where to go."""
        self.ask_line.ask(GO_TO, "#", value="", placeholder="a line's number, or a custom_id")

    def _note_search(self) -> None:
        how = "regular expression" if self._regex else "plain text"
        other = "plain text" if self._regex else "regular expression"
        self.ask_line.note(Content.assemble((how, LOUD), (f"  ctrl+r {other} ", QUIET)))

    @on(AskLine.Typed)
    def _search_typed(self, message: AskLine.Typed) -> None:
        if message.purpose == SEARCH:
            self._note_search()
        elif message.purpose == GO_TO:
            message.line.note(Content())

    @on(AskLine.Turned)
    def _turned(self, message: AskLine.Turned) -> None:
        if message.purpose == SEARCH:
            self._regex = not self._regex
            self._note_search()

    @on(AskLine.Entered)
    def _entered(self, message: AskLine.Entered) -> None:
        if message.purpose == SEARCH and message.text:
            self._begin_search(message.text, regex=self._regex)
        elif message.purpose == GO_TO and message.text.strip():
            self._go_to(message.text.strip())
        else:
            self.leave_line()

    # Search

    def _begin_search(self, text: str, *, regex: bool) -> None:
        try:
            pattern = Pattern.compile(text, regex=regex)
        except BatchtuiError as error:
            self.ask_line.note(Content.styled(f"{safe_line(error.what)} ", "bold $error"))
            return
        self.leave_line()
        self._search_for(pattern)

    def _search_for(self, pattern: Pattern) -> None:
        self.place = msgspec.structs.replace(self.place, search=pattern.text, regex=pattern.regex)
        self.search, self.search_trouble = Search(pattern), ""
        self.pattern = pattern
        self._origin = self.table.cursor_key
        self._painted = 0.0
        self.table.refresh_rows()
        self._run_search()
        self.refresh_bindings()

    @work(exclusive=True, group="search")
    async def _run_search(self) -> None:
        search, searched = self.search, 0
        try:
            while search is not None and self.file is not None and searched < len(self.file):
                searched = len(self.file)
                await search.run(self.file, self._found)
        except BatchtuiError as error:
            self.search_trouble = safe_line(error.what)
            self.say(str(error), severity="error")
        finally:
            if self.is_attached and search is self.search:
                self._show_found()
                self.refresh_bindings()

    def take(self, file: ResultFile) -> None:
        """Search what has come to a file, if it was searched to its end before."""
        super().take(file)
        search = self.search
        if search and not search.running and search.share >= 1:
            self._run_search()

    def settle(self, file: ResultFile) -> None:
        """Search a file that is another one for what was searched before."""
        super().settle(file)
        if self.place.search:
            self._search_for(Pattern.compile(self.place.search, regex=self.place.regex))
            self._origin = None

    def _found(self) -> None:
        now = time.monotonic()
        if now - self._painted >= PAINT_EVERY:
            self._painted = now
            self._show_found()

    def _show_found(self) -> None:
        self.table.refresh_rows(list(self.table.shown))
        if self.listing.hits_only:
            self.rearrange()
        self._seek()
        self.show_titles()

    def _seek(self) -> None:
        """Go to the first hit from where the search began, unless the person went on meanwhile."""
        table, search = self.table, self.search
        if self._origin is None or search is None:
            return
        if table.cursor_key != self._origin:
            self._origin = None
        elif (place := search.next_in(table.keys, table.cursor_index, 1)) is not None:
            self._origin = None
            table.move_to_index(place)
        elif not search.running and search.hits:
            self._origin = None
            self._jump(1)

    def _jump(self, step: int) -> None:
        table, search = self.table, self.search
        if search is None:
            return
        place = search.next_in(table.keys, table.cursor_index + step, step)
        if place is None and not search.running:
            place = search.next_in(table.keys, 0 if step > 0 else len(table.keys) - 1, step)
        if place is not None:
            table.move_to_index(place)
        else:
            self.say(no_hit_words(search))

    def action_next_hit(self) -> None:
        """Go to the next hit; after the last to the first."""
        self._jump(1)

    def action_previous_hit(self) -> None:
        """Go to the hit before; before the first to the last."""
        self._jump(-1)

    def numbers_to_read(self, number: int) -> Sequence[int]:
        """The lines to go through when one of them is read: if that is a hit, only hits."""
        keys, search = self.table.keys, self.search
        if search is None or number not in search:
            return keys
        return array("Q", (each for each in keys if each in search))

    def action_hits(self) -> None:
        """List only the hits, or everything again."""
        listing = msgspec.structs.replace(self.listing, hits_only=not self.listing.hits_only)
        self.relist(listing)

    def stop_search(self) -> bool:
        """Stop the search, then forget it; False if there is none."""
        if self.search is None:
            return False
        if self.search.running:
            self.workers.cancel_group(self, "search")
            return True
        self.search, self.search_trouble, self.pattern = None, "", None
        self.place = msgspec.structs.replace(self.place, search="")
        self.show_result(stay=True)
        self.table.refresh_rows()
        if self.listing.hits_only:
            self.action_hits()
        self.show_titles()
        self.refresh_bindings()
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a search there are no hits to go to."""
        if action in _ON_HITS:
            return self.search is not None
        if action in ("search", "go_to"):
            return self.file is not None
        return super().check_action(action, parameters)

    # Go to

    @work(exclusive=True, group="go to")
    async def _go_to(self, target: str) -> None:
        file = self.file
        if file is None:
            return
        digits = target.replace(",", "")
        number = int(digits) - 1 if digits.isdecimal() and len(digits) < 12 else -1
        if not 0 <= number < len(file):
            found = file.find(target)
            number = await self._part_of(target, file) if found is None else found
        if number < 0:
            self._say_beside(f"There is no line and no custom_id {safe_line(target, 40)}")
        elif not self.table.move_to(number):
            self._say_beside(f"Line {count(number + 1)} is not among those listed")
        else:
            self.leave_line()

    async def _part_of(self, target: str, file: ResultFile) -> int:
        """The next line from the cursor on with this in its custom_id; -1 if there is none.

        A line that is listed comes before one that is not.
        """
        part, here = Filter(custom_id=target), self.table.cursor_key
        found: Sequence[int] = ()
        for among in (self.table.keys, None):
            found = found or await in_slices(select(file.index, part, among=among))
        after = (number for number in found if here is None or number > here)
        return next(after, found[0] if len(found) else -1)

    def _say_beside(self, words: str) -> None:
        self.ask_line.note(Content.styled(f"{words} ", "bold $error"))
