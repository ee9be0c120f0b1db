"""The plan before destruction, over the simulated API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.pilot import Pilot

from batchtui.account.plans import Verb, plan
from batchtui.domain.batch import Outcome, Record, ResultsState
from batchtui.ui.screens.plan import PlanScreen
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until


def records(app: Host, wanted: Callable[[Record, datetime], bool]) -> list[Record]:
    now = app.session.now()
    found = [each for each in app.session.records.values() if wanted(each, now)]
    return sorted(found, key=lambda each: each.batch.request_counts.total)


def unfetched(record: Record, now: datetime) -> bool:
    available = record.results(now) is ResultsState.AVAILABLE
    return available and bool(record.batch.request_counts.succeeded)


def gone(record: Record, now: datetime) -> bool:
    return record.results(now) is ResultsState.GONE


def running(record: Record, now: datetime) -> bool:
    return record.batch.outcome is Outcome.RUNNING


async def ask(app: Host, pilot: Pilot[int], verb: Verb, chosen: list[Record]) -> PlanScreen:
    screen = PlanScreen(app.session, plan(verb, chosen, app.session.now()))
    app.push_screen(screen)
    await until(pilot, lambda: screen.is_mounted)
    await pilot.pause()
    return screen


def seen(screen: PlanScreen) -> str:
    lines = (screen.says, screen.choosing, screen.foot, screen.query_one("#says"))
    return "\n".join(
        widget.render_line(y).text for widget in lines for y in range(widget.size.height)
    )


async def test_enter_at_once_changes_nothing(simulator: StartSimulator, hosting: Hosting) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        screen = await ask(app, pilot, Verb.DELETE, records(app, unfetched)[:1])
        assert "would be lost" in seen(screen)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not screen)
        assert not [call for call in server.calls if call.method == "DELETE"]


async def test_one_is_deleted_by_choosing_it(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator().base_url) as (app, pilot):
        [record] = records(app, gone)[:1]
        screen = await ask(app, pilot, Verb.DELETE, [record])
        await pilot.press("up", "enter")
        await until(pilot, lambda: "✓ is deleted" in seen(screen))
        await until(pilot, lambda: "Done: 1 batch " in seen(screen))
        assert app.session.records[record.id].deleted_at
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not screen)


async def test_choosing_twice_does_it_once(simulator: StartSimulator, hosting: Hosting) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        [record] = records(app, gone)[:1]
        screen = await ask(app, pilot, Verb.DELETE, [record])
        await pilot.press("up")
        screen.choosing.action_choose()
        screen.choosing.action_choose()
        await until(pilot, lambda: "Done: 1 batch " in seen(screen))
        assert app.screen is screen
        assert len([call for call in server.calls if call.method == "DELETE"]) == 1


async def test_several_want_their_number(simulator: StartSimulator, hosting: Hosting) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        several = records(app, gone)[:3]
        screen = await ask(app, pilot, Verb.DELETE, several)
        await pilot.press("up", "enter")
        await until(pilot, lambda: "Type 3 to confirm" in seen(screen))
        await pilot.press("4", "enter", "backspace")
        await pilot.pause(0.1)
        assert not [call for call in server.calls if call.method == "DELETE"]
        await pilot.press("3", "enter")
        await until(pilot, lambda: "Done: 3 batches " in seen(screen))
        assert all(app.session.records[each.id].deleted_at for each in several)


async def test_results_are_downloaded_before_they_are_deleted(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator().base_url) as (app, pilot):
        several = records(app, unfetched)[:2]
        screen = await ask(app, pilot, Verb.DELETE, several)
        assert "Download 2 first, then delete 2" in seen(screen)
        await pilot.press("up", "up", "2", "enter")
        await until(pilot, lambda: "Done: 2 batches " in seen(screen))
        for each in several:
            record = app.session.records[each.id]
            assert record.deleted_at
            assert record.results_here


async def test_what_could_not_be_downloaded_is_not_deleted(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        [record] = records(app, unfetched)[:1]
        server.world.delete(record.id)
        screen = await ask(app, pilot, Verb.DELETE, [record])
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: "✗ not deleted" in seen(screen))
        assert not [call for call in server.calls if call.method == "DELETE"]


async def test_running_ones_can_be_canceled_from_here(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator().base_url) as (app, pilot):
        [record] = records(app, running)[-1:]
        screen = await ask(app, pilot, Verb.DELETE, [record])
        assert "cancel it first" in seen(screen)
        assert "Delete" not in seen(screen)
        await pilot.press("up", "enter")
        await until(pilot, lambda: "✓ is being canceled" in seen(screen))
        assert app.session.records[record.id].batch.processing_status == "canceling"


async def test_closing_it_does_not_stop_the_work(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        several = records(app, gone)[:3]
        server.faults.add("latency=1.5/delete@1")
        screen = await ask(app, pilot, Verb.DELETE, several)
        await pilot.press("up", "3", "enter")
        await until(pilot, lambda: "does not stop it" in seen(screen))
        await pilot.press("escape")
        await until(pilot, lambda: any("Done: 3 batches" in each for each in app.notices))
        assert all(app.session.records[each.id].deleted_at for each in several)


async def test_each_failure_is_a_sentence_and_a_second_run_is_safe(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        several = records(app, gone)[:2]
        server.faults.add("403/delete:1")
        screen = await ask(app, pilot, Verb.DELETE, several)
        await pilot.press("up", "2", "enter")
        await until(pilot, lambda: "1 could not be deleted" in seen(screen))
        assert "✗" in seen(screen)
        await pilot.press("escape")
        screen = await ask(app, pilot, Verb.DELETE, several)
        await pilot.press("up", "2", "enter")
        await until(pilot, lambda: "Done: 2 batches " in seen(screen))


async def test_waiting_is_said(simulator: StartSimulator, hosting: Hosting) -> None:
    server = simulator()
    async with hosting(server.base_url) as (app, pilot):
        server.faults.add("429=1/delete:1")
        screen = await ask(app, pilot, Verb.DELETE, records(app, gone)[:1])
        await pilot.press("up", "enter")
        await until(pilot, lambda: "next try in" in seen(screen))
        await until(pilot, lambda: "Done: 1 batch " in seen(screen))


async def test_read_only_offers_nothing(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator().base_url, read_only=True) as (app, pilot):
        screen = await ask(app, pilot, Verb.CANCEL, records(app, running))
        assert "READ-ONLY" in seen(screen)
        assert "now" not in seen(screen)
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: app.screen is not screen)


async def test_nothing_possible_says_why(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator().base_url, size=(60, 15)) as (app, pilot):
        screen = await ask(app, pilot, Verb.CANCEL, records(app, gone)[:2])
        assert "Nothing to cancel here." in seen(screen)
        assert "has ended already" in seen(screen)
        assert "now" not in seen(screen)


async def test_on_the_smallest_screen_the_choice_is_in_view(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    async with hosting(simulator().base_url, size=(20, 5)) as (app, pilot):
        screen = await ask(app, pilot, Verb.DELETE, records(app, unfetched)[:2])
        assert "▸ Back" in seen(screen)
        await pilot.press("up", "2", "enter")
        await until(
            pilot,
            lambda: all(
                app.session.records[each.id].deleted_at
                for each in [item.record for item in screen.plan.items]
            ),
        )
