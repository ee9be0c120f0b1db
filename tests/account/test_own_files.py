"""Files that a crash left behind go; what any job of anybody still needs stays."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from batchtui.account.own_files import requests_directory, sweep
from batchtui.domain.account import AccountKey
from batchtui.domain.job import Part, Round
from batchtui.history.history import History
from batchtui.simulator.clock import FixedClock
from tests.account.conftest import OpenAccount

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def put(directory: Path, name: str, age: timedelta) -> Path:
    path = directory / name
    path.write_text("{}\n")
    moment = (NOW - age).timestamp()
    os.utime(path, (moment, moment))
    return path


async def test_only_what_no_account_needs_is_swept(
    open_account: OpenAccount, tmp_path: Path
) -> None:
    account = open_account(None, FixedClock(NOW)).account
    directory = requests_directory(account)
    old, needed = timedelta(days=2), put(directory, "retry-1.jsonl", timedelta(days=9))
    left = [put(directory, name, old) for name in ("retry-2.jsonl", "requests-3.jsonl")]
    fresh = put(directory, "retry-4.jsonl", timedelta(hours=1))
    lock = put(directory, "job-1.lock", old)
    other = History.open(tmp_path / "config", AccountKey("elsewhere", "", "other"), now=NOW)
    round_ = Round(0, str(needed), 3, b"d", 1, NOW)
    other.jobs.add("theirs", round_, [Part(1, 0, 0, 3, 1, 1, 17)], at=NOW)
    other.close()

    sweep(account)
    assert all(each.exists() for each in (needed, fresh, lock))
    assert not any(each.exists() for each in left)
