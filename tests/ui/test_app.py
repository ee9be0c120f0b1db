"""The app as a person uses it: keys in, what is on the screens and on the server out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual import events
from textual.events import MouseScrollDown
from textual.widgets import Input

from batchtui.account.events import Phase, Reloaded
from batchtui.domain.batch import Outcome, Record
from batchtui.domain.errors import StorageError
from batchtui.settings import secrets
from batchtui.settings.config import load
from batchtui.settings.schema import Settings
from batchtui.simulator.clock import FixedClock
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.board import BoardScreen
from batchtui.ui.screens.help import HelpScreen
from batchtui.ui.screens.plan import PlanScreen
from batchtui.ui.widgets.lines import Lines
from tests.conftest import StartSimulator
from tests.ui.conftest import AppPilot, RunApp, until


def home(app: BatchtuiApp) -> BatchesScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, BatchesScreen)
    return screen


def text(lines: Lines) -> str:
    """What a widget shows."""
    return "\n".join(
        "".join(segment.text for segment in lines.render_line(y)) for y in range(lines.size.height)
    )


def masthead(app: BatchtuiApp) -> str:
    return text(home(app).query_one("#masthead", Lines))


def hints(app: BatchtuiApp) -> str:
    return text(app.screen.query_one("#hints", Lines))


def put_cursor(app: BatchtuiApp, outcome: Outcome) -> Record:
    """Highlight the newest batch with this outcome."""
    session = app.session
    record = next(
        session.records[key]
        for key in home(app).table.keys
        if session.records[key].batch.outcome is outcome
    )
    home(app).table.move_to(record.id)
    return record


async def type_text(pilot: AppPilot, words: str) -> None:
    for char in words:
        await pilot.press(
            {" ": "space", "<": "less_than_sign", "!": "exclamation_mark"}.get(char, char)
        )


async def test_the_list_fills_from_the_api_newest_first(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, _):
        records = [app.session.records[key] for key in home(app).table.keys]
        assert len(records) > 40
        created = [each.batch.created_at for each in records]
        assert created == sorted(created, reverse=True)
        assert "updated" in masthead(app)
        assert f"all {len(records)}" in str(home(app).table.titles.bottom_right)


async def test_what_was_known_is_shown_without_the_api(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, _):
        known = set(app.session.records)
    server.stop()
    async with run_app(server, fixed_clock) as (app, _):
        assert set(home(app).table.keys) == known
        assert app.session.pulse.phase is Phase.BACKING_OFF
        assert "next try in" in masthead(app)


async def test_the_cursor_stays_on_its_batch_when_new_ones_come(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        await pilot.press("j", "j", "j")
        here = home(app).table.cursor_key
        before = len(app.session.records)
        fixed_clock.advance(3600)
        await pilot.press("r")
        await until(pilot, lambda: len(app.session.records) > before)
        await pilot.pause()
        assert home(app).table.cursor_key == here
        assert len(home(app).table.keys) == len(app.session.records)


async def test_pages_come_as_the_cursor_nears_the_end(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("crowd:450", clock=fixed_clock), fixed_clock) as (app, pilot):
        assert len(home(app).table.keys) == 100
        assert "more below" in str(home(app).table.titles.bottom_right)
        await pilot.press("G")
        await until(pilot, lambda: len(home(app).table.keys) == 200)
        await pilot.press("G")
        await until(pilot, lambda: len(home(app).table.keys) == 450)
        await until(pilot, lambda: "all 450" in str(home(app).table.titles.bottom_right))


async def test_pages_come_also_when_there_are_too_many_to_arrange_on_the_spot(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("crowd:3500", clock=fixed_clock), fixed_clock) as (app, pilot):
        for known in (200, 1200, 2200, 3200, 3500):
            await pilot.press("G")
            await until(pilot, lambda known=known: len(home(app).table.keys) == known)  # type: ignore[misc]
        assert "all 3,500" in str(home(app).table.titles.bottom_right)


async def test_a_filter_reads_on_for_what_it_looks_for(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("crowd:450", clock=fixed_clock), fixed_clock) as (app, pilot):
        assert len(app.session.records) == 100
        home(app).query_one(Input).value = ">27d"
        await until(pilot, lambda: len(app.session.records) == 450)
        await until(pilot, lambda: 0 < len(home(app).table.keys) < 30)


async def test_a_filter_applies_while_it_is_typed(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("slash")
        await type_text(pilot, "running !<10m")
        await pilot.press("enter")
        shown = [app.session.records[key] for key in home(app).table.keys]
        assert shown
        now = app.session.now()
        for each in shown:
            assert each.batch.outcome is Outcome.RUNNING
            assert now - each.batch.created_at > timedelta(minutes=10)
        assert "/ running !<10m" in str(home(app).table.titles.bottom_right)
        await pilot.press("escape")
        await until(pilot, lambda: len(home(app).table.keys) == len(app.session.records))


async def test_a_filter_without_matches_says_so(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("slash")
        home(app).query_one(Input).value = "[/nothing] like this"
        await until(pilot, lambda: not home(app).table.keys)
        assert "No batch matches" in str(home(app).table.empty)


async def test_sorting_and_reversing(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        here = home(app).table.cursor_key
        await pilot.press("s", "s", "s")
        sizes = [
            app.session.records[key].batch.request_counts.total for key in home(app).table.keys
        ]
        assert sizes == sorted(sizes, reverse=True)
        await pilot.press("S")
        sizes = [
            app.session.records[key].batch.request_counts.total for key in home(app).table.keys
        ]
        assert sizes == sorted(sizes)
        assert "smallest first" in str(home(app).table.titles.top_right)
        assert home(app).table.cursor_key == here


async def test_marks_survive_the_filter(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("space", "space")
        marked = set(home(app).table.marks)
        assert len(marked) == 2
        home(app).query_one(Input).value = "succeeded"
        await pilot.pause()
        await pilot.press("asterisk")
        await pilot.pause()
        assert marked < set(home(app).table.marks)
        assert "marked" in str(home(app).table.titles.bottom)
        await pilot.press("escape")
        assert not home(app).table.marks


async def test_cancel_from_the_key_to_the_server(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        running = put_cursor(app, Outcome.RUNNING)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert not any(call.operation == "cancel" for call in server.calls)
        await pilot.press("up", "enter")
        await until(
            pilot,
            lambda: app.session.records[running.id].batch.outcome is Outcome.CANCELING,
        )
        assert [call.operation for call in server.calls].count("cancel") == 1


async def test_verbs_that_cannot_be_done_are_not_hinted_at_and_say_why(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        put_cursor(app, Outcome.RUNNING)
        await pilot.pause()
        assert " cancel" in hints(app)
        assert " fetch" not in hints(app)
        await pilot.press("f")
        said = app._notifications
        await until(pilot, lambda: any("no results yet" in notice.message for notice in said))
        put_cursor(app, Outcome.SUCCEEDED)
        await pilot.pause()
        assert " cancel" not in hints(app)
        assert " fetch" in hints(app)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert "Nothing to cancel here." in text(app.screen.query_one("#says", Lines))


async def test_an_empty_list_hints_at_nothing_to_do_with_rows(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("empty", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.pause()
        assert "board" in hints(app)
        assert not any(word in hints(app) for word in (" mark", " sort", " filter", " cancel"))


async def test_read_only_shows_itself_and_cancels_nothing(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    settings = Settings(interval=0, read_only=True)
    async with run_app(server, fixed_clock, settings=settings) as (app, pilot):
        assert "READ-ONLY" in masthead(app)
        put_cursor(app, Outcome.RUNNING)
        await pilot.pause()
        assert " cancel" not in hints(app)
        await pilot.press("c", "up", "enter", "enter")
        await pilot.pause(0.1)
        assert not any(call.method in {"POST", "DELETE"} for call in server.calls)


async def test_results_are_fetched_in_the_background(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ended = put_cursor(app, Outcome.SUCCEEDED)
        await pilot.press("f")
        await until(pilot, lambda: app.session.records[ended.id].results_here)
        await until(pilot, lambda: not app.session.downloads.busy)


async def test_a_label_is_asked_for_and_kept(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        here = home(app).table.cursor_key
        assert here is not None
        await pilot.press("l")
        await type_text(pilot, "nightly")
        await pilot.press("enter")
        await until(pilot, lambda: app.session.records[here].label == "nightly")
    async with run_app(server, fixed_clock) as (app, _):
        assert app.session.records[here].label == "nightly"


async def test_a_pinned_batch_is_on_the_board(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ended = put_cursor(app, Outcome.SUCCEEDED)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: app.session.records[ended.id].pinned)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        assert isinstance(app.screen, BoardScreen)
        on_board = {each.row_id for each in app.screen.tiles}
        running = {each.id for each in app.session.records.values() if each.running}
        assert on_board == running | {ended.id}


async def test_on_the_board_a_batch_that_ends_stays_and_says_so(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        board = app.screen
        assert isinstance(board, BoardScreen)
        before = [each.row_id for each in board.tiles]
        fixed_clock.advance(3 * 3600)
        await pilot.press("r")
        await until(
            pilot, lambda: any(not app.session.records[each].batch.running for each in before)
        )
        await pilot.pause()
        assert set(before) <= {each.row_id for each in board.tiles}
        assert any("ended" in notice.message for notice in app._notifications)
        await pilot.press("escape")
        assert app.screen is home(app)


async def test_a_board_that_stays_open_does_not_grow_for_ever(
    simulator: StartSimulator,
    run_app: RunApp,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ended = put_cursor(app, Outcome.SUCCEEDED)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        board = app.screen
        assert isinstance(board, BoardScreen)
        before = [each.row_id for each in board.tiles]
        monkeypatch.setattr("batchtui.ui.screens.board.MOST", len(before))
        fixed_clock.advance(3 * 3600)
        await pilot.press("r")
        session = app.session
        await until(pilot, lambda: sum(not session.records[each].running for each in before) > 2)
        await session.engine.get(lambda: session.account.annotate(ended.id, pinned=True))
        await until(pilot, lambda: board.tiles[0].row_id == ended.id)
        await until(pilot, lambda: len(board.tiles) == len(before))
        shown = {each.row_id for each in board.tiles}
        assert {each for each in before if session.records[each].running} <= shown
        assert board.current is not None


async def test_pause_is_shown_and_undone(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("p")
        await until(pilot, lambda: "PAUSED" in masthead(app))
        await pilot.press("p")
        await until(pilot, lambda: app.session.pulse.phase is Phase.WAITING)


async def test_the_theme_is_remembered(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        assert app.theme == "batchtui-dark"
        await pilot.press("t")
        assert app.theme == "batchtui-light"
        directory = app.accounts.directory
        await until(pilot, lambda: load(directory).settings.theme == "batchtui-light")


async def test_keys_can_be_given_to_other_commands(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    settings = Settings(interval=0, keys={"board": "B"})
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock, settings=settings) as (app, pilot):
        assert "B board" in hints(app)
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))


async def test_help_shows_the_keys_of_the_screen(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("question_mark")
        await until(pilot, lambda: app.screen is home(app))


@pytest.mark.parametrize(
    "fault",
    ["429=40", "429-bare", "529", "500", "502", "401", "403", "spend-cap", "empty", "broken"],
)
async def test_trouble_is_one_sentence_over_the_old_data(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock, fault: str
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        known = len(home(app).table.keys)
        server.faults.add(f"{fault}/list:1")
        await pilot.press("r")
        troubled = {Phase.BACKING_OFF, Phase.STOPPED}
        await until(pilot, lambda: app.session.pulse.phase in troubled)
        await pilot.pause()
        assert len(home(app).table.keys) == known
        shown = " ".join(text(home(app).query_one("#trouble", Lines)).split())
        assert shown == f"▲ {app.session.pulse.reason}"
        await pilot.press("r")
        await until(pilot, lambda: app.session.pulse.phase is Phase.WAITING)
        await until(pilot, lambda: not home(app).query_one("#trouble").display)


@pytest.mark.parametrize("size", [(20, 5), (60, 15), (80, 24), (240, 60)])
async def test_every_size_is_survived(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock, size: tuple[int, int]
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock, size=size) as (app, pilot):
        for keys in (
            ["j"],
            ["b"],
            ["escape"],
            ["question_mark"],
            ["escape"],
            ["slash"],
            ["escape"],
        ):
            await pilot.press(*keys)
        await pilot.resize_terminal(120, 40)
        await pilot.resize_terminal(*size)
        await pilot.pause()
        assert app.screen is home(app)
        assert app.is_running


async def test_older_pages_come_when_the_wheel_reaches_the_end(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("crowd:400", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        known = len(app.session.records)
        for _ in range(known // 3):
            await pilot._post_mouse_events([MouseScrollDown], home(app).table)
        assert home(app).table.cursor_index == 0
        await until(pilot, lambda: len(app.session.records) > known)


async def test_older_pages_that_cannot_be_read_are_not_asked_for_again_at_once(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("crowd:400", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (_, pilot):
        server.faults.add("500/list")
        before = len(server.calls)
        await pilot.press("G")
        await until(pilot, lambda: len(server.calls) > before)
        await pilot.pause(0.2)
        assert len(server.calls) == before + 1


async def test_a_history_that_cannot_be_read_does_not_end_the_app(
    simulator: StartSimulator,
    run_app: RunApp,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("The disk is ill")

    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        known = list(home(app).table.keys)
        monkeypatch.setattr(app.session.account.history, "records", fail)
        await app.accounts.shown.take(Reloaded())
        await until(pilot, lambda: bool(app.screen.query("Toast")))
        assert home(app).table.keys == known


async def test_deleted_batches_are_no_longer_marked(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        kept = put_cursor(app, Outcome.RUNNING)
        home(app).table.toggle_mark()
        deleted = put_cursor(app, Outcome.FAILED)
        home(app).table.toggle_mark()
        await app.session.engine.ask(app.session.account.delete(deleted.id))
        await until(pilot, lambda: tuple(home(app).table.marks) == (kept.id,))


async def test_what_is_typed_ahead_is_text_and_no_commands(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        for key, character in (("slash", "/"), *((char, char) for char in "bdsq")):
            app.post_message(events.Key(key, character))
        await until(pilot, lambda: bool(app.screen.query_one("#filter", Input).value))
        await pilot.pause()
        assert app.screen.query_one("#filter", Input).value == "bdsq"
        assert len(app.screen_stack) == 1


async def test_a_second_that_passes_while_a_screen_goes_down_harms_nothing(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("empty", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.pause()
        app.screen._pruning = True
        await app.screen.query("#masthead").remove()
        app._tick()
        await app.accounts.shown.pass_on(Reloaded())


async def test_a_second_that_passes_while_the_app_is_left_harms_nothing(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("empty", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("q")
    assert not app.screen_stack
    app._tick()


async def test_the_account_is_at_work_whatever_becomes_of_the_first_refresh(
    simulator: StartSimulator,
    run_app: RunApp,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(BatchtuiApp, "call_after_refresh", lambda self, *_: True)
    server = simulator("busy:4", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, _):
        assert app.session.running


async def test_the_last_words_hold_no_key(
    simulator: StartSimulator,
    run_app: RunApp,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BATCHTUI_DEBUG", "1")
    secrets.learn("canary-without-a-prefix")
    async with run_app(simulator("empty", clock=fixed_clock), fixed_clock) as (app, _):
        app._exception = RuntimeError("refused: canary-without-a-prefix")
        app._fatal_error()
        words = str(app._exit_renderables[-1])
        app._exception = None
    assert "RuntimeError: refused: [key]" in words
    assert "canary" not in words


@pytest.mark.parametrize("key", ["question_mark", "I", "b", "P", "c"])
async def test_a_covered_screen_has_nothing_repainted(
    simulator: StartSimulator,
    run_app: RunApp,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
) -> None:
    async with run_app(simulator("busy:4", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press(key)
        await pilot.pause(0.1)
        painted: list[object] = []
        covered = home(app)
        monkeypatch.setattr(app, "_display", lambda _, what: painted.append(what))
        covered.table.refresh_rows()
        covered.show_panel()
        covered.query_one("#masthead", Lines).show(("other words",))
        await pilot.pause(0.1)
        assert painted == []
        monkeypatch.undo()
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is covered)
        assert "next" in masthead(app) or "refresh" in masthead(app)
