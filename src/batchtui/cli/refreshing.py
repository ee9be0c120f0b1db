"""Brings what is kept up to date with the API before a command prints it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from batchtui.account.account import AT_ONCE, ATTEMPTS, LONGEST_WAIT, Account
from batchtui.account.one_by_one import ask_each
from batchtui.api.replies import LARGEST_PAGE, Page
from batchtui.api.retry import with_retries
from batchtui.cli import diagnostics
from batchtui.cli.selection import Selection
from batchtui.domain.errors import BatchtuiError, UnsupportedError
from batchtui.domain.text import count, long_duration, safe_line

_FIRST_PAGE = 100
"""Read at first when it is not known how far down those that fit are."""


async def refresh_list(account: Account, wanted: Selection, *, about: str = "") -> None:
    """Read as much of the API's list as the selection needs, and close the way to it.

    Of a server that cannot list, the batches that are known to run are asked for one by one.

    Args:
        account: whose list.
        wanted: how much of it.
        about: the name of the account, where it is one of several; foreign.

    Raises:
        BatchtuiError: what went wrong; what was read before is kept.
    """
    try:
        with diagnostics.Progress() as progress:
            await _read_down(account, wanted, progress, about)
    except UnsupportedError as error:
        _say(f"{error} Those that are known here are printed.", about)
        await ask_each(account, [each.id for each in account.history.running()])
    finally:
        await account.api.aclose()


async def _read_down(
    account: Account, wanted: Selection, progress: diagnostics.Progress, about: str
) -> None:
    read = fitting = 0
    after: str | None = None
    while True:
        size = _page_size(wanted, read)
        page = await _page(account, size, after, about)
        account.observe(page.sightings)
        read += len(page.sightings)
        fitting += sum(wanted.fits(each.batch) for each in page.sightings)
        if page.unreadable:
            _say(f"Warning: {page.unreadable} entries of the list are no batches.", about)
        after = page.next_after(after)
        if after is None or (wanted.limit is not None and fitting >= wanted.limit):
            return
        oldest = min((each.batch.created_at for each in page.sightings), default=None)
        if oldest and wanted.ends_before(oldest, account.clock()):
            return
        progress.show(f"{count(read)} batches read …")


def _page_size(wanted: Selection, read: int) -> int:
    if wanted.limit is not None and not wanted.is_narrowed:
        return min(wanted.limit - read, LARGEST_PAGE)
    return _FIRST_PAGE if wanted.limit is not None and not read else LARGEST_PAGE


async def _page(account: Account, size: int, after: str | None, about: str) -> Page:
    return await with_retries(
        partial(account.page, limit=size, after_id=after),
        attempts=ATTEMPTS,
        on_wait=partial(tell_wait, about=about),
        rng=account.rng,
        max_wait=LONGEST_WAIT,
    )


def tell_wait(error: BatchtuiError, seconds: float, *, about: str = "") -> None:
    """Say why nothing happens for a while; see `refresh_list`."""
    _say(f"{error} Next try in {long_duration(max(seconds, 1))}.", about)


def _say(words: str, about: str) -> None:
    diagnostics.say(f"{safe_line(about)}: {words}" if about else words)


async def refresh_each(account: Account, batch_ids: Sequence[str]) -> dict[str, BatchtuiError]:
    """Read these batches from the API, and close the way to it.

    Returns:
        What went wrong, by the id of the batch.
    """
    places = asyncio.Semaphore(AT_ONCE)
    failed: dict[str, BatchtuiError] = {}

    async def refresh(batch_id: str) -> None:
        async with places:
            try:
                await account.refresh(batch_id, on_wait=tell_wait)
            except BatchtuiError as error:
                failed[batch_id] = error

    try:
        await asyncio.gather(*map(refresh, batch_ids))
    finally:
        await account.api.aclose()
    return failed
