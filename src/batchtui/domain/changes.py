"""What became different between two looks at a batch."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from batchtui.domain.batch import Record


class What(StrEnum):
    """The kinds of change, the most telling first."""

    APPEARED = "appeared"
    ENDED = "ended"
    DELETED = "deleted"
    GONE = "gone"
    RETURNED = "returned"
    STATUS = "status"
    COUNTS = "counts"
    RESULTS = "results"
    EDITED = "edited"


class Change(msgspec.Struct, frozen=True):
    """One batch that is no longer as it was; `what` is the most telling of its differences."""

    what: What
    record: Record


def change(old: Record | None, new: Record) -> Change | None:
    """Compare two records of one batch; None if a person would see no difference.

    That a batch was seen once more is not a change.
    """
    what = _what(old, new)
    return Change(what, new) if what else None


def _what(old: Record | None, new: Record) -> What | None:
    if old is None:
        return What.APPEARED
    checks = (
        (What.ENDED, old.batch.running and not new.batch.running),
        (What.DELETED, old.deleted_at is None and new.deleted_at is not None),
        (What.GONE, old.gone_at is None and new.gone_at is not None),
        (What.RETURNED, old.gone_at is not None and new.gone_at is None),
        (What.COUNTS, old.batch.request_counts != new.batch.request_counts),
        (What.STATUS, old.batch != new.batch),
        (What.RESULTS, old.results_here != new.results_here),
        (What.EDITED, _written(old) != _written(new)),
    )
    return next((what for what, differs in checks if differs), None)


def _written(record: Record) -> tuple[str, str, bool]:
    return record.label, record.note, record.pinned
