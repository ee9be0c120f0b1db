"""What became of the batches: plotted over time, by model or by day, and summed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from batchtui.account.events import Changed, Event, Paging, Reloaded
from batchtui.account.insight import Wanted
from batchtui.account.knowledge import PAUSE
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.insight import Insight, ModelFigures, Stretch
from batchtui.domain.insight_words import stretch_words
from batchtui.results.slices import in_slices
from batchtui.ui.commands import Command, bindings
from batchtui.ui.presenters.help import OF_INSIGHT
from batchtui.ui.presenters.insight import (
    DAY_COLUMNS,
    MODEL_COLUMNS,
    RANGES,
    choice_line,
    fetch_question,
    model_cells,
    plot_titles,
    stretch_cells,
    sums,
    table_titles,
    unread_words,
)
from batchtui.ui.presenters.insight_models import drawing_by_model
from batchtui.ui.presenters.insight_plot import MEASURES, drawing
from batchtui.ui.presenters.plot import most_bars
from batchtui.ui.presenters.tabs import TabLine
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.insight_export import InsightExportScreen
from batchtui.ui.screens.page import Page
from batchtui.ui.session import Session
from batchtui.ui.widgets.canvas import Titles
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.lines import Lines
from batchtui.ui.widgets.painting import Cell

_EDGE = 2
"""Cells left free on each side of the sums."""


class InsightScreen(Page):
    """Plot, table and sums of the batches of some days.

    Args:
        session: what is known.

    Attributes:
        insight: what is shown; None until it is summed up for the first time.
        days: how many days are looked at, up to today; None for all.
        measure: the place of what is plotted.
        by_model: whether it is plotted by model, and not over time.
    """

    CSS_PATH = "insight.tcss"
    LEGEND = OF_INSIGHT
    VERBS: ClassVar[tuple[Command, ...]] = (
        Command("range_1", "1", "7 days", "Look at the last 7 days", None, "Insight", "range(1)"),
        Command("range_2", "2", "30 days", "Look at the last 30 days", None, "Insight", "range(2)"),
        Command("range_3", "3", "90 days", "Look at the last 90 days", None, "Insight", "range(3)"),
        Command(
            "range_4", "4", "all", "Look at all batches ever seen", None, "Insight", "range(4)"
        ),
        Command("next_measure", "m", "measure", "Plot the next measure", 1, "Insight"),
        Command("previous_measure", "M", "measure", "Plot the one before", None, "Insight"),
        Command("plot_by", "v", "per model", "Plot by model, or over time", 2, "Insight"),
        Command("by", "tab", "table", "List by model, or by day", 2, "Insight"),
        Command(
            "fetch_missing", "f", "fetch", "Download the results that are missing", 3, "Insight"
        ),
        Command("stop_fetching", "x", "stop fetching", "Stop downloading results", 4, "Insight"),
        Command("read_older", "o", "older", "Read older batches of these days", 5, "Insight"),
        Command("export", "e", "export", "Write the figures to a file", 6, "Insight"),
        Command("back", "escape,I", "back", "Go back to the list", 90, "Insight"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(VERBS)]

    choice = getters.query_one("#choice", Lines)
    plotted = getters.query_one("#plot", Lines)
    models = getters.query_one("#models", LineTable)
    stretches = getters.query_one("#stretches", LineTable)
    summed = getters.query_one("#sums", Lines)

    insight: Insight | None = None
    days: int | None = 30
    measure = 0
    by_model = False
    _choice_line = TabLine(Content(), ())
    _doing = ""
    _most = 0
    _stale = False
    _studying = False

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._by_model: dict[str, ModelFigures] = {}
        self._by_start: dict[str, Stretch] = {}

    def compose_body(self) -> ComposeResult:
        """What is looked at, the plot, a table, the sums."""
        yield Lines(id="choice")
        yield Lines(framed=True, id="plot")
        yield LineTable[str](MODEL_COLUMNS, self._model_cells, id="models")
        yield LineTable[str](DAY_COLUMNS, self._stretch_cells, id="stretches")
        yield Lines(id="sums")

    def on_mount(self) -> None:
        """Sum up what is known."""
        self.plotted.titles = Titles(top=MEASURES[self.measure].title, top_right="summing up …")
        self.models.focus()
        self._look()

    # What is shown

    def _look(self) -> None:
        """Show what is chosen, and sum it up in the background."""
        self._stale = True
        self._show_choice()
        self._study()

    @work(exclusive=True, group="insight")
    async def _study(self) -> None:
        self._stale, self._studying = False, True
        session, insights = self.session, self.session.insights
        now = session.account.clock()
        first = None if self.days is None else insights.first_of(self.days, now)
        wanted = Wanted.fitting(first, self._most)
        steps = insights.steps(list(session.records.values()), wanted, now)
        try:
            self.insight = await session.engine.ask(in_slices(steps, pause=PAUSE))
        finally:
            self._studying = False
        self._show()

    def _show(self) -> None:
        insight = self.insight
        if insight is None:
            return
        self._by_model = {f"{each.model!r}": each for each in insight.models}
        filled = (each for each in reversed(insight.stretches) if each.figures.batches)
        self._by_start = {each.start.isoformat(): each for each in filled}
        for table, keys in ((self.models, self._by_model), (self.stretches, self._by_start)):
            untouched = table.cursor_index <= 0
            table.set_rows(list(keys))
            if untouched:  # else it would go down with what was there first, and the view with it
                table.move_to_index(0)
            table.refresh_rows()
        named = (f"By {insight.unit}", "by model")
        self.models.titles = table_titles("By model", f"by {insight.unit}")
        self.stretches.titles = table_titles(*named)
        self.show_plot()
        self._show_sums()
        self.refresh_bindings()

    def _show_choice(self) -> None:
        measure = MEASURES[self.measure]
        self._choice_line = choice_line(self.days, measure, self.size.width)
        self.choice.show((self._choice_line.content,))

    def show_plot(self) -> None:
        """Bring the plot up to date; only what differs is repainted."""
        insight, measure = self.insight, MEASURES[self.measure]
        if insight is None:
            return
        by_start = self._by_start if self.stretches.display else {}
        here = by_start.get(self.stretches.cursor_key or "")
        start = here.start if here else None
        self._show_titles()
        over_time = partial(drawing, insight, measure, start)
        draw = partial(drawing_by_model, insight, measure) if self.by_model else over_time
        self.plotted.show(lambda size: draw(size.width, size.height))

    def _show_titles(self) -> None:
        """Say what is plotted, and how far downloads are."""
        self._doing = self.session.downloads.summary
        if self.insight is not None:
            measure = MEASURES[self.measure]
            self.plotted.titles = plot_titles(
                self.insight,
                measure,
                self._doing,
                by_model=self.by_model,
                since_ever=self.days is None,
            )

    def _show_sums(self) -> None:
        insight = self.insight
        if insight is None:
            return
        keys = self._active_keys()
        key, older = keys.get("fetch_missing", ""), keys.get("read_older", "")
        paging = self.session.paging
        unread = unread_words(older, loading=paging.loading) if self._lags(paging) else ""
        edge = Content(" " * _EDGE)
        self.summed.show(
            lambda size: [
                Content.assemble(edge, line)
                for line in sums(insight, key, max(size.width - 2 * _EDGE, 10), unread=unread)
            ]
        )

    def _model_cells(self, key: str, widths: Mapping[str, int]) -> Sequence[Cell]:
        return model_cells(self._by_model[key], widths)

    def _stretch_cells(self, key: str, widths: Mapping[str, int]) -> Sequence[Cell]:
        assert self.insight is not None
        each = self._by_start[key]
        words = stretch_words(each.start, self.insight.unit, self.insight.days.last)
        return stretch_cells(each, words, widths)

    # What happens

    async def hear(self, event: Event) -> None:
        """Sum up anew, soon: it is known only at the next tick whether more follows."""
        match event:
            case Changed() | Reloaded():
                self._stale = True
            case Paging():
                self._show_sums()
                self.refresh_bindings()
            case _:
                self.show_masthead()

    def tick(self) -> None:
        """Catch up with what happened, be it only that another day has begun."""
        super().tick()
        today = self.session.insights.today(self.session.now())
        another_day = self.insight is not None and self.insight.days.last != today
        if (self._stale or another_day) and not self._studying:
            self._study()
        elif self.session.downloads.summary != self._doing:
            self._show_titles()

    def on_resize(self) -> None:
        """More columns may fit into the plot, or fewer."""
        most = most_bars(self.size.width - 2)
        if most != self._most:
            self._most = most
            self._look()
        self.call_after_refresh(self.refresh_bindings)

    def on_screen_resume(self) -> None:
        """Catch up with what happened meanwhile."""
        self._stale = True

    @on(LineTable.CursorMoved, "#stretches")
    def _other_stretch(self) -> None:
        self.show_plot()

    @on(Lines.Clicked, "#choice")
    def _choice_clicked(self, message: Lines.Clicked) -> None:
        place = self._choice_line.place_at(message.x)
        if place is None:
            return
        if place < len(RANGES):
            self.action_range(place + 1)
        else:
            self._measure(place - len(RANGES))

    # What can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is not always anything to download, to stop or to export."""
        insight = self.insight
        if action == "fetch_missing":
            return bool(insight and insight.fetchable) and not self.session.account.offline
        if action == "read_older":
            return self._lags(self.session.paging) and not self.session.account.offline
        if action == "stop_fetching":
            return self.session.downloads.busy
        if action == "by":
            return not self.has_class("-flat")  # there is no room for a table
        if action == "export":
            return bool(insight and insight.total.batches)
        return super().check_action(action, parameters)

    def action_range(self, place: int) -> None:
        """Look at other days."""
        self.days = RANGES[place - 1]
        self._look()

    def _measure(self, place: int) -> None:
        self.measure = place % len(MEASURES)
        self._show_choice()
        self.show_plot()

    def action_next_measure(self) -> None:
        """Plot the next measure."""
        self._measure(self.measure + 1)

    def action_previous_measure(self) -> None:
        """Plot the one before."""
        self._measure(self.measure - 1)

    def action_plot_by(self) -> None:
        """Plot by model, or over time."""
        self.by_model = not self.by_model
        self.show_plot()

    def action_by(self) -> None:
        """Go to the other table."""
        by_day = not self.has_class("-by-day")
        self.set_class(by_day, "-by-day")
        (self.stretches if by_day else self.models).focus()
        self.call_after_refresh(self.show_plot)

    @work
    async def action_fetch_missing(self) -> None:
        """Ask before results of many batches are downloaded."""
        if self.insight is None:
            return
        missing = self.insight.fetchable
        records = self.session.of(missing)
        lines = sum(each.batch.request_counts.total for each in records)
        question = fetch_question(len(missing), lines)
        if await self.app.push_screen_wait(AskScreen(question)) == 0:
            self.session.downloads.add(missing)

    def action_stop_fetching(self) -> None:
        """Stop downloading results."""
        self.session.downloads.stop()

    def _lags(self, paging: Paging) -> bool:
        """Whether batches of these days may stand further down the API's list than it was read."""
        session, insights = self.session, self.session.insights
        if not paging.more:
            return False
        read = session.records.get(paging.oldest or "")
        if read is None or self.days is None:
            return True
        now = session.account.clock()
        return insights.day_of(read, now) >= insights.first_of(self.days, now)

    @work(exclusive=True, group="older")
    async def action_read_older(self) -> None:
        """Read the API's list on, down to the first of these days."""
        engine, poller = self.session.engine, self.session.poller
        before: Paging | None = None
        # If a page was not read (because the API is to be left alone, say) there is no next one.
        while (paging := poller.paging) != before and self._lags(paging):
            before = paging
            try:
                await engine.ask(poller.load_older(paging.oldest))
            except BatchtuiError as error:
                self.say(str(error), severity="warning")
                return

    @work
    async def action_export(self) -> None:
        """Ask what of it to write, how, and where to."""
        if self.insight is None:
            return
        words = await self.app.push_screen_wait(
            InsightExportScreen(self.insight, self.has_class("-by-day"))
        )
        if words:
            self.say(words)

    def action_back(self) -> None:
        """Go back to the list."""
        self.close()
