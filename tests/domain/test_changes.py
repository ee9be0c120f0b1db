"""What counts as a change, and which change is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.changes import What, change

AT = datetime(2026, 11, 1, tzinfo=UTC)
RUNNING = Record(Batch("b", "in_progress", RequestCounts(processing=9), AT), AT, AT)


def differing(record: Record, *, batch: dict[str, Any] | None = None, **fields: Any) -> Record:
    inner = msgspec.structs.replace(record.batch, **(batch or {}))
    return msgspec.structs.replace(record, batch=inner, **fields)


@pytest.mark.parametrize(
    ("new", "what"),
    [
        (differing(RUNNING, batch={"processing_status": "ended", "ended_at": AT}), What.ENDED),
        (differing(RUNNING, deleted_at=AT), What.DELETED),
        (differing(RUNNING, gone_at=AT), What.GONE),
        (differing(RUNNING, batch={"request_counts": RequestCounts(8, 1)}), What.COUNTS),
        (differing(RUNNING, batch={"processing_status": "canceling"}), What.STATUS),
        (differing(RUNNING, results_here=True), What.RESULTS),
        (differing(RUNNING, label="x"), What.EDITED),
        (differing(RUNNING, pinned=True), What.EDITED),
    ],
)
def test_what_became_different(new: Record, what: What) -> None:
    found = change(RUNNING, new)
    assert found is not None
    assert (found.what, found.record) == (what, new)


def test_a_batch_never_seen_before_appears() -> None:
    found = change(None, RUNNING)
    assert found is not None
    assert found.what is What.APPEARED


def test_a_batch_that_is_found_again_returns() -> None:
    found = change(differing(RUNNING, gone_at=AT), RUNNING)
    assert found is not None
    assert found.what is What.RETURNED


def test_being_seen_once_more_is_no_change() -> None:
    assert change(RUNNING, differing(RUNNING, last_seen_at=AT + timedelta(seconds=9))) is None
