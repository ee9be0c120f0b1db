"""What the history keeps of what it is shown, and what it says has changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Sighting, decode_batch
from batchtui.domain.errors import UsageError
from batchtui.history import History

NOW = datetime(2026, 1, 2, 12, 0, 0, 123456, tzinfo=UTC)
TICK = timedelta(seconds=5)
ACCOUNT = AccountKey("https://api.anthropic.com", "wrkspc_1", "abc123")


def sighting(batch_id: str = "msgbatch_1", **fields: object) -> Sighting:
    counts: dict[str, int] = {"processing": 10}
    body: dict[str, object] = {
        "id": batch_id,
        "type": "message_batch",
        "processing_status": "in_progress",
        "request_counts": counts,
        "created_at": NOW - timedelta(hours=1),
        "expires_at": NOW + timedelta(hours=23),
        "unknown_field": "kept",
    }
    raw = msgspec.json.encode(body | fields)
    return Sighting(decode_batch(raw), raw)


def ended(batch_id: str = "msgbatch_1", **fields: object) -> Sighting:
    done: dict[str, object] = {
        "processing_status": "ended",
        "ended_at": NOW,
        "request_counts": {"succeeded": 9, "errored": 1},
    }
    return sighting(batch_id, **(done | fields))


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History.open(tmp_path / "config", ACCOUNT, now=NOW)
    yield history
    history.close()


def test_a_new_batch_is_told_and_read_back(history: History) -> None:
    ((old, new),) = history.observe([sighting()], at=NOW)
    assert old is None
    assert history.records() == [new]
    assert history.record("msgbatch_1") == new
    assert (new.first_seen_at, new.last_seen_at) == (NOW, NOW)
    assert history.body("msgbatch_1") == sighting().body


def test_seeing_the_same_again_is_stored_but_no_difference(history: History) -> None:
    history.observe([sighting()], at=NOW)
    assert history.observe([sighting()], at=NOW + TICK) == []
    (record,) = history.records()
    assert (record.first_seen_at, record.last_seen_at) == (NOW, NOW + TICK)
    assert len(history.observations("msgbatch_1")) == 1


def test_unknown_id_cannot_be_annotated(history: History) -> None:
    with pytest.raises(UsageError, match="not in the history"):
        history.annotate("msgbatch_9", label="x")
