"""What a newly received batch does to what was known of it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from batchtui.domain.batch import CANCELING, ENDED, IN_PROGRESS, Batch, Record

LATE = timedelta(minutes=10)
"""A reply received this long before another was not late: somebody set the clock back."""

_SAME_CREATION = timedelta(minutes=1)


def is_late(at: datetime, last_seen_at: datetime) -> bool:
    """Whether a reply received at `at` is older than the one that was last stored."""
    return timedelta(0) < last_seen_at - at < LATE


def is_another(old: Batch, new: Batch) -> bool:
    """Whether the id now names another batch, as on a test server that was started anew."""
    return abs(new.created_at - old.created_at) > _SAME_CREATION


def goes_back(old: Batch, new: Batch) -> bool:
    """Whether `new` shows the batch at an earlier stage than `old`: a batch never goes back."""
    if old.processing_status == ENDED:
        return new.processing_status != ENDED or (
            old.archived_at is not None and new.archived_at is None
        )
    return old.processing_status == CANCELING and new.processing_status == IN_PROGRESS


def merge(old: Record, batch: Batch, at: datetime) -> Record:
    """The record after `batch` was received at `at`.

    `new.batch is batch` tells whether the reply counted. Being seen again takes back that a batch
    was gone, but never that it was deleted.
    """
    if is_another(old.batch, batch):
        return msgspec.structs.replace(
            old, batch=batch, first_seen_at=at, last_seen_at=at, deleted_at=None, gone_at=None
        )
    if is_late(at, old.last_seen_at):
        return old
    gone_at = old.gone_at if old.gone_at and is_late(at, old.gone_at) else None
    kept = old.batch if goes_back(old.batch, batch) else batch
    return msgspec.structs.replace(old, batch=kept, last_seen_at=at, gone_at=gone_at)
