"""Looks at known batches one by one, where there is no list to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from batchtui.account.account import AT_ONCE, Account
from batchtui.domain.errors import NotFoundError


async def ask_each(account: Account, batch_ids: Sequence[str]) -> list[str]:
    """Ask the API for these batches, a few at a time, and keep what it says of them.

    Returns:
        The ids of those that it says it does not know, which it may say of any now and then.

    Raises:
        ApiError: what went wrong; what was said before is kept, and no more is asked.
    """
    missing: list[str] = []
    for start in range(0, len(batch_ids), AT_ONCE):
        asked = batch_ids[start : start + AT_ONCE]
        answers = await asyncio.gather(*map(account.api.retrieve, asked), return_exceptions=True)
        account.observe([each for each in answers if not isinstance(each, BaseException)])
        for batch_id, answer in zip(asked, answers, strict=True):
            if isinstance(answer, NotFoundError):
                missing.append(batch_id)
            elif isinstance(answer, BaseException):
                raise answer
    return missing
