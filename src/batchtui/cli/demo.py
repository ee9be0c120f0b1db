"""`batchtui demo`: the app on a simulated API inside this process. Uses nothing of the person's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from batchtui.account.opening import open_account
from batchtui.cli.app import require_terminal, run_app
from batchtui.cli.demo_history import remember
from batchtui.cli.demo_results import keep_results
from batchtui.cli.options import Given, common_options, examples, given
from batchtui.cli.quantities import Number
from batchtui.cli.start import worst
from batchtui.domain.errors import UsageError
from batchtui.settings.config import load
from batchtui.settings.credentials import identify
from batchtui.simulator.server import HOST, KEY, RunningServer


@click.command(
    "demo",
    epilog=examples(
        "batchtui demo",
        "batchtui demo --speed 60 --counts live",
    ),
)
@common_options
@click.option("--seed", type=int, default=1, help="Tells worlds of one scenario apart.")
@click.option(
    "--speed",
    type=Number(min=0),
    default=1.0,
    help="How many times as fast as real time the simulated world lives.",
)
@click.option(
    "--scenario",
    metavar="NAME[:SIZE]",
    default="demo",
    help="How its world begins; `batchtui simulate --help` lists them.",
)
@click.option(
    "--counts",
    type=click.Choice(["api", "live"]),
    default="api",
    help="Whether counts stand still until a batch has ended, as documented, or move.",
)
@click.pass_context
def command(context: click.Context, seed: int, speed: float, scenario: str, counts: str) -> int:
    """Open the app on a simulated API: no key, no network, nothing kept.

    With --config-dir, history and results are kept there.
    """
    options = given(context)
    _refuse_account(options)
    require_terminal()
    _forget_credentials()
    server = RunningServer(
        scenario, seed=seed, speed=speed, counts="live" if counts == "live" else "api"
    )
    with server, _directory(options.config_dir) as directory:
        url = server.base_url
        overrides = {"base_url": url, "profile": None, "read_only": options.read_only}
        loaded = load(directory, overrides, lenient=True)
        opened = open_account(
            directory=directory,
            settings=loaded.settings,
            identity=identify({}, base_url=url, api_key=KEY),
            offline=bool(options.offline),
            # Ages and forecasts are the world's own, however fast it lives.
            clock=server.world.clock,
            api_key=KEY,
        )
        remember(opened.account, server.world, directory)
        keep_results(opened.account, server.world)
        notices = (*worst(loaded), *opened.notices)
        return run_app(msgspec.structs.replace(opened, notices=notices), modes=("DEMO",))


def _refuse_account(options: Given) -> None:
    named = {
        "--account": options.account,
        "--base-url": options.base_url,
        "--profile": options.profile,
        "--workspace": options.workspace,
    }
    for option, value in named.items():
        if value is not None:
            raise UsageError(
                f"The demo has an API and an account of its own, so {option} means nothing to it",
                todo=f"Leave out {option}, or leave out demo",
            )


def _forget_credentials() -> None:
    """Take the person's credentials, headers and proxies out of this process."""
    for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
        del os.environ[name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = HOST


@contextmanager
def _directory(wanted: Path | None) -> Iterator[Path]:
    if wanted is not None:
        yield wanted
        return
    with tempfile.TemporaryDirectory(prefix="batchtui-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)
