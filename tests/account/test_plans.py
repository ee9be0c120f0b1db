"""What a verb would do, before it does anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from batchtui.account.plans import Verb, plan
from batchtui.domain.batch import Batch, Record, RequestCounts

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def record(batch_id: str, status: str = "ended", *, age_days: int = 1, **fields: Any) -> Record:
    created = NOW - timedelta(days=age_days)
    counts = fields.pop("counts", RequestCounts(succeeded=7, errored=1))
    batch = Batch(batch_id, status, counts, created, results_url="https://x.test")
    return Record(batch, created, NOW, **fields)


RUNNING = record("running", "in_progress")
CANCELING = record("canceling", "canceling")
ENDED = record("ended")
HERE = record("here", results_here=True)
OLD = record("old", age_days=30)
FAILED = record("failed", counts=RequestCounts(errored=4))
DELETED = record("deleted", deleted_at=NOW)
GONE = record("gone", gone_at=NOW)
ALL = (RUNNING, CANCELING, ENDED, HERE, OLD, FAILED, DELETED, GONE)


def ids(records: tuple[Record, ...]) -> list[str]:
    return [each.id for each in records]


def test_only_what_runs_can_be_canceled() -> None:
    proposed = plan(Verb.CANCEL, ALL, NOW)
    assert ids(proposed.possible) == ["running"]
    assert ids(proposed.to_cancel) == []
    assert [item.say for item in proposed.items if not item.possible] == [
        "is being canceled already",
        "has ended already (partial)",
        "has ended already (partial)",
        "has ended already (partial)",
        "has ended already (failed)",
        "no longer on the server",
        "no longer on the server",
    ]


def test_only_what_has_ended_can_be_deleted() -> None:
    proposed = plan(Verb.DELETE, ALL, NOW)
    assert ids(proposed.possible) == ["ended", "here", "old", "failed"]
    assert ids(proposed.to_cancel) == ["running"]


def test_answers_not_downloaded_would_be_lost() -> None:
    proposed = plan(Verb.DELETE, ALL, NOW)
    assert ids(proposed.to_download) == ["ended"]
    assert {item.record.id: item.loses for item in proposed.items if item.loses} == {"ended": 7}
    said = {item.record.id: item.say for item in proposed.items}
    assert said["ended"] == "results NOT downloaded"
    assert said["here"] == "results here, kept"
    assert said["old"] == "results gone already"
    assert said["failed"] == "results not downloaded, no answer among them"
