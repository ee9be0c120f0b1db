"""Downloads results before something would lose them, with progress on stderr."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from batchtui.account.account import Account
from batchtui.cli import diagnostics
from batchtui.cli.refreshing import tell_wait
from batchtui.domain.batch import Record
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import crop_middle, safe_line, size
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched


async def fetch_all(account: Account, records: Sequence[Record]) -> tuple[set[str], int]:
    """Download the results of these batches, one after the other.

    Returns:
        The ids of those that could not be had, and the exit code for that.
    """
    failed: set[str] = set()
    code = diagnostics.DONE
    for record in records:
        try:
            await fetch_one(account, record.id)
        except BatchtuiError as error:
            failed.add(record.id)
            code = max(code, diagnostics.report(error, about=record.id))
        except asyncio.CancelledError:
            diagnostics.say("Interrupted while downloading; nothing was deleted.")
            raise
    return failed, code


async def fetch_one(account: Account, batch_id: str) -> Fetched:
    """Download the results of one batch, and say where they are.

    Raises:
        BatchtuiError: if they could not be had.
    """
    with diagnostics.Progress() as line:

        def show(progress: Progress) -> None:
            line.show(f"{crop_middle(batch_id, 30)}: {size(progress.bytes)} downloaded …")

        fetched = await account.fetch(batch_id, on_progress=show, on_wait=tell_wait)
    diagnostics.say(f"{safe_line(batch_id)}: results are in {account.results.path(batch_id)}")
    return fetched
