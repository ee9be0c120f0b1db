"""Accounts for the scenes: one that is open, one that is read-only, and some without a key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from batchtui.account.opening import Opened, open_kept
from batchtui.domain.batch import Batch, RequestCounts, Sighting
from batchtui.settings.accounts import find, identity_of
from batchtui.settings.credentials import identify
from batchtui.settings.schema import AccountTable, Settings
from batchtui.simulator.server import KEY

API = "https://api.anthropic.com"
"""What the screens say; the account that is open is one of the simulator."""

TABLES = {
    "work": AccountTable(workspace="wrkspc_01HkcTjaV5uDC8jWR4ZsDV8d", key_env="W", color="teal"),
    "production": AccountTable(key_env="PROD_KEY", read_only=True, color="#d33682"),
    "research-cluster-frankfurt": AccountTable(
        base_url="https://gateway.research.example.org/anthropic",
        key_command=("pass", "show", "research/anthropic"),
        color="gold",
    ),
}
ENVIRON = {"W": KEY}
MANY = {f"team-{each:02}": AccountTable(key_env="TEAM_KEY") for each in range(12)}


def with_accounts(opened: Opened, *, now: datetime, tables: dict[str, AccountTable]) -> Opened:
    """The account under the name "work", with others beside it, one of which was used before."""
    url = {
        name: msgspec.structs.replace(table, base_url=table.base_url or API)
        for name, table in tables.items()
    }
    settings = msgspec.structs.replace(opened.settings, account="work", accounts=url)
    if "production" in tables:
        _use(opened.directory, settings, now)
    workspace = TABLES["work"].workspace
    return msgspec.structs.replace(
        opened,
        settings=settings,
        choice=find("work", settings, ENVIRON),
        identity=identify({}, base_url=API, workspace=workspace, api_key=KEY),
    )


def _use(directory: Path, settings: Settings, now: datetime) -> None:
    """Have seen some batches of the other account a while ago."""
    identity = identity_of(find("production", settings, ENVIRON), ENVIRON)
    history = open_kept(directory, identity, now=now).history
    history.observe(_batches(now), at=now)
    history.annotate("msgbatch_01PRkcTjaV5uDC8jWR4ZsDV8d", label="catalog-2027")
    history.close()


def _batches(now: datetime) -> Sequence[Sighting]:
    found = []
    for number, hours in enumerate((1, 3, 40)):
        running = number == 0
        created_at = now - timedelta(hours=hours)
        counts = RequestCounts(processing=900) if running else RequestCounts(0, 880, 20 * number)
        batch = Batch(
            f"msgbatch_01{'PQR'[number]}RkcTjaV5uDC8jWR4ZsDV8d",
            "in_progress" if running else "ended",
            counts,
            created_at=created_at,
            expires_at=created_at + timedelta(days=1),
            ended_at=None if running else created_at + timedelta(minutes=50),
        )
        found.append(Sighting(batch, msgspec.json.encode(batch)))
    return found
