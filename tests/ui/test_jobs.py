"""Jobs as a person uses them: one row each, which opens into its batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from batchtui.account.locking import alone
from batchtui.domain.batch import CANCELING, Outcome, ResultsState
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord
from batchtui.history.history import History
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.server import RunningServer
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.board import BoardScreen
from batchtui.ui.screens.plan import PlanScreen
from batchtui.ui.widgets.lines import Lines
from tests.conftest import StartSimulator
from tests.jobs import make_job
from tests.ui.conftest import AppPilot, RunApp, until


def home(app: BatchtuiApp) -> BatchesScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, BatchesScreen)
    return screen


def keys(app: BatchtuiApp) -> list[str]:
    return list(home(app).table.keys)


def running(app: BatchtuiApp, number: int) -> list[str]:
    """The newest running batches that are in no job."""
    records = sorted(app.session.rows.values(), key=lambda each: each.batch.created_at)
    found = [each.id for each in records if each.batch.outcome is Outcome.RUNNING]
    return found[::-1][:number]


def cells(app: BatchtuiApp, key: str) -> str:
    """What a row says."""
    wide = {"state": 11, "name": 40, "progress": 30, "requests": 8, "next": 14}
    return " ".join(map(str, home(app).cells(key, wide)))


def summed(app: BatchtuiApp, job: Job) -> JobRecord:
    record = app.session.record(job.id)
    assert isinstance(record, JobRecord)
    return record


async def tell_job(app: BatchtuiApp, batch_ids: Sequence[str], unsent: Sequence[int] = ()) -> Job:
    """Have the running app learn of a job."""
    account = app.session.account

    def add() -> Job:
        job = make_job(account.history, "tickets", batch_ids, unsent=unsent, at=account.clock())
        return account.job_changed(job)

    return await app.session.engine.get(add)


async def add_job(
    pilot: AppPilot, app: BatchtuiApp, batch_ids: Sequence[str], *, unsent: Sequence[int] = ()
) -> Job:
    """Have the running app learn of a job, with the cursor on it."""
    job = await tell_job(app, batch_ids, unsent=unsent)
    await until(pilot, lambda: job.id in keys(app))
    home(app).table.move_to(job.id)
    await pilot.pause()
    return job


async def test_a_job_stands_for_its_batches_and_opens_into_them(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        before = len(keys(app))
        ids = running(app, 3)
        job = await add_job(pilot, app, ids)
        assert len(keys(app)) == before - 2
        assert not set(ids) & set(keys(app))
        assert "▸ tickets (3 batches)" in cells(app, job.id)

        await pilot.press("o")
        place = keys(app).index(job.id)
        assert keys(app)[place : place + 4] == [job.id, *ids]
        assert "▾ tickets" in cells(app, job.id)
        assert "  2/3" in cells(app, ids[1])

        await pilot.press("j", "j", "left")
        assert home(app).table.cursor_key == job.id
        assert len(keys(app)) == before - 2
        await pilot.press("right")
        assert ids[0] in keys(app)
        await pilot.press("o")
        assert ids[0] not in keys(app)


async def test_the_cursor_goes_to_the_job_that_takes_its_batch_in(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 2)
        home(app).table.move_to(ids[1])
        job = await tell_job(app, ids)
        await until(pilot, lambda: home(app).table.cursor_key == job.id)


async def test_the_cursor_stays_on_a_batch_of_a_job_when_new_ones_come(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 3)
        await add_job(pilot, app, ids)
        await pilot.press("o", "j", "j")
        assert home(app).table.cursor_key == ids[1]
        before = len(app.session.records)
        fixed_clock.advance(3600)
        await pilot.press("r")
        await until(pilot, lambda: len(app.session.records) > before)
        await pilot.pause()
        assert home(app).table.cursor_key == ids[1]


async def test_canceling_a_job_cancels_its_batches(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock) as (app, pilot):
        ids = running(app, 3)
        job = await add_job(pilot, app, ids)
        await pilot.press("space")
        assert list(home(app).table.marks) == [job.id]
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert isinstance(app.screen, PlanScreen)
        assert [item.record.id for item in app.screen.plan.items] == ids
        await pilot.press("up", "3", "enter")
        await until(pilot, lambda: all(_status(server, each) == CANCELING for each in ids))
        await until(pilot, lambda: summed(app, job).batch.outcome is Outcome.CANCELING)


def _status(server: RunningServer, batch_id: str) -> object:
    return server.world.retrieve(batch_id)["processing_status"]


async def test_a_job_and_its_marked_batch_mean_that_batch_once(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 2)
        await add_job(pilot, app, ids)
        await pilot.press("o", "space", "space")
        assert [each.id for each in home(app).batches] == ids


async def test_a_filter_shows_a_job_for_the_sake_of_its_batches(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 3)
        job = await add_job(pilot, app, ids)
        await pilot.press("slash", *ids[1][-12:].lower(), "enter")
        await pilot.pause()
        assert keys(app) == [job.id, ids[1]]
        assert "1 of " in str(home(app).table.titles.bottom_right)
        home(app).table.move_to(job.id)
        await pilot.press("o")
        assert keys(app) == [job.id, *ids]
        await pilot.press("escape", "slash", *"tickets", "enter")
        await pilot.pause()
        assert set(ids) < set(keys(app))


async def test_every_order_keeps_the_batches_beneath_their_job(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 3)
        job = await add_job(pilot, app, ids, unsent=[500])
        await pilot.press("o")
        for key in ("S", "s", "s", "S", "s", "s", "s"):
            await pilot.press(key)
            place = keys(app).index(job.id)
            assert keys(app)[place : place + 4] == [job.id, *ids]
            assert home(app).table.cursor_key == job.id


async def test_an_interrupted_job_says_so_and_how_to_go_on(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 2)
        job = await add_job(pilot, app, ids, unsent=[500])
        assert "‖ stopped" in cells(app, job.id)
        assert "2 of 3 sent" in cells(app, job.id)
        panel = home(app).query_one("#panel", Lines)
        shown = "\n".join(
            "".join(segment.text for segment in panel.render_line(y))
            for y in range(panel.size.height)
        )
        assert "u goes on with it" in shown
        assert "1 not sent (500 requests)" in shown


async def test_a_name_a_note_and_a_pin_are_the_job_s_own(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 2)
        job = await add_job(pilot, app, ids)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: summed(app, job).pinned)
        await pilot.press("l", "2", "enter")
        await until(pilot, lambda: summed(app, job).name == "tickets2")
        await until(pilot, lambda: app.session.records[ids[1]].label == "tickets2 2/2")


async def test_the_board_has_one_panel_a_job(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 3)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        board = app.screen
        assert isinstance(board, BoardScreen)
        assert set(ids) < {each.row_id for each in board.tiles}
        job = await tell_job(app, ids)
        await until(pilot, lambda: job.id in {each.row_id for each in board.tiles})
        assert not set(ids) & {each.row_id for each in board.tiles}
        assert board.current is not None


async def test_the_board_goes_to_a_job_that_was_begun_there(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 3)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        board = app.screen
        assert isinstance(board, BoardScreen)
        await pilot.press("end", "j")
        job = await tell_job(app, ids)
        board.started(job)
        await until(pilot, lambda: board.current is not None and board.current.id == job.id)


async def test_the_end_of_a_job_is_said_once_and_not_before_all_of_it_ended(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 8)
        job = await add_job(pilot, app, ids)

        def said() -> list[str]:
            return [each.message for each in app._notifications if "tickets" in each.message]

        fixed_clock.advance(300)
        await pilot.press("r")
        await until(pilot, lambda: summed(app, job).ended > 0)
        await pilot.pause()
        assert said() == []
        fixed_clock.advance(timedelta(days=2).total_seconds())
        await pilot.press("r")
        await until(pilot, lambda: not summed(app, job).batch.running)
        await pilot.pause()
        ended = [each.message for each in app._notifications if " ended: " in each.message]
        assert "batches and jobs ended" in ended[-1]


async def test_a_job_of_another_process_is_there_with_the_next_look(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock, tmp_path: Path
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 2)
        accounts = app.session.account.history.accounts
        (known,) = await app.session.engine.get(accounts)
        other = History.open(tmp_path / "config", known.account, now=fixed_clock())
        job = make_job(other, "tickets", ids, at=fixed_clock())
        other.close()
        await pilot.press("r")
        await until(pilot, lambda: job.id in keys(app))
        assert not set(ids) & set(keys(app))


async def test_a_job_of_which_nothing_was_sent_is_forgotten(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        job = await add_job(pilot, app, [], unsent=[10, 5])
        await pilot.press("c")
        assert any("nothing to cancel" in each.message for each in app._notifications)
        await pilot.press("d")
        await until(pilot, lambda: job.id not in keys(app))
        assert any("is forgotten" in each.message for each in app._notifications)


async def test_a_job_that_became_one_batch_is_that_batch(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        batch_id = running(app, 1)[0]
        job = await add_job(pilot, app, [], unsent=[480])
        account = app.session.account

        def create() -> Job:
            account.history.jobs.begin(job.key, 1, at=fixed_clock())
            return account.job_changed(account.history.jobs.created(job.key, 1, batch_id))

        await app.session.engine.get(create)
        await until(pilot, lambda: job.id not in keys(app))
        assert home(app).table.cursor_key == batch_id
        assert app.session.record(job.id) is app.session.records[batch_id]


async def test_somebody_who_sends_a_job_is_seen_to_begin_and_to_stop(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        job = await add_job(pilot, app, running(app, 1), unsent=[5])
        with alone(app.session.account, job.key):
            home(app).tick()
            assert "↑ sending" in cells(app, job.id)
            await pilot.press("c")
            assert any("stop that first" in each.message for each in app._notifications)
            await pilot.press("escape")
        home(app).tick()
        assert "‖ stopped" in cells(app, job.id)


async def test_ids_of_all_batches_are_copied(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        ids = running(app, 2)
        await add_job(pilot, app, ids)
        await pilot.press("y")
        assert app.clipboard.splitlines() == ids


async def test_the_results_of_all_ended_batches_of_a_job_are_fetched(
    simulator: StartSimulator, run_app: RunApp, fixed_clock: FixedClock
) -> None:
    async with run_app(simulator("demo", clock=fixed_clock), fixed_clock) as (app, pilot):
        rows = sorted(app.session.rows.values(), key=lambda each: each.batch.request_counts.total)
        now = fixed_clock()
        ended = [each.id for each in rows if each.results(now) is ResultsState.AVAILABLE][:2]
        job = await add_job(pilot, app, [*ended, *running(app, 1)])
        await pilot.press("f")
        await until(pilot, lambda: all(app.session.records[each].results_here for each in ended))
        assert not summed(app, job).results_here
        assert not app.session.downloads.busy
