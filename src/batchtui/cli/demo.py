"""`batchtui demo`: the app on a simulated API inside this process. Uses nothing of the person's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import msgspec

from batchtui.account.account import Account
from batchtui.account.opening import open_account
from batchtui.cli.app import require_terminal, run_app
from batchtui.cli.options import Given, common_options, given
from batchtui.cli.quantities import Number
from batchtui.domain.batch import Sighting, decode_batch
from batchtui.domain.errors import UsageError
from batchtui.settings.config import load
from batchtui.settings.credentials import identify
from batchtui.simulator.server import HOST, KEY, RunningServer
from batchtui.simulator.world import World

_WITH_REQUESTS = frozenset({"tickets-triage-it", "papers-with-figures", "reviews-october"})
"""Labels of the batches whose request files are there too."""


@click.command("demo")
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
        opened = open_account(
            directory=directory,
            settings=load(directory, overrides).settings,
            identity=identify({}, base_url=url, api_key=KEY),
            offline=bool(options.offline),
            # Ages and forecasts are the world's own, however fast it lives.
            clock=server.world.clock,
            api_key=KEY,
        )
        remember(opened.account, server.world, directory)
        return run_app(opened, modes=("DEMO",))


def remember(account: Account, world: World, directory: Path) -> None:
    """Have the history know a world whose batches have names, as if it had been used before.

    Args:
        account: whose history.
        world: the world.
        directory: the config directory, in which some request files are put.
    """
    labels = world.labels()
    sightings = []
    for batch_id in labels:
        body = msgspec.json.encode(world.retrieve(batch_id))
        sightings.append(Sighting(decode_batch(body), body))
    account.history.observe(sightings, at=account.clock())
    for batch_id, label in labels.items():
        account.history.annotate(batch_id, label=label)
        if label in _WITH_REQUESTS:
            path = directory.absolute() / "requests" / f"{label}.jsonl"
            with suppress(OSError):
                path.parent.mkdir(mode=0o700, exist_ok=True)
                path.write_bytes(b"".join(world.request_lines(batch_id)))
                account.history.annotate(batch_id, request_file=str(path))


def _refuse_account(options: Given) -> None:
    named = {
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
