"""Has the demo begin with results that are here already, as if a person had read them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import msgspec

from batchtui.account.account import Account
from batchtui.domain.batch import Batch
from batchtui.domain.errors import BatchtuiError
from batchtui.results import files
from batchtui.simulator.errors import WireError
from batchtui.simulator.world import PAGE_LIMIT, World

_AGE = timedelta(days=2)
"""Only of batches so old: the newer ones are there to be fetched."""

_MOST = 3_000
"""Requests of the greatest batch whose results are kept; more would hold up the first paint."""


class _Page(msgspec.Struct):
    data: list[Batch]


def keep_results(account: Account, world: World) -> None:
    """Keep the results of most of the older batches that have no name, as far as that can be."""
    with suppress(BatchtuiError):
        _keep(account, world)
    account.reload_if_changed()


def _keep(account: Account, world: World) -> None:
    now, named, results = world.clock(), world.labels(), account.results
    page = msgspec.json.decode(msgspec.json.encode(world.page(limit=PAGE_LIMIT)), type=_Page)
    files.make_private(results.directory)
    for batch in page.data:
        old = batch.results_url and now - batch.created_at > _AGE and batch.id not in named
        if old and batch.request_counts.total <= _MOST and batch.id not in account.here:
            with suppress(WireError):  # a world that lives fast has dropped them by now
                files.write_whole(results.path(batch.id), *world.results(batch.id))
                results.open(batch.id).close()
