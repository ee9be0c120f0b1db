"""Keeps the results on this disk within `cache_limit`, after each fetch."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final

from batchtui.account.events import MadeRoom
from batchtui.account.knowledge import Knowledge
from batchtui.account.pruning import Cached, Pruning, plan_pruning
from batchtui.domain.errors import StorageError
from batchtui.results.cache import kept_files, remove, volume

UNUSED_FOR: Final = timedelta(hours=1)
"""What was fetched or opened since stays: a job of many batches is fetched and read as a whole."""


def make_room(account: Knowledge, limit: int | None) -> None:
    """Remove results until those that are left take no more than `limit` bytes.

    Longest unused go first; what the API no longer has, or of which nothing is known, stays.
    Listeners are told of what went.
    """
    directory = account.results.directory
    if limit is None or volume(directory) <= limit:
        return
    now = account.clock()
    cached = [Cached(each, account.record(each.batch_id)) for each in kept_files(directory)]
    wanted = Pruning(unused_for=UNUSED_FOR, max_size=limit)
    gone = [each for each in plan_pruning(cached, wanted, now).remove if _removed(each)]
    if not gone:
        return
    account.here = account.results.here()
    befores = [each.record for each in gone if each.record]
    account.changed((before, account.known(before.id)) for before in befores)
    account.tell(MadeRoom(len(gone), sum(each.kept.bytes for each in gone)))


def _removed(cached: Cached) -> bool:
    """Whether it could be removed; what could not be is tried again after the next fetch."""
    with suppress(StorageError):
        remove(cached.kept)
        return True
    return False
