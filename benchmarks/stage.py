"""What is measured on: simulators in processes of their own, and histories full of batches."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import Request, urlopen

import msgspec

from batchtui.api.replies import read_page
from batchtui.domain.account import AccountKey
from batchtui.history.history import History
from batchtui.settings.credentials import identify
from batchtui.simulator.server import KEY

PYTHON = sys.executable
APP = (PYTHON, "-m", "batchtui")
PAGE = 1000

_HIDDEN = (
    *("ANTHROPIC_", "BATCHTUI_", "SSH_", "TEXTUAL", "NO_COLOR", "COLUMNS", "LINES"),
    "PYTHONDONTWRITEBYTECODE",  # who has installed batchtui has it compiled
)


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much a run measures.

    Attributes:
        batches: in the history.
        rounds: how often what takes long is repeated.
        presses: key presses of one kind.
        idle_seconds: how long a screen is left alone.
        lines: in a result file that is fetched.
        kept_lines: in a result file that is opened.
        ticks: how often running batches are looked at.
    """

    batches: int
    rounds: int
    presses: int
    idle_seconds: float
    lines: int
    kept_lines: int
    ticks: int = 500


FULL = Size(
    batches=10_000,
    rounds=7,
    presses=20,
    idle_seconds=30,
    lines=20_000,
    kept_lines=100_000,
    ticks=10_000,
)
QUICK = Size(batches=10_000, rounds=1, presses=3, idle_seconds=3, lines=2_000, kept_lines=10_000)


class Stage(msgspec.Struct, frozen=True):
    """A server and a config directory.

    Attributes:
        env: the environment in which `batchtui` uses both, and nothing of the caller's own.
    """

    base_url: str
    directory: Path
    env: Mapping[str, str]


@contextmanager
def simulated(scenario: str, *options: str) -> Iterator[Stage]:
    """A simulator in a process of its own, and an empty config directory."""
    command = [PYTHON, "-m", "batchtui.simulator", "--scenario", scenario, *options]
    with (
        TemporaryDirectory(prefix="batchtui-bench-") as directory,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
    ):
        assert process.stdout
        try:
            yield stage(process.stdout.readline().decode().strip(), Path(directory))
        finally:
            process.terminate()


def stage(base_url: str, directory: Path) -> Stage:
    """A server that is running already, and a config directory."""
    return Stage(base_url, directory, environment(base_url, directory))


def environment(base_url: str = "", directory: Path | None = None) -> dict[str, str]:
    """This process's environment without what would make a program behave differently."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_HIDDEN)}
    kept["PYTHONPATH"] = os.getcwd()
    if directory is None:
        return kept
    kept["BATCHTUI_CONFIG_DIR"] = str(directory)
    kept["HOME"] = str(directory)
    return kept | {"ANTHROPIC_BASE_URL": base_url, "ANTHROPIC_API_KEY": KEY}


def remember(stage: Stage) -> list[str]:
    """Bring all batches of the server into the history; returns their ids, newest first."""
    identity = identify(stage.env)
    key = AccountKey(identity.endpoint, identity.workspace, identity.fingerprint)
    now = datetime.now(UTC)
    history = History.open(stage.directory, key, now=now)
    ids: list[str] = []
    more = True
    while more:
        after = f"&after_id={ids[-1]}" if ids else ""
        url = f"{stage.base_url}/v1/messages/batches?limit={PAGE}{after}"
        with urlopen(_signed(url)) as reply:
            page = read_page(reply.read())
        history.observe(page.sightings, at=now)
        ids += [each.batch.id for each in page.sightings]
        more = page.has_more
    history.close()
    return ids


def _signed(url: str) -> Request:
    return Request(url, headers={"x-api-key": KEY, "anthropic-version": "2023-06-01"})
