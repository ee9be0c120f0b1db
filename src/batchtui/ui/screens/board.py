"""A grid of live panels, one for each running or pinned batch or job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from batchtui.account.events import Changed, Event, JobsChanged, Reloaded
from batchtui.domain.batch import Record
from batchtui.domain.changes import Change
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord
from batchtui.domain.view import View
from batchtui.ui.commands import Command, bindings
from batchtui.ui.presenters.help import OF_BOARD
from batchtui.ui.presenters.live_panel import tile, tile_titles
from batchtui.ui.screens.acting import ACTING, ActingPage
from batchtui.ui.session import Session
from batchtui.ui.widgets.lines import Lines

MOST = 60
"""So many tiles are shown at the most: the newest of the running and the pinned batches."""

NOTHING = "Nothing is running.\n\nPin a batch in the list with ! to keep it here."


class Tile(Lines, can_focus=True):
    """The live panel of one batch or job."""

    class Chosen(Message):
        """The tile was clicked while it had the focus."""

    def __init__(self, session: Session, record: Record) -> None:
        super().__init__(framed=True)
        self._session = session
        self.row_id = record.id

    def on_mount(self) -> None:
        """Show it at once."""
        self.bring_up_to_date()

    def on_resize(self) -> None:
        """The titles are made for the width."""
        self.bring_up_to_date()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The title says which tile keys act on."""
        super().watch_has_focus(_has_focus)
        self.bring_up_to_date()

    def bring_up_to_date(self) -> None:
        """Show how it is doing now; only what differs is repainted."""
        record = self._session.record(self.row_id)
        if record is None:
            return
        subject = self._session.subject(record)
        self.titles = tile_titles(subject, self.size.width, here=self.has_focus)
        self.show(lambda size: tile(subject, size.width, size.height))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A second click opens."""
        if self.has_focus:
            self.post_message(self.Chosen())


class BoardScreen(ActingPage):
    """All that runs, side by side."""

    CSS_PATH = "board.tcss"
    LEGEND = OF_BOARD
    VERBS: ClassVar[tuple[Command, ...]] = (
        *ACTING,
        Command("back", "escape,b", "list", "Go back to the list", 6, "Board"),
        Command("next_tile", "right,tab", "next", "Go to the next panel", None, "Board"),
        Command("previous_tile", "left,shift+tab", "back", "Go to the one before", None, "Board"),
        Command("tile_below", "down,j", "below", "Go to the panel below", None, "Board"),
        Command("tile_above", "up,k", "above", "Go to the panel above", None, "Board"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    _awaited = ""
    """The job or batch to go to as soon as it has a tile."""

    def compose_body(self) -> ComposeResult:
        """The grid of tiles."""
        shown = self._wanted()
        with VerticalScroll(id="board", can_focus=False), Grid():
            yield from (Tile(self.session, record) for record in shown)
        nothing = Static(NOTHING, id="nothing", markup=False)
        nothing.display = not shown
        yield nothing

    def on_mount(self) -> None:
        """Start on the first tile."""
        if tiles := self.tiles:
            tiles[0].focus()

    @property
    def tiles(self) -> list[Tile]:
        """All tiles, in order."""
        return list(self.query(Tile))

    @property
    def current(self) -> Record | None:
        """The batch or job of the tile with the focus."""
        tile = self.focused
        return self.session.record(tile.row_id) if isinstance(tile, Tile) else None

    @property
    def targets(self) -> Sequence[Record]:
        """The same: nothing can be marked here."""
        return [self.current] if self.current else []

    def _wanted(self) -> list[Record]:
        """What runs and what is pinned, newest first; a job instead of its batches."""
        records = [each for each in self.session.rows.values() if each.running or each.pinned]
        return list(View().apply(records, self.session.now())[:MOST])

    async def hear(self, event: Event) -> None:
        """Show what changed; what has ended stays as long as there is room."""
        match event:
            case Changed(changes):
                changed = {each.record.id for each in changes}
                changed |= {job.id for each in changes if (job := self._job_of(each))}
                for each in self.tiles:
                    if each.row_id in changed:
                        each.bring_up_to_date()
                await self._add_new()
                self.refresh_bindings()
            case Reloaded() | JobsChanged():
                await self._add_new()
                self._bring_all_up_to_date()
                self.refresh_bindings()
            case _:
                self.show_masthead()

    def _job_of(self, change: Change) -> JobRecord | None:
        return self.session.job_of(change.record.id)

    async def _add_new(self) -> None:
        await self._remove_hidden()
        there = {each.row_id for each in self.tiles}
        wanted = {each.id: each for each in self._wanted()}
        new = [Tile(self.session, each) for key, each in wanted.items() if key not in there]
        if not new:
            self._go_to_awaited()
            return
        grid = self.query_one(Grid)
        await grid.mount(*new, before=0 if there else None)
        self.query_one("#nothing").display = False
        if not there:
            new[0].focus()
        self._go_to_awaited()
        past = [each for each in self.tiles if each.row_id not in wanted and not each.has_focus]
        if len(self.tiles) > MOST:
            # On a board that stays open for days they would become ever more.
            await grid.remove_children(past[MOST - len(self.tiles) :])

    def started(self, job: Job) -> None:
        """Go to its panel, at the latest when there is one."""
        self._awaited = job.id
        self._go_to_awaited()

    def _go_to_awaited(self) -> None:
        record = self.session.record(self._awaited)
        if record is None:
            return
        wanted = self.session.job_of(record.id) or record
        if tile := next((each for each in self.tiles if each.row_id == wanted.id), None):
            self._awaited = ""
            tile.focus()

    async def _remove_hidden(self) -> None:
        """Batches that have become part of a job, and jobs that are one batch or forgotten."""
        rows = self.session.rows
        hidden = [each for each in self.tiles if each.row_id not in rows]
        if hidden:
            self._awaited = next((each.row_id for each in hidden if each.has_focus), self._awaited)
            await self.query_one(Grid).remove_children(hidden)

    def tick(self) -> None:
        """The clock goes on in every tile."""
        super().tick()
        self.session.look_again()
        self._bring_all_up_to_date()

    def _bring_all_up_to_date(self) -> None:
        for each in self.tiles:
            each.bring_up_to_date()

    def on_screen_resume(self) -> None:
        """Catch up with what happened meanwhile."""
        self._bring_all_up_to_date()

    def on_descendant_focus(self) -> None:
        """What can be done depends on the tile."""
        self.refresh_bindings()

    @on(Tile.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    def action_back(self) -> None:
        """Go back to the list."""
        self.close()

    def action_next_tile(self) -> None:
        """Go to the next tile."""
        self._go(1)

    def action_previous_tile(self) -> None:
        """Go to the one before."""
        self._go(-1)

    def action_tile_below(self) -> None:
        """Go one row down."""
        self._go(self._columns)

    def action_tile_above(self) -> None:
        """Go one row up."""
        self._go(-self._columns)

    @property
    def _columns(self) -> int:
        tiles = self.tiles
        return sum(each.region.y == tiles[0].region.y for each in tiles) if tiles else 1

    def _go(self, places: int) -> None:
        tiles = self.tiles
        if isinstance(self.focused, Tile):
            place = tiles.index(self.focused) + places
            if 0 <= place < len(tiles):
                tiles[place].focus()
        elif tiles:
            tiles[0].focus()
