"""Several accounts in one app: going from one to another, and what stays as it was meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from textual import events
from textual.content import Content
from textual.widgets import Input

from batchtui.account.events import Phase
from batchtui.account.starting import start_job
from batchtui.domain.batch import Outcome, Record
from batchtui.domain.view import View
from batchtui.settings.schema import AccountTable
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.server import KEY, RunningServer
from batchtui.submissions.check import check
from batchtui.submissions.checked import Limits
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.presenters.chrome import trouble_of_all
from batchtui.ui.screens.accounts import AccountsScreen
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.everywhere import EverywhereScreen
from batchtui.ui.screens.plan import PlanScreen
from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.lines import Lines
from tests.conftest import StartSimulator
from tests.ui.conftest import HOME_KEY, AppPilot, RunAccounts, RunApp, settled, two_accounts, until
from tests.ui.request_files import write_requests


def clock() -> datetime:
    return datetime.now(UTC)


def seen(app: BatchtuiApp) -> str:
    """All that the screen on top shows."""
    return "\n".join(
        widget.render_line(y).text
        for widget in app.screen.query(Canvas)
        for y in range(widget.size.height)
    )


def masthead(app: BatchtuiApp) -> str:
    return app.screen.query_one("#masthead", Lines).render_line(0).text


def title(app: BatchtuiApp) -> str:
    return Content.from_markup(str(app.screen.query_one("#box").border_title)).plain


def said(app: BatchtuiApp) -> str:
    return "\n".join(notice.message for notice in app._notifications)


def threads() -> int:
    return sum(thread.name == "account" for thread in threading.enumerate())


def here(app: BatchtuiApp) -> BatchesScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, BatchesScreen)
    return screen


def together(app: BatchtuiApp) -> EverywhereScreen:
    screen = app.screen
    assert isinstance(screen, EverywhereScreen)
    return screen


async def go(app: BatchtuiApp, pilot: AppPilot, *pressed: str) -> None:
    """Ask for the accounts, press these keys there, and let the account on screen settle."""
    await pilot.press("P")
    await until(pilot, lambda: isinstance(app.screen, AccountsScreen))
    await pilot.pause()
    await pilot.press(*pressed, "enter")
    await until(pilot, lambda: not isinstance(app.screen, AccountsScreen))
    await pilot.pause(0.1)
    await settled(pilot, app)


@pytest.fixture
def server(simulator: StartSimulator, fixed_clock: FixedClock) -> RunningServer:
    return simulator("demo", clock=fixed_clock, keys={HOME_KEY: "crowd:3"})


async def test_each_account_is_found_as_it_was_left(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    async with run_accounts(two_accounts(server), fixed_clock) as (app, pilot):
        work = app.session
        await pilot.press("slash", *"running", "enter", "j", "j")
        left_at = here(app).table.cursor_key
        await go(app, pilot, "down")
        assert " home " in masthead(app)
        assert "3 batches" in masthead(app)
        await pilot.press("b")
        assert type(app.screen).__name__ == "BoardScreen"
        await go(app, pilot, "up")
        assert " work " in masthead(app)
        assert app.session is work
        assert here(app).table.cursor_key == left_at
        assert app.screen.query_one("#filter", Input).value == "running"
        await go(app, pilot, "down")
        assert type(app.screen).__name__ == "BoardScreen"
        assert " home " in masthead(app)


async def test_of_an_account_nothing_is_there_before_it_is_gone_to(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    before = threads()
    async with run_accounts(two_accounts(server), fixed_clock) as (app, pilot):
        assert [desk.choice.name for desk in app.accounts.desks] == ["work"]
        await pilot.press("P")
        await pilot.pause(0.1)
        await pilot.press("escape")
        assert (len(app.accounts.desks), threads() - before) == (1, 1)
        await go(app, pilot, "down")
        assert (len(app.accounts.desks), threads() - before) == (2, 2)
    app.accounts.stop()
    assert threads() == before


async def test_an_account_that_is_not_shown_goes_on_and_says_its_name(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    async with run_accounts(two_accounts(server), fixed_clock) as (app, pilot):
        work = app.session
        done = next(
            each.id
            for each in work.records.values()
            if each.batch.outcome is Outcome.SUCCEEDED
            and each.results(work.now()).value == "available"
        )
        await go(app, pilot, "down")
        work.downloads.add([done])
        await until(pilot, lambda: work.records[done].results_here)
        await until(pilot, lambda: "work: The results of" in said(app))
        await go(app, pilot, "up")
        assert not said(app)  # said without a name it would seem to be about another account
        await work.engine.ask(work.account.delete(done))
        await until(pilot, lambda: work.records[done].deleted_at is not None)


async def test_leaving_asks_while_any_account_is_sending(
    simulator: StartSimulator, run_accounts: RunAccounts, tmp_path: Path
) -> None:
    path = write_requests(tmp_path / "tickets.jsonl", 25)
    server = simulator("empty", keys={HOME_KEY: "crowd:3"})
    async with run_accounts(two_accounts(server), clock) as (app, pilot):
        work = app.session
        checked = check(path, Limits(requests=10))
        job = await work.engine.get(lambda: start_job(work.account, checked, "tickets"))
        server.faults.add("429=60/create:1")
        work.submissions.begin(job.key)
        await until(pilot, lambda: "sending tickets" in seen(app))
        await go(app, pilot, "down")
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.pause(0.1)
        assert f"tickets: 0 of 3 sent  in work ({server.base_url.partition('//')[2]})" in seen(app)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, AskScreen))
        work.submissions.stop()
        await until(pilot, lambda: "work: Sending tickets was stopped" in said(app))


async def test_what_destroys_says_where(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    home = AccountTable(base_url=server.base_url, key_env="HOME_KEY", read_only=True)
    settings = two_accounts(server, home=home)
    async with run_accounts(settings, fixed_clock) as (app, pilot):
        host = server.base_url.partition("//")[2]
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert f"1 batch in  work  ({host})" in title(app)
        await pilot.press("P")  # a dialog keeps its keys
        assert isinstance(app.screen, PlanScreen)
        await pilot.press("escape")
        await go(app, pilot, "down")
        assert "READ-ONLY" in masthead(app)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.pause(0.1)
        assert f" in home ({host})" in title(app)
        assert "READ-ONLY: nothing can be changed." in seen(app)


@pytest.mark.parametrize("size", [(120, 40), (60, 15), (40, 10)])
async def test_every_dialog_that_changes_something_says_where_however_small_it_is(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    size: tuple[int, int],
) -> None:
    async with run_accounts(two_accounts(server), fixed_clock, size=size) as (app, pilot):
        record = here(app).current
        assert record
        for key, words in (
            ("d", "Delete 1 batch"),
            ("c", "Cancel 1 batch"),
            ("l", "Label"),
            ("N", "Note"),
            ("R", "Send again"),
        ):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not here(app))
            await pilot.pause(0.1)
            top = app.screen.query_one("#box").region.y
            frame = app.screen._compositor.render_strips()[top].text
            assert f"{words} in  work " in frame
            assert key in "dc" or f"work : {record.name[:3]}" in frame
            await pilot.press("escape")


async def test_an_account_without_its_key_says_why_and_shows_its_history(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base_url = server.base_url
    lost = AccountTable(base_url=base_url, key_env="LOST_KEY")
    command = AccountTable(base_url=base_url, key_command=("false",))
    settings = two_accounts(server, lost=lost, command=command)
    async with run_accounts(settings, fixed_clock) as (app, pilot):
        await pilot.press("P")
        await pilot.pause(0.2)
        assert "key in LOST_KEY, which is not set" in seen(app)
        assert "key from false" in seen(app)
        await pilot.press("escape")
        await go(app, pilot, "down", "down")
        assert app.session.pulse.phase is Phase.STOPPED
        assert 'key of the account "lost" should be in LOST_KEY' in seen(app)
        await go(app, pilot, "down")
        assert app.session.pulse.phase is Phase.STOPPED
        assert "command" in seen(app)
    server.keys.revoke(KEY)
    async with run_accounts(settings, fixed_clock) as (app, _):
        assert app.session.pulse.phase is Phase.STOPPED
        assert len(here(app).table.keys) > 20


async def test_names_begin_in_one_column_whether_they_have_a_colour_or_not(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    plain = AccountTable(base_url=server.base_url, key_env="HOME_KEY", workspace="other")
    async with run_accounts(two_accounts(server, plain=plain), fixed_clock) as (app, pilot):
        await pilot.press("P")
        await pilot.pause(0.2)
        lines = seen(app).splitlines()
        names = ("● work ", "  home ", "  plain ")
        (places,) = {tuple(line.index(each) for line in lines if each in line) for each in names}
        assert len(places) == 1


async def test_names_that_look_the_same_are_told_apart_where_one_chooses(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    names = [f"acme-anthropics-{each}-central-europe" for each in ("prod", "test")]
    table = AccountTable(base_url=server.base_url, key_env="HOME_KEY")
    settings = two_accounts(server, **dict.fromkeys(names, table))
    async with run_accounts(settings, fixed_clock, size=(80, 24)) as (app, pilot):
        assert "looks like" not in said(app)
        await pilot.press("P")
        await pilot.pause(0.2)
        assert all(name in seen(app) for name in names)
        await pilot.press("escape")
        await go(app, pilot, "down", "down")
        assert "Another account looks like acme-anthropics-…-europe" in said(app)


async def test_an_account_that_cannot_be_opened_is_told_and_nothing_else_happens(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    bad = AccountTable(base_url="nowhere", key_env="WORK_KEY")
    settings = two_accounts(server, bad=bad)
    async with run_accounts(settings, fixed_clock, size=(80, 24)) as (app, pilot):
        await pilot.press("P")
        await pilot.pause(0.2)
        assert '"nowhere" is not a base URL' in seen(app)
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "bad cannot be opened" in said(app))
        assert " work " in masthead(app)
        assert len(app.accounts.desks) == 1


async def test_one_account_is_told_how_to_have_more(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    settings = two_accounts(server)
    accounts = {"work": settings.accounts["work"]}
    alone = msgspec.structs.replace(settings, accounts=accounts)
    async with run_accounts(alone, fixed_clock, size=(80, 24)) as (app, pilot):
        await pilot.press("P")
        await pilot.pause(0.2)
        assert "[accounts.other]" in seen(app)
        assert "All accounts" not in seen(app)
        await pilot.press("enter")
        assert " work " in masthead(app)


async def test_the_demo_has_one_account_of_its_own(
    simulator: StartSimulator,
    run_app: RunApp,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    async with run_app(simulator("empty", clock=fixed_clock), fixed_clock) as (app, pilot):
        await pilot.press("P")
        await pilot.pause(0.2)
        assert "uses none of yours" in seen(app)
        assert "ANTHROPIC_API_KEY" not in seen(app)
        await pilot.press("P")
        assert not isinstance(app.screen, AccountsScreen)


@pytest.mark.parametrize("gap", range(3))
async def test_keys_typed_ahead_choose_what_they_would_have_chosen(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock, gap: int
) -> None:
    async with run_accounts(two_accounts(server), fixed_clock) as (app, pilot):
        app.post_message(events.Key("P", "P"))
        for _ in range(gap):
            await asyncio.sleep(0)
        for key in ("down", "enter"):
            app.post_message(events.Key(key, None))
        await until(pilot, lambda: app.session.title.account == "home")


async def test_what_is_counted_may_come_when_nobody_asks_any_more(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    async with run_accounts(two_accounts(server), fixed_clock) as (app, pilot):
        for pause in range(0, 12, 2):
            app.post_message(events.Key("P", "P"))
            await until(pilot, lambda: isinstance(app.screen, AccountsScreen))
            asking = app.screen
            assert isinstance(asking, AccountsScreen)
            app.post_message(events.Key("down", None))
            app.post_message(events.Key("escape", None))
            for _ in range(3 * pause):
                await asyncio.sleep(0)
            asking._count()
            await until(pilot, lambda: not isinstance(app.screen, AccountsScreen))


async def test_of_many_accounts_one_is_found_by_typing(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    others = {
        f"team-{each:02}": AccountTable(base_url=server.base_url, key_env="HOME_KEY")
        for each in range(40)
    }
    settings = two_accounts(server, **others)
    async with run_accounts(settings, fixed_clock, size=(60, 15)) as (app, pilot):
        await go(app, pilot, *"team-3", "down", "down")
        assert app.session.title.account == "team-32"
        await pilot.press("P", *"nobody")
        await pilot.pause(0.2)
        assert "No account is called that" in seen(app)
        await pilot.press("enter")
        assert isinstance(app.screen, AccountsScreen)
        await pilot.press("escape")
        assert app.session.title.account == "team-32"
        await pilot.press("P", *"all", "enter")
        await until(pilot, lambda: isinstance(app.screen, EverywhereScreen))


async def test_all_accounts_say_which_of_them_cannot_be_looked_at(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    url = server.base_url
    settings = two_accounts(server, bare=AccountTable(base_url=url, key_env="NOT_SET"))
    async with run_accounts(settings, fixed_clock, size=(80, 24)) as (app, pilot):
        assert "P account" in app.screen.query_one("#hints", Lines).render_line(0).text
        await go(app, pilot, "end")
        await pilot.press("r")
        trouble = app.screen.query_one("#trouble", Lines)
        await until(pilot, lambda: app.accounts.opened("bare").session.pulse.reason != "")
        await until(pilot, lambda: trouble.display)
        assert "bare: The key of the account" in trouble.render_line(0).text
        assert "2 of 3 accounts looked at" in masthead(app)


def test_several_that_cannot_be_looked_at_are_named() -> None:
    lines = trouble_of_all({"one": "why", "two": "why", "three": "why"}, width=80)
    assert "one, two and three cannot be looked at" in lines[0].plain
    assert trouble_of_all({}, width=80) == []


async def test_all_accounts_in_one_list(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    settings = two_accounts(server)
    async with run_accounts(settings, fixed_clock) as (app, pilot):
        await go(app, pilot, "down")  # so that something is stored of it
    swapped = msgspec.structs.replace(settings, account="work")
    async with run_accounts(swapped, fixed_clock) as (app, pilot):
        await go(app, pilot, "G")
        everywhere = together(app)
        assert "all accounts" in masthead(app)
        assert "1 of 2 accounts looked at" in masthead(app)
        await until(pilot, lambda: len({key[0] for key in everywhere.table.keys}) == 2)
        await pilot.press("d", "c", "space", "n")  # there is nothing to destroy here
        assert app.screen is everywhere
        await pilot.press("r")
        await until(pilot, lambda: "2 of 2 accounts looked at" in masthead(app))
        await until(pilot, lambda: app.accounts.desks[1].session.pulse.phase is Phase.WAITING)
        known = sum(len(desk.session.records) for desk in app.accounts.desks)
        await until(pilot, lambda: f" {known} batches" in masthead(app))
        await pilot.press("s", "S", "s", "slash", *"!running", "enter", "g")
        name, row = next(key for key in everywhere.table.keys if key[0] == "home")
        everywhere.table.move_to((name, row))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not everywhere)
        assert " home " in masthead(app)
        await until(pilot, lambda: here(app).table.cursor_key == row)
        await go(app, pilot, "G")
        assert app.screen is everywhere
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is not everywhere)
        assert " home " in masthead(app)


async def test_many_batches_of_all_accounts_hold_nothing_up(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads = set()

    def apply(view: View, records: Iterable[Record], now: datetime) -> Sequence[Record]:
        threads.add(threading.current_thread())
        return apply_view(view, records, now)

    apply_view = View.apply
    async with run_accounts(two_accounts(server), fixed_clock) as (app, pilot):
        monkeypatch.setattr("batchtui.ui.screens.everywhere.FEW", 3)
        monkeypatch.setattr(View, "apply", apply)
        await go(app, pilot, "G")
        everywhere = together(app)
        await until(pilot, lambda: len(everywhere.table.keys) == len(app.session.rows))
        await pilot.press("slash", *"running", "enter")
        await until(pilot, lambda: 0 < len(everywhere.table.keys) < len(app.session.rows))
        assert threads
        assert threading.main_thread() not in threads


async def test_of_two_names_of_one_account_the_batches_are_listed_once(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", HOME_KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
    careful = AccountTable(base_url=server.base_url, key_env="HOME_KEY", read_only=True)
    settings = two_accounts(server, careful=careful)
    async with run_accounts(settings, fixed_clock) as (app, pilot):
        assert [each.choice.name for each in app.accounts.known()] == ["work", "home", "careful"]
        await go(app, pilot, "down", "down")
        for _ in ("under one name", "under both"):
            await go(app, pilot, "G")
            await until(pilot, lambda: len({key[0] for key in together(app).table.keys}) == 2)
            rows = [row for _, row in together(app).table.keys]
            assert len(rows) == len(set(rows))
            assert f" {len(rows)} batches" in masthead(app)
            await go(app, pilot, "g", "down")


async def test_from_all_accounts_one_comes_to_the_list_whatever_was_open_there(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    async with run_accounts(two_accounts(server), fixed_clock) as (app, pilot):
        await pilot.press("j", "b")
        await go(app, pilot, "G")
        everywhere = together(app)
        _, row = everywhere.table.keys[5]
        everywhere.table.move_to(("work", row))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        assert here(app).table.cursor_key == row


async def test_filter_and_tab_give_way_to_what_one_goes_to(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    async with run_accounts(two_accounts(server), fixed_clock) as (app, pilot):
        ended = next(each.id for each in app.session.records.values() if not each.running)
        await pilot.press("2", "slash", *"5000", "enter")
        await until(pilot, lambda: ended not in here(app).table.keys)
        await go(app, pilot, "G")
        together(app).table.move_to(("work", ended))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        await until(pilot, lambda: here(app).table.cursor_key == ended)


async def test_what_happens_is_seen_among_all_accounts_at_once(
    server: RunningServer, run_accounts: RunAccounts, fixed_clock: FixedClock
) -> None:
    async with run_accounts(two_accounts(server), fixed_clock) as (app, pilot):
        await go(app, pilot, "G")
        everywhere = together(app)
        work = app.session
        first = everywhere.table.keys[0][1]
        await work.engine.get(lambda: work.account.annotate(first, label="renamed"))
        await until(pilot, lambda: work.records[first].label == "renamed")
        app._tick()
        await pilot.pause(0.1)
        assert "renamed" in seen(app)
