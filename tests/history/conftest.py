"""A history to write to, and batches to write into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Sighting, decode_batch
from batchtui.history.history import History

Make = Callable[..., Sighting]


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 1, 2, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def account() -> AccountKey:
    return AccountKey("https://api.anthropic.com", "wrkspc_1", "abc123")


@pytest.fixture
def running(now: datetime) -> Make:
    """Makes a batch that is being processed."""

    def make(batch_id: str = "msgbatch_1", **fields: object) -> Sighting:
        body: dict[str, object] = {
            "id": batch_id,
            "type": "message_batch",
            "processing_status": "in_progress",
            "request_counts": {"processing": 10},
            "created_at": now - timedelta(hours=1),
            "expires_at": now + timedelta(hours=23),
            "unknown_field": "kept",
        }
        raw = msgspec.json.encode(body | fields)
        return Sighting(decode_batch(raw), raw)

    return make


@pytest.fixture
def ended(running: Make, now: datetime) -> Make:
    """Makes a batch that ended after an hour."""

    def make(batch_id: str = "msgbatch_1", **fields: object) -> Sighting:
        done: dict[str, object] = {
            "processing_status": "ended",
            "ended_at": now,
            "request_counts": {"succeeded": 9, "errored": 1},
        }
        return running(batch_id, **(done | fields))

    return make


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A config directory that does not exist yet."""
    return tmp_path / "config"


@pytest.fixture
def history(directory: Path, account: AccountKey, now: datetime) -> Iterator[History]:
    history = History.open(directory, account, now=now)
    yield history
    history.close()
