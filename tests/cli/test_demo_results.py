"""The results that the demo begins with."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from batchtui.account.account import Account
from batchtui.account.opening import open_account
from batchtui.cli.demo_results import keep_results
from batchtui.settings.credentials import identify
from batchtui.settings.schema import Settings
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.server import KEY
from batchtui.simulator.world import World


def account_of(directory: Path, clock: FixedClock) -> Account:
    return open_account(
        directory=directory,
        settings=Settings(),
        identity=identify({}, base_url="http://127.0.0.1:9", api_key=KEY),
        offline=True,
        clock=clock,
    ).account


def test_some_results_are_here_with_their_indexes(tmp_path: Path, fixed_clock: FixedClock) -> None:
    account = account_of(tmp_path / "config", fixed_clock)
    with closing(account.history):
        keep_results(account, World("demo", clock=fixed_clock))
        assert len(account.here.stems) > 10
        files = {each.suffix for each in account.results.directory.iterdir()}
        assert files == {".jsonl", ".index"}


def test_where_nothing_can_be_written_it_begins_without(
    tmp_path: Path, fixed_clock: FixedClock
) -> None:
    account = account_of(tmp_path / "config", fixed_clock)
    with closing(account.history):
        account.results.directory.parent.write_text("in the way")
        keep_results(account, World("demo", clock=fixed_clock))
        assert not account.here.stems
