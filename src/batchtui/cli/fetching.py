"""Downloads results one batch after the other, with progress on stderr."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from batchtui.account.account import Account
from batchtui.cli import diagnostics
from batchtui.cli.refreshing import tell_wait
from batchtui.domain.batch import Record
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import count, crop_middle, safe_line, size
from batchtui.results.builder import Progress
from batchtui.results.checks import Fetched


async def fetch_each(
    account: Account, batch_ids: Sequence[str]
) -> AsyncIterator[tuple[str, Fetched | BatchtuiError]]:
    """Download the results of these batches.

    Yields:
        The id of each batch when it is done, with what came or what went wrong.
    """
    for number, batch_id in enumerate(batch_ids, 1):
        place = f" ({number} of {len(batch_ids)})" if len(batch_ids) > 1 else ""
        end: Fetched | BatchtuiError
        try:
            end = await fetch_one(account, batch_id, place)
        except BatchtuiError as error:
            end = error
        yield batch_id, end


async def fetch_all(account: Account, records: Sequence[Record]) -> tuple[set[str], int]:
    """Download the results of these batches before they would be lost.

    Returns:
        The ids of those that could not be had, and the exit code for that.
    """
    failed: set[str] = set()
    code = diagnostics.DONE
    try:
        async for batch_id, end in fetch_each(account, [record.id for record in records]):
            if isinstance(end, BatchtuiError):
                failed.add(batch_id)
                code = max(code, diagnostics.report(end, about=batch_id))
            else:
                diagnostics.say(f"{safe_line(batch_id)}: results are in {end.path}")
    except asyncio.CancelledError:
        diagnostics.say("Interrupted while downloading; nothing was deleted.")
        raise
    return failed, code


async def fetch_one(account: Account, batch_id: str, place: str = "") -> Fetched:
    """Download the results of one batch; `place` says which of several it is.

    Raises:
        BatchtuiError: if they could not be had.
    """
    with diagnostics.Progress() as line:
        clock = asyncio.get_running_loop().time
        began = clock()

        def show(progress: Progress) -> None:
            expected = f" of {count(progress.expected_lines)}" if progress.expected_lines else ""
            rate = size(progress.bytes / max(clock() - began, 0.1))
            line.show(
                f"{crop_middle(batch_id, 24)}{place}: {count(progress.lines)}{expected} lines, "
                f"{size(progress.bytes)}, {rate}/s …"
            )

        return await account.fetch(batch_id, on_progress=show, on_wait=tell_wait)
