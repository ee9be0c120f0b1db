"""A config.toml that is rewritten while the app runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from batchtui.settings.config import load
from batchtui.settings.file import alone
from batchtui.settings.schema import Settings
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.server import RunningServer
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.theme import THEMES
from batchtui.ui.widgets.canvas import Canvas
from batchtui.ui.widgets.lines import Lines
from tests.conftest import StartSimulator
from tests.ui.conftest import AppPilot, RunAccounts, until

Rewrite = Callable[[BatchtuiApp, AppPilot, str], Awaitable[None]]


@pytest.fixture
def server(simulator: StartSimulator, fixed_clock: FixedClock) -> RunningServer:
    return simulator("demo", clock=fixed_clock)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "config"


@pytest.fixture
def begin(directory: Path, server: RunningServer) -> Callable[..., Settings]:
    """Writes the first file, and returns what it says."""

    def begin(text: str = "", **options: object) -> Settings:
        directory.mkdir(mode=0o700)
        write(directory, server, text)
        return load(directory, options).settings

    return begin


def write(directory: Path, server: RunningServer, text: str, *, account: str = "") -> None:
    own = f'[accounts.work]\nbase_url = "{server.base_url}"\nkey_env = "WORK_KEY"\n{account}\n'
    first = 'account = "work"\ninterval = 0\n' if "interval" not in text else 'account = "work"\n'
    (directory / "config.toml").write_text(f"{first}{text}\n{own}")


async def noticed(app: BatchtuiApp, pilot: AppPilot) -> str:
    """Let a second pass, and what is new be taken over; what was said then."""
    app.clear_notifications()
    app._tick()
    await pilot.pause(0.1)
    await app.workers.wait_for_complete(
        [each for each in app.workers if each.group == "configured"]
    )
    await pilot.pause(0.1)
    return "\n".join(notice.message for notice in app._notifications)


def seen(app: BatchtuiApp) -> str:
    return "\n".join(
        widget.render_line(y).text
        for widget in app.screen.query(Canvas)
        for y in range(widget.size.height)
    )


def masthead(app: BatchtuiApp) -> str:
    return app.screen.query_one("#masthead", Lines).render_line(0).text


async def test_looks_keys_columns_and_tabs_are_taken_over_at_once(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    def reread() -> Settings:
        return load(directory).settings

    async with run_accounts(begin(), fixed_clock, reread=reread) as (app, pilot):
        assert await noticed(app, pilot) == ""
        write(
            directory,
            server,
            'theme = "batchtui-light"\ncolumns = ["name", "cost"]\nauto_fetch = true\n'
            'keys = {board = "B"}\ntabs = {big = "eval"}',
        )
        words = await noticed(app, pilot)
        what = "theme, auto_fetch, columns, tabs, keys"
        assert words == f"config.toml was changed, and holds from now on: {what}."
        assert app.theme == "batchtui-light"
        assert "Cost" in seen(app)
        assert "Progress" not in seen(app)
        assert "big" in seen(app)
        assert app.accounts.shown.settings.auto_fetch
        await pilot.press("b")
        assert len(app.screen_stack) == 1
        await pilot.press("B")
        assert len(app.screen_stack) == 2
        write(directory, server, "")
        await noticed(app, pilot)
        assert app.theme == "batchtui-dark"
        await pilot.press("b")
        assert len(app.screen_stack) == 1


async def test_what_cannot_be_had_is_said_and_the_rest_holds(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    def reread() -> Settings:
        return load(directory).settings

    async with run_accounts(begin(), fixed_clock, reread=reread) as (app, pilot):
        write(directory, server, 'theme = "no such"\nmouse = false\nkeys = {bord = "B"}')
        words = await noticed(app, pilot)
        assert 'There is no theme "no such"' in words
        assert 'Did you mean "board"?' in words
        assert "Start batchtui again to have what config.toml says of mouse." in words
        assert "holds from now on: keys." in words
        write(directory, server, 'theme = "no such"\ninterval = 3\nkeys = {bord = "B"}')
        words = await noticed(app, pilot)
        assert "holds from now on: interval" in words
        assert "no such" not in words  # which was said
        assert "bord" not in words


async def test_of_a_theme_that_does_not_exist_one_true_thing_is_said(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    def reread() -> Settings:
        return load(directory).settings

    async with run_accounts(begin(), fixed_clock, reread=reread) as (app, pilot):
        write(directory, server, 'theme = "no such"')
        (words,) = (await noticed(app, pilot)).splitlines()
        assert words.startswith('There is no theme "no such"')


async def test_a_bad_file_changes_nothing_until_it_is_mended(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    def reread() -> Settings:
        return load(directory).settings

    async with run_accounts(begin(), fixed_clock, reread=reread) as (app, pilot):
        write(directory, server, 'theme = "batchtui-light"\nbell = [')
        words = await noticed(app, pilot)
        assert "config.toml, line 5" in words
        assert "everything stays as it was set before" in words
        assert app.theme == "batchtui-dark"
        assert not app.session.read_only
        assert await noticed(app, pilot) == ""  # once is enough
        write(directory, server, 'theme = "batchtui-light"')
        assert "theme" in await noticed(app, pilot)
        assert app.theme == "batchtui-light"
        (directory / "config.toml").unlink()
        await noticed(app, pilot)
        assert app.theme == "batchtui-dark"


async def test_read_only_holds_at_once_and_ends_with_the_next_start(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    def reread() -> Settings:
        return load(directory).settings

    async with run_accounts(begin(), fixed_clock, reread=reread) as (app, pilot):
        write(directory, server, "", account='read_only = true\ncolor = "teal"')
        await noticed(app, pilot)
        await pilot.pause(0.1)
        assert "READ-ONLY" in masthead(app)
        assert app.session.account.read_only
        assert app.session.title.color == "teal"
        write(directory, server, "")
        assert "work stays as it was opened; start batchtui again" in await noticed(app, pilot)
        assert app.session.read_only
        write(directory, server, "read_only = true")
        await noticed(app, pilot)
        write(directory, server, "")
        words = await noticed(app, pilot)
        assert "Start batchtui again to be able to change things" in words
        assert "from now on" not in words


async def test_what_is_changed_on_screen_is_no_news(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    def reread() -> Settings:
        return load(directory, {"interval": 0.0}).settings

    async with run_accounts(begin(), fixed_clock, reread=reread) as (app, pilot):
        await pilot.press("t")
        assert await noticed(app, pilot) == ""
        await until(pilot, lambda: load(directory).settings.theme == app.theme == "batchtui-light")
        assert await noticed(app, pilot) == ""
        write(directory, server, 'theme = "batchtui-light"\ninterval = 60')
        assert await noticed(app, pilot) == ""  # the option wins over the file


async def test_nobody_waits_for_the_file(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    async with run_accounts(begin(), fixed_clock, reread=lambda: load(directory).settings) as (
        app,
        pilot,
    ):
        chosen = THEMES[2].name
        with alone(directory):  # as if somebody else was writing
            await pilot.press("t", "t")
            assert app.theme == chosen
            write(directory, server, f'theme = "{THEMES[1].name}"')
            assert await noticed(app, pilot) == ""  # what was chosen here comes after that
        await until(pilot, lambda: load(directory).settings.theme == chosen)
        assert await noticed(app, pilot) == ""
        assert app.theme == chosen


async def test_what_is_chosen_and_cannot_be_written_down_is_said(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    async with run_accounts(begin(), fixed_clock) as (app, pilot):
        for text in ("bell = [", None):
            if text is None:
                (directory / "config.toml").unlink()
                (directory / "config.toml").mkdir()
            else:
                (directory / "config.toml").write_text(text)
            before = app.theme
            app.clear_notifications()
            await pilot.press("t")
            await until(pilot, lambda: len(app._notifications) == 1)
            (notice,) = app._notifications
            assert notice.message.startswith("This is not kept for the next time. config.toml")
            assert app.theme != before


async def test_another_interval_counts_from_now_on(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    def reread() -> Settings:
        return load(directory).settings

    async with run_accounts(begin(), fixed_clock, reread=reread) as (app, pilot):
        write(directory, server, "interval = 600")
        await noticed(app, pilot)
        await until(pilot, lambda: app.session.pulse.next_at is not None)


async def test_another_account_can_be_gone_to_and_one_that_moved_is_told(
    server: RunningServer,
    run_accounts: RunAccounts,
    fixed_clock: FixedClock,
    directory: Path,
    begin: Callable[..., Settings],
) -> None:
    def reread() -> Settings:
        return load(directory).settings

    async with run_accounts(begin(), fixed_clock, reread=reread) as (app, pilot):
        new = f'workspace = "wrkspc_1"\n[accounts.new]\nbase_url = "{server.base_url}"'
        write(directory, server, "", account=new)
        assert "work stays as it was opened" in await noticed(app, pilot)
        await pilot.press("P")
        await pilot.pause(0.2)
        await pilot.press("down", "enter")
        await until(pilot, lambda: " new " in masthead(app) or "new ·" in masthead(app))
